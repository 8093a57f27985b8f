"""The searcher: what it suggests, and what it tells Optuna about what became of it."""

import pickle

import pytest
from optuna.trial import TrialState
from ray.tune.search import Searcher

from tests.search.samples import IMAGES, TEXTS, narrowed, space
from tuner.search import searcher as module
from tuner.search.searcher import (
    BEST_OBJECTIVE,
    OBJECTIVE,
    STATUS,
    InterruptedTrial,
    PastTrial,
    StudySearcher,
    first_suggestion,
)
from tuner.spec import StudySpec, TrialSpec

NAN, INF = float("nan"), float("inf")


class Driven:
    """A searcher, driven as Ray Tune's controller drives it.

    That tells the searcher each epoch after which a trial goes on; the one after which it ends comes with
    `on_trial_complete` alone, and so does the loss of a worker.
    """

    def __init__(self, reject=lambda trial: None, architecture="cnn", data_input=IMAGES, past=(), **fields):
        again = {name: fields.pop(name) for name in ("interrupted", "next_number", "stopped") if name in fields}
        self.spec = StudySpec(run_name="a", **fields)
        self.space = space(architecture, data_input, **fields)
        self.architecture = architecture
        self.rejected = []
        self.searcher = StudySearcher(
            self.spec,
            self.space,
            self.trial,
            reject,
            lambda trial, reason: self.rejected.append((trial.trial_number, reason)),
            past=past,
            **again,
        )

    def trial(self, number, hyperparameters):
        return TrialSpec(
            study="a",
            trial_number=number,
            data=self.spec.data,
            architecture=self.architecture,
            hyperparameters=hyperparameters,
            objective=self.spec.objective,
            epochs=hyperparameters["epochs"],
        )

    def suggest(self, trial_id="x"):
        config = self.searcher.suggest(trial_id)
        assert set(config) == {"trial"}
        return TrialSpec.model_validate(config["trial"])

    def epoch(self, epoch, objective, trial_id="x"):
        self.searcher.on_trial_result(trial_id, {"epoch": epoch, OBJECTIVE: objective, "training_iteration": epoch + 1})

    def completed(self, epoch, objective, best, trial_id="x"):
        result = {"epoch": epoch, OBJECTIVE: objective, STATUS: "completed", BEST_OBJECTIVE: best}
        self.searcher.on_trial_complete(trial_id, result=result)

    def pruned(self, epoch, objective, trial_id="x"):
        self.searcher.on_trial_complete(trial_id, result={"epoch": epoch, OBJECTIVE: objective})

    def diverged(self, trial_id="x"):
        self.searcher.on_trial_complete(trial_id, result={STATUS: "diverged", "events": []})

    @property
    def told(self):
        """All trials that Optuna knows, in order."""
        return self.searcher._inner._ot_study.trials


def states(driven):
    return [trial.state for trial in driven.told]


# --- suggestions ---


@pytest.mark.parametrize(("architecture", "data_input"), [("cnn", IMAGES), ("lstm", TEXTS)])
def test_a_suggestion_is_a_complete_trial(architecture, data_input):
    driven = Driven(architecture=architecture, data_input=data_input, seed=3)
    for number in range(1, 21):
        trial = driven.suggest(str(number))
        assert trial.trial_number == number
        assert trial.data.seed == 3
        exist = {p.name for p in driven.space.parameters if p.when(trial.hyperparameters)}
        assert set(trial.hyperparameters) == exist


def suggestions(**fields):
    driven = Driven(**fields)
    return [driven.suggest(str(number)).hyperparameters for number in range(5)]


def test_the_same_seed_gives_the_same_first_suggestions():
    assert suggestions(seed=1) == suggestions(seed=1)


def test_another_seed_gives_other_suggestions():
    assert suggestions(seed=1) != suggestions(seed=2)


def test_suggestions_of_one_study_differ():
    assert len({str(hyperparameters) for hyperparameters in suggestions()}) == 5


def test_what_a_study_tries_first_is_known_beforehand():
    assert first_suggestion(space(), seed=5) == Driven(seed=5).suggest().hyperparameters


def test_a_fixed_parameter_is_in_every_suggestion():
    assert {hp["activation"] for hp in suggestions(space=narrowed(activation="elu"))} == {"elu"}


# --- rejections ---


def test_a_rejected_network_is_told_as_failed_and_the_next_one_takes_its_place():
    driven = Driven(reject=lambda trial: "too large" if trial.trial_number in (1, 2, 4) else None)
    assert driven.suggest("x").trial_number == 3
    assert driven.suggest("y").trial_number == 5
    assert driven.rejected == [(1, "too large"), (2, "too large"), (4, "too large")]
    fail, running = TrialState.FAIL, TrialState.RUNNING
    assert states(driven) == [fail, fail, running, fail, running]
    driven.completed(1, 0.5, 0.5)
    assert states(driven)[2] == TrialState.COMPLETE


