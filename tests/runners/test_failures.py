"""Why a trial was given up, by the errors that Ray raises."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ray import exceptions
from ray.exceptions import RayTaskError

from tuner.errors import TryAgainError
from tuner.runners.failures import trial_failure


def failed(error: Exception | None, text: str | None = None) -> SimpleNamespace:
    """Return Ray Tune's trial after an error."""
    return SimpleNamespace(get_pickled_error=lambda: error, get_error=lambda: text)


def raised(cause: Exception) -> RayTaskError:
    """Return what Ray raises for an exception in a worker's method."""
    return RayTaskError("step", f"Traceback ...\n{type(cause).__name__}: {cause}", cause)


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ActorDiedError(),
        exceptions.ActorUnavailableError("The actor is temporarily unavailable", None),
        raised(exceptions.WorkerCrashedError()),
        raised(raised(exceptions.NodeDiedError("gone")).as_instanceof_cause()),
    ],
)
def test_a_lost_process_or_node_is_a_lost_worker(error: Exception) -> None:
    assert trial_failure(failed(error)).kind == "worker_lost"


def test_an_exception_in_the_worker_is_a_crash_whatever_its_text_says() -> None:
    failure = trial_failure(failed(raised(ValueError("The actor died on stage"))))
    assert (failure.kind, failure.reason) == ("crash", "ValueError: The actor died on stage")
    assert failure.error is not None
    assert "Traceback ..." in failure.error


def test_a_worker_whose_constructor_raised_has_crashed() -> None:
    assert trial_failure(failed(exceptions.ActorDiedError(raised(ImportError("no module"))))).kind == "crash"


def test_a_state_that_cannot_be_kept_is_told_with_its_remedy() -> None:
    error = raised(raised(TryAgainError("the disk is full", remedy="free space")).as_instanceof_cause())
    failure = trial_failure(failed(error.as_instanceof_cause()))
    assert (failure.kind, failure.reason) == ("storage", "the disk is full - free space")


def test_an_error_of_ray_tune_itself_is_a_crash_with_its_last_line() -> None:
    failure = trial_failure(failed(None, "Failure # 1\nTuneError: no\n"))
    assert (failure.kind, failure.reason) == ("crash", "TuneError: no")
