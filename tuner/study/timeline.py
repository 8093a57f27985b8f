"""Where the time of a study went, from the times of its events: what came one after the other, and what workers did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import (
    BestModel,
    DurableEvent,
    EpochProgress,
    StudyChanged,
    StudyStatus,
    TrialChanged,
    TrialComplete,
    TrialStart,
)
from tuner.store import Store

Phase = Literal["imports", "data", "cluster", "checks", "first_worker", "search", "best_model", "end"]
"""What a run does, one after the other."""
Work = Literal[
    "training", "validation", "measuring", "first_steps", "building", "tensorflow", "between_epochs", "ending", "idle"
]
"""What the places for trials are used for while it searches."""


PHASES: dict[Phase, str] = {
    "imports": "importing packages",
    "data": "reading the data",
    "cluster": "starting or joining Ray",
    "checks": "checks",
    "first_worker": "starting the first worker",
    "search": "searching",
    "best_model": "saving and testing the model",
    "end": "figures and tables",
}
WORK: dict[Work, str] = {
    "training": "training",
    "validation": "validation",
    "measuring": "health and summaries",
    "first_steps": "compiling the first steps",
    "building": "building networks",
    "tensorflow": "importing TensorFlow",
    "between_epochs": "between epochs",
    "ending": "after the last epoch",
    "idle": "no trial",
}


class Timeline(BaseModel):
    """Where the time of a study went, in seconds, over all its runs without the pauses between them."""

    model_config = ConfigDict(frozen=True)

    study: str
    ended: bool = Field(description="Whether its last run has ended; else the times are those until now.")
    seconds: float = Field(description="From the start of the command to its end.")
    phases: dict[Phase, float] = Field(
        description="imports: from the start of the command until its packages were imported; data: reading and "
        "preparing it; cluster: starting or joining Ray; checks: all checks, and the first entries in the database; "
        "first_worker: until the first worker ran; search: from there until the last trial ended; best_model: until "
        "the best model was saved and tested; end: figures, tables, and the end."
    )
    trials: int = Field(description="Number of times that a trial trained.")
    places: int = Field(description="Most trials that trained at once.")
    work: dict[Work, float] = Field(
        description="Seconds of all places while it searched. training, validation; measuring: health, and summaries "
        "for figures; first_steps: by how much the first epoch's training was longer than the trial's others, since "
        "TensorFlow compiles; building: the network, until its first epoch; tensorflow: importing it; between_epochs: "
        "saving states, and waiting for the scheduler; ending: after the last epoch; idle: no trial."
    )


def study_timeline(store: Store, name: str) -> Timeline:
    """Return the timeline of a study. Raises UnknownStudyError."""
    ended = store.study(name).current_status != "running"
    runs = _runs(event for _, event in store.read(name))
    if runs and not ended:
        runs[-1].last = max(runs[-1].last, store.now())
    phases: dict[Phase, float] = dict.fromkeys(get_args(Phase), 0.0)
    work: dict[Work, float] = dict.fromkeys(get_args(Work), 0.0)
    for run in runs:
        for phase, seconds in run.phases().items():
            phases[phase] += seconds
        for kind, seconds in run.work().items():
            work[kind] += seconds
    return Timeline(
        study=name,
        ended=ended,
        seconds=sum(phases.values()),
        phases=phases,
        trials=sum(len(run.trainings) for run in runs),
        places=max((run.places for run in runs), default=0),
        work=work,
    )


@dataclass
class _Training:
    """One trial's training in one run."""

    start: TrialStart
    epochs: list[EpochProgress] = field(default_factory=list)
    end: datetime | None = None
    """None: it still trains, or its end was not recorded."""

    @property
    def imported_at(self) -> float:
        """Time at which its process began to import TensorFlow, or it began."""
        return self.start.time.timestamp() - (self.start.imports_s or 0.0)

    def work(self, until: float) -> dict[Work, float]:
        """What its seconds were used for; of a trial without an end, until that time."""
        end = until if self.end is None else self.end.timestamp()
        found: dict[Work, float] = dict.fromkeys(get_args(Work), 0.0)
        found["tensorflow"] = self.start.imports_s or 0.0
        if not self.epochs:
            found["building"] = max(0.0, end - self.start.time.timestamp())
            return found
        spans = [_span(epoch) for epoch in self.epochs]
        found["building"] = max(0.0, spans[0][0] - self.start.time.timestamp())
        found["between_epochs"] = sum(max(0.0, begin - before) for (_, before), (begin, _) in pairwise(spans))
        found["ending"] = max(0.0, end - spans[-1][1])
        parts = [_parts(epoch) for epoch in self.epochs]
        found["validation"] = sum(validation for _, validation, _ in parts)
        found["measuring"] = sum(measuring for _, _, measuring in parts)
        training = [seconds for seconds, _, _ in parts]
        if len(training) > 1:
            found["first_steps"] = max(0.0, training[0] - median(training[1:]))
        found["training"] = sum(training) - found["first_steps"]
        return found


