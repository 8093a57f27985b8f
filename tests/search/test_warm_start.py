"""What a study takes over from earlier ones: configurations to try first, results to know."""

from __future__ import annotations

import random

import pytest
from optuna.trial import TrialState

from tests.search.samples import IMAGES, PLAIN, RandomSuggester, narrowed, space
from tests.search.test_suggestions import NUMBERS, Driven
from tuner.events import now
from tuner.search.optuna_study import WARM_START
from tuner.search.space import make_space
from tuner.search.warm_start import MOST_RESULTS, EarlierStudy, adapted, comparable, contains, is_completion, warm_start
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow

ADAM = {
    "conv_layers": 2,
    "filters_1": 32,
    "filters_2": 64,
    "kernel_size": 3,
    "batch_normalization": True,
    "use_global_pooling": False,
    "dense_layers": 1,
    "first_dense_nodes": 128,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0.25,
    **PLAIN,
    "optimizer": "adam",
    "learning_rate": 0.004,
    "batch_size": 64,
    "epochs": 10,
}
SGD = ADAM | {"optimizer": "sgd", "learning_rate": 0.2, "momentum": 0.9, "weight_decay": 0.001}


def row(number, accuracy, hyperparameters=None, status="completed", study="old", **values):
    given = {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "parameter_count": 1000.0}
    return TrialRow(
        trial_id=f"{study}-{number:05d}",
        trial_number=number,
        status=status,
        started_at=None,
        completed_at=None,
        duration_seconds=1.0,
        hyperparameters=ADAM | {"dropout": number / 1000} if hyperparameters is None else hyperparameters,
        architecture=None,
        performance=None,
        cause=None,
        reason=None,
        error=None,
        objective=accuracy,
        values=given | values,
        best_epoch=1,
        epochs_trained=10,
    )


def epoch(number, at, objective):
    numbers = dict.fromkeys(("train_loss", "train_accuracy", "val_loss", "val_accuracy"), 0.5)
    return EpochRow(
        trial_number=number, epoch=at, objective=objective, duration_s=1, inference_ms=1, time=now(), **numbers
    )


def earlier(*trials, name="old", epochs=(), **fields):
    return EarlierStudy(name, StudySpec(run_name=name, **fields), trials, epochs)


def started(*studies, **fields):
    return warm_start(StudySpec(run_name="new", **fields), space(**fields), studies)


def dropouts(warm):
    return [configuration["dropout"] for configuration in warm.first]


# --- a configuration in another space ---


def test_in_the_same_space_a_configuration_stays_as_it_is():
    assert adapted(space(), ADAM) == {name: ADAM[name] for name in ADAM if name != "epochs"}


def test_what_exists_under_conditions_goes_by_the_key_of_its_variant():
    taken = adapted(space(), SGD)
    assert (taken["learning_rate_sgd"], taken["momentum"]) == (0.2, 0.9)
    assert "learning_rate" not in taken


def test_numbers_out_of_range_are_clipped():
    taken = adapted(space(space=narrowed(learning_rate="1e-5..1e-3", filters_1="64..128")), ADAM)
    assert (taken["learning_rate"], taken["filters_1"], taken["filters_2"]) == (1e-3, 64, 64)
    assert isinstance(taken["filters_1"], int)


def test_a_number_that_is_no_choice_becomes_the_nearest_one():
    taken = adapted(space(space=narrowed(batch_size={"choices": (16, 48, 512)})), ADAM)
    assert taken["batch_size"] == 48


def test_a_name_that_is_no_choice_is_left_to_the_sampler():
    assert "activation" not in adapted(space(space=narrowed(activation=["swish", "elu"])), ADAM)


def test_what_the_space_fixes_is_not_asked_for():
    assert "activation" not in adapted(space(activation="elu"), ADAM)


def test_with_another_optimizer_its_step_size_is_the_samplers():
    taken = adapted(space(space=narrowed(optimizer="adam")), SGD)
    assert not {"learning_rate", "learning_rate_sgd", "momentum"} & set(taken)
    assert taken["dropout"] == 0.25


