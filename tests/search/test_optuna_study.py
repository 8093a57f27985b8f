"""What Optuna is told of a study: one trial for one of ours, in its true state, with its true curve."""

from __future__ import annotations

import optuna
import pytest
from optuna.trial import TrialState

from tests.search.samples import RandomSuggester, narrowed, space
from tests.store.samples import CNN, GOOD, complete, epoch, start
from tuner.search.optuna_study import OptunaStudyWriter
from tuner.spec import StudySpec
from tuner.store import Store

SPACE = space()


def hyperparameters(seed: int = 0):
    return SPACE.suggest(RandomSuggester(seed))


def storage(kind, tmp_path):
    if kind == "memory":
        return optuna.storages.InMemoryStorage()
    return optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'optuna.db'}")


@pytest.fixture(params=["memory", "database"])
def stored(request, tmp_path):
    return storage(request.param, tmp_path)


def mirror(stored, *, for_people=False, **fields):
    return OptunaStudyWriter(stored, StudySpec(run_name="a", **fields), SPACE, for_people=for_people)


def ran(number=1, curve=(0.5, 0.8), seed=0, **end):
    """The events of a trial."""
    hp = hyperparameters(seed)
    yield start(number, hyperparameters=hp)
    for at, objective in enumerate(curve, start=1):
        yield epoch(at, number, objective=objective)
    if end:
        values = {"val_accuracy": max(curve, default=0.0), "val_loss": 0.3, "parameter_count": 650.0}
        yield complete(number, hyperparameters=hp, **({"values": values if curve else {}} | end))


def told(mirror, *events):
    for event in events:
        mirror.learn(event)
    return mirror.study.trials


def test_a_running_trial_has_a_value_for_each_epoch(stored):
    (trial,) = told(mirror(stored), *ran(curve=(0.5, 0.4)))
    assert (trial.state, trial.intermediate_values) == (TrialState.RUNNING, {1: 0.5, 2: 0.4})
    assert trial.user_attrs["trial_number"] == 1


def test_a_completed_trial_has_its_objective(stored):
    (trial,) = told(mirror(stored), *ran(status="completed"))
    assert (trial.state, trial.values) == (TrialState.COMPLETE, [0.8])
    assert trial.user_attrs["status"] == "completed"


