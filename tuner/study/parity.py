"""Compares trials that RunPod trained with the same trainings on this cluster.

The losses and accuracies of every epoch are compared, of training and of validation. On equal machines both trainings
are identical, bit for bit; another processor, or a GPU, adds numbers up in another order.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import in_one_line
from tuner.events import EpochProgress, Repeat, TrialRepeated
from tuner.store import EpochRow, TrialOutcome, TrialRow
from tuner.study.plan import Plan
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog

log = logging.getLogger("tuner.study")

POLL_S = 0.5


class Parity(BaseModel):
    """Comparison of the repeated trials of a study with their trainings on RunPod."""

    model_config = ConfigDict(frozen=True)

    trials: int = Field(description="Trials that were trained again on this cluster.")
    identical: int = Field(description="Those of them with the same loss and accuracy in every epoch.")
    mean_accuracy_gap: float = Field(
        description="Mean difference of the validation accuracies at the best epochs, in [0, 1]."
    )
    largest_accuracy_gap: float = Field(description="Largest difference of these accuracies, in [0, 1].")
    largest_difference: float = Field(description="Largest difference of any loss or accuracy of any epoch.")

    @classmethod
    def of(cls, trials: Sequence[TrialRow | TrialOutcome]) -> Self | None:
        """Return the comparison of the trials that were repeated; None if there are none."""
        repeats = [trial.repeat for trial in trials if trial.repeat is not None]
        if not repeats:
            return None
        gaps = [repeat.accuracy_gap for repeat in repeats]
        return cls(
            trials=len(repeats),
            identical=sum(repeat.largest_difference == 0 for repeat in repeats),
            mean_accuracy_gap=mean(gaps),
            largest_accuracy_gap=max(gaps),
            largest_difference=max(repeat.largest_difference for repeat in repeats),
        )

    def __str__(self) -> str:
        return (
            f"{self.identical} of {self.trials} repeated trials identical, accuracy gap {self.mean_accuracy_gap:.4f} "
            f"on average, {self.largest_accuracy_gap:.4f} at most"
        )


def to_repeat(trials: Sequence[TrialRow], wanted: int) -> list[TrialRow]:
    """Return the trials to train again, so that the first `wanted` trials of RunPod are trained twice."""
    fitting = [trial for trial in trials if trial.place == "runpod" and trial.performance is not None]
    return [trial for trial in fitting[:wanted] if trial.repeat is None]


def compared(trial: TrialRow, there: Sequence[EpochRow], here: Sequence[EpochProgress]) -> Repeat:
    """Compare a trial's training on RunPod with the one here, over the epochs of both (at least up to the best one)."""
    assert trial.performance is not None
    assert trial.best_epoch is not None
    again = here[trial.best_epoch - 1].validation.accuracy
    pairs = list(zip(there, here, strict=False))
    return Repeat(
        epochs=len(pairs),
        accuracy=again,
        accuracy_gap=abs(again - trial.performance.accuracy),
        largest_difference=max(_difference(*pair) for pair in pairs),
    )


def repeat_remote_trials(
    study_log: StudyLog, plan: Plan, data: Any, resources: Mapping[str, float], signal: StopSignal
) -> None:
    """Train some of RunPod's trials again on this cluster (`runpod_parity_trials`), and record how they compare."""
    store, name = study_log.store, study_log.name
    if plan.spec.runpod_parity_trials == 0 or signal.stop is not None:
        return
    import ray

    from tuner.runners.local_tasks import train_again

    running = {}
    for row in to_repeat(store.trials(name), plan.spec.runpod_parity_trials):
        trial = plan.trial(row.trial_number, row.hyperparameters)
        running[train_again(trial, data, plan.own_source, row.epochs_trained, resources)] = row
    while running and signal.stop is None:
        for done in ray.wait(list(running), timeout=POLL_S)[0]:
            row = running.pop(done)
            try:
                here = [EpochProgress.model_validate(epoch) for epoch in ray.get(done)]
            except ray.exceptions.RayError as error:
                log.warning("trial %d could not be trained again: %s", row.trial_number, in_one_line(error))
                continue
            if len(here) < (row.best_epoch or 0):
                log.warning("trial %d ended after %d epochs when trained again", row.trial_number, len(here))
                continue
            compared_epochs = compared(row, store.epochs(name, row.trial_number), here)
            study_log.append(TrialRepeated(trial_number=row.trial_number, repeat=compared_epochs))
    for task in running:
        ray.cancel(task)


def _difference(there: EpochRow, here: EpochProgress) -> float:
    first = (there.train_loss, there.train_accuracy, there.val_loss, there.val_accuracy)
    second = (here.train.loss, here.train.accuracy, here.validation.loss, here.validation.accuracy)
    return max(abs(one - other) for one, other in zip(first, second, strict=True))
