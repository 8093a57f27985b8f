"""What is suggested next, and that the search learns from what became of it."""

from __future__ import annotations

import pickle
import threading
from collections import Counter
from types import SimpleNamespace
from unittest import mock

import pytest
from ray.tune.execution.tune_controller import TuneController
from ray.tune.search import Searcher
from ray.tune.utils.object_cache import _ObjectCache

from tests.search.samples import IMAGES, PLAIN, TEXTS, RandomSuggester, narrowed, space
from tests.store.samples import complete, epoch, start, trial_spec
from tuner.search import suggestions as module
from tuner.search.auto_sampler import AutoSampler
from tuner.search.searcher import PlanAfterStep, StudySearch, StudySearcher
from tuner.search.suggestions import Suggestions, first_suggestion
from tuner.search.warm_start import WarmStart
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.trial_spec import TrialSpec


class Driven:
    """Suggestions, driven as a study drives them: all that happens is in its log."""

    def __init__(
        self,
        reject=lambda trial: None,
        architecture="cnn",
        data_input=IMAGES,
        rows=((), ()),
        warm=None,
        portfolio=(),
        **fields,
    ):
        self.spec = StudySpec(run_name="a", **fields)
        self.space = space(architecture, data_input, **fields)
        self.architecture = architecture
        self.log = []
        self.suggestions = Suggestions(
            self.spec,
            self.space,
            *map(list, rows),
            make_trial=self.trial,
            preflight=reject,
            record=self.append,
            warm=warm,
            portfolio=portfolio,
        )

    def append(self, event):
        self.log.append(event)
        self.suggestions.learn(event)

    def trial(self, number, hyperparameters):
        return trial_spec(number, self.spec, hyperparameters, hyperparameters["epochs"], architecture=self.architecture)

    def next(self):
        suggested = self.suggestions.next()
        assert suggested is not None
        return suggested.trial

    def completed(self, trial, value):
        number, hyperparameters = trial.trial_number, trial.hyperparameters
        self.append(start(number, hyperparameters=hyperparameters))
        self.append(epoch(1, number, objective=value))
        values = {"val_accuracy": value, "val_loss": -value, "parameter_count": 100 * value}
        self.append(complete(number, hyperparameters=hyperparameters, objective=value, values=values))


@pytest.mark.parametrize(("architecture", "data_input"), [("cnn", IMAGES), ("lstm", TEXTS)])
def test_a_suggestion_is_a_complete_trial(architecture, data_input):
    driven = Driven(architecture=architecture, data_input=data_input, seed=3)
    for number in range(1, 21):
        trial = driven.next()
        assert trial.trial_number == number
        assert trial.data.seed == 3
        exist = {p.name for p in driven.space.parameters if p.when(trial.hyperparameters)}
        assert set(trial.hyperparameters) == exist


def suggestions(count=5, **fields):
    driven = Driven(**fields)
    return [driven.next().hyperparameters for _ in range(count)]


def test_the_same_seed_gives_the_same_first_suggestions():
    assert suggestions(seed=1) == suggestions(seed=1)


def test_another_seed_gives_other_suggestions():
    assert suggestions(seed=1) != suggestions(seed=2)


def test_suggestions_of_one_study_differ():
    assert len({str(hyperparameters) for hyperparameters in suggestions()}) == 5


def test_what_a_study_tries_first_is_known_beforehand():
    assert first_suggestion(StudySpec(seed=5), space(seed=5)) == Driven(seed=5).next().hyperparameters


def test_a_fixed_parameter_is_in_every_suggestion():
    assert {hp["activation"] for hp in suggestions(space=narrowed(activation="elu"))} == {"elu"}


NUMBERS = {"conv_layers": 1, "dense_layers": 1, "optimizer": "adam", "kernel_size": 3, "activation": "relu"}
NUMBERS |= {"batch_normalization": True, "use_global_pooling": True, "initializer": "he_normal"}
NUMBERS |= PLAIN


@pytest.mark.parametrize("searcher", ["auto", "tpe", "random", "cmaes"])
def test_every_searcher_suggests_within_the_space(searcher):
    driven = Driven(searcher=searcher, space=narrowed(**NUMBERS))
    for _ in range(15):
        trial = driven.next()
        driven.completed(trial, trial.hyperparameters["dropout"])
        for parameter in driven.space.parameters:
            if parameter.name in trial.hyperparameters and parameter.low is not None and parameter.key != "epochs":
                assert parameter.when(trial.hyperparameters) is False or (
                    parameter.low <= trial.hyperparameters[parameter.name] <= parameter.high
                )