def test_several_objectives_are_told_in_their_order(stored):
    mirrored = mirror(stored, objective=("val_accuracy", "parameter_count"))
    (trial,) = told(mirrored, *ran(status="completed"))
    assert trial.values == [0.8, 650.0]
    assert [direction.name for direction in mirrored.study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert mirrored.study.metric_names == ["val_accuracy", "parameter_count"]


def test_a_pruned_trial_is_pruned_at_its_true_step_with_its_curve(stored):
    (trial,) = told(mirror(stored), *ran(curve=(0.5, 0.6, 0.4), status="pruned", cause="pruned"))
    assert (trial.state, trial.last_step) == (TrialState.PRUNED, 3)
    assert trial.intermediate_values == {1: 0.5, 2: 0.6, 3: 0.4}


@pytest.mark.parametrize(("for_people", "state"), [(False, TrialState.FAIL), (True, TrialState.PRUNED)])
def test_a_pruned_trial_of_several_objectives_is_so_to_people_and_no_obstacle_to_samplers(stored, for_people, state):
    mirrored = mirror(stored, for_people=for_people, objective=("val_accuracy", "parameter_count"))
    ended = told(mirrored, *ran(1, status="completed"), *ran(2, seed=1, status="pruned", cause="health_stop"))
    assert ended[1].state == state
    if not for_people:
        mirrored.study.sampler = optuna.samplers.TPESampler(n_startup_trials=1, seed=0)
        assert mirrored.study.ask().number == 2


def test_epochs_are_told_only_where_they_are_values_of_the_objective(stored):
    (trial,) = told(mirror(stored, objective="parameter_count"), *ran(status="pruned", cause="pruned"))
    assert (trial.state, trial.values, trial.intermediate_values) == (TrialState.PRUNED, None, {})


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_what_gave_no_result_failed_and_says_why(stored, status):
    (trial,) = told(mirror(stored), *ran(curve=(0.5,), status=status, reason="the loss was not finite"))
    assert (trial.state, trial.values) == (TrialState.FAIL, None)
    assert trial.user_attrs["status"] == status
    assert trial.user_attrs["reason"] == "the loss was not finite"


def test_a_rejected_trial_never_ran_and_is_infeasible(stored):
    (trial,) = told(mirror(stored), complete(1, status="rejected", hyperparameters=hyperparameters()))
    assert trial.state == TrialState.FAIL
    assert trial.constraints["size"] > 0
    assert trial.params


@pytest.mark.parametrize(("bound", "violation"), [("parameter_count<=325", 1.0), ("parameter_count<=650", 0.0)])
def test_the_sampler_sees_how_far_a_constraint_is_broken(stored, bound, violation):
    (trial,) = told(mirror(stored, constraints=(bound,)), *ran(status="completed"))
    assert trial.constraints == {bound: violation}


def test_a_cancelled_trial_is_not_what_a_sampler_suggests_next(stored):
    mirrored = mirror(stored)
    (cancelled,) = told(mirrored, *ran(curve=(0.5,), status="cancelled"))
    assert cancelled.state == TrialState.RUNNING, "Optuna would suggest a waiting one, under another number"
    assert mirrored.study.ask().number != cancelled.number


def test_a_cancelled_trial_waits_and_runs_again_as_the_same_trial(stored):
    mirrored = mirror(stored, for_people=True)
    (waiting,) = told(mirrored, *ran(curve=(0.5,), status="cancelled"))
    assert waiting.state == TrialState.WAITING
    (running,) = told(mirrored, start(1, hyperparameters=hyperparameters(), resumed_from_epoch=1))
    assert running.state == TrialState.RUNNING
    assert running.intermediate_values == {1: 0.5}


def test_trials_that_run_at_once_are_not_mixed_up(stored):
    first, second = list(ran(1, (0.1, 0.2), seed=1)), list(ran(2, (0.9, 0.8), seed=2))
    one, other = told(mirror(stored), second[0], first[0], first[1], second[1], second[2], first[2])
    assert (one.user_attrs["trial_number"], one.intermediate_values) == (2, {1: 0.9, 2: 0.8})
    assert (other.user_attrs["trial_number"], other.intermediate_values) == (1, {1: 0.1, 2: 0.2})


def test_a_sampler_is_told_what_it_would_have_been_asked(stored):
    asked = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3)).ask()
    suggested = SPACE.suggest(asked)
    (trial,) = told(mirror(stored), start(1, hyperparameters=suggested))
    assert trial.params.keys() == asked.params.keys()
    for name, value in asked.params.items():
        assert trial.params[name] == (pytest.approx(value, rel=1e-5) if isinstance(value, float) else value)
    assert trial.distributions == asked.distributions


def test_people_see_the_names_of_parameters_each_with_one_range(tmp_path):
    mirrored = mirror(storage("database", tmp_path), for_people=True)
    trials = told(mirrored, *(start(number, hyperparameters=hyperparameters(number)) for number in range(1, 20)))
    optimizers = {trial.params["optimizer"] for trial in trials}
    assert {"adam", "sgd", "rmsprop"} <= optimizers
    assert all("learning_rate" in trial.params for trial in trials)
    assert len({str(trial.distributions["learning_rate"]) for trial in trials}) == 1


# --- catching up ---


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as opened:
        opened.create_study(StudySpec(run_name="a"), folder="")
        yield opened


HISTORY = [
    *ran(1, (0.5, 0.8), seed=1, status="completed", performance=GOOD),
    *ran(2, (0.3,), seed=2, status="pruned", cause="pruned"),
    *ran(3, (0.1,), seed=3, status="diverged", cause="diverged"),
    complete(4, status="rejected", cause="too_large", hyperparameters=hyperparameters(4)),
    *ran(5, (0.6, 0.7), seed=5, status="cancelled", cause="cancelled"),
    *ran(6, (0.2,), seed=6),
]


