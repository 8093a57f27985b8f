"""The log of a study, to read and to follow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from serve_app.problems import responses
from serve_app.routes.common import StudyId
from serve_app.schemas import LogPart
from serve_app.services import Services
from tuner.study.paths import StudyPaths

LONGEST_BYTES = 2**20
"""Of one answer: who follows gets the rest with the next one."""

Offset = Annotated[
    int | None, Query(ge=0, le=2**53, description="`next_offset` of an earlier answer; none: the last lines.")
]
Lines = Annotated[int, Query(ge=1, le=10_000, description="How many of the last lines, where no offset is given.")]


def router(services: Services) -> APIRouter:
    """The route of logs."""
    routes = APIRouter(tags=["studies"])

    @routes.get("/jobs/{id}/logs", responses=responses(404))
    def logs(name: StudyId, offset: Offset = None, lines: Lines = 200) -> LogPart:
        """What happened, line by line with UTC times: the last lines, or what was written since an earlier answer."""
        return read_log(StudyPaths(Path(services.store.study(name).folder)).log, offset, lines)

    return routes


def read_log(file: Path, offset: int | None, lines: int) -> LogPart:
    """Whole lines of a log that may grow meanwhile; one that is longer than an answer comes in parts."""
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            begin = max(0, size - LONGEST_BYTES) if offset is None else min(offset, size)
            log.seek(begin)
            read = log.read(LONGEST_BYTES)
    except FileNotFoundError:  # the study is only being prepared
        return LogPart(lines=[], next_offset=0)
    end = read.rfind(b"\n") + 1
    if end == 0 and len(read) == LONGEST_BYTES:
        end = len(read)
    whole = read[:end].decode(errors="replace").split("\n")
    whole = whole[:-1] if whole[-1] == "" else whole
    return LogPart(lines=whole if offset is not None else whole[-lines:], next_offset=begin + end)