def test_several_objectives_are_searched_by_evolution_or_tpe():
    for searcher in ("nsga2", "tpe", "auto"):
        driven = Driven(searcher=searcher, objective=("val_accuracy", "parameter_count"), space=narrowed(**NUMBERS))
        for _ in range(12):
            driven.completed(driven.next(), 0.5)
        assert len(driven.suggestions.study.best_trials) == 12


def test_a_grid_tries_every_combination_once_and_then_ends():
    grid = narrowed(**NUMBERS, filters_1={"choices": (8, 16)}, first_dense_nodes=64, batch_size=32)
    grid |= narrowed(dropout={"choices": (0.0, 0.25, 0.5)}, learning_rate={"choices": (1e-3, 1e-2)})
    driven = Driven(searcher="grid", space=grid)
    tried = []
    while (suggested := driven.suggestions.next()) is not None:
        trial = suggested.trial
        tried.append((*(trial.hyperparameters[name] for name in ("filters_1", "dropout", "learning_rate")),))
        driven.completed(trial, 0.5)
    assert len(tried) == len(set(tried)) == 12
    assert driven.suggestions.exhausted == "every combination of the grid was tried (12)"


def test_the_search_learns():
    """Only sgd scores: once the random start is over, most suggestions have to be sgd."""
    driven = Driven(space=narrowed(conv_layers=1, dense_layers=1))
    late = []
    for number in range(60):
        trial = driven.next()
        optimizer = trial.hyperparameters["optimizer"]
        driven.completed(trial, float(optimizer == "sgd"))
        if number >= 30:
            late.append(optimizer)
    assert late.count("sgd") > len(late) / 2


def test_a_belief_pulls_the_first_suggestion_there():
    driven = Driven(space=narrowed(optimizer={"prior": "sgd"}, learning_rate={"prior": 0.05}))
    first = driven.next().hyperparameters
    assert first["optimizer"] == "sgd"
    assert 0.03 < first["learning_rate"] < 0.08


# --- which method suggested a trial ---


def methods(driven, trials):
    """How many trials each method suggested; each scores its dropout."""
    found = Counter()
    for _ in range(trials):
        suggested = driven.suggestions.next()
        found[suggested.suggested_by] += 1
        driven.completed(suggested.trial, suggested.trial.hyperparameters["dropout"])
    return found


def test_auto_starts_with_points_spread_over_the_space_and_goes_on_with_its_models():
    found = methods(Driven(), 20)
    assert found["space_filling"] == 10
    assert found["gaussian_process"] + found["tpe"] == 10


def test_after_networks_that_are_known_to_be_good_auto_uses_its_models_sooner():
    found = methods(Driven(portfolio=({"dropout": 0.1}, {"dropout": 0.2}, {"dropout": 0.3})), 20)
    assert found["portfolio"] == 3
    assert found["space_filling"] == 2
    assert found["gaussian_process"] + found["tpe"] == 15


@pytest.mark.parametrize("searcher", ["tpe", "random", "cmaes"])
def test_any_other_searcher_suggests_all_trials_itself(searcher):
    assert methods(Driven(searcher=searcher, space=narrowed(**NUMBERS)), 12) == {searcher: 12}


def test_auto_with_several_objectives_is_tpe():
    driven = Driven(objective=("val_accuracy", "parameter_count"))
    assert driven.suggestions.next().suggested_by == "tpe"


def test_the_last_configurations_of_a_small_space_are_enumerated():
    fixed = narrowed(**NUMBERS, filters_1=8, first_dense_nodes=64, batch_size=32, learning_rate=1e-3)
    driven = Driven(space=fixed | narrowed(dropout={"choices": (0.0, 0.25)}))
    assert methods(driven, 2) == {"space_filling": 2}


FIXED = narrowed(**NUMBERS, filters_1=8, first_dense_nodes=64, batch_size=32, learning_rate=1e-3)


