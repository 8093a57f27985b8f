"""Reads a file of samples to classify: `python -m serve_app.predicting.file_reading TASK`.

It runs in a child process, since the file is not trusted: it may need far more memory than its size. It writes parts of
the samples to its standard output, each as a `Part`, and waits while they are not taken. A sample that cannot be read
is a problem of its row, and the others are classified all the same.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from serve_app.predicting.inputs import MOST_NUMBERS, stack
from tuner.data import Array
from tuner.datasets.limits import ReadLimits, limited_to
from tuner.datasets.model_input import image_shape
from tuner.datasets.unlabelled import ModelTakes, Unlabelled, read_unlabelled
from tuner.errors import LONGEST, FixInputError, TunerError, in_one_line, shortened

MOST_ROWS = 10_000
PART = 256
"""Samples of one part; fewer for large images."""
LONGEST_INPUT = 100_000
"""Characters of a text that the model gets. No model reads more than 512 words of it."""
LONGEST_NAME = 1_000
"""Characters of a text in the answer."""
_LENGTHS = struct.Struct(">II")


class FileTask(BaseModel):
    """A file to read, and the model that takes its samples."""

    model_config = ConfigDict(frozen=True)

    path: Path = Field(description="The file, or the folder that `packed` is unpacked to.")
    packed: Path | None = Field(default=None, description="A zip file.")
    study: str
    preprocessing: dict[str, Any]
    labels: list[str]
    decoded_bytes: int = Field(description="Most bytes of the file after its decompression.")


@dataclass(frozen=True)
class Part:
    """Some samples of a file. The first part of a file has none."""

    names: Sequence[str] = ()
    """What each sample is called: a file, a row, or the text itself."""
    problems: dict[int, str] = field(default_factory=dict)
    """Why some of them cannot be classified, by their place in `names`."""
    inputs: Array | None = None
    """The others, as the model takes them; None: there are none."""
    error: tuple[str, str] | None = None
    """Message and remedy if the file cannot be read; it is the last part then."""

    def write(self, stream: IO[bytes]) -> None:
        about: dict[str, Any] = {"names": list(self.names), "problems": self.problems, "error": self.error}
        content = b""
        if self.inputs is not None and self.inputs.dtype == object:
            about["texts"] = self.inputs.tolist()
        elif self.inputs is not None:
            file = io.BytesIO()
            np.save(file, self.inputs, allow_pickle=False)
            content = file.getvalue()
        head = json.dumps(about).encode()
        stream.write(_LENGTHS.pack(len(head), len(content)) + head + content)
        stream.flush()

    @classmethod
    def read(cls, stream: IO[bytes]) -> Self | None:
        """The next part; None: there are no more. Raises EOFError if the process ended in the middle of one."""
        lengths = stream.read(_LENGTHS.size)
        if not lengths:
            return None
        if len(lengths) < _LENGTHS.size:
            raise EOFError
        head_length, content_length = _LENGTHS.unpack(lengths)
        head, content = stream.read(head_length), stream.read(content_length)
        if (len(head), len(content)) != (head_length, content_length):
            raise EOFError
        about = json.loads(head)
        inputs = None
        if "texts" in about:
            inputs = np.empty(len(about["texts"]), object)
            inputs[:] = about["texts"]
        elif content:
            inputs = np.load(io.BytesIO(content), allow_pickle=False)
        problems = {int(place): problem for place, problem in about["problems"].items()}
        error = about["error"]
        return cls(about["names"], problems, inputs, None if error is None else (error[0], error[1]))


def parts(task: FileTask) -> Iterator[Part]:
    """Yield the samples of a file. Raises TunerError if it cannot be read or has too many."""
    from tuner.datasets.uploaded_zip import unpack

    with limited_to(ReadLimits(decoded_bytes=task.decoded_bytes)):
        if task.packed is not None:
            unpack(task.packed, task.path, task.decoded_bytes)
        found = read_unlabelled(task.path, ModelTakes(task.study, task.preprocessing, task.labels))
        if len(found.names) > MOST_ROWS:
            raise FixInputError(
                f"the file has {len(found.names):,} samples", remedy=f"send at most {MOST_ROWS:,}, in several files"
            )
        yield Part()
        size = _part_size(task.preprocessing)
        for begin in range(0, len(found.names), size):
            yield _part(found, slice(begin, min(begin + size, len(found.names))))


def _part_size(preprocessing: dict[str, Any]) -> int:
    pixels = preprocessing["input"] == "pixels"
    numbers = int(np.prod(image_shape(preprocessing))) if pixels else 1
    return max(1, min(PART, MOST_NUMBERS // numbers))


def _part(found: Unlabelled, some: slice) -> Part:
    names = [shortened(name, LONGEST_NAME) for name in found.names[some]]
    try:
        return Part(names, inputs=_short(found.inputs(some)))
    except FixInputError:  # of one of them, or of several
        pass
    read, problems = [], {}
    for place, number in enumerate(range(some.start, some.stop)):
        try:
            read.append(_short(found.inputs(slice(number, number + 1))))
        except FixInputError as error:
            problems[place] = shortened(str(error), LONGEST)
    return Part(names, problems, stack(read) if read else None)


def _short(inputs: Array) -> Array:
    """The inputs with texts of at most LONGEST_INPUT characters."""
    if inputs.dtype == object:
        inputs[:] = [text[:LONGEST_INPUT] for text in inputs.tolist()]
    return inputs


def main(arguments: Sequence[str]) -> None:
    """Write the parts of the file, or why it cannot be read, to the standard output."""
    task = FileTask.model_validate_json(arguments[0])
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get among the parts
    try:
        for part in parts(task):
            part.write(stream)
    except BrokenPipeError:
        sys.exit(1)  # the client has left
    except TunerError as error:
        message = shortened(error.message.replace(f"{task.path.parent}/", ""), 2 * LONGEST)
        Part(error=(message, shortened(error.remedy, 2 * LONGEST))).write(stream)
    except MemoryError:
        Part(error=("the file does not fit into memory", "use fewer or smaller samples")).write(stream)
    except Exception as error:  # noqa: BLE001 - whatever a library raises for a damaged file
        Part(error=(f"the file cannot be read: {in_one_line(error)}", "")).write(stream)


if __name__ == "__main__":
    main(sys.argv[1:])
