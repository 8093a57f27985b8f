"""A handler that does not train: it waits for as long as a measurement says, and yields what a trial would."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

from tuner.events import Architecture, EpochProgress, Metrics, Performance, TrialComplete, TrialStart
from tuner.remote_protocol import WorkRequest


async def waits_like_a_trial(job: dict[str, Any]) -> AsyncIterator[Any]:
    """Takes WAIT_S seconds in all, in as many equal epochs as the trial has."""
    wait_s = float(os.environ["WAIT_S"])
    trial = WorkRequest.model_validate(job["input"]).trial
    its = {"trial_number": trial.trial_number}
    named = its | {"trial_id": trial.trial_id, "hyperparameters": trial.hyperparameters}
    architecture = Architecture(type=trial.architecture, total_parameters=1, layers=[])
    yield _value(0, TrialStart(**named, architecture=architecture))
    metrics = Metrics(loss=0.5, accuracy=0.5)
    for epoch in range(1, trial.epochs + 1):
        await asyncio.sleep(wait_s / trial.epochs)
        yield _value(
            epoch,
            EpochProgress(
                **its,
                epoch=epoch,
                epochs=trial.epochs,
                train=metrics,
                validation=metrics,
                objective=0.5,
                duration_s=wait_s / trial.epochs,
                inference_ms=0.1,
                last=epoch == trial.epochs,
            ),
        )
    yield _value(
        trial.epochs + 1,
        TrialComplete(
            **named,
            status="completed",
            cause="all_epochs",
            reason=f"all epochs done: {trial.epochs}",
            performance=Performance(total_score=0.5, accuracy=0.5, loss=0.5),
            objective=0.5,
            values={"val_accuracy": 0.5, "val_loss": 0.5},
            best_epoch=1,
            epochs_trained=trial.epochs,
            duration_seconds=wait_s,
        ),
    )


def _value(number: int, event: Any) -> dict[str, Any]:
    return {"delivery": "d", "number": number, "event": event.model_dump(mode="json")}