@pytest.mark.parametrize("searcher", ["auto", "tpe", "random", "nsga2", "gp"])
def test_no_configuration_is_trained_twice(searcher):
    if searcher == "gp":
        pytest.importorskip("torch")
    objective = ("val_accuracy", "parameter_count") if searcher == "nsga2" else "val_accuracy"
    small = FIXED | narrowed(dropout=[0.0, 0.25, 0.5], batch_size=[32, 64])
    driven, tried = Driven(searcher=searcher, objective=objective, space=small), []
    while (suggested := driven.suggestions.next()) is not None:
        tried.append((suggested.trial.hyperparameters["dropout"], suggested.trial.hyperparameters["batch_size"]))
        driven.completed(suggested.trial, 0.5)
    assert len(tried) == len(set(tried)) == 6
    assert driven.suggestions.exhausted == "every combination of the search space was tried (6)"
    numbers = [event.trial_number for event in driven.log if event.type == "trial_start"]
    assert numbers == list(range(1, 7)), "a suggestion that repeats another one takes no number"


def test_a_sampler_that_repeats_itself_gets_an_untried_configuration(monkeypatch):
    driven = Driven(searcher="random", space=FIXED | narrowed(dropout=[0.0, 0.25, 0.5]))
    monkeypatch.setattr(driven.suggestions._sampler, "sample_independent", lambda *args: 0.25)
    found = [driven.suggestions.next() for _ in range(3)]
    assert [(one.trial.hyperparameters["dropout"], one.suggested_by) for one in found] == [
        (0.25, "random"), (0.0, "enumeration"), (0.5, "enumeration")
    ]  # fmt: skip
    assert driven.suggestions.next() is None


def test_so_it_does_in_a_space_that_has_no_end(monkeypatch):
    driven = Driven(searcher="random", space=FIXED)
    monkeypatch.setattr(driven.suggestions._sampler, "sample_independent", lambda *args: 0.25)
    found = [driven.next().hyperparameters["dropout"] for _ in range(4)]
    assert found[0] == 0.25
    assert len(set(found)) == 4


def test_the_members_of_a_population_may_begin_alike():
    driven = Driven(searcher="random", scheduler="pbt", space=FIXED | narrowed(dropout=0.25))
    assert [driven.next().trial_number for _ in range(3)] == [1, 2, 3]


def test_what_an_earlier_run_tried_is_not_tried_again(tmp_path):
    small = FIXED | narrowed(dropout=[0.0, 0.25, 0.5])
    driven = Driven(space=small)
    first = driven.next()
    driven.completed(first, 0.5)
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(driven.spec, folder="")
        for event in driven.log:
            store.append("a", event)
        resumed = Driven(rows=(store.trials("a"), store.epochs("a")), space=small)
    found = [resumed.next().hyperparameters["dropout"] for _ in range(2)]
    assert {first.hyperparameters["dropout"], *found} == {0.0, 0.25, 0.5}
    assert resumed.suggestions.next() is None


def test_a_configuration_of_an_earlier_study_comes_from_the_warm_start():
    driven = Driven(warm=WarmStart(first=({"dropout": 0.125},)))
    assert [driven.suggestions.next().suggested_by for _ in range(2)] == ["warm_start", "space_filling"]


def test_a_resumed_trial_keeps_the_method_that_suggested_it(rows):
    driven = Driven(rows=rows)
    assert [driven.suggestions.next().suggested_by for _ in range(3)] == ["tpe", None, "space_filling"]


def test_a_rejected_trial_records_the_method_too():
    driven = Driven(reject=lambda trial: "too large" if trial.trial_number == 1 else None)
    driven.next()
    assert [event.suggested_by for event in driven.log] == ["space_filling"]


# --- rejections ---


def test_a_rejected_network_is_recorded_and_the_next_one_takes_its_place():
    driven = Driven(reject=lambda trial: "too large" if trial.trial_number in (1, 2, 4) else None)
    assert driven.next().trial_number == 3
    assert driven.next().trial_number == 5
    assert [(e.trial_number, e.status, e.cause, e.reason) for e in driven.log] == [
        (number, "rejected", "too_large", "too large") for number in (1, 2, 4)
    ]


def test_a_space_that_holds_nothing_that_fits_ends_the_search(monkeypatch):
    monkeypatch.setattr(module, "MOST_REJECTIONS", 30)
    driven = Driven(reject=lambda trial: "too large")
    assert driven.suggestions.exhausted is None
    assert driven.suggestions.next() is None
    assert driven.suggestions.exhausted == "30 suggestions in a row were rejected, the latest one: too large"
    assert [event.trial_number for event in driven.log] == list(range(1, 31))


