"""Small data that a network can learn, and small networks to learn them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.models.samples import CNN, GRU, INPUTS, LSTM, NGRAM, TEXT, raw_samples, trial
from tuner.data import Data, Split
from tuner.data_report import DataReport
from tuner.events import EpochProgress, Metrics, TrialComplete, TrialEvent
from tuner.trial_spec import TrialSpec

TRAINED, VALIDATED = 50, 40

SGD = {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.05}
CHANGED = {"augmentation": True, "augment_shift": 10, "augment_rotation": 10, "augment_zoom": 10}
CHANGED |= {"augment_flip": True, "augment_contrast": 20, "augment_cutout": 30, "learning_rate_schedule": "cosine"}
ADAMW = {"optimizer": "adamw", "weight_decay": 0.01}
TEXT_LSTM = {**TEXT, **LSTM, "bidirectional": False}
SHORT = {"conv_layers": 1, "dense_layers": 1}
"""What TensorFlow prepares fastest."""
TRIALS: dict[str, TrialSpec] = {
    "cnn, adam, dropout": trial(hyperparameters={**CNN, **SHORT}),
    "cnn, sgd, normalised": trial(hyperparameters={**CNN, **SGD, "batch_normalization": True}),
    "lstm of texts, adamw, dropout": trial("lstm", {**TEXT_LSTM, **ADAMW}),
    "cnn of texts, rmsprop": trial("conv1d", {**TEXT, **CNN, "optimizer": "rmsprop", "learning_rate": 0.001}),
    "residual cnn, sgd, changed images, cosine": trial(hyperparameters={**CNN, **SGD, **CHANGED, "block": "residual"}),
    "gru of texts, on plateau": trial("gru", {**TEXT, **GRU, "learning_rate_schedule": "plateau"}),
    "n-grams, adamw": trial("ngram", {**TEXT, **NGRAM, **ADAMW, "naive_bayes": True}),
}


REPORT = DataReport(kind="image", samples="8 x 8 pixels, greyscale", classes=())


def data(name: str = "8x8x1") -> Data:
    """Samples of three classes, which differ in brightness or in their words: learnable, not at a glance."""
    data_input = INPUTS[name]
    x = raw_samples(data_input, TRAINED + VALIDATED)
    y = np.arange(len(x), dtype=np.int32) % 3
    if data_input.kind == "image":
        x = (x // 2 + (y * 40).astype(np.uint8)[:, None, None, None]).astype(np.uint8)
    else:
        x[::2, 0] = 2 + y[::2]
    train, validation = Split(x[:TRAINED], y[:TRAINED]), Split(x[TRAINED:], y[TRAINED:])
    return Data("own", data_input, ("a", "b", "c"), train, validation, "0", REPORT)


def data_of(one: TrialSpec) -> Data:
    """What a trial of TRIALS trains on."""
    return data("strings" if "embedding_size" in one.hyperparameters else "8x8x1")


def with_a_rare_class(whole: Data) -> Data:
    """The data without most training samples of their last class."""
    keep = (whole.train.y != 2) | (np.arange(len(whole.train)) % 5 == 0)
    return replace(whole, train=Split(whole.train.x[keep], whole.train.y[keep]))


def changed(one: TrialSpec, hyperparameters: dict[str, Any] | None = None, **fields: Any) -> TrialSpec:
    """The trial with other hyperparameters or fields."""
    return one.model_copy(update={"hyperparameters": one.hyperparameters | (hyperparameters or {}), **fields})


def epochs_of(events: list[TrialEvent]) -> list[EpochProgress]:
    return [event for event in events if isinstance(event, EpochProgress)]


def best_of(epochs: list[EpochProgress]) -> EpochProgress:
    """The epoch with the highest objective, of equal ones the one with the lowest loss."""
    return max(epochs, key=lambda epoch: (epoch.objective, -epoch.validation.loss))


def numbers(events: list[TrialEvent]) -> list[tuple[int, Metrics, Metrics, float]]:
    """All that a training measured, bit for bit."""
    return [(epoch.epoch, epoch.train, epoch.validation, epoch.objective) for epoch in epochs_of(events)]


def end_of(events: list[TrialEvent]) -> TrialComplete:
    """The one end of a trial, which is its last event."""
    ends = [event for event in events if isinstance(event, TrialComplete)]
    assert [type(event) for event in ends] == [TrialComplete]
    assert events[-1] is ends[0]
    return ends[0]