def test_a_space_that_holds_nothing_that_fits_ends_the_search(monkeypatch):
    monkeypatch.setattr(module, "MOST_REJECTIONS", 30)
    driven = Driven(reject=lambda trial: "too large")
    assert not driven.searcher.exhausted
    assert driven.searcher.suggest("x") == Searcher.FINISHED
    assert driven.searcher.exhausted
    assert [number for number, _ in driven.rejected] == list(range(1, 31))
    assert set(states(driven)) == {TrialState.FAIL}


def test_a_study_that_is_stopped_is_given_no_more_trials():
    stopping = []
    driven = Driven(stopped=lambda: bool(stopping))
    assert driven.suggest("x").trial_number == 1
    stopping.append("now")
    assert driven.searcher.suggest("y") == Searcher.FINISHED
    assert len(driven.told) == 1
    assert not driven.searcher.exhausted


# --- ends ---


def test_a_completed_trial_is_told_with_its_best_objective_and_whole_curve():
    driven = Driven()
    driven.suggest()
    driven.epoch(1, 0.5)
    driven.epoch(2, 0.8)
    driven.completed(3, 0.7, best=0.8)
    (told,) = driven.told
    assert (told.state, told.value) == (TrialState.COMPLETE, 0.8)
    assert told.intermediate_values == {1: 0.5, 2: 0.8, 3: 0.7}


def test_a_pruned_trial_is_told_as_pruned_with_its_whole_curve():
    driven = Driven()
    driven.suggest()
    driven.epoch(1, 0.5)
    driven.epoch(2, 0.55)
    driven.pruned(3, 0.6)
    (told,) = driven.told
    assert told.state == TrialState.PRUNED
    assert told.intermediate_values == {1: 0.5, 2: 0.55, 3: 0.6}


def test_a_trial_pruned_after_its_first_epoch_has_that_epoch():
    driven = Driven()
    driven.suggest()
    driven.pruned(1, 0.1)
    (told,) = driven.told
    assert (told.state, told.intermediate_values) == (TrialState.PRUNED, {1: 0.1})


def test_a_diverged_trial_is_told_as_failed():
    driven = Driven()
    driven.suggest()
    driven.epoch(1, 0.5)
    driven.diverged()
    assert states(driven) == [TrialState.FAIL]


@pytest.mark.parametrize("result", [None, {"epoch": 2, OBJECTIVE: 0.5}], ids=["at its start", "in epoch 3"])
def test_a_trial_that_lost_its_worker_is_told_as_failed(result):
    driven = Driven()
    driven.suggest()
    driven.searcher.on_trial_complete("x", result=result, error=True)
    assert states(driven) == [TrialState.FAIL]


@pytest.mark.parametrize("value", [NAN, INF, -INF])
def test_what_is_not_finite_never_reaches_optuna(value):
    driven = Driven()
    driven.suggest()
    driven.epoch(1, 0.5)
    driven.epoch(2, value)
    driven.completed(3, value, best=0.5)
    (told,) = driven.told
    assert told.state == TrialState.FAIL
    assert told.intermediate_values == {1: 0.5}


def test_an_event_without_objective_is_no_epoch():
    driven = Driven()
    driven.suggest()
    driven.searcher.on_trial_result("x", {"events": ["a start"], "training_iteration": 1})
    assert driven.told[0].intermediate_values == {}


def test_epochs_repeated_after_a_lost_worker_are_told_once():
    driven = Driven()
    driven.suggest()
    for epoch, objective in [(1, 0.5), (2, 0.6), (1, 0.4), (2, 0.3), (3, 0.7)]:
        driven.epoch(epoch, objective)
    driven.completed(4, 0.8, best=0.8)
    assert driven.told[0].intermediate_values == {1: 0.5, 2: 0.6, 3: 0.7, 4: 0.8}


def test_trials_that_run_at_once_are_not_mixed_up():
    driven = Driven()
    first, second = driven.suggest("x"), driven.suggest("y")
    driven.epoch(1, 0.1, "y")
    driven.epoch(1, 0.9, "x")
    driven.completed(2, 0.8, best=0.9, trial_id="x")
    driven.pruned(2, 0.2, "y")
    x, y = driven.told
    assert (x.value, x.intermediate_values) == (0.9, {1: 0.9, 2: 0.8})
    assert (y.state, y.intermediate_values) == (TrialState.PRUNED, {1: 0.1, 2: 0.2})
    assert first.hyperparameters["optimizer"] == x.params["optimizer"]
    assert second.hyperparameters["optimizer"] == y.params["optimizer"]


def test_the_end_of_a_trial_that_was_never_suggested_is_ignored():
    driven = Driven()
    driven.searcher.on_trial_complete("unknown", result={"epoch": 1, OBJECTIVE: 0.5})
    assert driven.told == []


