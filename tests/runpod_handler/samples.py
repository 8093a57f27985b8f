"""Trials that the worker trains in a second or two, on the digits or on docstrings."""

from __future__ import annotations

from typing import Any

from tests.models.samples import CNN, GRU, NGRAM, TEXT
from tests.training.samples import CHANGED, SGD, SHORT
from tuner.data_spec import DataSpec
from tuner.trial_spec import TrialSpec

DIGITS = DataSpec(dataset="digits", sample_percentage=0.3)
TEXTS = DataSpec(dataset="stdlib_docs", sample_percentage=0.2)


def trial(number: int = 1, hyperparameters: dict[str, Any] | None = None, **fields: Any) -> TrialSpec:
    """A small network; its number gives it a seed of its own."""
    given = {"data": DIGITS, "objective": "val_accuracy", "epochs": 3} | fields
    changed = CNN | {"batch_size": 32} | (hyperparameters or {})
    return TrialSpec(study="remote", trial_number=number, architecture="cnn", hyperparameters=changed, **given)


def _of_texts(number: int, architecture: str, hyperparameters: dict[str, Any]) -> TrialSpec:
    changed = TEXT | hyperparameters | {"batch_size": 32}
    one = trial(number, data=TEXTS, epochs=2)
    return one.model_copy(update={"architecture": architecture, "hyperparameters": changed})


KINDS = {
    "residual": trial(11, {**SHORT, **SGD, "block": "residual"}, epochs=2),
    "changed images": trial(12, {**SHORT, **CHANGED}, epochs=2),
    "gru": _of_texts(13, "gru", GRU),
    "conv1d": _of_texts(14, "conv1d", {**CNN, **SHORT}),
    "ngram": _of_texts(15, "ngram", NGRAM | {"naive_bayes": True}),
}
"""One trial of each kind of network that `trial` does not make, and one with augmentation; all numbers differ."""


def numbered(number: int) -> TrialSpec:
    """The trial of `KINDS` with this number, else that of `trial`."""
    return next((one for one in KINDS.values() if one.trial_number == number), trial(number))


def endless(number: int = 1) -> TrialSpec:
    """One that nobody waits for."""
    return trial(number, epochs=10_000, early_stopping_patience=None)


def large(number: int = 1) -> TrialSpec:
    """One of 2.3 million weights: too many for an answer."""
    return trial(number, {"filters_1": 32, "filters_2": 512, "first_dense_nodes": 1024}, epochs=1)


def job_input(one: TrialSpec, **more: Any) -> dict[str, Any]:
    """As a client sends it."""
    return {"trial": one.model_dump(mode="json", exclude_defaults=True), **more}
