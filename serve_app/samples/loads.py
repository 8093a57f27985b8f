"""Gets the samples of data sets: from the cache, or by a child process that reads the data set.

One data set is read at a time, with the limits of `serve_app.limited`. Nothing is ever downloaded.
"""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from serve_app.drawing import LIMIT_S, child_environment, limited
from serve_app.samples.cache import SampleCache, key
from serve_app.samples.files import SampleFiles
from serve_app.samples.reading import ABOUT
from serve_app.settings import ServeSettings
from tuner.data_spec import DataSpec
from tuner.datasets.downloadable import DOWNLOADABLE, place_of
from tuner.errors import FixInputError, TryAgainError
from tuner.store import StudyRow

log = logging.getLogger("tuner.serve")

MOST_WAITING = 8
"""Data sets that are read or wait; requests for further ones are refused."""
_LOGGED_BYTES = 4_096


class NoSamplesError(FixInputError):
    """Do what the remedy says: the samples of this data set cannot be shown now."""


class SampleLoads:
    """The samples of data sets, for all requests of one replica.

    Requests for a data set that is being read wait for the same child process.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        self._environment = child_environment(settings)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="samples")
        self._under_way: dict[str, Future[SampleFiles]] = {}

    async def of_dataset(self, name: str, path: str | None) -> SampleFiles:
        """The samples of a data set, split as a study with the defaults splits them.

        Args:
            path: Of a user's own one; None: it is a named one.

        Raises:
            NoSamplesError: they cannot be read.
            TryAgainError: too many other data sets are being read.
        """
        return await self._samples(name, self._spec(DataSpec(dataset=path or name)))

    async def of_study(self, study: StudyRow, name: str) -> SampleFiles:
        """The samples of a study, as its trials got them. Raises the same errors, also for data that have changed.

        Args:
            name: How clients call its data set.
        """
        found = await self._samples(name, self._spec(study.spec.data))
        changes = [] if study.data is None else study.data.changes(found.about.record)
        if changes:
            raise NoSamplesError(
                f"data set {name!r} has changed since study {study.name!r} began: {', '.join(changes[:3])}",
                remedy="restore its files, or start a new study",
            )
        return found

    def forget(self, path: str) -> None:
        """Remove the samples of a user's own data set, which was deleted."""
        SampleCache().forget(path)

    def _spec(self, spec: DataSpec) -> DataSpec:
        here = self._settings.data_dir
        folder = spec.data_dir or (None if here is None else str(here.absolute()))
        return spec.model_copy(update={"data_dir": folder})

    async def _samples(self, name: str, spec: DataSpec) -> SampleFiles:
        await asyncio.to_thread(_check_here, name, spec)
        cached = await asyncio.to_thread(SampleCache().get, spec)
        if cached is not None:
            return cached
        waits_for = await asyncio.to_thread(key, spec)
        reading = self._under_way.get(waits_for)
        if reading is None:
            if len(self._under_way) >= MOST_WAITING:
                raise TryAgainError(f"{len(self._under_way)} data sets are being read", remedy="try again later")
            reading = self._under_way[waits_for] = self._reader.submit(self._read, name, spec)
            reading.add_done_callback(lambda _: self._under_way.pop(waits_for, None))
        return await asyncio.shield(asyncio.wrap_future(reading))  # it goes on if this client leaves

    def _read(self, name: str, spec: DataSpec) -> SampleFiles:
        cache = SampleCache()
        cached = cache.get(spec)  # another replica may have read it meanwhile
        if cached is not None:
            return cached
        with cache.new(spec) as folder:
            self._run(name, spec, folder)
        found = cache.get(spec)
        if found is None:
            raise TryAgainError(f"data set {name!r} was changed while it was read", remedy="try again")
        return found

    def _run(self, name: str, spec: DataSpec, folder: Path) -> None:
        """Run the child process. Its clients never see paths of this machine, the server's log does."""
        command = [sys.executable, "-P", "-m", "serve_app.samples.reading", spec.model_dump_json(), str(folder)]
        try:
            done = subprocess.run(
                limited(command),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=LIMIT_S,
                check=False,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            raise NoSamplesError(
                f"reading data set {name!r} takes more than {LIMIT_S} s",
                remedy="try again when the machine is less busy",
            ) from None
        if not (folder / ABOUT).is_file():
            raise _failure(name, done.stdout, done.stderr)


def _failure(name: str, said: bytes, errors: bytes) -> NoSamplesError:
    """Why the child process wrote no samples: what it said, else what the operator finds in the log."""
    try:
        reason = json.loads(said)
        message, remedy = str(reason["message"]), str(reason["remedy"])
    except (ValueError, KeyError, TypeError):
        log.error("the samples of %s cannot be read: %s", name, errors[-_LOGGED_BYTES:].decode(errors="replace"))
        return NoSamplesError(f"data set {name!r} cannot be read on this machine", remedy="see the server log")
    log.warning("the samples of %s cannot be read: %s", name, message)
    return NoSamplesError(f"data set {name!r} cannot be read: {message}", remedy=remedy or "see the server log")


def _check_here(name: str, spec: DataSpec) -> None:
    """Raise NoSamplesError if the data set is not on this machine."""
    if spec.dataset in DOWNLOADABLE:
        if place_of(spec.dataset, None if spec.data_dir is None else Path(spec.data_dir)) is None:
            raise NoSamplesError(
                f"data set {name!r} is not on this machine",
                remedy="start a study that uses it, which downloads it, or put its file into the data folder",
            )
    elif Path(spec.dataset).is_absolute() and not Path(spec.dataset).exists():
        raise NoSamplesError(
            f"the file of data set {name!r} is not on this machine", remedy="restore it, or upload the data set again"
        )
