"""The end of a trial that its worker did not record: a scheduler, a person or a lost worker ended it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tuner.events import StoppedBy, TrialCause, TrialComplete, TrialStart, TrialStatus, now
from tuner.store import EpochRow, TrialRow
from tuner.training.training_curve import TrainingCurve
from tuner.trial_spec import TrialSpec

BY_PERSON = "cancelled by a person"
"""Reason of a trial that a person cancelled alone."""


def trial_end(
    trial: TrialSpec,
    start: TrialStart | None,
    curve: TrainingCurve | None,
    *,
    status: TrialStatus,
    cause: TrialCause,
    reason: str,
    seconds: float = 0.0,
    error: str | None = None,
    stopped_by: StoppedBy | None = None,
    by_person: bool = False,
) -> TrialComplete:
    """The end of a trial, with what it had reached.

    Args:
        start: Its start; None: no worker began it.
        curve: Its epochs; None: it has none.
        seconds: From its start to its last report.
        by_person: Whether a person cancelled it alone.
    """
    best = curve.best if curve else None
    values = curve.values(start.architecture.total_parameters) if curve and start else {}
    return TrialComplete(
        trial_number=trial.trial_number,
        trial_id=trial.trial_id,
        status=status,
        cause=cause,
        reason=reason,
        error=error,
        hyperparameters=start.hyperparameters if start else trial.hyperparameters,
        performance=curve and curve.performance,
        objective=values.get(trial.objective),
        values=values,
        health_metrics=best and best.health_metrics,
        vital_signs=best and best.vital_signs,
        findings=curve.findings if curve else (),
        resources=curve.resources if curve else None,
        best_epoch=best and best.epoch,
        epochs_trained=curve.last_epoch if curve else 0,
        duration_seconds=seconds,
        stopped_by=stopped_by,
        cancelled_by_person=by_person,
    )


def ends_of_left(
    trials: Iterable[TrialRow], epochs: Iterable[EpochRow], spec_of: Callable[[TrialRow], TrialSpec], why: str
) -> Iterator[TrialComplete]:
    """The ends of trials that an earlier run left in training, since its process was lost.

    Those that people cancelled meanwhile have ended for good; `tuner resume` continues the others.

    Args:
        trials: Rows of such trials, and `epochs` rows of epochs, theirs among them.
        spec_of: Returns the complete spec of a trial.
        why: Reason of those that continue.
    """
    left = {trial.trial_number: trial for trial in trials}
    curves = {number: TrainingCurve(spec_of(row)) for number, row in left.items()}
    last = {number: row.started_at for number, row in left.items()}
    for epoch in epochs:
        if epoch.trial_number in left:
            curves[epoch.trial_number].add(epoch.event(spec_of(left[epoch.trial_number]).epochs))
            last[epoch.trial_number] = epoch.time
    for number, row in left.items():
        assert row.architecture is not None, "a running trial was built"
        began, ended, by_person = row.started_at, last[number], row.cancel_requested_at is not None
        start = TrialStart(
            time=began or now(),
            trial_number=number,
            trial_id=row.trial_id,
            hyperparameters=row.hyperparameters,
            architecture=row.architecture,
        )
        yield trial_end(
            spec_of(row),
            start,
            curves[number],
            status="cancelled",
            cause="cancelled",
            reason=BY_PERSON if by_person else why,
            seconds=0.0 if began is None or ended is None else max(0.0, (ended - began).total_seconds()),
            by_person=by_person,
        )