@pytest.mark.parametrize(("objective", "direction"), [("val_accuracy", "MAXIMIZE"), ("val_loss", "MINIMIZE")])
def test_the_objective_decides_the_direction(objective, direction):
    driven = Driven(objective=objective)
    assert driven.searcher._inner._ot_study.direction.name == direction
    assert driven.searcher.mode == {"MAXIMIZE": "max", "MINIMIZE": "min"}[direction]


def test_the_search_learns():
    """Only sgd scores: once the random start is over, most suggestions have to be sgd."""
    driven = Driven(space=narrowed(conv_layers=1, dense_layers=1))
    late = []
    for number in range(60):
        optimizer = driven.suggest(str(number)).hyperparameters["optimizer"]
        good = float(optimizer == "sgd")
        driven.completed(1, good, best=good, trial_id=str(number))
        if number >= 30:
            late.append(optimizer)
    assert late.count("sgd") > len(late) / 2


# --- going on with a study ---


def earlier(count=4):
    return [Driven(seed=9).space.suggest(_Past(number)) for number in range(count)]


class _Past:
    """Suggests values near the bounds, so that a replay that mixes up parameters is found out."""

    def __init__(self, number):
        self.number = number

    def suggest_float(self, name, low, high, *, log=False):
        return (low, high, low + (high - low) / 3, low)[self.number % 4]

    def suggest_int(self, name, low, high, *, log=False):
        return (high, low, high, low)[self.number % 4]

    def suggest_categorical(self, name, choices):
        return choices[self.number % len(choices)]


def by_name(space, values):
    names = {parameter.key: parameter.name for parameter in space.parameters}
    return {names[key]: value for key, value in values.items()}


def test_past_trials_are_told_as_they_ended():
    completed, pruned, failed, curveless = earlier()
    driven = Driven(
        past=[
            PastTrial(completed, 0.9, {1: 0.8, 2: 0.9}),
            PastTrial(pruned, 0.5, {1: 0.5}, pruned=True),
            PastTrial(failed, None, {1: 0.4}),
            PastTrial(curveless, 0.1, {}),
        ]
    )
    assert states(driven) == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL, TrialState.COMPLETE]
    assert [trial.value for trial in driven.told] == [0.9, 0.5, None, 0.1]
    assert [trial.intermediate_values for trial in driven.told] == [{1: 0.8, 2: 0.9}, {1: 0.5}, {1: 0.4}, {}]
    for told, hyperparameters in zip(driven.told, (completed, pruned, failed, curveless), strict=True):
        asked = by_name(driven.space, told.params)
        assert asked == {name: hyperparameters[name] for name in asked}
        assert set(hyperparameters) - set(asked) == {"epochs"}  # fixed, so never asked


def test_a_past_trial_is_told_as_if_the_sampler_had_been_asked():
    driven = Driven()
    hyperparameters = driven.suggest().hyperparameters
    driven.completed(1, 0.5, best=0.5)
    resumed = Driven(past=[PastTrial(hyperparameters, 0.5, {1: 0.5})])
    (first,), (again,) = driven.told, resumed.told
    assert again.params == first.params
    assert again.distributions == first.distributions


def test_interrupted_trials_come_first_under_their_old_numbers_and_hyperparameters():
    past, *open_ones = earlier()
    driven = Driven(
        past=[PastTrial(past, 0.9, {1: 0.9})],
        interrupted=[InterruptedTrial(number, hp) for number, hp in zip((3, 5, 6), open_ones, strict=True)],
        next_number=9,
    )
    again = [driven.suggest(str(number)) for number in range(4)]
    assert [trial.trial_number for trial in again] == [3, 5, 6, 9]
    assert [trial.hyperparameters for trial in again[:3]] == open_ones
    assert again[3].hyperparameters not in [past, *open_ones]
    driven.completed(1, 0.7, best=0.7, trial_id="0")
    assert (driven.told[1].state, driven.told[1].value) == (TrialState.COMPLETE, 0.7)


def test_an_interrupted_trial_that_no_longer_fits_is_rejected_under_its_number():
    (hyperparameters,) = earlier(1)
    driven = Driven(
        reject=lambda trial: "too large" if trial.trial_number == 3 else None,
        interrupted=[InterruptedTrial(3, hyperparameters)],
        next_number=7,
    )
    assert driven.suggest().trial_number == 7
    assert driven.rejected == [(3, "too large")]


def test_a_resumed_study_does_not_repeat_its_first_suggestions():
    first = suggestions()
    resumed = suggestions(past=[PastTrial(hp, 0.5, {1: 0.5}) for hp in first])
    assert not [hp for hp in resumed if hp in first]


def test_nothing_of_a_searcher_is_ever_pickled(tmp_path):
    driven = Driven()
    driven.searcher.save(str(tmp_path / "searcher.pkl"))
    driven.searcher.restore(str(tmp_path / "searcher.pkl"))
    assert list(tmp_path.iterdir()) == []
    assert vars(pickle.loads(pickle.dumps(driven.searcher))) == {}
