"""`kill -9` at any moment: of a worker, of the study's driver, of both. Real processes, seeded moments.

TUNER_KILLS=20 (`make kills`) asks for so many kills; without it there are two, which is what a test run can afford.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import optuna
import pytest

from tests.study.kills import EPOCHS, NAME, TRIAL, database, kill_and_resume
from tuner import datasets
from tuner.events import BestModel, DurableEvent, EpochProgress, NewBest, StudyStatus, TrialComplete, TrialStart
from tuner.search.optuna_study import NUMBER, STATES, OptunaStudyWriter
from tuner.search.space import Space
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store, TrialRow
from tuner.study.optuna_export import OptunaExport, open_storage
from tuner.study.paths import StudyPaths
from tuner.study.plan import make_plan
from tuner.study.saved_model import read_model
from tuner.training import run_trial
from tuner.trial_spec import TrialSpec

KILLS = int(os.environ.get("TUNER_KILLS", "2"))
KILLS_PER_STUDY = 10
SEEDS = range(2, 2 + -(-KILLS // KILLS_PER_STUDY))
"""With the first seed, the first kill is of a worker that trains a trial, and the second one of the driver."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.ray,
    pytest.mark.tensorflow,
    pytest.mark.timeout(600 + 200 * min(KILLS, KILLS_PER_STUDY)),
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc"),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_study_that_is_killed_again_and_again_ends_as_if_it_never_was(seed, tmp_path):
    report = kill_and_resume(tmp_path, seed, min(KILLS, KILLS_PER_STUDY))
    print(report)
    if seed == SEEDS[0]:
        assert any(name in report.kills[0] for name in TRIAL)
    with Store.open(database(tmp_path)) as store:
        check(store, report.trials)


def check(store: Store, trials: int) -> None:
    """All that holds of a study that is done, whatever happened to it."""
    study, rows = store.study(NAME), store.trials(NAME)
    log = [event for _, event in store.read(NAME)]
    plan = make_plan(study.spec, Settings())
    spec, space = plan.spec, plan.space

    assert (study.status, study.reason, study.driver) == ("completed", "all trials done", None)
    assert [number for number, _ in store.read(NAME)] == list(range(1, len(log) + 1))
    assert [row.trial_number for row in rows] == list(range(1, trials + 1)), "exactly those asked for"
    assert [(row.trial_number, row.cause, row.reason, row.error) for row in rows if row.status != "completed"] == []

    trained = {row.trial_number: replayed(log, row) for row in rows}
    for row in rows:
        stored = [(e.epoch, e.train_loss, e.train_accuracy, e.val_loss, e.val_accuracy) for e in curve(store, row)]
        assert stored == trained[row.trial_number]
    assert trained == undisturbed([plan.trial(row.trial_number, row.hyperparameters) for row in rows])

    check_winner(study, rows, log)
    check_optuna(store, spec, space, log)


def curve(store: Store, row: TrialRow) -> list[Any]:
    return store.epochs(NAME, row.trial_number)


def numbers(event: EpochProgress) -> tuple[float, ...]:
    """What must be the same bit for bit."""
    return (event.epoch, event.train.loss, event.train.accuracy, event.validation.loss, event.validation.accuracy)


def replayed(log: list[DurableEvent], row: TrialRow) -> list[tuple[float, ...]]:
    """A trial's curve as its events tell it, each of which must be told at its time and once."""
    done: list[tuple[float, ...]] = []
    ever: dict[int, tuple[float, ...]] = {}
    begun, ended = False, False
    for event in log:
        if getattr(event, "trial_number", None) != row.trial_number or isinstance(event, NewBest | BestModel):
            continue
        assert not ended, f"trial {row.trial_number} was finished: {event}"
        match event:
            case TrialStart():
                assert (event.hyperparameters, event.cloned_from) == (row.hyperparameters, None)
                # Its last checkpoint: of the last epoch that was told, or of the one beside it on either side,
                # since an epoch is told while its state is being written.
                assert abs(event.resumed_from_epoch - len(done)) <= (1 if begun else 0)
                begun = True
                done = done[: event.resumed_from_epoch]
            case EpochProgress():
                assert event.epoch == len(done) + 1
                assert ever.setdefault(event.epoch, numbers(event)) == numbers(event), "trained again, the same"
                done.append(numbers(event))
            case TrialComplete():
                ended = True
                assert event.epochs_trained == len(done) == EPOCHS
                best, *_, accuracy = max(done, key=lambda epoch: (epoch[-1], -epoch[-2]))  # of equal ones the best loss
                assert (event.best_epoch, event.objective, row.objective) == (best, accuracy, accuracy)
    assert ended
    return done


def undisturbed(trials: list[TrialSpec]) -> dict[int, list[tuple[float, ...]]]:
    """The curves of the same trials, trained in a process that nobody kills."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(train, trials).result()


def train(trials: list[TrialSpec]) -> dict[int, list[tuple[float, ...]]]:
    data, _ = datasets.load(trials[0].data)
    return {
        trial.trial_number: [numbers(event) for event in run_trial(trial, data) if isinstance(event, EpochProgress)]
        for trial in trials
    }


def check_winner(study: Any, rows: list[TrialRow], log: list[DurableEvent]) -> None:
    best = next(row for row in rows if row.trial_number == study.best_trial_number)
    assert best.objective == study.best_objective == max(row.objective for row in rows)
    leaders = [event for event in log if isinstance(event, NewBest)]
    told = [(e.objective, -e.performance.loss) for e in leaders]
    assert told == sorted(set(told)), "each told once, and better"
    assert leaders[-1].trial_number == best.trial_number
    saved = [event for event in log if isinstance(event, BestModel)][-1]
    assert saved.trial_number == best.trial_number

    paths = StudyPaths(Path(study.folder))
    saved = read_model(paths.best_model, study.name)
    assert saved is not None
    assert saved.trial_number == best.trial_number
    assert saved.belongs_to(study)
    left = {file.name for file in paths.folder.iterdir()}
    assert left == {"best_model", "spec.yaml", "study.log", "trials.csv"}, "no states, no half-written files"
    assert isinstance(log[-1], StudyStatus)


def check_optuna(store: Store, spec: StudySpec, space: Space, log: list[DurableEvent]) -> None:
    """The study in Optuna's tables, one in memory built from the rows, and one told event by event: all the same."""
    rows, epochs = store.trials(NAME), store.epochs(NAME)
    curves: dict[int, dict[int, float]] = defaultdict(dict)
    for epoch in epochs:
        curves[epoch.trial_number][epoch.epoch] = epoch.objective
    truth = {row.trial_number: (STATES[row.status], [row.objective], curves[row.trial_number]) for row in rows}

    rebuilt = OptunaStudyWriter(optuna.storages.InMemoryStorage(), spec, space)
    rebuilt.catch_up(rows, epochs)
    told = OptunaStudyWriter(optuna.storages.InMemoryStorage(), spec, space)
    for event in log:
        told.learn(event)
    with OptunaExport(store, NAME) as export:
        export.write_new()
    recorded = optuna.load_study(study_name=NAME, storage=open_storage(store.url))
    for study in (recorded, rebuilt.study, told.study):
        trials = study.get_trials(deepcopy=False)
        assert len(trials) == len(rows), "none twice"
        assert {t.user_attrs[NUMBER]: (t.state, t.values, t.intermediate_values) for t in trials} == truth
    for trial in recorded.get_trials(deepcopy=False):
        row = rows[trial.user_attrs[NUMBER] - 1]
        assert trial.params == {name: row.hyperparameters[name] for name in trial.params}
