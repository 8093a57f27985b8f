"""The progress of a study in one object, for the console, the API and the live feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import Finding, HealthMetrics, TrialStatus
from tuner.health.metrics import total_score
from tuner.health.remedies import with_remedies
from tuner.store import EpochRow, Store, StoreQueries, StudyRow, TrialRow, TrialTotals


class RunningTrial(BaseModel):
    """A trial that trains now."""

    model_config = ConfigDict(frozen=True)

    trial_number: int
    epoch: int = Field(description="The epoch that it trains, from 1.")
    epochs: int
    batch: int | None = Field(description="Batches of the epoch that are done; null: not known to this process.")
    batches: int | None = Field(description="Batches of one epoch; null: not known to this process.")
    loss: float | None = None
    accuracy: float | None = None
    total_score: float | None = Field(default=None, description="After its last complete epoch; null in mode simple.")
    health_metrics: HealthMetrics | None = Field(
        default=None, description="After its last complete epoch; null: not measured."
    )
    findings: tuple[Finding, ...] = Field(default=(), description="Training problems so far.")
    waiting_for: str | None = Field(
        default=None, description="What it waits for before its next batch; null: nothing, or not known."
    )

    @property
    def share(self) -> float:
        """Share of its epochs that is done, in [0, 1]; an epoch whose batches are not known counts as not begun."""
        return min(1.0, (self.epoch - 1 + (self.epoch_share or 0.0)) / self.epochs)

    @property
    def epoch_share(self) -> float | None:
        """Share of the epoch that is done, in [0, 1]; None: not known."""
        return None if self.batch is None or not self.batches else self.batch / self.batches


class Progress(BaseModel):
    """The progress of a study. Times are in seconds, accuracies and scores in [0, 1]; null: not known yet."""

    model_config = ConfigDict(frozen=True)

    trials_performed: int = Field(
        description="Trials that ended and count towards total_trials: completed, pruned, failed and diverged ones, "
        "and those that a person cancelled alone."
    )
    total_trials: int
    running_trials: int
    completed_trials: int
    failed_trials: int = Field(description="Failed or diverged.")
    pruned_trials: int
    rejected_trials: int = Field(description="Too large to start: they do not count towards total_trials.")
    cancelled_trials: int = Field(
        default=0, description="Cancelled by a person, one by one: they count, and are never trained again."
    )
    best_trial_number: int | None = Field(
        description="The best trial by the study's first objective. It may still train or have been cancelled, and "
        "then does not count in trials_performed."
    )
    best_accuracy: float | None = Field(description="Validation accuracy of trial best_trial_number.")
    best_total_score: float | None = Field(description="Total score of trial best_trial_number.")
    average_duration_per_trial: float | None = Field(description="Mean duration of the trials that were performed.")
    current_epoch: int | None = Field(description="Of the running trial with the largest share of its epochs done.")
    total_epochs: int | None
    epoch_progress: float | None = Field(description="Share of the epoch that is done, in [0, 1].")
    elapsed_time: float
    eta: float | None = Field(description="Seconds until all trials are done.")
    saved_s: float | None = Field(
        description="Estimated seconds that pruning saved: the epochs left of each pruned trial times the mean "
        "duration of its trained ones; null: no trial was pruned."
    )
    waiting_for: str | None = Field(
        description="What the study waits for, such as `its data set to be read`; null: nothing, or not known."
    )
    running: list[RunningTrial]


FIRST_BATCH = "its first batch: TensorFlow prepares the training"
"""What a trial waits for that has started and has no batch yet."""

COUNTED: tuple[TrialStatus, ...] = ("completed", "pruned", "failed", "diverged")
"""Statuses of trials that ended and count towards `StudySpec.trials`.

