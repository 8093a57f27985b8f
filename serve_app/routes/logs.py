"""The log of a study, to read and to follow."""

from __future__ import annotations

import io
import re
from collections import deque
from http import HTTPStatus
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query

from serve_app.problems import ProblemError, responses
from serve_app.public_text import public
from serve_app.routes.common import StudyId, TrialNumber
from serve_app.routing import new_routes
from serve_app.schemas import LogPart
from serve_app.services import Services
from serve_app.winner_cache import readable_store
from tuner.runners.shared_folder import connect
from tuner.store import StudyRow
from tuner.study import storage
from tuner.study.paths import StudyPaths

MAX_BYTES = 2**20
"""Longest part of a log in one response; the client asks for the next part."""

_BEGIN = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ")
"""How a line begins that continues no other: see `tuner.study.study_log`."""

Offset = Annotated[
    int | None,
    Query(ge=0, le=2**53, description="`next_offset` of an earlier response; leave it out for the last lines."),
]
Lines = Annotated[int, Query(ge=1, le=10_000, description="Number of last lines; used without `offset`.")]


def router(services: Services) -> APIRouter:
    routes = new_routes(tags=["studies"])

    @routes.get("/jobs/{id}/logs", responses=responses(404))
    def logs(name: StudyId, offset: Offset = None, lines: Lines = 200) -> LogPart:
        """Return the last lines of the study's log, with UTC times, or the lines written since an earlier response."""
        with _open_log(services.store.study(name)) as log:
            return read_log(log, offset, lines)

    @routes.get("/jobs/{id}/trials/{n}/log", responses=responses(404))
    def trial_log(name: StudyId, number: TrialNumber, offset: Offset = None, lines: Lines = 200) -> LogPart:
        """Return the last lines of the study's log about one trial, or those written since an earlier response."""
        study = services.store.study(name)
        with _open_log(study) as log:
            return read_trial_log(log, number, offset, lines)

    return routes


def read_trial_log(log: IO[bytes], number: int, offset: int | None, lines: int) -> LogPart:
    """The lines of a log about one trial, each with the lines that continue it; of long ones the last MAX_BYTES.

    Args:
        offset: Only lines that begin there or later; None: the last `lines` of the whole log.
    """
    begin = min(offset or 0, log.seek(0, 2))
    log.seek(begin)
    about = re.compile(rb"\btrial %d\b" % number)
    found: deque[bytes] = deque(maxlen=None if offset is not None else lines)
    end, own, size = begin, False, 0
    for line in log:
        if not line.endswith(b"\n") or (offset is not None and size and size + len(line) > MAX_BYTES):
            break  # it is being written; or the client asks for the rest
        end += len(line)
        if _BEGIN.match(line):
            own = about.search(line) is not None
        if own:
            found.append(line[:-1])
            size += len(line)
    text = public(b"\n".join(found)[-MAX_BYTES:].decode(errors="replace"))
    return LogPart(lines=text.split("\n") if found else [], next_offset=end)


def read_log(log: IO[bytes], offset: int | None, lines: int) -> LogPart:
    """The whole lines of a log that another process may be writing, at most MAX_BYTES of them."""
    size = log.seek(0, 2)
    begin = max(0, size - MAX_BYTES) if offset is None else min(offset, size)
    log.seek(begin)
    read = log.read(MAX_BYTES)
    end = read.rfind(b"\n") + 1
    if end == 0 and len(read) == MAX_BYTES:
        end = len(read)
    whole = public(read[:end].decode(errors="replace")).split("\n")
    whole = whole[:-1] if whole[-1] == "" else whole
    return LogPart(lines=whole if offset is not None else whole[-lines:], next_offset=begin + end)


def _open_log(study: StudyRow) -> IO[bytes]:
    """The study's log, from its folder or its object store; empty before it starts. 404 if another node has it."""
    paths = StudyPaths(Path(study.folder))
    if paths.log.is_file():
        return paths.log.open("rb")
    address = storage.address_of(study.spec)
    if address is not None and (stored := _stored_log(study.name, address)) is not None:
        return stored
    if paths.folder.is_dir():
        return io.BytesIO()
    node = "another node" if study.driver is None else f"node {study.driver.rpartition(':')[0]}"
    raise ProblemError(
        HTTPStatus.NOT_FOUND,
        f"the log of study {study.name!r} is on {node}",
        remedy=f"read {study.name}/{paths.log.name} in the results folder of that node, or give all nodes one folder",
    )


def _stored_log(study: str, address: str) -> IO[bytes] | None:
    """The log that was published to the study's part of an object store; None: not published yet."""
    with readable_store(study, "log"):
        system, path = connect(address)
        try:
            log: Any = system.open_input_file(str(StudyPaths(Path(path)).log))
        except FileNotFoundError:
            return None
        opened: IO[bytes] = log
        return opened
