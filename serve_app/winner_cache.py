"""Cache of best models that come from object stores: each version is downloaded once, whole or not at all.

The cache is a folder of this machine (`~/.cache/tuner/winners`) with one folder `<study>@<version>` per model. It keeps
one version of a study's model and the models of the MAX_STUDIES studies whose models were downloaded last.
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

MAX_STUDIES = 32
"""Studies whose models are kept. One model may have some 100 MB."""


def version_of(metadata: str) -> str:
    """A text that differs between models, also of one study: a hash of the metadata, which hold the model's scores."""
    return hashlib.sha256(metadata.encode()).hexdigest()[:8]


def cached(study: str) -> list[StudyPaths]:
    """The cached versions of a study's best model, each as the folder of a study."""
    return [StudyPaths(folder) for folder in sorted(cache_folder().glob(f"{study}@*"))]


def download(study: str, address: str, version: str) -> StudyPaths:
    """A folder of this machine with that version of the best model and with the study's figures.

    Args:
        address: The study's part of the object store.

    Raises:
        TryAgainError: the store cannot be read, or holds another version now.
    """
    target = StudyPaths(cache_folder() / f"{study}@{version}")
    with _locked(), readable_store(study, "best model"):
        if target.folder.is_dir():
            return target
        with TemporaryDirectory(prefix=".", dir=cache_folder()) as unfinished:
            paths = StudyPaths(Path(unfinished) / "whole")
            storage.fetch_winner(address, paths)
            if version_of(paths.metadata.read_text(encoding="utf-8")) != version:
                raise TryAgainError(f"the best model of study {study!r} was just replaced", remedy="try again")
            _remove(cached(study))
            paths.folder.rename(target.folder)
        _remove(_newest_first()[MAX_STUDIES:])
    return target


def forget(study: str) -> None:
    """Remove the models of a deleted study from the cache of this machine."""
    if cached(study):
        with _locked():
            _remove(cached(study))


def cache_folder() -> Path:
    """The folder of the cache. It may not exist yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tuner" / "winners"


@contextmanager
def readable_store(study: str, what: str) -> Iterator[None]:
    """Context manager that turns errors of an object store into TryAgainError.

    The error itself goes to the server's log only, since it names places that clients must not know.
    """
    try:
        yield
    except OSError as error:
        log.warning("the %s of study %s cannot be read: %s", what, study, in_one_line(error))
        raise TryAgainError(
            f"the {what} of study {study!r} cannot be read from its object store",
            remedy="try again later; see the server log",
        ) from error


def _newest_first() -> list[StudyPaths]:
    folders = cache_folder().glob("[!.]*@*")
    return [StudyPaths(folder) for folder in sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)]


def _remove(models: list[StudyPaths]) -> None:
    for model in models:
        shutil.rmtree(model.folder, ignore_errors=True)


@contextmanager
def _locked() -> Iterator[None]:
    """Context manager in which no other thread or process of this machine changes the cache."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        yield
