"""Reads a data set whole, in a process of its own: what it is, or why it is none.

A file that somebody else made may ask for far more memory than it is long, or bring down a library that reads it. So it
is not read where others are served: the process may use so much memory and time, and no more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tuner.errors import FixInputError

MEMORY_BYTES = 8 * 2**30
LIMIT_S = 600.0
_REMEDY = "give an image set as .npz with x and y, or texts as .csv, .jsonl or .parquet with the columns text and label"


@dataclass(frozen=True)
class Inspection:
    """What a data set is."""

    kind: Literal["image", "text"]
    samples: int
    classes: int


def inspect(path: Path, *, memory_bytes: int = MEMORY_BYTES, limit_s: float = LIMIT_S) -> Inspection:
    """What the file or folder at `path` holds, after every sample of it was read and checked.

    Args:
        memory_bytes: Most memory that reading it may take, where the system can set that.
        limit_s: Most seconds that it may take.

    Raises:
        FixInputError: it is no data set; messages name the file alone, not its folder.
    """
    command = [sys.executable, "-m", "tuner.datasets.inspection", str(path), str(memory_bytes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise FixInputError(f"{path.name} takes more than {limit_s:g} s to read", remedy="give less") from None
    except ValueError:  # the process ended without a word
        raise FixInputError(f"{path.name} cannot be read within the memory that it may take", remedy=_REMEDY) from None
    if "message" in told:
        raise FixInputError(told["message"].replace(f"{path.parent}/", ""), remedy=told["remedy"] or _REMEDY)
    return Inspection(**told)


def _inspected(path: Path) -> Inspection:
    from tuner.data import ImageInput
    from tuner.datasets.loading import load
    from tuner.spec import DataSpec

    data, test = load(DataSpec(dataset=str(path)))  # as a study does: it is split, too
    samples = len(data.train) + len(data.validation) + len(test.y)
    return Inspection("image" if isinstance(data.input, ImageInput) else "text", samples, len(data.labels))


def _limit_memory(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # not POSIX
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def main(arguments: list[str]) -> None:
    """One JSON document on stdout."""
    path, memory_bytes = Path(arguments[0]), int(arguments[1])
    _limit_memory(memory_bytes)
    try:
        told = asdict(_inspected(path))
    except FixInputError as error:
        told = {"message": error.message, "remedy": error.remedy}
    except MemoryError:
        told = {"message": f"{path} does not fit into memory", "remedy": "give less"}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
