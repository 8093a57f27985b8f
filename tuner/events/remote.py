"""Events of trials on RunPod: their bills, and their comparison with a training here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tuner.events.base import EventOfTrial, Value


class RemoteJob(Value):
    """A job on a RunPod endpoint that has ended, with its cost. A trial that was sent again has several jobs."""

    job_id: str
    status: str = Field(description="Its end in the service's words, such as COMPLETED or CANCELLED.")
    gpu: str | None = Field(description="GPU of the worker; null: not known.")
    queued_s: float | None = Field(description="Seconds until a worker took it; null: no worker did, or not known.")
    billed_s: float = Field(description="Seconds of execution that are billed.")
    estimated: bool = Field(
        default=False,
        description="Whether billed_s was measured by this side's clock, since the service did not report it.",
    )
    cost_usd: float | None = Field(description="billed_s times the price of the GPU; null: its price is not known.")
    saved_s: float | None = Field(
        default=None,
        description="Seconds that were not billed since it was cancelled during training: the remaining epochs times "
        "the mean duration of the trained ones; null: it was not cancelled, or had trained none.",
    )


class TrialBilled(EventOfTrial):
    """A job of a trial on a RunPod endpoint has ended, and its bill is known."""

    type: Literal["trial_billed"] = "trial_billed"
    job: RemoteJob


class Repeat(Value):
    """Comparison of a trial on RunPod with a second training on this cluster, from the same spec and seed."""

    epochs: int = Field(description="Epochs of both trainings.")
    accuracy: float = Field(description="Validation accuracy of the repeated training at its best epoch, in [0, 1].")
    accuracy_gap: float = Field(
        description="Difference between this accuracy and that of the trial on RunPod, in [0, 1]."
    )
    largest_difference: float = Field(
        description="Largest difference of any loss or accuracy of any epoch; 0: both trainings are identical."
    )


class TrialRepeated(EventOfTrial):
    """A trial of RunPod was trained again on this cluster, to compare (`runpod_parity_trials`)."""

    type: Literal["trial_repeated"] = "trial_repeated"
    repeat: Repeat
