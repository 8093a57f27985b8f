"""Why the trials of a study ended, by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

from tuner.events import TrialCause
from tuner.store import TrialRow
from tuner.study.report.tables import Table
from tuner.study.wording import clean, counted, duration

CAUSES: Mapping[TrialCause, tuple[str, str]] = {
    "all_epochs": ("Trained all epochs", "the planned end"),
    "early_stopping": ("Stopped improving", "no better objective for early_stopping_patience epochs"),
    "health_stop": ("Training problem", "its diagnosis said that it cannot improve"),
    "pruned": ("Behind other trials", "the scheduler stopped it early"),
    "diverged": ("Diverged", "its loss was no finite number any more"),
    "too_large": ("Too large", "rejected before training, by max_parameters or max_memory_mb"),
    "cannot_build": ("Network not buildable", "its hyperparameters do not fit each other or the data"),
    "error": ("Error", "an exception during training"),
    "out_of_memory": ("Out of memory", "smaller batches or networks would fit"),
    "worker_lost": ("Worker lost", "its process or machine ended"),
    "cancelled": ("Cancelled", "the study was stopped"),
    "time_budget": ("Time budget used up", "time_budget_s was over"),
    "target_reached": ("Target reached", "another trial reached target_score"),
    "timed_out": ("Timed out", "it reached runpod_timeout_s, and keeps its best epoch"),
    "service_fault": ("Cloud service failed", "RunPod could not train it"),
}
"""Name and meaning of each cause. The names are those of the dashboard."""
BY_PERSON = ("Cancelled by a person", "the study went on without it")
RUNNING = ("Still training", "it has not ended yet")
EXAMPLE_LENGTH = 140
"""Characters of a reason that the table shows at most."""


def endings_table(trials: Sequence[TrialRow]) -> Table | None:
    """A row for each cause with its trials, the most frequent first; None without trials."""
    if not trials:
        return None
    groups: dict[tuple[str, str], list[TrialRow]] = {}
    for trial in trials:
        groups.setdefault(_cause(trial), []).append(trial)
    rows = [
        (f"{name}: {meaning}", f"{len(group):,}", _mean_time(group), _example(group))
        for (name, meaning), group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    title = f"Why {counted(len(trials), 'trial')} ended"
    return Table(title, ("Cause", ">Trials", ">Mean time", "Example"), tuple(rows))


def _cause(trial: TrialRow) -> tuple[str, str]:
    if trial.cancelled_by_person:
        return BY_PERSON
    if trial.cause is not None:
        return CAUSES[trial.cause]
    return RUNNING if trial.status == "running" else (trial.status.capitalize(), "the cause was not recorded")


def _mean_time(trials: Sequence[TrialRow]) -> str:
    known = [trial.duration_seconds for trial in trials if trial.duration_seconds is not None]
    return duration(mean(known)) if known else "-"


def _example(trials: Sequence[TrialRow]) -> str:
    """The last trial of a group with its reason in its own words."""
    last = trials[-1]
    reason = clean(last.reason or "")
    if len(reason) > EXAMPLE_LENGTH:
        reason = reason[: EXAMPLE_LENGTH - 1].rstrip() + "…"
    return f"Trial {last.trial_number}" + (f": {reason}" if reason else "")
