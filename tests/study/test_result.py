"""Trials as a table, and what stands beside a saved model, hold the health where it was measured."""

from __future__ import annotations

import pytest

from tests.store.samples import complete, finding, health, spec, start, vital_signs
from tuner.health.health_text import METRICS
from tuner.store import Store
from tuner.study.result import trials_table


@pytest.fixture
def trials(tmp_path):
    """The rows of a study with trials that ended so: trials({...}, ...)."""

    def of(*fields):
        with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
            store.create_study(spec("a"), folder="/")
            for number, given in enumerate(fields, 1):
                store.append("a", start(number))
                store.append("a", complete(number, **given))
            return store.trials("a")

    return of


MEASURED = {
    "health_metrics": health("accuracy_consistency", neuron_utilization=0.25),
    "vital_signs": vital_signs(),
    "findings": [finding(), finding("overfitting", 5)],
}


def test_without_health_the_table_has_no_columns_for_it(trials):
    assert not {*METRICS, "overall_health", "findings"} & set(trials_table(trials({})).columns)


def test_the_metrics_are_columns_and_a_trial_without_them_has_empty_cells(trials):
    table = trials_table(trials(MEASURED, {"status": "failed"}))
    first, second = table.to_dict("records")
    assert first["neuron_utilization"] == 0.25
    assert (first["insufficient"], first["accuracy_consistency"]) == ("accuracy_consistency", 0.5)
    assert first["findings"] == "dying_units overfitting"
    assert first["train_validation_gap"] == 0.02
    assert second["overall_health"] != second["overall_health"], "not a number: empty in trials.csv"
    assert second["findings"] == ""
