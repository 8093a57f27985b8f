"""Data sets that clients upload: received, inspected in a process of its own, kept, and deleted.

Everything that an upload may cost is bounded: its bytes, the time and memory of its inspection, what it decodes to, and
the space of all of them together. Nothing in it is ever unpickled, and none of its names is a path of this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, aclosing
from functools import partial
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from serve_app.problems import ProblemError
from serve_app.settings import ServeSettings
from tuner.data_report import DataReport
from tuner.datasets.catalogue import dataset_names
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.limits import ReadLimits
from tuner.datasets.registry import OwnDataset, Registry
from tuner.errors import CannotWriteError, TryAgainError, nearest
from tuner.store import Store, StoreQueries

MOST_UPLOADS = 1_000
"""Uploaded data sets: each list of studies reads the names of all."""
MOST_FIELDS = 10
"""Fields of a form beside its file."""
_CHUNK = 2**20
_DELETE = "DELETE /datasets/{name} of those not needed, or ask the operator for a larger TUNER_UPLOAD_QUOTA"


class Uploads:
    """The uploaded data sets of one replica. Inspections take turns: each may need gigabytes of memory."""

    def __init__(self, settings: ServeSettings, registry: Registry) -> None:
        self._settings, self._registry = settings, registry
        self._limits = ReadLimits(decoded_bytes=settings.upload_limit)
        # Not a lock: an inspection goes on when its client has left, and the next one must wait for it all the same.
        self._inspector = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inspector")

    async def add(self, name: str, format: str, request: Request) -> OwnDataset:
        """Receive and inspect a data set, and keep it under that name."""
        room = await asyncio.to_thread(self._room)
        with ExitStack() as folders:
            folder = folders.enter_context(self._registry.new_folder(name))
            try:
                file = folder / f"{name}.{format}"
                await receive(content_of(request), file, room)
                packed, file = (file, folder / name) if format == "zip" else (None, file)
                report = await self._inspected(file, packed)
                return await asyncio.to_thread(self._kept, folder, name, file, packed, report)
            finally:  # in a thread, and to its end also if the client leaves: it may be a hundred thousand files
                await asyncio.shield(asyncio.to_thread(folders.close))

    def remove(self, name: str, store: Store) -> None:
        """Delete an uploaded data set that no study uses which runs or waits to start."""
        entry = self._registry.find(name)
        if entry is None or entry.source != "uploaded":
            raise self._not_uploaded(name)
        using = StoreQueries(store).studies(statuses=("created", "running"), datasets=(entry.path,), limit=1)
        if using:
            study = using[0].name
            raise ProblemError(
                HTTPStatus.CONFLICT,
                f"study {study!r} uses data set {name!r}",
                remedy=f"POST /jobs/{study}/cancel and wait until it has ended, or DELETE /jobs/{study}",
            )
        self._registry.remove(name)

    async def _inspected(self, file: Path, packed: Path | None) -> DataReport:
        limit_s = self._settings.upload_timeout_s
        inspect = partial(inspect_dataset, file, packed=packed, limits=self._limits, limit_s=limit_s)
        try:
            async with asyncio.timeout(2 * limit_s):  # its turn comes after one other upload, or it is refused
                return await asyncio.get_running_loop().run_in_executor(self._inspector, inspect)
        except TimeoutError:
            raise TryAgainError("other uploads are being inspected", remedy="upload it again later") from None

    def _kept(self, folder: Path, name: str, file: Path, packed: Path | None, report: DataReport) -> OwnDataset:
        if packed is not None:
            packed.unlink()
        self._room()  # with what was unpacked, and with other uploads meanwhile
        return self._registry.add_uploaded(folder, name, file, report)

    def _room(self) -> int:
        """Bytes that uploads may still use. Raises a problem if there are none."""
        most = self._settings.upload_quota
        uploaded = sum(entry.source == "uploaded" for entry in self._registry.entries())
        if uploaded >= MOST_UPLOADS:
            raise _no_room(f"there are {uploaded:,} uploaded data sets", "DELETE /datasets/{name} of those not needed")
        room = most - self._registry.used_bytes()
        if room < 0:
            raise _no_room(f"all uploads together have more than {most:,} bytes", _DELETE)
        return room

    def _not_uploaded(self, name: str) -> ProblemError:
        others = "only uploaded data sets can be deleted"
        if name in dataset_names():
            return ProblemError(HTTPStatus.CONFLICT, f"data set {name!r} is built in", remedy=others)
        if self._registry.find(name) is not None:
            return ProblemError(HTTPStatus.CONFLICT, f"data set {name!r} was added by the operator", remedy=others)
        uploaded = [entry.name for entry in self._registry.entries() if entry.source == "uploaded"]
        remedy = nearest(name, uploaded) if uploaded else "none was uploaded"
        return ProblemError(HTTPStatus.NOT_FOUND, f"unknown data set {name!r}", remedy=remedy)


def _no_room(detail: str, remedy: str) -> ProblemError:
    return ProblemError(HTTPStatus.INSUFFICIENT_STORAGE, detail, remedy=remedy)


async def content_of(request: Request) -> AsyncGenerator[bytes, None]:
    """Yield the content of the file that a request sends, as its body or in a form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async for part in request.stream():
            yield part
        return
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        if not files:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "the form holds no file", remedy="add one: -F file=@FILE"
            )
        while part := await files[0].read(_CHUNK):
            yield part


async def receive(body: AsyncGenerator[bytes, None], file: Path, room: int) -> None:
    """Write the body to a file while it arrives, as long as there is room for it."""
    received = 0
    try:
        with file.open("xb") as target:
            async with aclosing(body):
                async for part in body:
                    received += len(part)
                    if received > room:
                        raise _no_room("there is no room for this upload beside the others", _DELETE)
                    await asyncio.to_thread(target.write, part)
    except ClientDisconnect:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is incomplete", remedy="send it again") from None
    except OSError as error:
        raise CannotWriteError(f"the file cannot be written to {file.parent}: {error.strerror}") from None
    if not received:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is empty", remedy="send the file as the body")
