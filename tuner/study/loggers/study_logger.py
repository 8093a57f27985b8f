"""What a logger is, and what it knows of the events that were written before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from tuner.events import DurableEvent, EpochProgress, NewBest, StudyStatusName, TrialComplete, TrialStart
from tuner.store import StudyRow
from tuner.study.paths import StudyPaths


@dataclass
class LogState:
    """What the events of a study's log, up to some number, say about its trials. The same for every reader."""

    started: dict[int, int] = field(default_factory=dict)
    """Trials that a worker has started, with the last epoch of each, 0 or more."""
    ended: int = 0
    """Number of ends of trials."""
    best: NewBest | None = None
    """The best trial so far."""

    def add(self, event: DurableEvent) -> None:
        match event:
            case TrialStart():
                self.started.setdefault(event.trial_number, 0)
            case EpochProgress():
                last = self.started.get(event.trial_number, 0)
                self.started[event.trial_number] = max(last, event.epoch)
            case TrialComplete():
                self.ended += event.trial_number in self.started
            case NewBest():
                self.best = event


@dataclass(frozen=True)
class LoggedStudy:
    """The study of a logger."""

    row: StudyRow
    """As it was when the logger began."""
    paths: StudyPaths
    state: LogState
    """After the event before; the reader keeps it up to date, after each call of `log`."""

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def objective(self) -> str:
        return self.row.spec.objectives[0]

    @property
    def key(self) -> str:
        """Differs from that of a deleted study of the same name."""
        return f"{self.name}-{self.row.created_at:%Y%m%d-%H%M%S}"

    def known(self, event: EpochProgress) -> bool:
        """Whether this epoch, or a later one, was written before: its trial starts again from an earlier one."""
        return event.epoch <= self.state.started.get(event.trial_number, 0)


class StudyLogger(Protocol):
    """Writes the events of one study for another tool. All calls come from one thread, in this order.

    Whatever it raises ends it; the study goes on. After a `kill -9` the latest events may come a second time.
    """

    def log(self, number: int, event: DurableEvent) -> None:
        """Write one event, whose number in the log is greater than that of the one before."""

    def flush(self) -> None:
        """Make everything so far readable. The log is read from here after a resume."""

    def close(self, status: StudyStatusName | None) -> None:
        """Write the end of this run of the study, and release everything; None: another process runs it now."""


def trial_name(number: int) -> str:
    """Return the name of a trial's run, as that of its files."""
    return f"trial-{number:05d}"
