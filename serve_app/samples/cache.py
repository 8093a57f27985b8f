"""Keeps the samples of the data sets that were looked at last, in a folder of this machine.

`~/.cache/tuner/samples` has one folder for each data set and split, which all replicas of the machine use. A folder
appears by one rename, so it is whole or not there. Each use makes it the newest; the oldest ones are removed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp

from serve_app.samples.files import SampleFiles
from serve_app.winner_cache import cache_folder
from tuner.data_spec import DataSpec

log = logging.getLogger("tuner.serve")

MOST_SETS = 16
MOST_CACHED_BYTES = 4 * 2**30
ABANDONED_S = 3600.0
"""Age of an unfinished folder whose process must have died."""
_UNFINISHED = ".unfinished-"
_SPLIT_FIELDS = {"dataset", "data_dir", "sample_percentage", "validation_split", "test_size", "seed"}
_SIZE_FIELDS = {"image_size", "image_fit"}


class SampleCache:
    """The folders of samples on this machine."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_folder().with_name("samples")

    def get(self, spec: DataSpec) -> SampleFiles | None:
        """The samples of a data set, which count as used now; None: they are not there."""
        folder = self._folder / key(spec)
        try:
            os.utime(folder)
            return SampleFiles(folder)
        except (OSError, ValueError):  # ValueError: damaged
            return None

    @contextmanager
    def new(self, spec: DataSpec) -> Iterator[Path]:
        """Context manager with a new folder; at its end it is kept as the samples of a data set.

        An exception removes it.
        """
        target = self._folder / key(spec)  # before the data are read: later changes of them make another key
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(mkdtemp(prefix=_UNFINISHED, dir=self._folder))
        try:
            yield unfinished
            self._keep(unfinished, target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        self._remove_oldest(target)

    def forget(self, dataset: str) -> None:
        """Remove the samples of a data set that was deleted, by its name or path."""
        for folder in self._kept():
            with suppress(OSError, ValueError):
                if SampleFiles(folder).about.dataset == dataset:
                    shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, unfinished: Path, target: Path) -> None:
        if target.is_dir() and self._is_damaged(target):
            shutil.rmtree(target, ignore_errors=True)
        with suppress(OSError):  # another replica has just made it
            unfinished.rename(target)

    def _is_damaged(self, folder: Path) -> bool:
        try:
            SampleFiles(folder)
        except (OSError, ValueError):
            return True
        return False

    def _remove_oldest(self, newest: Path) -> None:
        kept_bytes = 0
        for place, folder in enumerate(self._kept()):
            kept_bytes += _size_bytes(folder)
            if folder != newest and (place >= MOST_SETS or kept_bytes > MOST_CACHED_BYTES):
                log.info("removing %s from the cache of samples", folder.name)
                shutil.rmtree(folder, ignore_errors=True)
        for folder in self._folder.glob(f"{_UNFINISHED}*"):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > ABANDONED_S:
                    shutil.rmtree(folder, ignore_errors=True)

    def _kept(self) -> list[Path]:
        """The folders, the last used first."""
        dated = []
        for folder in self._folder.glob("[!.]*"):
            with suppress(OSError):
                dated.append((folder.stat().st_mtime, folder))
        return [folder for _, folder in sorted(dated, reverse=True)]


def key(spec: DataSpec) -> str:
    """A name for the samples of a data set: differs between splits and sizes, and after changes of the files.

    Of a folder of images, the changes of its class folders are seen: images that are added, removed or renamed.
    """
    described = spec.model_dump_json(include=_SPLIT_FIELDS | _SIZE_FIELDS)
    return hashlib.sha256(f"{described} {_stamp(Path(spec.dataset))} {version('tuner')}".encode()).hexdigest()[:20]


def _stamp(path: Path) -> str:
    try:
        times = [path.stat()]
        if path.is_dir():
            times += [entry.stat() for entry in sorted(path.iterdir()) if entry.is_dir()]
    except OSError:
        return "none"  # a named data set, whose files do not change
    return " ".join(f"{one.st_mtime_ns}:{one.st_size}" for one in times)


def _size_bytes(folder: Path) -> int:
    with suppress(OSError):
        return sum(file.stat().st_size for file in folder.iterdir())
    return 0
