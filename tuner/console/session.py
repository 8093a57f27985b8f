"""Runs a study and shows it meanwhile: starts the display, then the study, and prints a summary."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.console import Console

from tuner.console.error_output import CANCELLED
from tuner.console.output import console, is_screen, print_json, stdout_reserved
from tuner.console.plain_display import PlainDisplay
from tuner.console.show import study_json, summary
from tuner.console.terminal import live_screen
from tuner.console.watcher import StudyDisplay, Watcher
from tuner.datasets.catalogue import check_exists
from tuner.errors import (
    ClusterLostError,
    LeaseLostError,
    StudyFailedError,
    TryAgainError,
    TunerError,
    UnknownStudyError,
)
from tuner.import_time import IMPORTED_AT
from tuner.settings import Settings, private_files
from tuner.spec import StudySpec
from tuner.store import Store, StudyRow, already_running
from tuner.study.paths import StudyPaths
from tuner.study.plan import complete
from tuner.study.result import view
from tuner.study.start import check_new

if TYPE_CHECKING:
    from tuner.study import StopSignal


log = logging.getLogger("tuner.console")


class UnexpectedError(Exception):
    """An internal error while a study ran; `__cause__` is the original exception."""

    def __init__(self, log: Path | None) -> None:
        super().__init__()
        self.log = log


def run_study(spec: StudySpec, settings: Settings, *, as_json: bool) -> int:
    """Run a new study and return the exit code: 0, or 130 if it was cancelled."""

    def action(session: _Session) -> None:
        session.start(named)
        from tuner.study import run

        run(named, settings=settings, signal=session.signal(), on_dashboard=session.show_dashboard, began=IMPORTED_AT)

    named = complete(spec, settings)
    check_exists(named.dataset)  # at once, before Ray is loaded and anything is written
    with _open(settings, as_json) as (store, out, document):
        check_new(store, named, settings)
        return _Session(store, spec, out, document).run(action)


def resume_study(name: str, new_total: Callable[[int], int | None], settings: Settings, *, as_json: bool) -> int:
    """Continue a study and return the exit code: 0, or 130 if it was cancelled.

    `new_total` returns the new total number of trials for the present one; None keeps it.
    """
    with _open(settings, as_json, create=False) as (store, out, document):
        study = store.study(name)
        if study.alive:
            raise already_running(name, study.driver)
        spec = study.spec
        trials = new_total(spec.trials)
        last_event = max((number for number, _ in store.read(name)), default=0)

        def action(session: _Session) -> None:
            session.start(spec if trials is None else spec.model_copy(update={"trials": trials}), last_event)
            from tuner.study import resume

            resume(
                name,
                trials=trials,
                settings=settings,
                signal=session.signal(),
                on_dashboard=session.show_dashboard,
                began=IMPORTED_AT,
            )

        return _Session(store, spec, out, document).run(action)


@contextlib.contextmanager
def _open(settings: Settings, as_json: bool, *, create: bool = True) -> Iterator[tuple[Store, Console, IO[str] | None]]:
    """Context manager with the store, the console of the progress, and with --json the JSON document's stream."""
    with private_files(settings), Store.open(settings.store_url(), create=create) as store:
        if not as_json:
            yield store, console(), None
            return
        with stdout_reserved() as real:
            yield store, console(stderr=True), real


@contextlib.contextmanager
def _display(out: Console, on_closed: Callable[[], None]) -> Iterator[StudyDisplay]:
    if is_screen(out):
        with live_screen(out) as screen:
            yield screen
    else:
        yield PlainDisplay(out.file, on_closed=on_closed)


class _Session:
    def __init__(self, store: Store, spec: StudySpec, out: Console, document: IO[str] | None) -> None:
        self._store, self._spec, self._out, self._document = store, spec, out, document
        self._name: str | None = None
        self._signal: StopSignal | None = None
        self._watcher: Watcher | None = None

    def run(self, action: Callable[[_Session], None]) -> int:
        """Run the study in this thread, show it meanwhile, and return the exit code."""
        try:
            with (
                _display(self._out, self._warn_unread) as display,
                Watcher(self._store, self._spec, display, self._stop_reason) as self._watcher,
            ):
                action(self)
        except KeyboardInterrupt:  # before the study handles Ctrl-C itself, or the second one
            self._print_interrupted()
            return CANCELLED
        except TunerError as error:
            if isinstance(error, (StudyFailedError, LeaseLostError, ClusterLostError)):  # the study ran
                with contextlib.suppress(TryAgainError):  # the database may be the reason of the failure
                    self._print_summary()
            raise
        except Exception as error:
            raise UnexpectedError(self._log()) from error
        return self._print_summary()

    def start(self, spec: StudySpec, after: int = 0) -> None:
        """Start to show the study, whose name is known now."""
        assert self._watcher is not None
        self._name = spec.run_name
        self._watcher.watch(spec, after)

    def signal(self) -> StopSignal:
        """The signal that stops the study; the console reads it."""
        from tuner.study import StopSignal

        assert self._watcher is not None
        self._watcher.ray_imported()
        self._signal = StopSignal()
        return self._signal

    def show_dashboard(self, address: str) -> None:
        """Print the address of Ray's dashboard."""
        with contextlib.suppress(BrokenPipeError, SystemExit):
            self._out.print(f"Ray's dashboard: {address}", highlight=False, soft_wrap=True)

    def _warn_unread(self) -> None:
        """Say, where it is still read, that the study goes on although the reader of its output has ended."""
        name = self._name
        text = f"the output is read no more; the study goes on: `tuner show {name}`, `tuner cancel {name}`"
        log.warning(text)  # into the study's log
        if self._out.file is not sys.stderr:
            print(text, file=sys.stderr, flush=True)

    def _stop_reason(self) -> str | None:
        stop = self._signal.stop if self._signal is not None else None
        return None if stop is None else stop.reason

    def _print_summary(self) -> int:
        if self._name is None or _row(self._store, self._name) is None:
            return 0
        shown = view(self._store, self._name)
        with contextlib.suppress(BrokenPipeError, SystemExit):  # rich ends the process if the pipe is closed
            self._out.print(summary(shown))
        if self._document is not None and shown.study.status != "failed":
            print_json(study_json(self._store, self._name), self._document)
        return CANCELLED if shown.study.status == "cancelled" else 0

    def _print_interrupted(self) -> None:
        try:
            begun = self._name is not None and _row(self._store, self._name) is not None
        except TryAgainError:  # the database is unreachable: the study cannot have begun without it, so it has begun
            begun = True
        if begun:
            text = f"cancelled; to continue: tuner resume {self._name}"
        else:
            text = "cancelled before the study began: nothing was written"
        self._out.print(text, soft_wrap=True)

    def _log(self) -> Path | None:
        row = None if self._name is None else _row(self._store, self._name)
        return None if row is None else StudyPaths(Path(row.folder)).log


def _row(store: Store, name: str) -> StudyRow | None:
    try:
        return store.study(name)
    except UnknownStudyError:
        return None
