"""Runs a study under the eyes of its user: starts the watch, then the study, and says what came of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.console import Console

from tuner.console.displays import display_for
from tuner.console.error_output import CANCELLED
from tuner.console.formatting import duration
from tuner.console.output import console, print_json, stdout_reserved
from tuner.console.show import study_json
from tuner.console.summary import summary
from tuner.console.watcher import Watcher
from tuner.errors import (
    FixInputError,
    LeaseLostError,
    StudyFailedError,
    TryAgainError,
    TunerError,
    UnknownStudyError,
)
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store, StudyRow, already_running
from tuner.study.paths import StudyPaths
from tuner.study.plan import complete
from tuner.study.result import view

if TYPE_CHECKING:
    from tuner.study import StopSignal


class UnexpectedError(Exception):
    """Something that no user can mend went wrong while a study ran. Its cause is what happened."""

    def __init__(self, log: Path | None) -> None:
        super().__init__()
        self.log = log


def run_study(spec: StudySpec, settings: Settings, *, as_json: bool) -> int:
    """Run a new study; gives the exit code: 0, or 130 if it was cancelled.

    Raises:
        TunerError: as `tuner.study.run`.
        UnexpectedError: a defect.
    """

    def action(session: _Session) -> None:
        named = complete(spec, settings)
        session.follow(named)
        from tuner.study import run

        run(named, settings=settings, signal=session.signal())

    with _opened(settings, as_json) as (store, streams):
        if spec.run_name is not None and _row(store, spec.run_name) is not None:
            raise FixInputError(
                f"study {spec.run_name!r} already exists",
                remedy=f"choose another run_name, or `tuner resume {spec.run_name}`",
            )
        return _Session(store, spec, streams).watch(action)


def resume_study(name: str, new_total: Callable[[int], int | None], settings: Settings, *, as_json: bool) -> int:
    """Go on with a study; gives the exit code: 0, or 130 if it was cancelled.

    Args:
        new_total: From the number of trials asked for so far to the new one; None: the same.

    Raises:
        TunerError: as `tuner.study.resume`.
        UnexpectedError: a defect.
    """
    with _opened(settings, as_json) as (store, streams):
        study = store.study(name)
        if study.alive:
            raise already_running(name, study.driver)
        spec = study.spec
        trials = new_total(spec.trials)
        seen = max((number for number, _ in store.read(name)), default=0)

        def action(session: _Session) -> None:
            session.follow(spec if trials is None else spec.model_copy(update={"trials": trials}), seen)
            from tuner.study import resume

            resume(name, trials=trials, settings=settings, signal=session.signal())

        return _Session(store, spec, streams).watch(action)


@dataclass(frozen=True)
class _Streams:
    progress: Console
    document: IO[str] | None
    """Where the JSON document goes; None: there is none."""


@contextlib.contextmanager
def _opened(settings: Settings, as_json: bool) -> Iterator[tuple[Store, _Streams]]:
    with Store.open(settings.store_url()) as store:
        if not as_json:
            yield store, _Streams(console(), None)
            return
        with stdout_reserved() as real:
            yield store, _Streams(console(stderr=True), real)


class _Session:
    """One study on one console."""

    def __init__(self, store: Store, spec: StudySpec, streams: _Streams) -> None:
        self._store, self._spec, self._streams = store, spec, streams
        self._name: str | None = None
        self._signal: StopSignal | None = None
        self._watcher: Watcher | None = None

    def watch(self, action: Callable[[_Session], None]) -> int:
        """Do what runs the study, in this thread, and show it meanwhile; gives the exit code."""
        began = time.monotonic()
        try:
            with (
                display_for(self._streams.progress) as face,
                Watcher(self._store, self._spec, face, self._stopping) as self._watcher,
            ):
                action(self)
        except KeyboardInterrupt:  # before the study took Ctrl-C in hand itself, or the second one
            self._say_interrupted()
            return CANCELLED
        except TunerError as error:
            if isinstance(error, (StudyFailedError, LeaseLostError)):  # the study ran
                with contextlib.suppress(TryAgainError):  # that may be why
                    self._say_how_it_ended(began)
            raise
        except Exception as error:
            raise UnexpectedError(self._log()) from error
        return self._say_how_it_ended(began)

    def follow(self, spec: StudySpec, after: int = 0) -> None:
        """The study's name is known now."""
        assert self._watcher is not None
        self._name = spec.run_name
        self._watcher.follow(spec, after)

    def signal(self) -> StopSignal:
        """What ends the study; the console looks whether it is set."""
        from tuner.study import StopSignal

        assert self._watcher is not None
        self._watcher.loaded()
        self._signal = StopSignal()
        return self._signal

    def _stopping(self) -> str | None:
        stop = self._signal.stop if self._signal is not None else None
        return None if stop is None else stop.reason

    def _say_how_it_ended(self, began: float) -> int:
        if self._name is None or _row(self._store, self._name) is None:
            return 0
        shown = view(self._store, self._name)
        self._streams.progress.print(summary(shown, duration(time.monotonic() - began)))
        if self._streams.document is not None and shown.study.status != "failed":
            print_json(study_json(self._store, self._name), self._streams.document)
        return CANCELLED if shown.study.status == "cancelled" else 0

    def _say_interrupted(self) -> None:
        try:
            begun = self._name is not None and _row(self._store, self._name) is not None
        except TryAgainError:  # the database is away: nothing begins without it, so the study had begun
            begun = True
        if begun:
            said = f"cancelled; to go on: tuner resume {self._name}"
        else:
            said = "cancelled before the study began: nothing was written"
        self._streams.progress.print(said, soft_wrap=True)

    def _log(self) -> Path | None:
        row = None if self._name is None else _row(self._store, self._name)
        return None if row is None else StudyPaths(Path(row.folder)).log


def _row(store: Store, name: str) -> StudyRow | None:
    try:
        return store.study(name)
    except UnknownStudyError:
        return None
