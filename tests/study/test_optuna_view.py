"""A study's rows as an Optuna study in memory."""

from __future__ import annotations

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from tests.search.test_warm_start import epoch, row
from tests.store.samples import SPACE, at, spec
from tuner.events import SearchParameter
from tuner.store import Store
from tuner.study.optuna_view import distributions_of, optuna_study_of


@pytest.fixture
def study(tmp_path):
    """The row of a study with some fields of its spec, and its space: study(space=..., objective=...)."""

    def of(space=None, **fields):
        with Store.open(f"sqlite:///{tmp_path / 't.db'}") as store:
            store.create_study(spec("a", **fields), folder=str(tmp_path))
            return store.study("a").model_copy(update={"space": space})

    return of


def number(name, low, high, key="", log=False, kind="float", choices=None):
    return SearchParameter(
        key=key or name, name=name, meaning="", kind=kind, low=low, high=high, log=log, choices=choices, when={}
    )


def test_trials_have_our_numbers_values_and_states(study):
    trials = [
        row(1, 0.5, {"x": 1}),
        row(2, 0.7, {"x": 2}, status="pruned"),
        row(4, 0.0, {"x": 3}, status="failed"),
        row(5, 0.6, {"x": 4}, status="cancelled"),
        row(6, 0.0, {"x": 5}, status="running"),
    ]
    made = optuna_study_of(study(), trials, [epoch(2, 1, 0.6), epoch(2, 2, 0.7)])
    assert made.direction.name == "MAXIMIZE"
    assert made.metric_names == ["val_accuracy"]
    by_number = {trial.number: trial for trial in made.get_trials()}
    assert {at: one.state.name for at, one in by_number.items()} == {
        0: "WAITING", 1: "COMPLETE", 2: "PRUNED", 3: "WAITING", 4: "FAIL", 5: "FAIL", 6: "RUNNING",
    }  # fmt: skip
    assert (by_number[1].value, by_number[1].params) == (0.5, {"x": 1})
    assert by_number[2].intermediate_values == {1: 0.6, 2: 0.7}
    assert by_number[5].user_attrs["status"] == "cancelled"
    assert made.best_trial.number == 1


def test_several_objectives_constraints_and_times(study):
    row_of = study(objective=("val_accuracy", "parameter_count"), constraints=("parameter_count<=500",))
    trial = row(1, 0.5, {}).model_copy(update={"started_at": at(0), "completed_at": at(30)})
    (_, made) = optuna_study_of(row_of, [trial]).get_trials()
    assert made.values == [0.5, 1000.0]
    assert made.constraints == {"parameter_count<=500": 1.0}
    assert made.duration.total_seconds() == 30
    assert made.datetime_start.timestamp() == at(0).timestamp(), "local time"


@pytest.mark.parametrize(("values", "objective"), [({"val_loss": 1.0}, None), ({"val_accuracy": float("nan")}, 0.5)])
def test_a_completed_trial_without_a_number_counts_as_failed(study, values, objective):
    trial = row(1, 0.5, {}).model_copy(update={"values": values, "objective": objective and float("nan")})
    assert optuna_study_of(study(), [trial]).get_trials()[1].state == TrialState.FAIL


def test_the_value_of_an_earlier_tuners_trial_is_its_objective(study):
    trial = row(1, 0.5, {}).model_copy(update={"values": {}})
    assert optuna_study_of(study(), [trial]).get_trials()[1].value == 0.5


def test_variants_of_a_name_are_one_range_with_all_values_in_it(study):
    space = (
        number("learning_rate", 1e-4, 1e-2, "learning_rate_adam", log=True),
        number("learning_rate", 1e-2, 1.0, "learning_rate_sgd", log=True),
        number("layers", 1, 3, kind="int"),
        number("size", None, None, kind="choice", choices=(32, 64)),
        number("kind", None, None, kind="choice", choices=("sgd", "adam")),
    )
    given = {"learning_rate": 0.5, "layers": 7, "size": 48, "kind": "adam"}
    assert distributions_of(study(space), [row(1, 0.5, given), row(2, 0.5, {"layers": 1})]) == {
        "learning_rate": FloatDistribution(1e-4, 1.0, log=True),
        "layers": IntDistribution(1, 7),
        "size": CategoricalDistribution([32, 64, 48]),
        "kind": CategoricalDistribution(["sgd", "adam"]),
    }


def test_without_a_stored_space_values_tell_the_kind(study):
    trials = [row(1, 0.5, {"rate": 0.001, "n": 2, "flag": True, "mixed": 1}),
              row(2, 0.5, {"rate": 0.5, "n": 9, "flag": False, "mixed": True})]  # fmt: skip
    of = study()
    assert distributions_of(of, trials) == {
        "rate": FloatDistribution(0.001, 0.5, log=True),
        "n": IntDistribution(2, 9),
        "flag": CategoricalDistribution([False, True]),
        "mixed": CategoricalDistribution(["1", "True"]),
    }
    assert optuna_study_of(of, trials).get_trials()[1].params["mixed"] == "1"


def test_the_sample_space_of_the_store_is_understood(study):
    found = distributions_of(study(SPACE), [row(1, 0.5, {"dropout": 0.1, "a": "x"})])
    assert found == {
        "dropout": FloatDistribution(0.0, 0.5),
        "a": CategoricalDistribution(["1", "1.5", "x", "True"]),
    }


def test_a_study_without_trials_is_empty(study):
    assert len(optuna_study_of(study(), []).get_trials()) <= 1