def test_where_the_optimizer_is_open_what_might_exist_is_kept():
    taken = adapted(space(space=narrowed(optimizer=["adam", "adamw"])), SGD)
    assert "optimizer" not in taken
    assert "dropout" in taken


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_taken_over_is_what_optuna_then_suggests(seed):
    """Of any configuration, in any of some other spaces: all values are in range, and none is lost."""
    old = space(space=narrowed(conv_layers="1..6", dropout="0.0..0.9")).suggest(RandomSuggester(seed))
    overrides = random.Random(seed).choice(
        [{}, {"conv_layers": "2..3"}, {"optimizer": ["sgd", "adamw"]}, {"batch_size": {"choices": (32, 64)}}]
    )
    driven = Driven(space=narrowed(**overrides), warm=started(earlier(row(1, 0.9, old)), space=narrowed(**overrides)))
    taken = adapted(driven.space, old)
    suggested = driven.next().hyperparameters
    keys = {p.name: p.key for p in driven.space.parameters if p.name in suggested and p.when(suggested)}
    for name, value in suggested.items():
        if keys[name] in taken:
            assert value == taken[keys[name]]


# --- what is tried first ---


def test_the_best_come_first_and_at_most_five_of_them():
    warm = started(earlier(*(row(number, number / 100) for number in range(1, 11))), trials=100)
    assert dropouts(warm) == [0.010, 0.009, 0.008, 0.007, 0.006]


@pytest.mark.parametrize(("trials", "first"), [(3, 0), (4, 1), (8, 2), (19, 4), (20, 5)])
def test_they_are_at_most_a_quarter_of_the_trials(trials, first):
    warm = started(earlier(*(row(number, 0.5) for number in range(1, 11))), trials=trials)
    assert len(warm.first) == first


def test_they_differ():
    twice = earlier(row(1, 0.9, ADAM), row(2, 0.8, ADAM), row(3, 0.7, SGD))
    assert [hp["optimizer"] for hp in started(twice).first] == ["adam", "sgd"]


def test_a_loss_is_the_better_the_smaller_it_is():
    old = earlier(row(1, 0.9, val_loss=0.5), row(2, 0.8, val_loss=0.1), objective="val_loss")
    assert dropouts(started(old, objective="val_loss")) == [0.002, 0.001]


def test_only_what_completed_is_tried_again():
    rest = [row(n, 0.9, status=status) for n, status in enumerate(("pruned", "cancelled", "rejected", "running"), 2)]
    assert dropouts(started(earlier(row(1, 0.1), *rest))) == [0.001]


def test_what_keeps_to_the_constraints_comes_first_then_what_breaks_them_least():
    old = earlier(row(1, 0.9, parameter_count=9e5), row(2, 0.8, parameter_count=3e5), row(3, 0.7, parameter_count=1e5))
    assert dropouts(started(old, constraints=("parameter_count<=200000",))) == [0.003, 0.002, 0.001]


def test_of_several_objectives_the_front_comes_first():
    old = earlier(row(1, 0.9, parameter_count=500), row(2, 0.89, parameter_count=600), row(3, 0.5, parameter_count=100))
    assert dropouts(started(old, objective=("val_accuracy", "parameter_count"))) == [0.001, 0.003, 0.002]


def test_studies_that_compare_are_ranked_as_one_and_others_take_turns_after_them():
    same = [earlier(row(1, 0.5)), earlier(row(2, 0.6), name="too")]
    one = earlier(row(3, 0.99), row(4, 0.98), name="c", dataset="mnist")
    other = earlier(row(5, 0.7), row(6, 0.6), name="d", dataset="cifar10")
    assert dropouts(started(*same, one, other)) == [0.002, 0.001, 0.003, 0.005, 0.004]


# --- what is known ---


def test_results_are_known_the_oldest_first():
    warm = started(earlier(row(3, 0.5), name="new"), earlier(row(1, 0.5), row(2, 0.6), name="old"))
    assert [result.trial.trial_number for result in warm.results] == [1, 2, 3]


@pytest.mark.parametrize("searcher", ["random", "grid"])
def test_a_searcher_that_learns_nothing_is_told_nothing(searcher):
    assert started(earlier(row(1, 0.5)), searcher=searcher).results == ()


@pytest.mark.parametrize("fields", [{"dataset": "mnist"}, {"sample_percentage": 0.5}, {"seed": 1},
                                    {"validation_split": 0.3}, {"max_epochs_per_trial": 5},
                                    {"class_weight": "auto"}])  # fmt: skip
def test_results_on_other_data_weights_or_epochs_are_not_known_but_tried(fields):
    warm = started(earlier(row(1, 0.5), **fields))
    assert warm.results == ()
    assert len(warm.first) == 1


