"""Training problems are explained in words, with remedies that fit the trial."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.store.samples import finding, vital_signs
from tuner.events import FindingName, LayerHealth
from tuner.health.advice import EXPLAINED_BY, LOW, MEANINGS, trial_advice
from tuner.health.health_text import METRICS
from tuner.health.remedies import remedies

CNN = {
    "conv_layers": 3,
    "filters_1": 16,
    "filters_2": 32,
    "filters_3": 64,
    "batch_normalization": False,
    "use_global_pooling": False,
    "dense_layers": 1,
    "first_dense_nodes": 128,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0.1,
    "optimizer": "sgd",
    "learning_rate": 0.02,
    "momentum": 0.9,
    "batch_size": 64,
    "epochs": 10,
}
WELL = dict.fromkeys(METRICS, 0.9)
HALF_DEAD = vital_signs(
    LayerHealth(layer_id="block1_conv", units=16, dead=0.0, saturated=0.0, gradient=0.01, update=0.002),
    LayerHealth(layer_id="block3_conv", units=64, dead=0.41, saturated=0.0, gradient=0.01, update=0.002),
)


def advice(*findings, metrics=None, signs=None, hyperparameters=CNN, parameters=50_000):
    return trial_advice(findings, WELL | (metrics or {}), signs, hyperparameters, parameters)


def test_where_nothing_is_wrong_nothing_is_said():
    assert advice(signs=vital_signs()) == []
    assert trial_advice((), {}, None, {}, None) == []


def test_dead_filters_suggest_a_lower_rate_or_another_activation():
    (said,) = advice(finding(evidence="41 % of block3_conv's filters are dead", layer_id="block3_conv", epoch=4))
    assert (said.about, said.epoch, said.layer_id) == ("dying_units", 4, "block3_conv")
    assert said.evidence == "41 % of block3_conv's filters are dead"
    assert said.remedies[:3] == (
        "lower the learning rate (now learning_rate=0.02)",
        "use leaky_relu instead of relu",
        "use batch normalization (batch_normalization=true)",
    )


@pytest.mark.parametrize("name", get_args(FindingName))
def test_every_finding_has_a_meaning_and_a_remedy_whatever_the_network(name):
    assert MEANINGS[name]
    assert remedies(name, CNN)
    assert remedies(name, {"learning_rate": 0.01})
    assert remedies(name, {}), "an own model may name its hyperparameters as it likes"
    assert "None" not in " ".join(remedies(name, {}))


@pytest.mark.parametrize(
    ("name", "set_now", "not_advised"),
    [
        ("dying_units", {"activation": "leaky_relu"}, "leaky_relu"),
        ("dying_units", {"batch_normalization": True}, "batch normalization"),
        ("saturation", {"activation": "relu"}, "instead of"),
        ("vanishing_gradients", {"conv_layers": 1}, "fewer layers"),
        ("exploding_gradients", {"optimizer": "adam"}, "use adam"),
        ("no_learning", {"dropout": 0.1}, "less dropout"),
    ],
)
def test_a_remedy_already_applied_is_not_advised(name, set_now, not_advised):
    assert not_advised not in "; ".join(remedies(name, CNN | set_now))


@pytest.mark.parametrize(
    ("layer_id", "width"),
    [("block3_conv", "filters_3=64"), ("dense2", "first_dense_nodes=128"), ("bidirectional1", None), ("mine", None)],
)
def test_remedies_for_other_layers_are_left_out(layer_id, width):
    said = remedies("dying_units", CNN, layer_id)
    assert [one for one in said if one.startswith("use fewer")] == ([f"use fewer units (now {width})"] if width else [])
    assert any("batch normalization" in one for one in said) is (layer_id == "block3_conv")


def test_a_remedy_states_the_present_value():
    assert "use fewer layers (now conv_layers=3)" in remedies("vanishing_gradients", CNN)
    assert "use relu or leaky_relu instead of sigmoid" in remedies("saturation", CNN | {"activation": "sigmoid"})
    assert "use larger batches (now batch_size=64)" in remedies("oscillating_loss", CNN)
    assert "use more weight decay (now weight_decay=0.001)" in remedies("overfitting", CNN | {"weight_decay": 1e-3})


def test_a_low_metric_is_reported_unless_a_finding_explains_it():
    low = {"neuron_utilization": 0.55}
    (said,) = advice(metrics=low, signs=HALF_DEAD)
    assert said.evidence == "55 % of the hidden units are live; 41 % of block3_conv's filters are dead"
    assert said.remedies[0] == "lower the learning rate (now learning_rate=0.02)"
    (finding_alone,) = advice(finding(), metrics=low, signs=HALF_DEAD)
    assert finding_alone.about == "dying_units"


def test_a_layer_with_many_dead_units_is_reported_in_a_healthy_network():
    (said,) = advice(metrics={"neuron_utilization": 0.93}, signs=HALF_DEAD)
    assert said.evidence == "93 % of the hidden units are live; 41 % of block3_conv's filters are dead"
    assert said.remedies[0] == "lower the learning rate (now learning_rate=0.02)"


def test_saturated_units_have_other_remedies_than_dead_ones():
    signs = vital_signs(LayerHealth(layer_id="dense1", units=64, dead=0.02, saturated=0.7, gradient=0.1, update=0.01))
    (said,) = advice(metrics={"neuron_utilization": 0.28}, signs=signs, hyperparameters=CNN | {"activation": "tanh"})
    assert said.evidence == "28 % of the hidden units are live; 70 % of dense1's units are saturated, 2 % dead"
    assert said.remedies[0] == "use relu or leaky_relu instead of tanh"


@pytest.mark.parametrize("name", METRICS)
def test_every_low_metric_has_its_own_text(name):
    (said,) = advice(metrics={name: LOW - 0.01}, signs=vital_signs())
    assert said.about == name
    assert said.meaning
    assert said.remedies
    assert advice(metrics={name: LOW}) == []
    assert name in EXPLAINED_BY


@pytest.mark.parametrize(
    ("values", "words", "remedy"),
    [
        ({"gradient": 1e-9, "update": 0.001}, "block1_conv's gradient is 1e-07 of the strongest layer's", "fewer"),
        ({"gradient": 0.01, "update": 0.9}, "a step changes 90 % of block1_conv's weights", "lower the learning rate"),
        ({"gradient": None, "update": 0.9}, "gradients or updates of block1_conv are not finite", "lower the learning"),
    ],
)  # fmt: skip
def test_vanishing_exploding_and_infinite_gradients_differ(values, words, remedy):
    signs = vital_signs(
        LayerHealth(layer_id="block1_conv", **values), LayerHealth(layer_id="dense1", gradient=0.01, update=0.001)
    )
    (said,) = advice(metrics={"gradient_health": 0.3}, signs=signs)
    assert words in said.evidence
    assert said.layer_id == "block1_conv"
    assert any(remedy in one for one in said.remedies)


def test_a_small_network_is_not_called_too_large():
    (small,) = advice(metrics={"parameter_efficiency": 0.4})
    (large,) = advice(metrics={"parameter_efficiency": 0.4}, parameters=5_000_000)
    assert "the network is small" in small.evidence
    assert "5,000,000 weights" in large.evidence
    assert "use global pooling instead of flattening (use_global_pooling=true)" in large.remedies


def test_a_wide_gap_is_reported_unless_a_finding_does():
    signs = vital_signs(train_validation_gap=0.17)
    (said,) = advice(signs=signs)
    assert (said.about, said.evidence) == (
        "train_validation_gap", "training accuracy is 0.17 above validation accuracy",
    )  # fmt: skip
    (found,) = advice(finding("overfitting", evidence="..."), signs=signs)
    assert found.about == "overfitting"


LEAKY = "use leaky_relu instead of relu"


@pytest.mark.parametrize(
    ("optimizer", "rate", "is_low"),
    [("adam", 1.14e-4, True), ("adamw", 3e-4, True), ("rmsprop", 3.41e-4, True), (None, 1e-4, True),
     ("sgd", 3e-3, True), ("adam", 3e-3, False), ("sgd", 2e-2, False)],
)  # fmt: skip
def test_a_low_learning_rate_should_rise_and_not_fall(optimizer, rate, is_low):
    hyperparameters = CNN | {"optimizer": optimizer, "learning_rate": rate}
    for name in get_args(FindingName):
        lower = [one for one in remedies(name, hyperparameters) if "lower the" in one]
        assert not (is_low and lower)
    said = remedies("no_learning", hyperparameters)[0]
    assert said == f"{'raise the' if is_low else 'test a'} learning rate{said.partition('learning rate')[2]}"
    assert (remedies("dying_units", hyperparameters)[0] == LEAKY) is is_low


@pytest.mark.parametrize("name", get_args(FindingName))
def test_every_finding_has_a_remedy_at_a_low_rate(name):
    said = remedies(name, {"learning_rate": 1e-4})
    assert said
    assert not any("lower" in one for one in said)


def test_a_small_network_at_chance_with_a_low_rate_should_learn_faster():
    low = CNN | {"optimizer": "rmsprop", "learning_rate": 3.41e-4}
    (said,) = advice(metrics={"parameter_efficiency": 0.11}, hyperparameters=low)
    assert said.remedies[0] == "raise the learning rate (now learning_rate=0.000341)"


def test_a_network_that_learns_too_slowly_needs_no_lower_rate():
    slow = {"convergence_quality": 0.3, "accuracy_consistency": 0.1}
    said = advice(metrics=slow, signs=vital_signs(train_validation_gap=-0.17))
    assert [one.about for one in said] == ["convergence_quality", "accuracy_consistency"]
    remedied = [remedy for one in said for remedy in one.remedies]
    assert not any("lower" in remedy for remedy in remedied)
    assert remedied[1] == "raise the learning rate (now learning_rate=0.02)"


@pytest.mark.parametrize(
    ("metrics", "gap", "rate"),
    [({"training_stability": 0.2}, 0.0, 0.02), ({}, 0.3, 0.02), ({}, 0.0, 0.2)],
    ids=["its loss goes up and down", "it overfits", "its rate is high already"],
)
def test_a_network_that_converged_badly_for_another_reason_tests_both_directions(metrics, gap, rate):
    said = advice(
        metrics={"convergence_quality": 0.3} | metrics,
        signs=vital_signs(train_validation_gap=gap),
        hyperparameters=CNN | {"learning_rate": rate},
    )
    bad = next(one for one in said if one.about == "convergence_quality")
    assert bad.remedies[1].startswith("test a learning rate ten times lower and ten times higher")
