"""A study as a whole: its table of trials, and the warnings that its result may be useless."""

from __future__ import annotations

from functools import partial

import pytest

from tests.store.samples import BASELINE, DATA, complete, finding, health, spec, start, vital_signs
from tuner.events import BaselineFitted, BestModel, DataRead, NewBest, Performance, StudyStatus
from tuner.health.health_text import METRICS
from tuner.store import Store
from tuner.study.result import trials_table, warnings_of


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


class TestWarnings:
    """The data have two classes, 2 validation samples each: guessing gives 0.5, within one standard error 0.75."""

    @pytest.fixture
    def study(self, tmp_path):
        with Store.open(f"sqlite:///{tmp_path / 't.db'}") as store:
            store.create_study(spec("a", max_epochs_per_trial=4), folder=str(tmp_path))
            store.append("a", StudyStatus(status="running"))
            store.append("a", DataRead(data=DATA))
            yield partial(self.ended, store)

    @pytest.fixture
    def by_class(self, tmp_path):
        """A study whose objective counts every class alike: by_class(objective, baseline's)."""

        def of(objective, of_baseline):
            with Store.open(f"sqlite:///{tmp_path / 't.db'}") as store:
                store.create_study(spec("a", objective="val_macro_f1", max_epochs_per_trial=40), folder=str(tmp_path))
                store.append("a", StudyStatus(status="running"))
                store.append("a", DataRead(data=DATA))
                baseline = BASELINE.model_copy(update={"val_macro_f1": of_baseline})
                store.append("a", BaselineFitted(baseline=baseline))
                scores = Performance(total_score=0.5, accuracy=0.5, loss=0.5)
                store.append("a", NewBest(trial_number=1, objective=objective, performance=scores))
                model = BestModel(trial_number=1, val_accuracy=0.5, test_accuracy=0.1, test_loss=0.5, folder="/")
                store.append("a", model)
                store.append("a", StudyStatus(status="completed", reason="all trials done"))
                return warnings_of(store.study("a"))

        return of

    def test_an_objective_that_counts_every_class_alike_is_compared_instead_of_the_accuracy(self, by_class):
        assert by_class(0.9, 0.8) == ("all are alike",)

    def test_a_winner_below_the_baseline_by_that_objective_is_named(self, by_class):
        *_, last = by_class(0.7, 0.8)
        assert "plain method: val_macro_f1 0.7000, and logistic regression over 8 x 8 pixels reaches 0.8000" in last

    def test_a_winner_that_answers_one_class_has_learned_nothing(self, by_class):
        *_, last = by_class(0.3333, 0.3)
        assert last.startswith("nothing was learned: the best val_macro_f1 is 0.3333, and always answering ")
        assert last.endswith(" gives 0.3333")

    def test_a_baseline_of_an_earlier_tuner_is_compared_by_accuracy(self, by_class):
        *_, last = by_class(0.9, None)
        assert "worse than a plain method: val_accuracy 0.5000" in last

    @staticmethod
    def ended(store, accuracy, baseline, reason, tested=None):
        if baseline is not None:
            store.append("a", BaselineFitted(baseline=baseline))
        scores = Performance(total_score=accuracy, accuracy=accuracy, loss=0.5)
        store.append("a", NewBest(trial_number=1, objective=accuracy, performance=scores))
        if tested is not None:
            model = BestModel(trial_number=1, val_accuracy=accuracy, test_accuracy=tested, test_loss=0.5, folder="/")
            store.append("a", model)
        store.append("a", StudyStatus(status="completed", reason=reason))
        study = store.study("a")
        assert study.baseline == baseline
        return warnings_of(study)

    def test_a_winner_above_the_baseline_has_none_of_its_own(self, study):
        assert study(0.9, BASELINE, "all trials done") == ("all are alike",)

    def test_a_winner_below_it_is_named_with_what_to_try(self, study):
        *_, last = study(0.8, BASELINE, "all trials done")
        assert last == (
            "the best network is worse than a plain method: val_accuracy 0.8000, and logistic regression over 8 x 8 "
            "pixels reaches 0.8500; its networks had 4 epochs at most: try max_epochs_per_trial=12"
        )

    def test_a_short_time_is_its_likely_cause(self, study):
        *_, last = study(0.8, BASELINE, "time budget of 20 s used up")
        assert last.endswith("; the time was short: `tuner resume a` goes on")

    def test_that_nothing_was_learned_is_said_instead(self, study):
        *_, last = study(0.6, BASELINE, "all trials done")
        assert last.startswith("nothing was learned: the best val_accuracy is 0.6000, and always answering ")

    def test_without_a_baseline_there_is_nothing_to_compare_with(self, study):
        assert study(0.8, None, "all trials done") == ("all are alike",)

    def test_so_is_one_whose_test_is_a_standard_error_below_it(self, study):
        """Of 2 test samples at 0.8, the standard error is 0.28."""
        *_, last = study(0.9, BASELINE, "all trials done", tested=0.5)
        assert "worse than a plain method: test_accuracy 0.5000, and logistic regression over 8 x 8 pixels" in last

    def test_a_smaller_difference_on_test_data_is_chance(self, study):
        assert study(0.9, BASELINE, "all trials done", tested=0.6) == ("all are alike",)
