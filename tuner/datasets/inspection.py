"""Checks an untrusted data set by reading it in a separate process with limited memory and time.

A file may need far more memory than its size, or crash the library that reads it; the server must survive both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tuner.data_report import DataReport
from tuner.datasets.limits import ReadLimits, limited_to
from tuner.errors import LONGEST, CannotWriteError, FixInputError, TunerError, in_one_line, shortened

MEMORY_BYTES = 8 * 2**30
LIMIT_S = 600.0
_REMEDY = "use images as .npz with x and y, or texts as .csv, .jsonl or .parquet with columns text and label"
_KINDS: dict[str, type[TunerError]] = {kind.__name__: kind for kind in (FixInputError, CannotWriteError)}


class Inspection(BaseModel):
    """What to inspect, and within which limits."""

    model_config = ConfigDict(frozen=True)

    path: Path
    packed: Path | None = Field(default=None, description="A zip file that is unpacked to the folder `path` first.")
    limits: ReadLimits | None = Field(default=None, description="Limits of an upload; null: none but memory and time.")
    memory_bytes: int = MEMORY_BYTES
    limit_s: float = LIMIT_S


def inspect_dataset(
    path: Path,
    *,
    packed: Path | None = None,
    limits: ReadLimits | None = None,
    memory_bytes: int = MEMORY_BYTES,
    limit_s: float = LIMIT_S,
) -> DataReport:
    """Read and check every sample of a file or folder, within the limits; return the report.

    The message of the FixInputError for anything else contains the file's name without its folder.

    Args:
        packed: A zip file that is unpacked to the folder `path` first.
        limits: Limits of an upload; None: only those of memory and time.

    Raises:
        CannotWriteError: there is no space to unpack it.
    """
    task = Inspection(path=path, packed=packed, limits=limits, memory_bytes=memory_bytes, limit_s=limit_s)
    command = [sys.executable, "-P", "-m", "tuner.datasets.inspection", task.model_dump_json()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise FixInputError(f"reading {path.name} takes more than {limit_s:g} s", remedy="use fewer samples") from None
    except ValueError:  # the process ended without an answer
        raise FixInputError(f"reading {path.name} exceeds the memory limit", remedy=_REMEDY) from None
    if "message" in answer:
        message = shortened(answer["message"].replace(f"{path.parent}/", ""), 2 * LONGEST)
        raise _KINDS[answer["kind"]](message, remedy=shortened(answer["remedy"] or _REMEDY, 2 * LONGEST))
    return DataReport.model_validate(answer)


def _limit(task: Inspection) -> None:
    """Limit the memory of this process, and its time in case the process that waits for it is gone."""
    try:
        import resource
        import signal
    except ImportError:  # not POSIX
        return
    resource.setrlimit(resource.RLIMIT_AS, (task.memory_bytes, task.memory_bytes))
    signal.alarm(int(task.limit_s) + 1)


def main(arguments: list[str]) -> None:
    """Print the report, or why it failed, as one JSON document."""
    task = Inspection.model_validate_json(arguments[0])
    _limit(task)
    answer: dict[str, Any]
    try:
        answer = _report(task).model_dump(mode="json")
    except (CannotWriteError, FixInputError) as error:
        kind = CannotWriteError if isinstance(error, CannotWriteError) else FixInputError
        answer = {"kind": kind.__name__, "message": error.message, "remedy": error.remedy}
    except MemoryError:
        answer = _refusal(f"{task.path} does not fit into memory", "use fewer samples")
    except Exception as error:  # noqa: BLE001 - whatever a library raises for a damaged file
        answer = _refusal(f"{task.path} cannot be read: {in_one_line(error)}", "")
    print(json.dumps(answer))


def _report(task: Inspection) -> DataReport:
    from tuner.data_spec import DataSpec
    from tuner.datasets.loading import load
    from tuner.datasets.uploaded_zip import unpack

    with limited_to(task.limits):
        if task.packed is not None:
            unpack(task.packed, task.path, MEMORY_BYTES if task.limits is None else task.limits.decoded_bytes)
        data, _ = load(DataSpec(dataset=str(task.path)))  # with the split, as a study does
    return data.report


def _refusal(message: str, remedy: str) -> dict[str, str]:
    return {"kind": FixInputError.__name__, "message": message, "remedy": remedy}


if __name__ == "__main__":
    main(sys.argv[1:])
