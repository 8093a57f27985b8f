"""Health along the one training path: measured after each epoch and at the end, and no influence on the training."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest

from tests.training import samples
from tests.training.samples import SGD, best_of, changed, data_of, end_of, epochs_of, numbers, with_a_rare_class
from tuner.data import Split
from tuner.events import EpochProgress
from tuner.health.health_text import metric_values
from tuner.health.metrics import health_metrics, total_score
from tuner.spec_parts import HealthSpec, HealthWeights
from tuner.training import TrainingState, run_trial

pytestmark = pytest.mark.tensorflow

TRIALS = {
    name.removesuffix(", on plateau"): changed(trial, {"learning_rate_schedule": "constant"})
    for name, trial in samples.TRIALS.items()
}
"""Rates on plateau follow the objective, which is another one if health is measured."""

WEIGHTS = HealthWeights(
    neuron_utilization=0.5,
    training_stability=0.1,
    parameter_efficiency=0.1,
    gradient_health=0.1,
    convergence_quality=0.1,
    accuracy_consistency=0.1,
)
PARAMETERS = "parameter_count"


def measured(name="cnn, adam, dropout", weight=0.6, stop=False, **fields):
    """A trial whose health is measured."""
    spec = HealthSpec(accuracy_weight=weight, weights=WEIGHTS, stop=stop)
    return changed(TRIALS[name], **({"objective": "total_score", "epochs": 5, "health": spec} | fields))


@cache
def history(name="cnn, adam, dropout"):
    """Its events, and its state after each epoch."""
    events, states = [], []
    for event in run_trial(measured(name), data_of(TRIALS[name])):
        if isinstance(event, EpochProgress):
            states.append(event.snapshot())
            event = event.model_copy(update={"snapshot": None})
        events.append(event)
    return events, states


def of_classes(name):
    """Entropy of the classes that the trial is trained on."""
    return entropy(data_of(TRIALS[name]).train.y)


def entropy(classes):
    """Entropy of the frequencies of these classes, in nats."""
    shares = np.bincount(classes) / len(classes)
    return float(-np.sum(shares * np.log(shares)))


@pytest.mark.parametrize("name", TRIALS)
def test_measuring_changes_nothing_of_the_training_and_without_it_nothing_is_told(name):
    plain = list(run_trial(changed(TRIALS[name], epochs=5), data_of(TRIALS[name])))
    assert [one[:3] for one in numbers(plain)] == [one[:3] for one in numbers(history(name)[0])]
    for event in [*epochs_of(plain), end_of(plain)]:
        assert (event.health_metrics, event.vital_signs, event.findings) == (None, None, ()), "not asked for"


@pytest.mark.parametrize("name", TRIALS)
def test_the_score_of_every_epoch_comes_from_what_is_told_with_it(name):
    events, _ = history(name)
    epochs, parameters = epochs_of(events), int(end_of(events).values[PARAMETERS])
    for count, epoch in enumerate(epochs, start=1):
        told, layers = epoch.health_metrics, epoch.vital_signs.layers
        chance = of_classes(name)
        assert told == health_metrics(epochs[:count], layers, parameters=parameters, chance=chance, weights=WEIGHTS)
        assert epoch.objective == total_score(epoch.validation.accuracy, told.overall_health, 0.6)
        assert epoch.vital_signs.train_validation_gap == epoch.train.accuracy - epoch.validation.accuracy


def test_with_weighted_classes_chance_is_that_of_equally_frequent_ones():
    """Else a network that learns a rare class would look as if it had learned nothing."""
    samples = with_a_rare_class(data_of(TRIALS["cnn, adam, dropout"]))
    events = list(run_trial(measured(class_weight="auto"), samples))
    epochs, parameters = epochs_of(events), int(end_of(events).values[PARAMETERS])
    layers = epochs[-1].vital_signs.layers
    equal, by_frequency = (
        metric_values(health_metrics(epochs, layers, parameters=parameters, chance=chance, weights=WEIGHTS))
        for chance in (float(np.log(3)), entropy(samples.train.y))
    )
    assert metric_values(epochs[-1].health_metrics) == pytest.approx(equal)
    assert equal != pytest.approx(by_frequency)


@pytest.mark.parametrize("name", TRIALS)
def test_the_end_is_that_of_the_best_weights_looked_at_thoroughly(name):
    events, _ = history(name)
    end, epochs = end_of(events), epochs_of(events)
    known = [epoch for epoch in epochs if not epoch.health_metrics.insufficient]
    best = best_of(known)
    assert end.best_epoch == best.epoch
    score = total_score(best.validation.accuracy, end.health_metrics.overall_health, 0.6)
    assert end.objective == end.values["total_score"] == end.performance.total_score == score
    assert end.values["overall_health"] == end.health_metrics.overall_health
    curves = ("training_stability", "convergence_quality", "accuracy_consistency", "parameter_efficiency")
    for metric in curves:
        assert getattr(end.health_metrics, metric) == getattr(best.health_metrics, metric)
    assert [layer.update for layer in end.vital_signs.layers] == [layer.update for layer in best.vital_signs.layers]


def test_what_takes_epochs_to_know_is_marked_until_then():
    lacking = [set(epoch.health_metrics.insufficient) for epoch in epochs_of(history()[0])]
    curves = {"training_stability", "convergence_quality", "accuracy_consistency"}
    assert lacking == [curves, curves, set(), set(), set()]


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_resumed_training_is_judged_as_if_it_had_never_stopped(epoch, tmp_path):
    uninterrupted, states = history()
    states[epoch - 1].save(tmp_path / "state.npz")
    resumed = list(run_trial(measured(), data_of(measured()), TrainingState.load(tmp_path / "state.npz")))

    def judged(events):
        return [(one.health_metrics, one.vital_signs, one.findings, one.objective) for one in epochs_of(events)]

    assert judged(resumed) == judged(uninterrupted)[epoch:]
    end, before = end_of(resumed), end_of(uninterrupted)
    assert (end.health_metrics, end.vital_signs, end.findings) == (
        before.health_metrics,
        before.vital_signs,
        before.findings,
    )


def hopeless(stop, **fields):
    """50 training steps an epoch, on labels that say nothing, each too small to learn anything."""
    one = measured("cnn, sgd, normalised", stop=stop, **({"epochs": 4} | fields))
    one = changed(one, {**SGD, "learning_rate": 1e-12, "batch_size": 1, "batch_normalization": False})
    return list(run_trial(one, data_of(one)))


def test_what_is_hopeless_ends_with_its_finding_as_the_reason():
    end = end_of(hopeless(stop=True))
    assert (end.status, end.cause, end.epochs_trained) == ("pruned", "health_stop", 3)
    assert end.reason.startswith("health: no_learning in epoch 3: ")
    assert [finding.name for finding in end.findings if finding.hopeless] == ["no_learning"]


def test_or_is_trained_to_its_end_where_that_is_asked_for():
    end = end_of(hopeless(stop=False))
    assert (end.status, end.epochs_trained) == ("completed", 4)
    assert "no_learning" in {finding.name for finding in end.findings}


def test_where_health_is_only_watched_no_metric_is_told():
    events = hopeless(stop=True, weight=None, objective="val_accuracy")
    end = end_of(events)
    assert end.cause == "health_stop"
    assert end.health_metrics is None
    assert end.performance.total_score == end.performance.accuracy
    assert {"total_score", "overall_health"}.isdisjoint(end.values)
    assert all(epoch.objective == epoch.validation.accuracy for epoch in epochs_of(events))


def test_a_loss_that_is_no_number_is_a_finding():
    one = changed(measured("cnn, sgd, normalised"), {"learning_rate": 1e30, "batch_normalization": False})
    end = end_of(list(run_trial(one, data_of(one))))
    assert end.status == "diverged"
    assert [(finding.name, finding.hopeless) for finding in end.findings] == [("divergence", True)]


def test_a_single_validation_sample_is_too_few_for_shares_and_no_obstacle():
    full = data_of(measured())
    few = dataclasses.replace(full, validation=Split(full.validation.x[:1], full.validation.y[:1]))
    end = end_of(list(run_trial(measured(epochs=3), few)))
    assert end.error is None
    known = [layer.layer_id for layer in end.vital_signs.layers if layer.dead is not None]
    assert known == ["block1_conv"], "a filter is looked at in many places"
