"""The metrics mean what they say: each sickness lowers its own metric, clearly, and leaves those alone that it spares.

A network that learns nothing is not accurate: what is made of accuracy falls with it, whatever the sickness.

The cases are chosen: a sickness that is strong enough mostly takes other metrics along. A rate 100 times too high, say,
kills units or blows gradients up with many an optimizer and activation; here it meets a dense network with leaky_relu
and adam, which it only shakes. `tests/benchmarks/bench_diagnosis.py` draws them at random.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.training.samples import end_of
from tests.training.sick import SHOWS, sick
from tuner.spec_parts import HealthWeights
from tuner.training import run_trial

pytestmark = pytest.mark.tensorflow

NAMES = list(HealthWeights.model_fields)
CLEARLY, AS_BEFORE = 0.3, 0.15
BASE = {
    "family": "dense",
    "depth": 3,
    "width": 32,
    "activation": "relu",
    "batch_normalization": False,
    "optimizer": "adam",
    "batch_size": 32,
    "factor": 2.0,
}
RECURRENT = {**BASE, "family": "gru", "width": 64}
RESIDUAL = {**BASE, "family": "residual", "depth": 1, "width": 32, "activation": "elu", "factor": 5.0}
CONVOLUTIONAL = {**BASE, "family": "cnn", "depth": 1, "width": 32, "activation": "elu"}
CONVOLUTIONAL_1D = {**BASE, "family": "conv1d", "depth": 1, "width": 64, "activation": "elu", "factor": 5.0}
NGRAM = {**BASE, "family": "ngram", "activation": "elu", "factor": 5.0}
OF_ACCURACY = {"parameter_efficiency", "convergence_quality"}

SHALLOW = {**BASE, "depth": 1, "width": 64}
LEAKY = {**BASE, "activation": "leaky_relu"}
CASES = {
    "units killed by a bias": ("killed units", SHALLOW, {"kill": 0.75}, "neuron_utilization", set()),
    "units killed behind a GRU": (
        *("killed units", RECURRENT, {"kill": 0.75}, "neuron_utilization"),
        {*OF_ACCURACY, "accuracy_consistency"},
    ),
    "units killed behind a residual block": (
        "killed units",
        RESIDUAL,
        {"kill": 0.75},
        "neuron_utilization",
        OF_ACCURACY,
    ),
    "units killed behind convolutions": ("killed units", CONVOLUTIONAL, {"kill": 0.75}, "neuron_utilization", set()),
    "filters killed in a convolution over rows": (
        *("killed units", CONVOLUTIONAL_1D, {"kill": 0.75}, "neuron_utilization"),
        {*OF_ACCURACY, "accuracy_consistency"},
    ),
    "units killed behind n-grams": (
        *("killed units", NGRAM, {"kill": 0.75}, "neuron_utilization"),
        {*OF_ACCURACY, "accuracy_consistency"},
    ),
    "n-grams at a rate 100 times too high": (
        *("rate too high", {**NGRAM, "activation": "leaky_relu"}, {"factor": 500.0}, "training_stability"),
        {*OF_ACCURACY, "accuracy_consistency"},
    ),
    "a stack of twelve sigmoids": (
        *("sigmoid stack", BASE, {"depth": 13, "activation": "sigmoid"}, "gradient_health"),
        {*OF_ACCURACY, "neuron_utilization"},  # what does not arrive forward does not move either
    ),
    "a rate 100 times too high": ("rate too high", LEAKY, {"factor": 200.0}, "training_stability", set()),
    "shuffled labels": ("shuffled labels", BASE, {}, "convergence_quality", {"parameter_efficiency"}),
    "five million weights for the digits": (
        *("huge", BASE, {"width": 2_100, "factor": 0.2}, "parameter_efficiency"),
        set(),
    ),
}


@cache
def health(way, **fixed):
    end = end_of(list(run_trial(*sick(way, 0, **fixed))))
    assert end.error is None
    return end


@pytest.mark.parametrize("case", CASES)
def test_a_sickness_shows_in_its_own_metric_and_spares_the_others(case):
    way, base, change, metric, taken_along = CASES[case]
    well, ill = health("well", **base), health(way, **{**base, **change})
    lost = {name: getattr(well.health_metrics, name) - getattr(ill.health_metrics, name) for name in NAMES}
    assert lost[metric] > CLEARLY, lost
    others = {name: fallen for name, fallen in lost.items() if name not in {metric, *taken_along}}
    assert max(others.values()) < AS_BEFORE, lost
    assert ill.health_metrics.overall_health < well.health_metrics.overall_health


SOUND = (BASE, RECURRENT, CONVOLUTIONAL, RESIDUAL, CONVOLUTIONAL_1D, NGRAM)


@pytest.mark.parametrize("base", SOUND, ids=lambda base: base["family"])
def test_a_training_that_is_well_has_no_finding(base):
    assert health("well", **base).findings == ()
    assert health("well", **base).health_metrics.overall_health > 0.85


@pytest.mark.parametrize("case", [name for name, (way, *_) in CASES.items() if way in SHOWS])
def test_a_sickness_has_a_name(case):
    way, base, change, *_ = CASES[case]
    assert {finding.name for finding in health(way, **{**base, **change}).findings} & SHOWS[way]