def seen(trials):
    return [
        (t.user_attrs["trial_number"], t.state, t.values, t.intermediate_values, t.params, t.constraints)
        for t in trials
    ]


@pytest.mark.parametrize("known", range(len(HISTORY) + 1))
def test_whatever_was_missed_is_told_once(known, store, tmp_path):
    """Killed after any event, a mirror knows the same after it has caught up as one that saw all."""
    whole = told(mirror(storage("memory", tmp_path), for_people=True), *HISTORY)
    for event in HISTORY:
        store.append("a", event)
    stored = storage("memory", tmp_path)
    told(mirror(stored, for_people=True), *HISTORY[:known])
    for _ in range(2):
        again = mirror(stored, for_people=True)
        again.catch_up(store.trials("a"), store.epochs("a"))
        assert sorted(seen(again.study.trials), key=lambda trial: trial[0]) == seen(whole)


def test_a_sampler_takes_what_was_cut_short_to_be_running(store, stored):
    for event in HISTORY:
        store.append("a", event)
    mirrored = mirror(stored)
    mirrored.catch_up(store.trials("a"), store.epochs("a"))
    states = {trial.user_attrs["trial_number"]: trial.state for trial in mirrored.study.trials}
    assert states[5] == states[6] == TrialState.RUNNING
    mirrored.study.sampler = optuna.samplers.RandomSampler(seed=1)
    assert mirrored.study.ask().number == 6, "asking does not take up what waits"


def test_trials_that_others_put_into_the_study_are_left_alone(stored):
    mirrored = mirror(stored)
    mirrored.study.ask()
    assert len(told(mirrored, *ran(1, status="completed"))) == 2
    assert len(told(mirror(stored), *ran(1, status="completed"))) == 2


def test_a_fixed_parameter_is_no_parameter(stored):
    narrow = space(space=narrowed(activation="elu"))
    mirrored = OptunaStudyWriter(stored, StudySpec(run_name="a"), narrow)
    (trial,) = told(mirrored, start(1, hyperparameters=narrow.suggest(RandomSuggester(0)), architecture=CNN))
    assert "activation" not in trial.params


ENDS = {
    "completed": {"status": "completed"},
    "pruned": {"status": "pruned", "cause": "pruned"},
    "diverged": {"status": "diverged", "cause": "diverged"},
    "rejected": {"status": "rejected", "cause": "too_large", "curve": ()},
    "cancelled": {"status": "cancelled", "cause": "cancelled"},
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("for_people", [True, False])
def test_a_trial_told_at_once_is_the_same_as_one_told_event_by_event(end, for_people, tmp_path):
    fields = {"objective": ("val_accuracy",), "constraints": ("parameter_count<=600",)}
    shown = []
    for at_once in (True, False):
        made = mirror(optuna.storages.InMemoryStorage(), for_people=for_people, **fields)
        events = list(ran(**ENDS[end]))
        if end == "rejected":
            events = events[1:]
        if at_once:
            made.learn_trial(events)
        else:
            told(made, *events)
        (trial,) = made.study.trials
        names = ["state", "values", "params", "distributions", "intermediate_values", "user_attrs", "constraints"]
        shown.append({name: getattr(trial, name) for name in names})
    assert shown[0] == shown[1]


def test_a_trial_that_began_and_ended_is_one_write(stored, monkeypatch):
    made = mirror(stored)
    for name in ("set_trial_user_attr", "set_trial_intermediate_value", "set_trial_state_values"):
        monkeypatch.setattr(stored, name, None)
    made.learn_trial(list(ran(status="completed")))
    (trial,) = made.study.trials
    assert (trial.state, trial.value) == (TrialState.COMPLETE, 0.8)
    made.learn_trial(list(ran(status="completed")))  # told again
    assert len(made.study.trials) == 1
