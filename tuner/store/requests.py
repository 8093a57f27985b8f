"""Requests to start a study that can be repeated: each has a key, and starts one study however often it comes."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple, Self

import sqlalchemy as sa

from tuner.errors import FixInputError
from tuner.spec import StudySpec
from tuner.store import tables


class OtherRequestError(FixInputError):
    """Choose another key: it belongs to a request with other content."""


class StartRequest(NamedTuple):
    """One request to start a study."""

    key: str
    """Chosen by the client, unique per request; at most 200 characters."""
    fingerprint: str
    """The same for requests with the same content."""

    @classmethod
    def of(cls, key: str, spec: StudySpec) -> Self:
        content = json.dumps(spec.model_dump(mode="json", exclude_unset=True), sort_keys=True)
        return cls(key, hashlib.sha256(content.encode(errors="replace")).hexdigest())


def study_of(connection: sa.Connection, request: StartRequest) -> str | None:
    """The study that a request with this key has started; None: there was none, or the study was deleted.

    Raises OtherRequestError if the key belongs to a request with other content.
    """
    found = connection.execute(_STUDY, {"key": request.key}).one_or_none()
    if found is None:
        return None
    if found.fingerprint != request.fingerprint:
        raise OtherRequestError(
            f"the key {request.key!r} was used for another request", remedy="choose a new key for each new request"
        )
    return str(found.name)


def remember(connection: sa.Connection, study_id: int, request: StartRequest) -> None:
    connection.execute(sa.insert(tables.requests), {"study_id": study_id, **request._asdict()})


_STUDY = (
    sa.select(tables.studies.c.name, tables.requests.c.fingerprint)
    .join(tables.requests, tables.requests.c.study_id == tables.studies.c.id)
    .where(tables.requests.c.key == sa.bindparam("key"))
)