A cancelled trial counts only if a person cancelled it alone: `tuner resume` continues the others.
"""


def is_performed(trial: TrialRow) -> bool:
    """Whether a trial has ended and counts towards `StudySpec.trials`."""
    return trial.status in COUNTED or trial.cancelled_by_person


def performed(totals: TrialTotals) -> int:
    """The number of trials that have ended and count towards `StudySpec.trials`."""
    return sum(totals.counts.get(status, 0) for status in COUNTED) + totals.cancelled_by_person


def progress(
    study: StudyRow,
    trials: Sequence[TrialRow],
    epochs: Sequence[EpochRow],
    live: Mapping[int, Mapping[str, Any]],
    at: datetime,
    totals: TrialTotals | None = None,
) -> Progress:
    """The progress of a study at a time of the database's clock (`Store.now`).

    The ETA is the number of trials that are left, times the mean duration of the trials that ended, divided by the
    number of trials that run at once.

    Args:
        trials: All trials of the study; with their `totals`, the running ones suffice.
        epochs: At least the epochs of its running trials.
        live: The latest batch of each running trial, if known.
    """
    totals = totals or _totals(trials)
    if study.current_status == "interrupted":  # it ran at least until its last heartbeat
        at = study.heartbeat_at or study.running_since or at
    counts = {status: totals.counts.get(status, 0) for status in (*COUNTED, "rejected")}
    ended = performed(totals)
    timed = sum(totals.timed.get(status, 0) for status in COUNTED)
    mean = sum(totals.seconds.get(status, 0.0) for status in COUNTED) / timed if timed else None
    alive = study.current_status == "running"
    running = [_running(trial, epochs, live, study) for trial in trials if alive and trial.status == "running"]
    best = study.best_performance
    furthest = max(running, key=lambda trial: trial.share, default=None)
    return Progress(
        trials_performed=ended,
        total_trials=study.spec.trials,
        running_trials=len(running),
        completed_trials=counts["completed"],
        failed_trials=counts["failed"] + counts["diverged"],
        pruned_trials=counts["pruned"],
        rejected_trials=counts["rejected"],
        cancelled_trials=totals.cancelled_by_person,
        best_trial_number=study.best_trial_number,
        best_accuracy=best and best.accuracy,
        best_total_score=best and best.total_score,
        average_duration_per_trial=mean,
        current_epoch=furthest and furthest.epoch,
        total_epochs=furthest and furthest.epochs,
        epoch_progress=furthest and furthest.epoch_share,
        elapsed_time=study.active_seconds + _this_run(study, at),
        eta=_eta(study, ended, running, mean, at),
        saved_s=totals.saved_s.get("pruned") if counts["pruned"] else None,
        waiting_for=_waiting_for(study, totals),
        running=running,
    )


def read_progress(
    store: Store,
    studies: Sequence[StudyRow],
    live: Mapping[str, Mapping[int, Mapping[str, Any]]],
    at: datetime | None = None,
) -> list[Progress]:
    """As `progress`, of several studies and without reading the trials that ended; `live` is by study."""
    queries, at = StoreQueries(store), at or store.now()
    totals = queries.totals([study.name for study in studies])
    found = []
    for study in studies:
        running = queries.running_trials(study.name) if study.current_status == "running" else []
        epochs = queries.running_epochs(study.name) if running else []
        found.append(progress(study, running, epochs, live.get(study.name, {}), at, totals[study.name]))
    return found


def _totals(trials: Sequence[TrialRow]) -> TrialTotals:
    """As `StoreQueries.totals`, of rows that were read already."""
    counts: Counter[TrialStatus] = Counter(trial.status for trial in trials)
    timed: Counter[TrialStatus] = Counter(trial.status for trial in trials if trial.duration_seconds)
    seconds: dict[TrialStatus, float] = dict.fromkeys(counts, 0.0)
    saved_s: dict[TrialStatus, float] = dict.fromkeys(counts, 0.0)
    for trial in trials:
        seconds[trial.status] += trial.duration_seconds or 0.0
        if trial.saved_s is not None:
            saved_s[trial.status] += trial.saved_s
    by_people = sum(trial.cancelled_by_person for trial in trials)
    return TrialTotals(counts=counts, timed=timed, seconds=seconds, saved_s=saved_s, cancelled_by_person=by_people)


def _running(
    trial: TrialRow, epochs: Sequence[EpochRow], live: Mapping[int, Mapping[str, Any]], study: StudyRow
) -> RunningTrial:
    own = [epoch for epoch in epochs if epoch.trial_number == trial.trial_number]
    last = own[-1] if own else None
    latest = live.get(trial.trial_number)
    if latest is not None and latest["epoch"] > trial.epochs_trained:
        stands = RunningTrial.model_validate(latest)
    else:
        total = int(trial.hyperparameters.get("epochs", study.spec.max_epochs_per_trial))
        stands = RunningTrial(
            trial_number=trial.trial_number,
            epoch=min(trial.epochs_trained + 1, total),
            epochs=total,
            batch=latest and 0,  # of the next epoch
            batches=latest and latest["batches"],
            loss=last and last.train_loss,
            accuracy=last and last.train_accuracy,
        )
    known = {
        "total_score": last and _score(last, study),
        "health_metrics": last and last.health_metrics,
        "waiting_for": _trial_waits_for(trial, latest, others_known=bool(live)),
        "findings": with_remedies([finding for epoch in own for finding in epoch.findings], trial.hyperparameters),
    }
    return stands.model_copy(update=known)


def _waiting_for(study: StudyRow, totals: TrialTotals) -> str | None:
    """What a study waits for that trains nothing yet."""
    if study.current_status == "created":
        return "the start of its process"
    if study.current_status != "running" or any(totals.counts.values()):
        return None
    return "its data set to be read" if study.data is None else "a worker for its first trial"


def _trial_waits_for(trial: TrialRow, latest: Mapping[str, Any] | None, *, others_known: bool) -> str | None:
    """What a running trial waits for before its next batch; None: nothing, or not known to this process.

    Args:
        latest: Its latest batch, if known.
        others_known: Whether batches of other trials of the study are known: then its own would be, too.
    """
    if latest is None:
        return FIRST_BATCH if others_known and trial.epochs_trained == 0 else None
    done = latest["epoch"] > trial.epochs_trained and latest["batch"] >= latest["batches"]
    return f"the validation after epoch {latest['epoch']}" if done else None


def _score(epoch: EpochRow, study: StudyRow) -> float | None:
    if epoch.health_metrics is None or study.spec.mode == "simple":
        return None
    return total_score(epoch.val_accuracy, epoch.health_metrics.overall_health, study.spec.accuracy_weight)


def _this_run(study: StudyRow, at: datetime) -> float:
    return 0.0 if study.running_since is None else (at - study.running_since).total_seconds()


def _eta(
    study: StudyRow, ended: int, running: Sequence[RunningTrial], mean: float | None, at: datetime
) -> float | None:
    if study.current_status != "running":
        return None
    left = max(0.0, study.spec.trials - ended - sum(trial.share for trial in running))
    eta = None if mean is None else left * mean / max(1, len(running))
    budget = study.spec.time_budget_s
    if budget is None:
        return eta
    remaining = max(0.0, budget - _this_run(study, at))
    return remaining if eta is None else min(eta, remaining)
