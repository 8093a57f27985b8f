"""How a study ends, derived from its trials."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from tuner.events import Refit
from tuner.runners import local_tasks
from tuner.spec import StudySpec
from tuner.study.finish import Finish, study_end
from tuner.study.paths import StudyPaths
from tuner.study.stop_signal import StopSignal, StudyEnd

SPEC = StudySpec(run_name="s")


def _trial(number: int, status: str, **fields: Any) -> SimpleNamespace:
    known = {"reason": f"reason {number}", "values": {}, "epochs_trained": 0, "started_at": None, "cause": "error"}
    return SimpleNamespace(trial_number=number, status=status, **(known | fields))


def _store(*trials: SimpleNamespace, best: int | None = None, **fields: Any) -> Any:
    study = SimpleNamespace(best_trial_number=best, spec=SPEC.model_copy(update=fields))
    return SimpleNamespace(trials=lambda name: list(trials), study=lambda name: study)


def test_a_study_of_which_every_network_was_rejected_says_so_and_names_the_remedy() -> None:
    end = study_end(_store(_trial(1, "rejected"), _trial(2, "rejected")), "s", None, None)
    assert (end.status, end.reason) == (
        "failed",
        "all 2 suggested networks were rejected, the latest one: reason 2; run a study with looser limits, or with a "
        "space of smaller networks",
    )


def test_a_study_whose_networks_all_cannot_be_built_ends_with_the_first_error() -> None:
    trials = [_trial(n, "rejected", cause="cannot_build") for n in (1, 2)]
    end = study_end(_store(*trials), "s", None, None)
    assert (end.status, end.reason) == ("failed", "none of 2 networks could be built; the first: reason 1")


def test_a_study_whose_trials_ended_in_different_ways_gives_the_reason_of_the_first_that_failed() -> None:
    trials = [_trial(1, "rejected"), _trial(2, "failed"), _trial(3, "failed")]
    end = study_end(_store(*trials), "s", None, None)
    assert end.reason == "all 3 trials ended without a result (failed, rejected); trial 2: reason 2"


def test_a_study_without_a_model_is_not_completed() -> None:
    spent = StudyEnd("completed", "time budget of 5 s used up", "time_budget")
    started = _trial(1, "cancelled", started_at=1)
    for trials, said in (
        ([], "the time budget of 5 s ended before a trial started; allow more seconds"),
        ([started], "the time budget of 5 s ended before an epoch was trained; allow more seconds"),
        (
            [_trial(1, "failed", epochs_trained=1, started_at=1)],
            "time budget of 5 s used up; all 1 trials ended without a result (failed); trial 1: reason 1",
        ),
    ):
        end = study_end(_store(*trials), "s", spent, None)
        assert (end.status, end.reason) == ("failed", said)
    assert study_end(_store(started), "s", StudyEnd("cancelled", "stopped by Ctrl-C"), None).status == "cancelled"


def test_constraints_that_no_trial_met_are_named_with_the_nearest_value() -> None:
    trials = [_trial(n, "completed", values={"val_accuracy": n / 10, "val_loss": 1.0}) for n in (5, 7)]
    end = study_end(_store(*trials, constraints=("val_accuracy>=0.9",)), "s", None, None)
    assert (end.status, end.reason) == ("failed", "no trial met val_accuracy>=0.9 (nearest: 0.7)")
    both = ("val_accuracy>=0.9", "val_loss<=0.5")
    end = study_end(_store(*trials, constraints=both), "s", None, None)
    assert end.reason == "no trial met all of val_accuracy>=0.9 (nearest: 0.7), val_loss<=0.5 (nearest: 1)"
    assert "constraint" not in study_end(_store(*trials), "s", None, None).reason, "none were given"


def test_a_study_with_a_model_is_completed_whatever_ended_it() -> None:
    spent = StudyEnd("completed", "time budget of 5 s used up", "time_budget")
    store = _store(_trial(1, "completed"), best=1)
    assert study_end(store, "s", spent, None) == spent
    assert study_end(store, "s", None, "every combination of the grid was tried").status == "completed"


class Training:
    """A refit in the place of Ray's task, which ends after some polls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, polls: int, error: Exception | None = None) -> None:
        self.started: list[Any] = []
        self.cancelled = False
        self.on_poll = lambda: None
        self._polls, self._error = polls, error
        monkeypatch.setattr(local_tasks, "refit", self._start)
        monkeypatch.setattr(ray, "wait", self._wait)
        monkeypatch.setattr(ray, "get", self._get)
        monkeypatch.setattr(ray, "cancel", self._cancel)

    def _start(self, *arguments: Any) -> str:
        self.started.append(arguments)
        return "task"

    def _wait(self, tasks: list[str], timeout: float) -> tuple[list[str], list[str]]:
        self.on_poll()
        self._polls -= 1
        return (tasks, []) if self._polls < 0 else ([], tasks)

    def _get(self, task: str) -> None:
        if self._error is not None:
            raise self._error

    def _cancel(self, task: str) -> None:
        self.cancelled = True


def refit(signal: StopSignal) -> Refit | None:
    """What the end of a study makes of its best trial, which was best after 3 epochs, on 8 and 2 samples."""
    data = SimpleNamespace(train=range(8), validation=range(2))
    plan: Any = SimpleNamespace(data=data, own_source=None, trial=lambda *given: SimpleNamespace(epochs=5))
    row: Any = SimpleNamespace(trial_number=1, hyperparameters={}, best_epoch=3)
    nothing: Any = None
    return Finish(nothing, plan, StudyPaths(Path("/s")), "data", {"CPU": 1}, signal)._refit(row)


def test_the_winner_is_trained_on_all_samples_for_its_best_number_of_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    training = Training(monkeypatch, polls=2)
    done = refit(StopSignal())
    assert done is not None
    assert (done.epochs, done.samples) == (3, 10)
    ((_, data, _, epochs, resources, states),) = training.started
    assert (data, epochs, resources, states) == ("data", 3, {"CPU": 1}, "/s/checkpoints/refit")


def test_a_study_that_reached_its_target_is_refitted_and_one_that_is_stopped_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training, signal = Training(monkeypatch, polls=0), StopSignal()
    signal.request("completed", "target reached", cause="target_reached")
    assert refit(signal) is not None
    stopped = StopSignal()
    stopped.request("cancelled", "stopped by Ctrl-C")
    assert refit(stopped) is None
    assert len(training.started) == 1


def test_ctrl_c_ends_a_refit(monkeypatch: pytest.MonkeyPatch) -> None:
    training, signal = Training(monkeypatch, polls=100), StopSignal()
    training.on_poll = lambda: signal.request("cancelled", "stopped by Ctrl-C")
    assert refit(signal) is None
    assert training.cancelled


def test_a_refit_that_breaks_is_logged_in_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    diverged = RuntimeError("diverged\nin epoch 2")
    error = ray.exceptions.RayTaskError("train", "Traceback ...", diverged)
    Training(monkeypatch, polls=0, error=error.as_instanceof_cause())
    assert refit(StopSignal()) is None
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "refit failed, so the model of the search is saved: RuntimeError: diverged in epoch 2"
    ]