def test_where_the_data_lay_does_not_matter():
    assert comparable(StudySpec(data_dir="/a"), StudySpec(data_dir="/b", trials=3, searcher="random"))


def test_a_score_is_known_only_where_health_is_weighed_alike():
    weights = {"neuron_utilization": 0.15, "accuracy_consistency": 0.2}
    health = StudySpec(mode="health")
    assert comparable(health, StudySpec(mode="health", health_stop=False))
    assert not comparable(health, StudySpec(mode="health", accuracy_weight=0.5))
    assert not comparable(health, StudySpec(mode="health", health_weights=weights))
    unused = StudySpec().model_copy(update={"accuracy_weight": 0.5})
    assert comparable(StudySpec(), unused), "mode simple has no score of health"


def test_a_result_is_known_only_of_a_configuration_that_the_space_holds():
    changed = [
        ADAM | {"dropout": 0.9},
        ADAM | {"activation": "tanh"},
        {name: value for name, value in ADAM.items() if name != "dropout"},
        ADAM | {"more": 1},
        ADAM | {"epochs": 5},
        ADAM | {"filters_1": 32.5},
        ADAM | {"batch_normalization": 1},
    ]
    rows = [row(number, 0.5, hyperparameters) for number, hyperparameters in enumerate([ADAM, SGD, *changed], 1)]
    assert [result.trial.trial_number for result in started(earlier(*rows)).results] == [1, 2]


@pytest.mark.parametrize("seed", range(20))
def test_a_space_holds_what_it_suggests(seed):
    assert contains(space(), space().suggest(RandomSuggester(seed)))


def test_a_pruned_trial_is_known_with_its_curve():
    curve = [epoch(1, 1, 0.3), epoch(1, 2, 0.4)]
    old = earlier(row(1, 0.5, status="pruned"), row(2, 0.5, status="pruned"), epochs=curve)
    (result,) = started(old).results
    assert (result.trial.trial_number, result.curve) == (1, {1: 0.3, 2: 0.4})


def test_of_several_objectives_only_what_completed_with_all_of_them_is_known():
    pruned = earlier(row(1, 0.5, status="pruned"), row(2, 0.6), epochs=[epoch(1, 1, 0.3)])
    warm = started(pruned, objective=("val_accuracy", "parameter_count"))
    assert [result.trial.trial_number for result in warm.results] == [2]
    assert started(pruned, objective=("val_accuracy", "inference_time")).results == ()


def test_there_is_an_end_to_what_is_known_and_the_nearest_is_kept():
    near, far = (earlier(*(row(n, 0.5, ADAM, study=name) for n in range(1, MOST_RESULTS)), name=name) for name in "ab")
    results = started(near, far).results
    assert len(results) == MOST_RESULTS
    assert [result.trial.trial_id[0] for result in results] == ["b", *"a" * (MOST_RESULTS - 1)]


def test_an_own_models_configuration_is_taken_over_by_name():
    spec = StudySpec(run_name="new", model="own:build")
    own = make_space(spec, "own", IMAGES, {"units": "16..256", "kind": ["a", "b"]})
    old = row(1, 0.5, {"units": 999, "kind": "c", "optimizer": "adam", "learning_rate": 0.001, "batch_size": 32})
    (configuration,) = warm_start(spec, own, [earlier(old)]).first
    assert configuration == {"units": 256, "optimizer": "adam", "learning_rate": 0.001, "batch_size": 32}


def test_what_a_sampler_made_of_a_configuration_is_recognised_and_nothing_else():
    """Values may have been rounded and completed; what does not exist beside the others is not looked for."""
    taken = {"optimizer": "sgd", "learning_rate_sgd": 0.123456789, "momentum": 0.9, "filters_4": 16}
    suggested = SGD | {"learning_rate": 0.123457}
    assert is_completion(space(), suggested, taken)
    for other in ({"learning_rate": 0.1235}, {"optimizer": "adam"}, {"momentum": 0.8}):
        assert not is_completion(space(), suggested | other, taken)


# --- in a search ---


def known(driven):
    return [trial for trial in driven.suggestions.study.trials if WARM_START in trial.user_attrs]


def test_the_search_begins_with_the_best_and_knows_the_results():
    old = earlier(row(1, 0.5, SGD), row(2, 0.6, ADAM), row(3, 0.4, status="pruned"), epochs=[epoch(3, 1, 0.4)])
    driven = Driven(warm=started(old))
    assert [driven.next().hyperparameters for _ in range(2)] == [ADAM, SGD]
    assert driven.next().hyperparameters not in (ADAM, SGD)
    told = {trial.user_attrs[WARM_START]: (trial.state, trial.value) for trial in known(driven)}
    assert told == {
        "old-00001": (TrialState.COMPLETE, 0.5),
        "old-00002": (TrialState.COMPLETE, 0.6),
        "old-00003": (TrialState.PRUNED, 0.4),
    }


