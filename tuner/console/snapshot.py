"""What the console knows of a study at one moment: a value that faces draw and nobody changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.progress import Progress


@dataclass(frozen=True)
class Snapshot:
    """One moment of a study that this process runs."""

    spec: StudySpec
    elapsed_s: float
    """Since the command began."""
    status: str
    """What the study does, in a few words: `starting Ray`, `running`, `stopping`, `completed`."""
    busy: bool = True
    """Whether the status is something that a user waits for."""
    progress: Progress | None = None
    """None: the study has not begun."""
    trials: Sequence[TrialRow] = field(default_factory=tuple)
    best_number: int | None = None
    best_objective: float | None = None

    @property
    def ended(self) -> list[TrialRow]:
        """The trials that ended, the latest first; rejected ones, which may be many, only if there are no others."""
        ended = [trial for trial in self.trials if trial.completed_at is not None]
        done = [trial for trial in ended if trial.status != "rejected"] or ended
        return sorted(done, key=lambda trial: trial.completed_at or trial.started_at, reverse=True)  # type: ignore[arg-type,return-value]

    @property
    def best(self) -> TrialRow | None:
        """The best trial so far."""
        return next((trial for trial in self.trials if trial.trial_number == self.best_number), None)
