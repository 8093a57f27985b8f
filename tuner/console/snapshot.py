"""What the console knows of a study at one moment: a value that faces draw and nobody changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tuner.events import Finding, HealthMetrics
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

    @property
    def watched(self) -> tuple[str, HealthMetrics] | None:
        """Whose health is worth a look now, in words, and that health: the running trial that is furthest, else the
        best one. None: none is known, or health does not count."""
        if self.spec.mode == "simple":
            return None
        running = [trial for trial in self.progress.running if trial.health_metrics] if self.progress else []
        furthest = max(running, key=lambda trial: trial.share, default=None)
        if furthest is not None and furthest.health_metrics is not None:
            return f"trial {furthest.trial_number}, in training", furthest.health_metrics
        if self.best is not None and self.best.health_metrics is not None:
            return f"trial {self.best.trial_number}, the best", self.best.health_metrics
        return None

    @property
    def findings(self) -> list[tuple[int, Finding]]:
        """What was unwell with which trial, the latest first: of running trials, then of those that ended."""
        running = self.progress.running if self.progress else []
        found = [(trial.trial_number, trial.findings) for trial in sorted(running, key=lambda one: -one.trial_number)]
        found += [(trial.trial_number, trial.findings) for trial in self.ended]
        return [(number, finding) for number, findings in found for finding in reversed(findings)]
