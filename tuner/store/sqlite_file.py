"""The file of a SQLite database that other processes use too: opened where it exists, and used while it stays the same.

SQLite itself would create an empty file in the place of one that was moved away, delete the write-ahead log of the
moved one, and let open connections write into the moved file. Other databases, and addresses in SQLite's own URI form,
are not watched.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import sqlalchemy as sa

from tuner.errors import DatabaseAwayError

_WATCH = "tuner_sqlite_file"
"""The execution option of an engine that holds its watch."""
_EXISTING = {"mode": "rw"}
"""SQLite's option for a file that must exist."""


class FileAwayError(DatabaseAwayError):
    """Put the database file back."""


class NoDatabaseError(FileAwayError):
    """Put the database file back, or create an empty one."""


def watch_file(engine: sa.Engine, *, shown: str, create: bool) -> None:
    """Make the engine's connections and transactions raise FileAwayError while they must not use the file.

    Args:
        shown: The database, as messages name it.
        create: Whether the file may be created until `pin_file` is called.
    """
    path = engine.url.database
    if engine.dialect.name == "sqlite" and path and not path.startswith("file:"):
        watch = _FileWatch(Path(path).absolute(), shown, create=create)
        engine.update_execution_options(**{_WATCH: watch})
        sa.event.listen(engine, "do_connect", watch.connect)
        sa.event.listen(engine, "begin", watch.on_begin)


def pin_file(engine: sa.Engine) -> None:
    """Accept only the file that the engine has opened, from now on."""
    if (watch := _watch_of(engine)) is not None:
        watch.pin()


def check_file(engine: sa.Engine) -> None:
    """Raise FileAwayError if the file is gone or another one, for reads without a transaction."""
    if (watch := _watch_of(engine)) is not None:
        watch.check()


def address_of_existing(engine: sa.Engine) -> str:
    """The engine's address with its password, in a form with which no library creates the file."""
    url = engine.url
    if (watch := _watch_of(engine)) is not None:
        url = url.set(database=watch.name, query={**_EXISTING, "uri": "true"})
    return url.render_as_string(hide_password=False)


def _watch_of(engine: sa.Engine) -> _FileWatch | None:
    watch: _FileWatch | None = engine.get_execution_options().get(_WATCH)
    return watch


class _FileWatch:
    def __init__(self, file: Path, shown: str, *, create: bool) -> None:
        self.name = f"file:{quote(str(file))}"
        """In SQLite's own URI form."""
        self._file, self._shown, self._create = file, shown, create
        self._log = file.with_name(f"{file.name}-wal")
        self._pinned: tuple[int, int] | None = None

    def pin(self) -> None:
        self._create, self._pinned = False, self._identity()

    def check(self) -> None:
        found = self._identity()
        if found is None:
            self._check_missing()
        elif self._pinned is not None and found != self._pinned:
            raise FileAwayError(f"{self._shown} was replaced by another file", remedy="put the first file back")

    def on_begin(self, _: sa.Connection) -> None:
        self.check()

    def connect(self, dialect: sa.Dialect, _record: object, _arguments: list[Any], options: dict[str, Any]) -> Any:
        """The new connection; None: SQLAlchemy makes it, and SQLite creates the file."""
        self.check()
        if self._create:
            return None
        try:
            return dialect.connect(f"{self.name}?{urlencode(_EXISTING)}", **options, uri=True)
        except sqlite3.OperationalError:
            self.check()  # it may have been moved since the first check
            raise

    def _check_missing(self) -> None:
        if self._pinned is not None:
            raise FileAwayError(f"{self._shown} is gone: it was deleted or moved", remedy="put the file back")
        if self._log.exists():  # the latest events may be in it alone
            raise FileAwayError(
                f"{self._shown} was deleted or moved, but its write-ahead log {self._log.name} remains",
                remedy=f"put the file back, or delete {self._log.name} to begin with an empty database",
            )
        if not self._create:
            remedy = "put the file back, or set TUNER_RESULTS_DIR or TUNER_DATABASE_URL to where it is"
            raise NoDatabaseError(f"{self._shown} does not exist", remedy=remedy)

    def _identity(self) -> tuple[int, int] | None:
        """What tells the file from others; None: it does not exist."""
        try:
            found = self._file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise FileAwayError(f"{self._shown} cannot be reached: {reason}", remedy="check its disk") from None
        return found.st_dev, found.st_ino
