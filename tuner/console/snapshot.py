"""The state of a running study at one moment, as the console shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tuner.events import Baseline, Finding, HealthMetrics
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.progress import Progress


@dataclass(frozen=True)
class Snapshot:
    """The state at one moment of a study that this process runs."""

    spec: StudySpec
    elapsed_s: float
    """Seconds since the command began."""
    status: str
    """What the study is doing: `starting Ray`, `running`, `stopping`, `completed`."""
    busy: bool = True
    """Whether the study is doing something other than training, such as starting or saving."""
    progress: Progress | None = None
    """None: the study has not begun."""
    trials: Sequence[TrialRow] = field(default_factory=tuple)
    best: TrialRow | None = None
    """The best trial so far; while it trains, with the scores that it has reached."""
    baseline: Baseline | None = None
    """None: not fitted (yet)."""

    @property
    def ended(self) -> list[TrialRow]:
        """The ended trials, latest first; rejected ones, which may be many, only if there are no others."""
        ended = [trial for trial in self.trials if trial.completed_at is not None]
        relevant = [trial for trial in ended if trial.status != "rejected"] or ended
        return sorted(relevant, key=lambda trial: trial.completed_at or trial.started_at, reverse=True)  # type: ignore[arg-type,return-value]

    @property
    def highlighted_health(self) -> tuple[str, HealthMetrics] | None:
        """A trial's label and health: of the running trial with the most progress, else of the best trial.

        None in mode simple, or if no health is known.
        """
        if self.spec.mode == "simple":
            return None
        running = [trial for trial in self.progress.running if trial.health_metrics] if self.progress else []
        furthest = max(running, key=lambda trial: trial.share, default=None)
        if furthest is not None and furthest.health_metrics is not None:
            return f"trial {furthest.trial_number}, running", furthest.health_metrics
        if self.best is not None and self.best.health_metrics is not None:
            return f"trial {self.best.trial_number}, best", self.best.health_metrics
        return None

    @property
    def findings(self) -> list[tuple[int, Finding]]:
        """Trial numbers and their findings, latest first: of running trials, then of ended ones."""
        running = self.progress.running if self.progress else []
        found = [
            (trial.trial_number, trial.findings) for trial in sorted(running, key=lambda running: -running.trial_number)
        ]
        found += [(trial.trial_number, trial.findings) for trial in self.ended]
        return [(number, finding) for number, findings in found for finding in reversed(findings)]
