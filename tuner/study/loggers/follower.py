"""Lets the loggers of a study follow its log while it runs.

Promises: each logger has a thread of its own, which takes at most a fifth of one CPU while trials train. A logger that
raises, or does not answer, is one line in the study's log file, and costs the study at most FINISH_S at its end.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from tuner.errors import TryAgainError, in_one_line
from tuner.events import StudyStatusName
from tuner.spec import LoggerName
from tuner.store import DriverStore, Store
from tuner.study.loggers.packages import TITLES, opening_commands
from tuner.study.loggers.study_logger import LoggedStudy, LogState, StudyLogger
from tuner.study.paths import StudyPaths
from tuner.study.stop_signal import StopSignal

log = logging.getLogger("tuner.study")

POLL_S = 1.0
"""Seconds between two looks at the log."""
SHARE = 0.2
"""Largest share of one CPU while trials train."""
EVENTS_AT_ONCE = 500
FINISH_S, STOPPED_S = 60.0, 10.0
"""Longest waits at the study's end for a logger that writes nothing more, and of a study that was cancelled."""
LOOK_S = 0.1
NICENESS = 10

Opener = Callable[[LoggedStudy], StudyLogger]


@contextmanager
def logged(store: Store, name: str, paths: StudyPaths, stop: StopSignal) -> Iterator[None]:
    """Context manager in which the loggers of the study write its events. Leaves them written, as far as possible."""
    names = store.study(name).spec.loggers
    followers = [LogFollower(one, store.url, name, paths, opener_of(one)) for one in names]
    for follower in followers:
        follower.start()
    try:
        yield
    except BaseException:  # also an interrupt: the loggers must not keep what they hold
        _finish(followers, None if isinstance(store, DriverStore) and store.lost is not None else "failed", stop)
        raise
    else:
        _finish(followers, "completed" if stop.stop is None else stop.stop.status, stop)
        if names:
            for one, command in opening_commands(names, paths).items():
                log.info("%s: open its runs with: %s", TITLES[one], command)


def opener_of(name: LoggerName) -> Opener:
    """Return the function that opens a logger; it imports the tool's package when it is called."""

    def opened(study: LoggedStudy) -> StudyLogger:
        opened: StudyLogger = import_module(f"tuner.study.loggers.{name}").open_logger(study)
        return opened

    return opened


class LogFollower(threading.Thread):
    """The thread of one logger, from the event after the last one that was written before."""

    def __init__(self, kind: LoggerName, url: str, name: str, paths: StudyPaths, opener: Opener) -> None:
        super().__init__(name=f"tuner-{kind}-{name}", daemon=True)
        self.title, self._url, self._study, self._paths, self._open = TITLES[kind], url, name, paths, opener
        self._kept = WrittenNumber(paths.folder / "loggers" / f"{kind}.json")
        self._ended, self._abandoned = threading.Event(), threading.Event()
        self._status: StudyStatusName | None = None
        self.progress_s = time.monotonic()
        """Time at which it last wrote an event."""

    def end(self, status: StudyStatusName | None) -> None:
        """Let it end once it has written the whole log; None: at once."""
        self._status = status
        if status is None:
            self._abandoned.set()
        self._ended.set()

    def run(self) -> None:
        with suppress(OSError, AttributeError):  # only Linux has it for single threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            self._follow()
        except Exception as error:  # whatever a tool raises must not harm the study
            log.warning("%s gets nothing more of this run; the study goes on: %s", self.title, in_one_line(error))
            log.debug("the whole error", exc_info=True)

    def _follow(self) -> None:
        with Store.open(self._url, create=False) as store:
            row, state = store.study(self._study), LogState()
            written = self._replay(store, state)
            logger = self._open(LoggedStudy(row, self._paths, state))
            try:
                self._write(store, logger, state, written)
            except BaseException:
                with suppress(Exception):  # the first error is the one that tells the cause
                    logger.close(None)
                raise
            logger.close(self._status)

    def _replay(self, store: Store, state: LogState) -> int:
        """Bring the state to the last event that was written before, and return its number."""
        done, until = 0, min(self._kept.read(), store.last_sequence(self._study))
        while done < until:
            for number, event in store.read(self._study, done, min(EVENTS_AT_ONCE, until - done)):
                state.add(event)
                done = number
        return until

    def _write(self, store: Store, logger: StudyLogger, state: LogState, written: int) -> None:
        while not self._abandoned.is_set():
            ended, began = self._ended.is_set(), time.monotonic()  # read before the log: nothing comes after it
            try:
                found = store.read(self._study, written, EVENTS_AT_ONCE)
            except TryAgainError:
                found, ended = [], False  # the driver's own store decides when that lasts too long
            for number, event in found:
                logger.log(number, event)
                state.add(event)
                self.progress_s = time.monotonic()
                if self._abandoned.is_set():
                    return
            if found:
                logger.flush()
                written = found[-1][0]
                self._kept.write(written)
            elif ended:
                return
            took_s = time.monotonic() - began
            self._ended.wait(max(POLL_S, took_s / SHARE) if not self._ended.is_set() else 0.0)


class WrittenNumber:
    """The file with the number of the last event that a logger has written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> int:
        """Return the number; 0: nothing was written, or the file is damaged."""
        try:
            return int(json.loads(self._file.read_text())["sequence"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def write(self, number: int) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._file.with_name(f"{self._file.name}.unfinished")
        unfinished.write_text(json.dumps({"sequence": number}))
        unfinished.replace(self._file)


def _finish(followers: list[LogFollower], status: StudyStatusName | None, stop: StopSignal) -> None:
    """Wait until all have written the whole log, as long as they make progress."""
    began = time.monotonic()
    for follower in followers:
        follower.end(status)
    for follower in followers:
        while follower.is_alive():
            follower.join(LOOK_S)
            longest_s = STOPPED_S if stop.cancelled or status is None else FINISH_S
            if time.monotonic() - max(began, follower.progress_s) > longest_s:
                log.warning("%s did not finish within %.0f s; its last values are missing", follower.title, longest_s)
                break
