"""Health reads the same wherever it is told."""

from __future__ import annotations

import pytest

from tests.store.samples import health
from tuner.events import LayerHealth
from tuner.health.health_text import METRICS, REDUCED_TEXT, health_label, inactive_units_text, metric_values, percent
from tuner.health.metrics import LEARNED


def test_a_reduced_health_is_explained_by_the_loss_and_not_by_the_accuracy():
    assert LEARNED == 0.1
    assert "the loss is less than a tenth below that of guessing" in REDUCED_TEXT


def test_what_lacked_data_is_marked():
    assert health_label(None) == "-"
    assert health_label(health()) == "0.90"
    assert health_label(health("accuracy_consistency")) == "~0.86"


def test_the_six_metrics_come_in_the_order_of_their_weights():
    assert list(metric_values(health(neuron_utilization=0.25))) == list(METRICS)
    assert metric_values(health(neuron_utilization=0.25))["neuron_utilization"] == 0.25


@pytest.mark.parametrize(("share", "text"), [(0.0, "0 %"), (0.003, "0.3 %"), (0.414, "41 %"), (1.0, "100 %")])
def test_shares_are_told_in_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"layer_id": "block3_conv", "units": 64, "dead": 0.41}, "41 % of block3_conv's filters are dead"),
        ({"layer_id": "lstm1", "units": 9, "saturated": 1.0}, "100 % of lstm1's units are saturated"),
        ({"layer_id": "a", "units": 9, "dead": 0.5, "saturated": 0.25}, "50 % of a's units are dead, 25 % saturated"),
        ({"layer_id": "a", "units": 9, "dead": 0.0, "saturated": 0.0}, None),
        ({"layer_id": "classes"}, None),
    ],
)
def test_units_that_do_not_live_are_told_by_layer(fields, text):
    assert inactive_units_text(LayerHealth(**fields)) == text
