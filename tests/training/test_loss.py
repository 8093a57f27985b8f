"""The loss of a training: a plain value, and a gradient with smoothed labels and weighted classes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from tests.training.samples import TRIALS, changed, data, with_a_rare_class
from tuner import models
from tuner.data import Array, Data, Split
from tuner.events import EpochProgress
from tuner.spec_parts import DeviceSpec
from tuner.training import run_trial
from tuner.training.loss import balanced_weights, training_loss
from tuner.trial_spec import TrialSpec

pytestmark = pytest.mark.tensorflow

TRIAL = TRIALS["cnn, adam, dropout"]
SMOOTH, WEIGHTED = changed(TRIAL, {"label_smoothing": 0.2}), changed(TRIAL, class_weight="auto")
BOTH = changed(SMOOTH, class_weight="auto")
SETTINGS = {"smoothed": SMOOTH, "weighted": WEIGHTED, "both": BOTH}
TRIALS_BY_NAME = {"plain": TRIAL, "zero": changed(TRIAL, {"label_smoothing": 0.0}), **SETTINGS}
every_setting = pytest.mark.parametrize("name", list(SETTINGS))

CLASSES = 3
Y = np.array([0, 0, 0, 0, 1, 1, 2, 0], np.int32)
LOGITS = np.random.default_rng(0).normal(size=(len(Y), CLASSES)).astype(np.float32)


def computed(one: TrialSpec, logits: Array = LOGITS, y: Array = Y) -> tuple[Array, Array]:
    """Value of each sample's loss, and the gradient of their mean by the logits; in a graph, as a training does."""
    import tensorflow as tf

    loss, given = training_loss(one, y, CLASSES), tf.constant(logits)

    @tf.function
    def value_and_gradient() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(given)
            losses = loss(tf.constant(y), tf.nn.softmax(given))
            mean = tf.reduce_mean(losses)
        return losses, tape.gradient(mean, given)

    values, gradient = value_and_gradient()
    return values.numpy(), gradient.numpy()


def formula_gradient(smoothing: float, weights: Array) -> Array:
    """Gradient of the mean of w_y * sum_k -q_k log p_k by the logits, which is w_y (p - q) / samples.

    q_k = (1 - smoothing) [k = y] + smoothing / classes (Szegedy et al., Rethinking the Inception Architecture, 2016).
    """
    exponentials = np.exp(LOGITS.astype(np.float64))
    p = exponentials / exponentials.sum(axis=1, keepdims=True)
    q = (1 - smoothing) * np.eye(CLASSES)[Y] + smoothing / CLASSES
    return np.asarray(weights[Y][:, None] * (p - q) / len(Y))


def trained(one: TrialSpec, samples: Data) -> list[tuple[EpochProgress, Array]]:
    """The epochs of a training, and what its network answers after each for the validation samples."""
    made: list[Any] = []
    build = models.build
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", lambda *given: made.append(build(*given)) or made[-1])
        return [
            (event, np.asarray(made[0](samples.validation.x[..., None], training=False)))
            for event in run_trial(one, samples)
            if isinstance(event, EpochProgress)
        ]


@cache
def epochs(name: str, steps: int = 1) -> list[tuple[EpochProgress, Array]]:
    one = changed(TRIALS_BY_NAME[name], devices=DeviceSpec(steps_per_execution=steps))
    return trained(one, with_a_rare_class(data()))


# --- the formulas ---


@pytest.mark.parametrize(
    ("one", "smoothing", "weights"),
    [
        (TRIAL, 0.0, np.ones(3)),
        (SMOOTH, 0.2, np.ones(3)),
        (WEIGHTED, 0.0, np.array([8 / 15, 8 / 6, 8 / 3])),
        (BOTH, 0.2, np.array([8 / 15, 8 / 6, 8 / 3])),
    ],
    ids=["plain", *SETTINGS],
)
def test_the_gradient_is_that_of_its_formula(one: TrialSpec, smoothing: float, weights: Array) -> None:
    np.testing.assert_allclose(computed(one)[1], formula_gradient(smoothing, weights), rtol=1e-4, atol=1e-6)


@every_setting
def test_the_value_is_the_plain_cross_entropy_to_the_last_bit(name: str) -> None:
    assert computed(SETTINGS[name])[0].tobytes() == computed(TRIAL)[0].tobytes()


@every_setting
def test_a_loss_that_is_not_finite_is_seen(name: str) -> None:
    broken = LOGITS.copy()
    broken[0] = np.nan
    assert not np.isfinite(computed(SETTINGS[name], broken)[0][0])


def test_weights_are_those_that_scikit_learn_calls_balanced() -> None:
    y = np.random.default_rng(0).choice(4, 500, p=[0.7, 0.2, 0.09, 0.01])
    weights = balanced_weights(y, 4)
    np.testing.assert_allclose(weights, compute_class_weight("balanced", classes=np.arange(4), y=y), rtol=1e-6)
    assert weights[y].mean() == pytest.approx(1.0)


def test_a_class_without_training_samples_costs_nothing() -> None:
    assert np.isfinite(balanced_weights(np.array([0, 0, 2]), 3)).all()


def test_without_either_the_loss_is_keras_own() -> None:
    import keras

    for one in (TRIAL, changed(TRIAL, {"label_smoothing": 0.0})):
        assert training_loss(one, Y, CLASSES) is keras.losses.sparse_categorical_crossentropy


# --- a whole training ---


@pytest.mark.parametrize(("name", "steps"), [("smoothed", 1), ("weighted", 1), ("both", 1), ("both", 2)])
def test_what_is_reported_is_the_plain_cross_entropy_of_the_network(name: str, steps: int) -> None:
    y = data().validation.y
    reported = [epoch.validation.loss for epoch, _ in epochs(name, steps)]
    expected = [-np.log(answers[np.arange(len(y)), y]).mean() for _, answers in epochs(name, steps)]
    assert len(reported) == TRIAL.epochs
    assert reported == pytest.approx(expected, rel=1e-4)


def test_each_setting_changes_what_is_learned_and_none_changes_nothing() -> None:
    losses = {name: [epoch.validation.loss for epoch, _ in epochs(name)] for name in TRIALS_BY_NAME}
    assert losses.pop("zero") == losses["plain"]
    assert len({tuple(curve) for curve in losses.values()}) == len(losses)


def test_with_weights_a_rare_class_is_as_probable_as_the_others() -> None:
    """Of a network that sees no difference between the classes."""
    whole = with_a_rare_class(data())
    blanks = (Split(np.zeros_like(part.x), part.y) for part in (whole.train, whole.validation))
    blank = replace(whole, **dict(zip(("train", "validation"), blanks, strict=True)))
    shares = np.bincount(whole.train.y) / len(whole.train)
    for one, expected in ((TRIAL, shares), (WEIGHTED, np.full(CLASSES, 1 / CLASSES))):
        *_, (last, answers) = trained(changed(one, {"dropout": 0.0}, epochs=40, early_stopping_patience=None), blank)
        assert last.epoch == 40
        assert answers[0] == pytest.approx(expected, abs=0.06)
