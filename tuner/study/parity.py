"""Whether a trial on RunPod gives what it would give here: some are trained again on this cluster and compared.

Losses and accuracies of every epoch are looked at, of training and of validation. On equal machines both trainings are
identical, bit for bit; another processor, or a GPU, adds up in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import EpochProgress, Repeat
from tuner.store import EpochRow, TrialOutcome, TrialRow


class Parity(BaseModel):
    """What the repeated trials of a study came to."""

    model_config = ConfigDict(frozen=True)

    trials: int = Field(description="That were trained again here.")
    identical: int = Field(description="Of them, those whose every loss and accuracy was the same.")
    mean_accuracy_gap: float = Field(description="Of the validation accuracies at the best epochs, in [0, 1].")
    largest_accuracy_gap: float = Field(description="Of the same.")
    largest_difference: float = Field(description="Of any loss or accuracy of any epoch.")

    @classmethod
    def of(cls, trials: Sequence[TrialRow | TrialOutcome]) -> Self | None:
        """Of the trials that were repeated; None: none was."""
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
    """Trials that are to be trained again, so that `wanted` of the study are: the first ones that RunPod trained."""
    fitting = [trial for trial in trials if trial.place == "runpod" and trial.performance is not None]
    return [trial for trial in fitting[:wanted] if trial.repeat is None]


def compared(trial: TrialRow, there: Sequence[EpochRow], here: Sequence[EpochProgress]) -> Repeat:
    """A trial's training on RunPod beside its repetition here, over the epochs of both (at least the best one)."""
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


def _difference(there: EpochRow, here: EpochProgress) -> float:
    return max(
        abs(there.train_loss - here.train.loss),
        abs(there.train_accuracy - here.train.accuracy),
        abs(there.val_loss - here.validation.loss),
        abs(there.val_accuracy - here.validation.accuracy),
    )