def test_a_search_that_goes_on_after_its_last_rejection_does_not_reject_as_many_again(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "MOST_REJECTIONS", 5)
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="a"), folder="")
        driven = Driven(reject=lambda trial: "too large")
        assert driven.suggestions.next() is None
        for event in driven.log:
            store.append("a", event)
        again = Driven(reject=lambda trial: "too large", rows=(store.trials("a"), store.epochs("a")))
    assert again.suggestions.next() is None
    assert again.log == []
    assert again.suggestions.exhausted == driven.suggestions.exhausted


def test_suggestions_that_would_end_after_the_time_budget_are_counted_as_such(monkeypatch):
    monkeypatch.setattr(module, "MOST_REJECTIONS", 4)
    driven = Driven()
    driven.suggestions._cost_model = SimpleNamespace(in_time=lambda hyperparameters: None)
    assert driven.suggestions.next() is None
    assert driven.suggestions.exhausted == (
        "too little time is left for another trial: none of 4 suggestions fits, by estimate"
    )


class TestLittleTimeIsLeft:
    """Only a configuration for which `fits` holds would end in time."""

    def driven(self, fits):
        driven = Driven()
        in_time = lambda hyperparameters: hyperparameters if fits(hyperparameters) else None  # noqa: E731
        driven.suggestions._cost_model = SimpleNamespace(in_time=in_time)
        return driven

    def test_few_plans_are_made_before_a_faster_configuration_is_drawn(self):
        planned = []

        def fits(hyperparameters):
            planned.append(hyperparameters)
            return len(planned) > 50

        driven = self.driven(fits)
        suggestion = driven.suggestions.next()
        assert suggestion.suggested_by == "random"
        assert suggestion.trial.hyperparameters == planned[-1]
        assert len(driven.suggestions.study.trials) == module.MOST_SLOW_PLANS + 1

    def test_the_search_ends_after_few_plans_if_nothing_fits(self):
        driven = self.driven(lambda hyperparameters: False)
        assert driven.suggestions.next() is None
        assert len(driven.suggestions.study.trials) == module.MOST_SLOW_PLANS
        assert f"none of {module.MOST_REJECTIONS} suggestions fits" in driven.suggestions.exhausted


# --- going on with a study ---


@pytest.fixture
def rows(tmp_path):
    """Trials and epochs of a study: completed, pruned, diverged, rejected, cancelled, running, with a gap."""
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="a"), folder="")
        for number, status in ((1, "completed"), (2, "pruned"), (3, "diverged"), (4, "rejected"), (6, "cancelled")):
            hp = space().suggest(RandomSuggester(number))
            if status != "rejected":
                store.append("a", start(number, hyperparameters=hp, suggested_by="tpe" if number == 6 else None))
                store.append("a", epoch(1, number, objective=number / 10))
            values = {"val_accuracy": number / 10}
            store.append("a", complete(number, status=status, hyperparameters=hp, values=values, objective=number / 10))
        store.append("a", start(7, hyperparameters=space().suggest(RandomSuggester(7))))
        yield store.trials("a"), store.epochs("a")


def test_interrupted_trials_come_first_under_their_old_numbers_and_hyperparameters(rows):
    driven = Driven(rows=rows)
    again = [driven.next() for _ in range(3)]
    assert [trial.trial_number for trial in again] == [6, 7, 5], "no worker began 5: its number is free"
    assert [trial.hyperparameters for trial in again[:2]] == [row.hyperparameters for row in rows[0][-2:]]
    assert again[2].hyperparameters not in [row.hyperparameters for row in rows[0]]


def test_past_trials_are_known_as_they_ended(rows):
    driven = Driven(rows=rows)
    known = {trial.user_attrs["trial_number"]: trial.state.name for trial in driven.suggestions.study.trials}
    assert known == {1: "COMPLETE", 2: "PRUNED", 3: "FAIL", 4: "FAIL", 6: "RUNNING", 7: "RUNNING"}


def test_a_resumed_study_does_not_repeat_its_first_suggestions(tmp_path):
    driven = Driven()
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(driven.spec, folder="")
        first = [driven.next() for _ in range(5)]
        for trial in first:
            driven.completed(trial, 0.5)
        for event in driven.log:
            store.append("a", event)
        resumed = suggestions(rows=(store.trials("a"), store.epochs("a")))
    assert not [hp for hp in resumed if hp in [trial.hyperparameters for trial in first]]