def _parts(epoch: EpochProgress) -> tuple[float, float, float]:
    """Seconds of training, validation and measuring; of an epoch that does not tell them apart, all are training."""
    known = epoch.seconds
    return (epoch.duration_s, 0.0, 0.0) if known is None else (known.training, known.validation, known.measuring)


def _span(epoch: EpochProgress) -> tuple[float, float]:
    """Begin and end of an epoch. Its time is that at which it was validated."""
    training, validation, measuring = _parts(epoch)
    at = epoch.time.timestamp()
    return at - training - validation, at + measuring


@dataclass
class _Run:
    """One run of a study: from a start or resume until its end, or its last event."""

    begun: StudyStatus
    last: datetime
    trainings: list[_Training] = field(default_factory=list)
    tested: datetime | None = None
    """Time of the test of the saved model, after the last trial."""
    ended: bool = False

    def add(self, event: DurableEvent, running: dict[int, _Training]) -> None:
        if self.ended or isinstance(event, StudyChanged | TrialChanged):  # what people note is no work of the run
            return
        self.last = max(self.last, event.time)
        match event:
            case StudyStatus():
                self.ended = True
            case TrialStart():
                running[event.trial_number] = _Training(event)
                self.trainings.append(running[event.trial_number])
                self.tested = None
            case EpochProgress() if event.trial_number in running:
                running[event.trial_number].epochs.append(event)
            case TrialComplete() if event.trial_number in running:
                running.pop(event.trial_number).end = event.time
            case BestModel():
                self.tested = event.time

    @property
    def places(self) -> int:
        """Most trials that trained at once."""
        until = self.last.timestamp()
        changes = sorted(
            change
            for one in self.trainings
            for change in ((one.imported_at, 1), (until if one.end is None else one.end.timestamp(), -1))
        )
        most = now = 0
        for _, change in changes:
            now += change
            most = max(most, now)
        return most

    @property
    def searched(self) -> tuple[float, float]:
        """Begin and end of its trials."""
        begin = min(one.imported_at for one in self.trainings)
        until = self.last.timestamp()
        return begin, max(begin, *(until if one.end is None else one.end.timestamp() for one in self.trainings))

    def phases(self) -> dict[Phase, float]:
        found: dict[Phase, float] = dict.fromkeys(get_args(Phase), 0.0)
        if (before := self.begun.start_up) is not None:
            found |= {
                "imports": before.imports_s,
                "data": before.data_s,
                "cluster": before.cluster_s,
                "checks": before.checks_s,
            }
        at, last = self.begun.time.timestamp(), self.last.timestamp()
        if not self.trainings:
            found["first_worker" if self.tested is None else "best_model"] = last - at
            return found
        begin, end = self.searched
        tested = end if self.tested is None else max(end, self.tested.timestamp())
        found["first_worker"] = max(0.0, begin - at)
        found["search"] = end - begin
        found["best_model"] = tested - end
        found["end"] = max(0.0, last - tested)
        return found

    def work(self) -> dict[Work, float]:
        found: dict[Work, float] = dict.fromkeys(get_args(Work), 0.0)
        if not self.trainings:
            return found
        begin, end = self.searched
        for one in self.trainings:
            for kind, seconds in one.work(end).items():
                found[kind] += seconds
        found["idle"] = max(0.0, self.places * (end - begin) - sum(found.values()))
        return found


def _runs(events: Iterable[DurableEvent]) -> list[_Run]:
    found: list[_Run] = []
    running: dict[int, _Training] = {}
    for event in events:
        if isinstance(event, StudyStatus) and event.status == "running":
            running.clear()
            found.append(_Run(event, event.time))
        elif found:
            found[-1].add(event, running)
    return found
