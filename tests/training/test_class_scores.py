"""Objectives that count every class alike, along the one training path."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from tests.training.samples import TRIALS, best_of, changed, data, end_of, epochs_of, with_a_rare_class
from tuner import models
from tuner.events import EpochProgress
from tuner.spec_parts import DeviceSpec
from tuner.training import TrainingState, run_trial

pytestmark = pytest.mark.tensorflow

SAMPLES = with_a_rare_class(data())
TRIAL = changed(
    TRIALS["cnn, adam, dropout"], objective="val_macro_f1", class_weight="auto", class_scores=True, epochs=4
)


@pytest.mark.parametrize("steps", [1, 2])
def test_each_epoch_has_the_scores_of_its_network(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    networks: list[Any] = []
    build = models.build
    monkeypatch.setattr(models, "build", lambda *given: networks.append(build(*given)) or networks[-1])
    y, known = SAMPLES.validation.y, []
    for event in run_trial(changed(TRIAL, devices=DeviceSpec(steps_per_execution=steps)), SAMPLES):
        if isinstance(event, EpochProgress):
            predicted = networks[0].predict(SAMPLES.validation.x[..., None], verbose=0).argmax(axis=1)
            balanced, macro_f1 = balanced_accuracy_score(y, predicted), f1_score(y, predicted, average="macro")
            assert (event.val_balanced_accuracy, event.val_macro_f1) == pytest.approx((balanced, macro_f1))
            known.append(macro_f1)
    assert len(set(known)) > 1, "scores that never change prove nothing"


def test_the_best_epoch_is_that_of_the_objective() -> None:
    events = list(run_trial(TRIAL, SAMPLES))
    epochs, end = epochs_of(events), end_of(events)
    scores = [epoch.val_macro_f1 for epoch in epochs]
    assert [epoch.objective for epoch in epochs] == scores
    assert end.best_epoch == best_of(epochs).epoch
    assert end.objective == end.values["val_macro_f1"] == max(scores)
    assert end.values["val_balanced_accuracy"] == epochs[end.best_epoch - 1].val_balanced_accuracy


def test_a_resumed_training_knows_the_scores_of_earlier_epochs() -> None:
    state, ends = None, []
    for event in run_trial(TRIAL, SAMPLES):
        if isinstance(event, EpochProgress) and event.epoch == 2:
            assert event.snapshot is not None
            state = event.snapshot()
    assert isinstance(state, TrainingState)
    for resume_from in (None, state):
        end = end_of(list(run_trial(TRIAL, SAMPLES, resume_from)))
        ends.append((end.best_epoch, {name: end.values[name] for name in ("val_macro_f1", "val_balanced_accuracy")}))
    assert ends[0] == ends[1]


def test_measuring_changes_nothing_of_the_training() -> None:
    plain, measured = (
        epochs_of(list(run_trial(changed(TRIALS["cnn, adam, dropout"], class_scores=asked), SAMPLES)))
        for asked in (False, True)
    )
    assert [(epoch.train, epoch.validation) for epoch in plain] == [(one.train, one.validation) for one in measured]
    assert [epoch.class_scores for epoch in plain] == [{}] * 3, "not measured without need"
