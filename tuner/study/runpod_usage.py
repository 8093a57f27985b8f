"""Where a study's trials ran and what that cost, from the rows of its trials and jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tuner.store import JobRow, TrialOutcome, TrialRow


class RunPodUsage(BaseModel):
    """How a study used RunPod. Seconds and dollars are sums over all jobs, also of trials that finished elsewhere."""

    model_config = ConfigDict(frozen=True)

    remote_trials: int = Field(description="Trials that trained on RunPod.")
    local_trials: int = Field(description="Trials that trained on this cluster instead.")
    why_local: dict[str, int] = Field(description="Number of local trials by reason, the most frequent first.")
    billed_s: float = Field(description="Billed seconds of execution.")
    cost_usd: float | None = Field(description="Cost of the billed seconds in dollars; null if a price is unknown.")
    saved_s: float = Field(description="Estimated seconds that were not billed, since trials ended early.")

    def __str__(self) -> str:
        reasons = "; ".join(f"{number} x {why}" for why, number in self.why_local.items())
        cost = "" if self.cost_usd is None else f", ${self.cost_usd:.4f}"
        saved = f", about {self.saved_s:.0f} s saved by ending trials early" if self.saved_s else ""
        return (
            f"{self.remote_trials} trials on RunPod ({self.billed_s:.1f} s billed{cost}{saved}), "
            f"{self.local_trials} on this cluster" + (f": {reasons}" if reasons else "")
        )


def runpod_usage(trials: Sequence[TrialRow | TrialOutcome], jobs: Sequence[JobRow]) -> RunPodUsage:
    """Return how a study has used RunPod so far."""
    local = [trial for trial in trials if trial.place == "local"]
    costs = [job.cost_usd for job in jobs if job.billed_s]
    return RunPodUsage(
        remote_trials=sum(trial.place == "runpod" for trial in trials),
        local_trials=len(local),
        why_local=dict(Counter(trial.why_local for trial in local if trial.why_local).most_common()),
        billed_s=sum(job.billed_s for job in jobs),
        cost_usd=None if any(cost is None for cost in costs) else sum(cost or 0.0 for cost in costs),
        saved_s=sum(job.saved_s or 0.0 for job in jobs),
    )
