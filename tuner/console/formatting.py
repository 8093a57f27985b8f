"""Formats values for people, in the same way everywhere on the console."""

from __future__ import annotations

from tuner.spec import StudySpec
from tuner.study.progress import Progress
from tuner.study.wording import (
    MOST_LISTED,
    clean,
    counted,
    duration,
    local_time,
    objective_value,
    scalar,
    score,
    trial_list,
)

__all__ = [
    "MOST_LISTED",
    "clean",
    "counted",
    "duration",
    "estimate",
    "finished",
    "local_time",
    "objective_value",
    "scalar",
    "score",
    "trial_list",
]


def finished(progress: Progress, spec: StudySpec) -> str:
    """How many trials have finished, such as `4/8`; where the time decides how many there are, only `4`."""
    done = f"{progress.trials_performed:,}"
    return done if spec.time_budget_s is not None else f"{done}/{progress.total_trials:,}"


def estimate(seconds: float) -> str:
    """A rounded estimate of a duration: `40 s`, `3 min`, `2.0 h`."""
    if seconds < 55:
        return f"{max(5, round(seconds / 5) * 5)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