def test_a_number_that_was_suggested_but_never_begun_is_given_to_the_next_trial(tmp_path):
    driven = Driven()
    first, second, third = (driven.next() for _ in range(3))
    driven.completed(second, 0.5)
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(driven.spec, folder="")
        for event in driven.log:
            store.append("a", event)
        resumed = Driven(rows=(store.trials("a"), store.epochs("a")))
    assert [resumed.next().trial_number for _ in range(3)] == [first.trial_number, third.trial_number, 4]


# --- Planned ahead ---


def begun(driven, **fields):
    """The next trial, after its first epoch."""
    trial = driven.next()
    driven.append(start(trial.trial_number, hyperparameters=trial.hyperparameters))
    driven.append(epoch(1, trial.trial_number, **fields))
    return trial


@pytest.fixture
def plans(monkeypatch):
    """The threads that planned."""
    planned, plan = [], AutoSampler._plan

    def noted(*args):
        planned.append(threading.current_thread())
        return plan(*args)

    monkeypatch.setattr(AutoSampler, "_plan", noted)
    return planned


def test_the_next_trial_is_planned_while_the_last_one_trains(plans):
    driven = Driven()
    trial = begun(driven)
    driven.suggestions.plan_ahead()
    driven.append(complete(trial.trial_number, objective=0.8, values={"val_accuracy": 0.8}))
    driven.next()
    assert [thread is threading.main_thread() for thread in plans] == [True, False]


def test_a_plan_that_knew_nothing_of_a_trial_that_ended_is_made_anew(plans):
    driven = Driven()
    known, unknown = begun(driven), driven.next()
    driven.append(start(unknown.trial_number, hyperparameters=unknown.hyperparameters))
    driven.suggestions.plan_ahead()
    driven.completed(unknown, 0.7)
    driven.next()
    assert [thread is threading.main_thread() for thread in plans] == [True, True, False, True]
    driven.completed(known, 0.7)


@pytest.mark.parametrize("fields", [{"searcher": "tpe"}, {"objective": "parameter_count"}, {"searcher": "random"}])
def test_what_cannot_use_a_curve_plans_nothing_ahead(plans, fields):
    driven = Driven(**fields)
    begun(driven)
    driven.suggestions.plan_ahead()
    assert [thread for thread in plans if thread is not threading.main_thread()] == []


def test_where_plans_are_for_several_trials_no_trial_waits_for_the_plan_of_later_ones(monkeypatch, plans):
    monkeypatch.setattr(AutoSampler, "plans_several", lambda self, running: True)
    driven, may_plan, plan = Driven(), threading.Event(), AutoSampler._plan
    begun(driven), begun(driven)
    plans.clear()
    driven.suggestions.plan_ahead()
    driven.suggestions._planner.wait()
    monkeypatch.setattr(AutoSampler, "_plan", lambda *args: may_plan.wait(10) and plan(*args))
    driven.suggestions.plan_ahead()  # of the one after the next
    running = driven.next()
    assert driven.suggestions._planner.planning
    may_plan.set()
    assert driven.next().hyperparameters != running.hyperparameters
    assert [thread is threading.main_thread() for thread in plans] == [False, False]


def test_a_plan_leaves_the_numbers_and_the_configurations_as_they_would_be():
    def numbers(ahead):
        driven, suggested = Driven(seed=4), []
        for _ in range(14):
            trial = begun(driven, objective=0.5)
            suggested.append(trial)
            if ahead:
                driven.suggestions.plan_ahead()
            driven.append(complete(trial.trial_number, objective=0.5, values={"val_accuracy": 0.5}))
        return suggested

    ahead, after = numbers(ahead=True), numbers(ahead=False)
    assert [trial.trial_number for trial in ahead] == list(range(1, 15))
    # The first ones do not look at results.
    assert [trial.hyperparameters for trial in ahead[:10]] == [trial.hyperparameters for trial in after[:10]]


# --- Ray Tune's side ---


class Devices:
    """Room for so many trials at once."""

    should_yield = False

    def __init__(self, room=10**6):
        self._room, self._taken = room, set()

    @property
    def has_capacity(self):
        return len(self._taken) < self._room

    def allocate(self, trial, who):
        self._taken.add(who)
        return {"allocation": {"cpus": trial.trial_number}}

    def release(self, who):
        self._taken.discard(who)


def searcher(driven, stopped=lambda: False, room=10**6):
    spec = driven.spec
    return StudySearcher(spec, driven.suggestions, spec.trials, stopped=stopped, devices=Devices(room))