def test_what_is_known_is_no_trial_of_the_study():
    driven = Driven(warm=started(earlier(*(row(n, 0.5) for n in range(1, 30)))))
    assert driven.next().trial_number == 1
    assert driven.log == []
    assert all("trial_number" not in trial.user_attrs for trial in known(driven))


@pytest.mark.parametrize("done", [0, 1, 2, 5])
def test_a_study_that_goes_on_repeats_nothing_and_knows_the_results_again(done):
    old = earlier(row(1, 0.5, SGD), row(2, 0.6, ADAM))
    tried = [ADAM, SGD, *(ADAM | {"dropout": number / 100} for number in range(3))][:done]
    rows = ([row(number, 0.7, hyperparameters, study="a") for number, hyperparameters in enumerate(tried, 1)], [])
    driven = Driven(warm=started(old), rows=rows)
    following = [driven.next().hyperparameters for _ in range(3)]
    assert [hp for hp in following if hp in (ADAM, SGD)] == [ADAM, SGD][done:]
    assert len(known(driven)) == 2


def test_a_search_that_knows_results_does_not_begin_at_random():
    """Only sgd scored in the earlier study: so it does from the first suggestion on."""
    hps = [space().suggest(RandomSuggester(seed)) for seed in range(60)]
    old = earlier(*(row(n, float(hp["optimizer"] == "sgd"), hp) for n, hp in enumerate(hps, 1)))
    driven = Driven(warm=started(old), trials=20)
    suggested = [driven.next().hyperparameters["optimizer"] for _ in range(20)]
    assert suggested.count("sgd") > 10


@pytest.mark.parametrize("searcher", ["auto", "tpe", "cmaes"])
@pytest.mark.parametrize("results", [1, 9, 10, 40])
def test_any_number_of_results_can_be_known(searcher, results):
    """cmaes takes its first distribution from ten or more; the best are at dropout 0."""
    fields = {"searcher": searcher, "space": narrowed(**NUMBERS)}
    hps = [space(**fields).suggest(RandomSuggester(seed)) for seed in range(results)]
    warm = started(earlier(*(row(n, 1 - hp["dropout"], hp) for n, hp in enumerate(hps, 1)), **fields), **fields)
    assert len(warm.results) == results
    driven = Driven(warm=warm, **fields)
    suggested = []
    for _ in range(20):
        trial = driven.next()
        suggested.append(trial.hyperparameters["dropout"])
        driven.completed(trial, 1 - suggested[-1])
    if results == 40:
        assert sorted(suggested)[10] < 0.2


def test_several_objectives_can_be_known():
    fields = {"objective": ("val_accuracy", "parameter_count")}
    driven = Driven(warm=started(earlier(row(1, 0.5), row(2, 0.6), **fields), **fields), **fields)
    assert [trial.values for trial in known(driven)] == [[0.5, 1000.0], [0.6, 1000.0]]
    assert driven.next().hyperparameters["dropout"] == 0.002


GRID = narrowed(**NUMBERS, filters_1=16, first_dense_nodes=64, batch_size=32, dropout={"choices": (0.0, 0.25)})
GRID |= narrowed(learning_rate={"choices": (1e-3, 1e-2)})


def test_a_grid_begins_with_the_best_and_still_tries_every_combination_once():
    fields = {"searcher": "grid", "space": GRID}
    partly = {name: value for name, value in ADAM.items() if name != "learning_rate"}
    whole = [ADAM | {"learning_rate": rate} for rate in (1e-3, 1e-2)]
    old = earlier(*(row(n, 0.9 - n / 10, hp) for n, hp in enumerate([partly, *whole], 1)))
    driven = Driven(warm=started(old, **fields), **fields)
    tried = []
    while (suggested := driven.suggestions.next()) is not None:
        trial = suggested.trial
        tried.append((trial.hyperparameters["dropout"], trial.hyperparameters["learning_rate"]))
        driven.completed(trial, 0.5)
    assert len(tried) == len(set(tried)) == 4
    assert {dropout for dropout, _ in tried[:2]} == {0.25}
