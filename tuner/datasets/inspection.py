"""Checks an untrusted data set by reading it in a separate process with limited memory and time.

A file may need far more memory than its size, or crash the library that reads it; the server must survive both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tuner.data_report import DataReport
from tuner.errors import FixInputError

MEMORY_BYTES = 8 * 2**30
LIMIT_S = 600.0
_REMEDY = "use images as .npz with x and y, or texts as .csv, .jsonl or .parquet with columns text and label"


def inspect_dataset(path: Path, *, memory_bytes: int = MEMORY_BYTES, limit_s: float = LIMIT_S) -> DataReport:
    """Read and check every sample of a file or folder, within the limits; return the report.

    The message of the FixInputError for anything else contains the file's name without its folder.
    """
    command = [sys.executable, "-P", "-m", "tuner.datasets.inspection", str(path), str(memory_bytes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise FixInputError(f"reading {path.name} takes more than {limit_s:g} s", remedy="use fewer samples") from None
    except ValueError:  # the process ended without an answer
        raise FixInputError(f"reading {path.name} exceeds the memory limit", remedy=_REMEDY) from None
    if "message" in answer:
        raise FixInputError(answer["message"].replace(f"{path.parent}/", ""), remedy=answer["remedy"] or _REMEDY)
    return DataReport.model_validate(answer)


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # not POSIX
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def main(arguments: list[str]) -> None:
    """Print the report, or why it failed, as one JSON document."""
    path, memory_bytes = Path(arguments[0]), int(arguments[1])
    _limit_memory(memory_bytes)
    from tuner.data_spec import DataSpec
    from tuner.datasets.loading import load

    try:
        data, _ = load(DataSpec(dataset=str(path)))  # with the split, as a study does
        answer = data.report.model_dump(mode="json")
    except FixInputError as error:
        answer = {"message": error.message, "remedy": error.remedy}
    except MemoryError:
        answer = {"message": f"{path} does not fit into memory", "remedy": "use fewer samples"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
