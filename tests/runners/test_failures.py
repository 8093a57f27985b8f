"""Why a trial was given up, by the errors that Ray raises."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest
from ray import cloudpickle, exceptions, tune
from ray.exceptions import RayTaskError

from tuner.errors import TryAgainError
from tuner.runners.failures import TrialFailure, trial_failure


@pytest.fixture
def failed(tmp_path):
    """Ray Tune's trial after an error, whose files it wrote on the driver's disk."""

    def make(error: Exception | None, text: str | None = None) -> SimpleNamespace:
        pickled, written = tmp_path / "error.pkl", tmp_path / "error.txt"
        if error is not None:
            pickled.write_bytes(cloudpickle.dumps(error))
        written.write_text(text or str(error))
        return SimpleNamespace(pickled_error_file=str(pickled), error_file=str(written))

    return make


def raised(cause: Exception) -> RayTaskError:
    """Return what Ray raises for an exception in a worker's method."""
    where = 'Traceback (most recent call last):\n  File "own.py", line 1, in step\n    raise'
    return RayTaskError("step", f"{where}\n{type(cause).__name__}: {cause}", cause)


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ActorDiedError(),
        exceptions.ActorUnavailableError("The actor is temporarily unavailable", None),
        raised(exceptions.WorkerCrashedError()),
        raised(raised(exceptions.NodeDiedError("gone")).as_instanceof_cause()),
    ],
)
def test_a_lost_process_or_node_is_a_lost_worker(failed, error: Exception) -> None:
    assert trial_failure(failed(error)).kind == "worker_lost"


def test_an_exception_in_the_worker_is_a_crash_whatever_its_text_says(failed) -> None:
    failure = trial_failure(failed(raised(ValueError("The actor died on stage")).as_instanceof_cause()))
    assert (failure.kind, failure.reason) == ("crash", "ValueError: The actor died on stage")
    assert failure.error is not None
    assert 'File "own.py", line 1, in step' in failure.error
    assert "\x1b" not in failure.error, "no colours"


def test_a_worker_whose_constructor_raised_has_crashed(failed) -> None:
    assert trial_failure(failed(exceptions.ActorDiedError(raised(ImportError("no module"))))).kind == "crash"


def test_a_state_that_cannot_be_kept_is_told_with_its_remedy(failed) -> None:
    error = raised(raised(TryAgainError("the disk is full", remedy="free space")).as_instanceof_cause())
    failure = trial_failure(failed(error.as_instanceof_cause()))
    assert (failure.kind, failure.reason) == ("storage", "the disk is full - free space")


def test_an_error_of_ray_tune_itself_is_a_crash_with_its_last_line(failed) -> None:
    failure = trial_failure(failed(None, "Failure # 1\nTuneError: no\n"))
    assert (failure.kind, failure.reason) == ("crash", "TuneError: no")


LOST = """The actor died unexpectedly before finishing this task.
\tclass_name: RayTrial
\tactor_id: 0123
The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker \
unexpectedly exits with a connection error code 2. End of file. There are some potential root causes. (1) The process \
is killed by SIGKILL by OOM killer due to high memory usage. (2) ray stop --force is called."""
INIT = """The actor died because of an error raised in its creation task, ray::RayTrial.__init__() (pid=1, ip=127.0.0.1)
RuntimeError: The actor with name RayTrial failed to import on the worker:

Traceback (most recent call last):
  File "function_manager.py", line 1, in _load
ray.exceptions.Problem: first
ModuleNotFoundError: No module named 'tuner.runners'
"""
OOM = """Task was killed due to the node running low on memory.
Memory on the node (IP: 10.0.0.1, ID: 0a) where the task was running was 15.00GB / 15.50GB (0.96), ...
Refer to the documentation on how to address the out of memory issue: https://docs.ray.io/..."""


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (
            exceptions.ActorDiedError(),
            "worker_lost",
            "ActorDiedError: The actor died unexpectedly before finishing this task.",
        ),
        (
            exceptions.RayActorError(error_msg=LOST),
            "worker_lost",
            "Worker unexpectedly exits with a connection error code 2. End of file.",
        ),
        (
            exceptions.RayActorError(error_msg=INIT, actor_init_failed=True),
            "crash",
            "ModuleNotFoundError: No module named 'tuner.runners'",
        ),
        (
            raised(exceptions.OutOfMemoryError(OOM)),
            "worker_lost",
            "Ray ended its process, as its node ran low on memory: Task was killed due to the node running low on "
            "memory.",
        ),
    ],
)
def test_the_reason_is_what_happened_in_one_line_and_the_whole_is_kept(failed, error, kind, reason) -> None:
    failure = trial_failure(failed(error))
    assert (failure.kind, failure.reason) == (kind, reason)
    assert failure.error is not None


class Faulty(tune.Trainable):
    """Ends well, raises an exception, or dies before its trial begins, which Ray Tune does not try again."""

    def setup(self, config: dict[str, Any]) -> None:
        self._end = config["end"]

    def step(self) -> dict[str, Any]:
        if self._end == "raise":
            raise ValueError("no")
        return {"done": True}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        return

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        if new_config["end"] == "die":
            os._exit(1)
        self._end = new_config["end"]
        return True


class Failures(tune.Callback):
    def __init__(self) -> None:
        self.told: list[TrialFailure] = []

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self.told.append(trial_failure(trial))


@pytest.mark.ray
def test_ray_tune_tells_what_ended_a_trial_when_it_ends(tmp_path):
    from tuner.runners.cluster import ray_cluster

    failures = Failures()
    with ray_cluster():
        tune.Tuner(
            Faulty,
            param_space={"end": tune.grid_search(["well", "die", "well", "raise"])},
            tune_config=tune.TuneConfig(max_concurrent_trials=1, reuse_actors=True),
            run_config=tune.RunConfig(name="ray", storage_path=str(tmp_path), callbacks=[failures], verbose=0),
        ).fit()
    lost, crashed = failures.told
    assert lost.kind == "worker_lost"
    assert (crashed.kind, crashed.reason) == ("crash", "ValueError: no")
