"""Trials that the worker trains in a second or two, on the digits."""

from __future__ import annotations

from typing import Any

from tests.models.samples import CNN
from tuner.data_spec import DataSpec
from tuner.trial_spec import TrialSpec

DIGITS = DataSpec(dataset="digits", sample_percentage=0.3)


def trial(number: int = 1, hyperparameters: dict[str, Any] | None = None, **fields: Any) -> TrialSpec:
    """A small network; its number gives it a seed of its own."""
    given = {"data": DIGITS, "objective": "val_accuracy", "epochs": 3} | fields
    changed = CNN | {"batch_size": 32} | (hyperparameters or {})
    return TrialSpec(study="remote", trial_number=number, architecture="cnn", hyperparameters=changed, **given)


def endless(number: int = 1) -> TrialSpec:
    """One that nobody waits for."""
    return trial(number, epochs=10_000, early_stopping_patience=None)


def large(number: int = 1) -> TrialSpec:
    """One of 2.3 million weights: too many for an answer."""
    return trial(number, {"filters_1": 32, "filters_2": 512, "first_dense_nodes": 1024}, epochs=1)


def job_input(one: TrialSpec, **more: Any) -> dict[str, Any]:
    """As a client sends it."""
    return {"trial": one.model_dump(mode="json", exclude_defaults=True), **more}
