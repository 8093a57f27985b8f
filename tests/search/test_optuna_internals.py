"""The contract of `tuner.search.optuna_internals`: on an Optuna that changed what it uses, these tests say what."""

from __future__ import annotations

import re
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState, create_trial

import tuner
from tuner.search.optuna_internals import ENQUEUED, TrialWriter, enqueued_values

WHERE = "see tuner.search.optuna_internals"


@pytest.fixture
def study():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(storage=optuna.storages.InMemoryStorage(), study_name="a")


@pytest.fixture
def writer():
    storage = optuna.storages.InMemoryStorage()
    return TrialWriter(optuna.create_study(storage=storage, study_name="a"), storage)


def test_no_other_module_uses_private_names_of_optuna():
    private = re.compile(r"optuna[\w.]*\._\w|\b(study|trial|storage|sampler|distribution)\._[a-z]|system_attrs")
    package = Path(tuner.__file__).parent
    uses = [
        f"{file.relative_to(package)}:{number}: {line.strip()}"
        for file in sorted(package.rglob("*.py"))
        if file.name != "optuna_internals.py" and "optuna" in (text := file.read_text())
        for number, line in enumerate(text.splitlines(), start=1)
        if private.search(line)
    ]
    assert uses == []


def test_optuna_keeps_enqueued_values_in_the_system_attributes(study):
    study.enqueue_trial({"x": 0.25})
    study.ask(), study.ask()
    first, second = study.trials
    assert enqueued_values(first) == {"x": 0.25}, f"Optuna moved {ENQUEUED!r}: {WHERE}"
    assert enqueued_values(second) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("get_study_id_from_name", "get_trial_id_from_study_id_trial_number", "get_trial", "create_new_trial"),
        *("set_trial_intermediate_value", "set_trial_user_attr", "set_trial_state_values"),
    ],
)
def test_a_storage_has_the_method(name):
    for storage in (optuna.storages.InMemoryStorage, optuna.storages.RDBStorage):
        assert callable(getattr(storage, name, None)), f"Optuna's {storage.__name__} lacks {name}: {WHERE}"


def test_a_trial_that_was_added_gets_its_epochs_and_its_end(writer):
    trial_id = writer.add(create_trial(state=TrialState.RUNNING))
    writer.report(trial_id, 1, 0.5)
    writer.finish(trial_id, TrialState.COMPLETE, [0.75], {"status": "completed"}, {"size": 1.0})
    trial = writer.trial(writer.id_of(0))
    assert (trial.state, trial.value, trial.intermediate_values) == (TrialState.COMPLETE, 0.75, {1: 0.5}), WHERE
    assert (trial.user_attrs, dict(trial.constraints)) == ({"status": "completed"}, {"size": 1.0}), WHERE


def test_a_trial_that_ran_can_wait_and_run_again(writer):
    trial_id = writer.add(create_trial(state=TrialState.RUNNING))
    for state in (TrialState.WAITING, TrialState.RUNNING):
        writer.set_state(trial_id, state)
        assert writer.trial(trial_id).state == state, f"Optuna refuses {state}: {WHERE}"
