"""Cache of drawn figures and reports, each valid until the study's next event.

The files are in the study's folder (`plots/.cache`), so that they are deleted with it and shared by all replicas of a
machine. A machine without this folder uses `~/.cache/tuner/figures`, and so do studies in an object store: what is
copied there must not change meanwhile. A folder keeps the MOST_FILES files that were used last.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from serve_app.winner_cache import cache_folder
from tuner.errors import in_one_line
from tuner.store import StudyRow
from tuner.study import storage
from tuner.study.paths import StudyPaths

log = logging.getLogger("tuner.serve")

MOST_FILES = 200


class FigureCache:
    """The cached files of one study on this machine. Each name is `<what>.<version>.<format>`."""

    def __init__(self, study: StudyRow) -> None:
        self._study = study.name
        paths = StudyPaths(Path(study.folder))
        own = storage.address_of(study.spec) is None and paths.folder.is_dir()
        self._folder = paths.plots / ".cache" if own else shared_folder()
        self._parents = (paths.plots,) if own else tuple(reversed(self._folder.parents))

    def get(self, name: str) -> bytes | None:
        """The contents of a file, which counts as used now; None: it is not cached."""
        file = self._file(name)
        try:
            content = file.read_bytes()
            os.utime(file)
        except OSError:
            return None
        return content

    def put(self, name: str, content: bytes) -> None:
        """Keep a file in place of its earlier versions, and remove the oldest ones if there are too many.

        Never fails: without the file it is drawn again.
        """
        file = self._file(name)
        try:
            for folder in (*self._parents, self._folder):  # never the study's folder, which may have been deleted
                folder.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, prefix=".", delete=False) as unfinished:
                unfinished.write(content)
            Path(unfinished.name).replace(file)
        except OSError as error:
            log.warning("%s of study %s is not cached: %s", name, self._study, in_one_line(error))
            return
        what, _, format_ = name.split(".")
        earlier = set(self._folder.glob(f"{self._study}@{what}.*.{format_}")) - {file}
        for old in (*earlier, *_by_use(self._folder)[MOST_FILES:]):
            with suppress(OSError):
                old.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{self._study}@{name}"


def forget(study: str) -> None:
    """Remove the files of a deleted study that are not in its folder."""
    for file in shared_folder().glob(f"{study}@*"):
        file.unlink(missing_ok=True)


def shared_folder() -> Path:
    """The folder for studies whose own one is not used. It may not exist yet."""
    return cache_folder().with_name("figures")


def _by_use(folder: Path) -> list[Path]:
    """The files of a folder, the last used one first."""
    used: dict[Path, float] = {}
    for file in folder.iterdir():
        with suppress(OSError):  # removed meanwhile
            used[file] = file.stat().st_mtime
    return sorted(used, key=lambda file: used[file], reverse=True)