def test_ray_tune_gets_complete_trials_as_json_values():
    config = searcher(Driven()).suggest("x")
    assert set(config) == {"trial", "suggested_by", "allocation", "suggested_at"}
    assert config["suggested_by"] == "space_filling"
    assert TrialSpec.model_validate(config["trial"]).trial_number == 1
    assert config["allocation"] == {"cpus": 1}


def test_a_trial_is_suggested_once_there_are_devices_for_it():
    asked = searcher(Driven(), room=2)
    assert asked.suggest("x")["trial"]["trial_number"] == 1
    assert asked.suggest("y")["trial"]["trial_number"] == 2
    assert asked.suggest("z") is None
    asked.on_trial_complete("x")
    assert asked.suggest("z")["trial"]["trial_number"] == 3


def test_a_study_that_is_stopped_is_given_no_more_trials():
    stopping = []
    asked = searcher(Driven(), stopped=lambda: bool(stopping))
    assert asked.suggest("x")["trial"]["trial_number"] == 1
    stopping.append("now")
    assert asked.suggest("y") == Searcher.FINISHED


def test_a_trial_whose_network_its_worker_rejected_is_replaced_while_it_has_not_ended():
    driven = Driven(trials=1)
    asked = searcher(driven)
    assert asked.suggest("x")["trial"]["trial_number"] == 1
    assert asked.suggest("y") is None, "it may be rejected yet"
    asked.add_trial()
    asked.on_trial_complete("x")
    assert asked.suggest("y")["trial"]["trial_number"] == 2
    asked.on_trial_complete("y")
    assert asked.suggest("z") == Searcher.FINISHED


class Loop:
    """As much of Ray Tune's loop as decides whether the worker of a trial that has ended is kept."""

    def __init__(self, search):
        self._search_alg, self._reuse_actors, self._staged_trials = search, True, set()
        self._trial_to_actor, self._actor_to_trial, self._started_actors = {}, {}, {"worker"}
        self._actor_manager = mock.Mock(is_actor_started=lambda actor: True, is_actor_failed=lambda actor: False)

    def keeps_worker(self):
        ended = mock.Mock(placement_group_factory="a CPU")
        self._trial_to_actor[ended], self._actor_to_trial["worker"] = "worker", ended
        self._actor_cache = _ObjectCache()
        return TuneController._maybe_cache_trial_actor(self, ended)


def test_ray_tune_keeps_no_worker_whose_place_is_another_study_s_and_goes_on_with_the_next_step():
    asked = searcher(Driven())
    search = StudySearch(asked, max_concurrent=2)
    search._total_samples = 3
    loop = Loop(search)
    asked.suggest("x")
    asked.on_trial_complete("x")
    assert loop.keeps_worker()
    asked._devices.should_yield = True
    asked.suggest("y")
    asked.on_trial_complete("y")
    assert not loop.keeps_worker()
    PlanAfterStep(asked).on_step_end(1, [])
    assert not search.is_finished(), "the study goes on"
    search._counter = 3
    assert search.is_finished()


def test_a_search_that_is_exhausted_has_finished(monkeypatch):
    monkeypatch.setattr(module, "MOST_REJECTIONS", 3)
    assert searcher(Driven(reject=lambda trial: "too large")).suggest("x") == Searcher.FINISHED


@pytest.mark.parametrize(("objective", "mode"), [("val_accuracy", "max"), ("val_loss", "min")])
def test_the_monitored_objective_decides_the_mode(objective, mode):
    assert searcher(Driven(objective=objective)).mode == mode


def test_nothing_of_a_searcher_is_ever_pickled(tmp_path):
    asked = searcher(Driven())
    asked.save(str(tmp_path / "searcher.pkl"))
    asked.restore(str(tmp_path / "searcher.pkl"))
    assert list(tmp_path.iterdir()) == []
    assert vars(pickle.loads(pickle.dumps(asked))) == {}
    assert vars(pickle.loads(pickle.dumps(StudySearch(asked, max_concurrent=2)))) == {}


def test_the_searcher_plans_ahead_only_what_will_be_asked_for(monkeypatch):
    driven, planned = Driven(trials=2), []
    monkeypatch.setattr(driven.suggestions, "plan_ahead", lambda: planned.append("a plan"))
    asked = searcher(driven)
    for name in "xy":
        asked.suggest(name)
        PlanAfterStep(asked).on_step_end(1, [])
    assert planned == ["a plan"]
