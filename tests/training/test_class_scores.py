"""Objectives that count every class alike, along the one training path."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from tests.training.samples import TRIALS, best_of, changed, data, end_of, epochs_of, with_a_rare_class
from tuner import models
from tuner.data import Array
from tuner.events import EpochProgress, TrialEvent
from tuner.spec_parts import DeviceSpec
from tuner.training import TrainingState, run_trial

pytestmark = pytest.mark.tensorflow

SAMPLES = with_a_rare_class(data())
TRIAL = changed(
    TRIALS["cnn, adam, dropout"], objective="val_macro_f1", class_weight="auto", class_scores=True, epochs=4
)


@dataclass
class Trained:
    """A training: its events, its states, and what its network predicted after each epoch."""

    events: list[TrialEvent] = field(default_factory=list)
    states: list[TrainingState] = field(default_factory=list)
    predicted: list[Array] = field(default_factory=list)


@cache
def trained(steps: int) -> Trained:
    networks: list[Any] = []
    build, found = models.build, Trained()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", lambda *given: networks.append(build(*given)) or networks[-1])
        for event in run_trial(changed(TRIAL, devices=DeviceSpec(steps_per_execution=steps)), SAMPLES):
            if isinstance(event, EpochProgress):
                assert event.snapshot is not None
                answers = networks[0](SAMPLES.validation.x[..., None], training=False)
                found.predicted.append(np.asarray(answers).argmax(axis=1))
                found.states.append(event.snapshot())
                event = event.model_copy(update={"snapshot": None})
            found.events.append(event)
    return found


@pytest.mark.parametrize("steps", [1, 2])
def test_each_epoch_has_the_scores_of_its_network(steps: int) -> None:
    y, known = SAMPLES.validation.y, []
    for epoch, predicted in zip(epochs_of(trained(steps).events), trained(steps).predicted, strict=True):
        balanced, macro_f1 = balanced_accuracy_score(y, predicted), f1_score(y, predicted, average="macro")
        assert (epoch.val_balanced_accuracy, epoch.val_macro_f1) == pytest.approx((balanced, macro_f1))
        known.append(macro_f1)
    assert len(set(known)) > 1, "scores that never change prove nothing"


def test_the_best_epoch_is_that_of_the_objective() -> None:
    events = trained(steps=1).events
    epochs, end = epochs_of(events), end_of(events)
    scores = [epoch.val_macro_f1 for epoch in epochs]
    assert [epoch.objective for epoch in epochs] == scores
    assert end.best_epoch == best_of(epochs).epoch
    assert end.objective == end.values["val_macro_f1"] == max(scores)
    assert end.values["val_balanced_accuracy"] == epochs[end.best_epoch - 1].val_balanced_accuracy


def test_a_resumed_training_knows_the_scores_of_earlier_epochs() -> None:
    whole = trained(steps=1)
    resumed = list(run_trial(TRIAL, SAMPLES, whole.states[1]))
    ends = [
        (end.best_epoch, {name: end.values[name] for name in ("val_macro_f1", "val_balanced_accuracy")})
        for end in (end_of(whole.events), end_of(resumed))
    ]
    assert ends[0] == ends[1]


def test_measuring_changes_nothing_of_the_training() -> None:
    measured = epochs_of(trained(steps=1).events)
    plain = epochs_of(list(run_trial(changed(TRIAL, class_scores=False, objective="val_accuracy"), SAMPLES)))
    assert [(epoch.train, epoch.validation) for epoch in plain] == [(one.train, one.validation) for one in measured]
    assert [epoch.class_scores for epoch in plain] == [{}] * 4, "not measured without need"
