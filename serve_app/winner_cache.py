"""Winners of studies in an object store, brought to this machine: each version once, whole or not at all.

They lie in the user's cache, a folder `<study>@<version>` each, with what a study's own folder has of them. Who asks
the store for nothing but what has changed: that a model lies here already is told by its metadata.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tuner.errors import TryAgainError, in_one_line
from tuner.study import storage
from tuner.study.paths import StudyPaths

log = logging.getLogger("tuner.serve")


def version_of(metadata: str) -> str:
    """Another one for another model, also of the same study: its metadata tell the scores of its file."""
    return hashlib.sha256(metadata.encode()).hexdigest()[:8]


def lying_here(study: str) -> list[StudyPaths]:
    """The versions of a study's winner that were brought here, as folders of that study."""
    folder = cache_folder()
    return [StudyPaths(place) for place in sorted(folder.glob(f"{study}@*"))] if folder.is_dir() else []


def published(study: str, address: str) -> str | None:
    """The metadata of a study's winner in its part of an object store; None: none is there.

    Raises:
        TryAgainError: the store cannot be read.
    """
    with _readable(study):
        return storage.published_metadata(address)


def bring(study: str, address: str, version: str) -> StudyPaths:
    """A folder of this machine with that version of the winner, and the study's figures.

    Args:
        address: The study's part of the object store.

    Raises:
        TryAgainError: the store cannot be read, or holds another version by now.
    """
    place = StudyPaths(cache_folder() / f"{study}@{version}")
    with _alone(), _readable(study):
        if place.folder.is_dir():
            return place
        with TemporaryDirectory(prefix=".", dir=cache_folder()) as unfinished:
            paths = StudyPaths(Path(unfinished) / "whole")
            storage.fetch_winner(address, paths)
            if version_of(paths.metadata.read_text(encoding="utf-8")) != version:
                raise TryAgainError(f"another model of study {study!r} has taken this one's place", remedy="try again")
            for before in lying_here(study):
                shutil.rmtree(before.folder, ignore_errors=True)
            paths.folder.rename(place.folder)
    return place


@contextmanager
def _readable(study: str) -> Iterator[None]:
    """Within it what an object store says is told to the operator alone: it names places that no client must know."""
    try:
        yield
    except OSError as error:
        log.warning("the best model of study %s cannot be read: %s", study, in_one_line(error))
        raise TryAgainError(
            f"the best model of study {study!r} cannot be read from its object store",
            remedy="try again later; the application's log tells more",
        ) from error


def cache_folder() -> Path:
    """Where they lie; not made yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tuner" / "winners"


@contextmanager
def _alone() -> Iterator[None]:
    """Within it no other thread or process of this machine brings anything."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        yield
