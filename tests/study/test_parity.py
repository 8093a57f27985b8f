"""Trials on RunPod beside their repetition here: which are repeated, what is compared, what users are told."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.study.scripted import complete, epoch, start, status
from tuner.events import EpochProgress, Metrics, TrialRepeated
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.event_text import event_line
from tuner.study.parity import Parity, compared, repeat_remote_trials, to_repeat
from tuner.study.result import view
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog


@pytest.fixture
def ran(tmp_path) -> Iterator[Store]:
    """Trials 1 and 3 ran on RunPod, trial 2 here, trial 4 on RunPod without an epoch."""
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="s", use_runpod_service=True), folder=str(tmp_path))
        _trials(store)
        yield store


def _trials(store: Store) -> None:
    store.append("s", status("running", 0))
    for number, place in ((1, "runpod"), (2, "local"), (3, "runpod"), (4, "runpod")):
        store.append("s", start(number).model_copy(update={"place": place}))
        if number < 4:
            for epoch_number, accuracy in ((1, 0.5), (2, 0.75)):
                store.append("s", epoch(number, epoch_number, accuracy))
            store.append("s", complete(number, 0.75).model_copy(update={"best_epoch": 2, "epochs_trained": 2}))


def here(*accuracies: float, loss: float | None = None) -> list[EpochProgress]:
    """Epochs of a repetition; `loss` is the training loss of the last one."""
    told = [epoch(1, number, accuracy) for number, accuracy in enumerate(accuracies, 1)]
    if loss is not None:
        told[-1] = told[-1].model_copy(update={"train": Metrics(loss=loss, accuracy=told[-1].train.accuracy)})
    return told


def compare(store: Store, repeated: list[EpochProgress]):
    return compared(store.trials("s")[0], [row for row in store.epochs("s") if row.trial_number == 1], repeated)


def test_the_first_trials_that_runpod_trained_are_repeated(ran):
    assert [trial.trial_number for trial in to_repeat(ran.trials("s"), 1)] == [1]
    assert [trial.trial_number for trial in to_repeat(ran.trials("s"), 9)] == [1, 3]
    assert to_repeat(ran.trials("s"), 0) == []


def test_a_trial_is_repeated_once(ran):
    ran.append("s", TrialRepeated(trial_number=1, repeat=compare(ran, here(0.5, 0.75))))
    assert to_repeat(ran.trials("s"), 1) == []
    assert [trial.trial_number for trial in to_repeat(ran.trials("s"), 2)] == [3]


def test_the_same_numbers_are_identical(ran):
    repeat = compare(ran, here(0.5, 0.75))
    assert (repeat.epochs, repeat.accuracy, repeat.accuracy_gap, repeat.largest_difference) == (2, 0.75, 0.0, 0.0)


def test_any_number_of_any_epoch_counts_and_the_gap_is_that_of_the_best_epoch(ran):
    assert compare(ran, here(0.25, 0.75)).largest_difference >= 0.25
    assert compare(ran, here(0.25, 0.75)).accuracy_gap == 0.0
    assert compare(ran, here(0.5, 0.625)).accuracy_gap == pytest.approx(0.125)
    exact = here(0.5, 0.75)[-1].train.loss
    assert compare(ran, here(0.5, 0.75, loss=exact + 0.01)).largest_difference == pytest.approx(0.01)


def test_the_study_tells_it_in_its_result_and_in_its_log(ran):
    assert view(ran, "s").parity is None
    for number, repeated in ((1, here(0.5, 0.75)), (3, here(0.5, 0.625))):
        told = TrialRepeated(trial_number=number, repeat=compare(ran, repeated))
        ran.append("s", told)
    parity = view(ran, "s").parity
    assert parity == Parity.of(ran.trials("s"))
    assert (parity.trials, parity.identical) == (2, 1)
    assert parity.mean_accuracy_gap == pytest.approx(0.0625)
    assert parity.largest_accuracy_gap == pytest.approx(0.125)
    assert str(parity) == ("1 of 2 repeated trials identical, accuracy gap 0.0625 on average, 0.1250 at most")
    assert event_line(told) == "trial 3 trained again locally: val_accuracy 0.6250, accuracy gap 0.1250"


def test_a_trial_that_begins_anew_has_not_been_repeated(ran):
    ran.append("s", TrialRepeated(trial_number=1, repeat=compare(ran, here(0.5, 0.75))))
    ran.append("s", start(1).model_copy(update={"place": "runpod"}))
    assert ran.trials("s")[0].repeat is None


@pytest.mark.parametrize("fate", ["is lost", "ends too early", "goes well"])
def test_a_repetition_that_fails_costs_the_study_nothing(ran, monkeypatch, caplog, fate):
    import ray

    from tuner.runners import local_tasks

    def get(task):
        if fate == "is lost":
            raise ray.exceptions.RayError("the worker died")
        return [epoch.model_dump(mode="json") for epoch in here(*((0.5, 0.75) if fate == "goes well" else (0.5,)))]

    monkeypatch.setattr(local_tasks, "train_again", lambda trial, *rest: trial)
    monkeypatch.setattr(ray, "wait", lambda tasks, timeout: (tasks, []))
    monkeypatch.setattr(ray, "get", get)
    plan = SimpleNamespace(
        spec=SimpleNamespace(runpod_parity_trials=1), trial=lambda number, hyperparameters: number, own_source=None
    )
    repeat_remote_trials(StudyLog(ran, "s"), plan, None, {}, StopSignal())
    repeats = [event.repeat for _, event in ran.read("s") if event.type == "trial_repeated"]
    assert [repeat.largest_difference for repeat in repeats] == ([0.0] if fate == "goes well" else [])
    assert ("when trained again" in caplog.text or "could not be trained again" in caplog.text) == (fate != "goes well")
