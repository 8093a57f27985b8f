"""Classifies the samples of a file that a client sends, and yields the predictions as a CSV file.

Everything that a file may cost is bounded: its bytes, those of its content, its samples, and the time and memory of the
process that reads it. One file is classified at a time; its predictions are sent while its next samples are read.
"""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Literal

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serve_app.drawing import child_environment, limited
from serve_app.predicting.file_reading import FileTask, Part
from serve_app.predicting.predictor import ServedPredictor
from serve_app.settings import ServeSettings
from serve_app.uploads import content_of, receive
from serve_app.winner import Winner
from tuner.data import Array
from tuner.datasets.uploads import FOLDER
from tuner.errors import FixInputError, TryAgainError

log = logging.getLogger("tuner.serve")

FileFormat = Literal["csv", "tsv", "txt", "json", "jsonl", "parquet", "csv.gz", "zip", "npz"]
MOST_FILES = 4
"""Files that are received, wait or are classified; further ones are refused."""
_LOGGED_BYTES = 4_096


class Table:
    """The parts of a CSV file, in order. `aclose` ends the work on it, also before the first part was taken."""

    def __init__(self, first: bytes, rows: AsyncGenerator[bytes, None]) -> None:
        self._first: bytes | None = first
        self._rows = rows

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._first is None:
            return await anext(self._rows)
        first, self._first = self._first, None
        return first

    async def aclose(self) -> None:
        await self._rows.aclose()


class TableResponse(StreamingResponse):
    """A CSV file that is sent while it is made. The work on it ends when it was sent, or when the client has left."""

    def __init__(self, table: Table, file_name: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
        super().__init__(table, media_type="text/csv; charset=utf-8", headers=headers)
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # not by garbage collection, which may come much later
            await self._table.aclose()


class BatchFiles:
    """The files of one replica."""

    def __init__(self, settings: ServeSettings, predictor: ServedPredictor) -> None:
        self._settings, self._predictor = settings, predictor
        self._environment = child_environment(settings)
        self._turn = asyncio.Semaphore(1)
        self._files = 0
        # A child process ends with the thread that started it: this one stays.
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="batch-file")

    async def table(self, model: Winner, format: FileFormat, request: Request) -> Table:
        """The predictions as a CSV file.

        Raises the errors of a file that cannot be received or read, and of its first prediction. A later error ends the
        CSV file before its last row.
        """
        rows = self._table(model, format, request)
        return Table(await anext(rows), rows)

    async def _table(self, model: Winner, format: FileFormat, request: Request) -> AsyncGenerator[bytes, None]:
        if self._files >= MOST_FILES:
            raise TryAgainError(f"{self._files} other files are being classified", remedy="try again later")
        self._files += 1
        try:
            with TemporaryDirectory(prefix="tuner-predict-") as folder:
                # As an uploaded data set: a table in it names no files of this machine.
                place = Path(folder) / FOLDER / "file"
                place.mkdir(parents=True)
                file = place / f"file.{format}"
                await receive(content_of(request), file, self._settings.upload_limit)
                async with self._turn, self._reading(model, file) as parts:
                    head = _table_head(model)
                    async for part in parts:
                        if part.names:  # the first part has none
                            yield head + await self._rows(model, part)
                            head = b""
        finally:
            self._files -= 1

    async def _rows(self, model: Winner, part: Part) -> bytes:
        """The rows of some samples."""
        if part.inputs is None:
            return _table_rows(model, part, None)
        return _table_rows(model, part, await self._predictor.classify(model, part.inputs))

    @asynccontextmanager
    async def _reading(self, model: Winner, file: Path) -> AsyncIterator[AsyncIterator[Part]]:
        """Context manager with the parts of a file, whose process ends with it."""
        packed, file = (file, file.with_suffix("")) if file.suffix == ".zip" else (None, file)
        task = FileTask(
            path=file,
            packed=packed,
            study=model.study,
            preprocessing=model.metadata["preprocessing"],
            labels=model.metadata["labels"],
            decoded_bytes=self._settings.upload_limit,
        )
        with TemporaryFile() as errors:
            loop = asyncio.get_running_loop()
            process = await loop.run_in_executor(self._threads, self._start, task, errors)
            try:
                yield self._parts(process, errors)
            finally:
                # Also where the process waits until its output is taken.
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                await asyncio.shield(loop.run_in_executor(self._threads, process.communicate))

    def _start(self, task: FileTask, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "serve_app.predicting.file_reading", task.model_dump_json()]
        return subprocess.Popen(
            limited(command),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )

    async def _parts(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> AsyncIterator[Part]:
        assert process.stdout is not None
        loop, begun = asyncio.get_running_loop(), False
        while True:
            try:
                part = await loop.run_in_executor(self._threads, Part.read, process.stdout)
            except EOFError:
                raise _ended(errors) from None
            if part is None:
                if not begun:  # its memory or its time was over
                    raise _ended(errors)
                return
            if part.error is not None:
                message, remedy = part.error
                raise FixInputError(message, remedy=remedy)
            begun = True
            yield part


def _ended(errors: IO[bytes]) -> FixInputError:
    errors.seek(0)
    log.error("a file cannot be classified: %s", errors.read()[-_LOGGED_BYTES:].decode(errors="replace"))
    return FixInputError("reading the file takes too much memory or time", remedy="use fewer or smaller samples")


def _table_head(model: Winner) -> bytes:
    classes = [f"probability of {label}" for label in model.metadata["labels"]]
    return _csv([["input", "label", "probability", *classes, "problem"]])


def _table_rows(model: Winner, part: Part, probabilities: Array | None) -> bytes:
    labels: list[str] = model.metadata["labels"]
    given = iter(() if probabilities is None else probabilities)
    rows: list[list[str]] = []
    for place, name in enumerate(part.names):
        problem = part.problems.get(place)
        if problem is not None:
            rows.append([name, "", "", *[""] * len(labels), problem])
            continue
        row = next(given)
        rows.append([name, labels[int(row.argmax())], f"{row.max():.6g}", *(f"{one:.6g}" for one in row), ""])
    return _csv(rows)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
