"""Why Ray Tune gave up a trial: decided by the type of the error that its worker raised, never by its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ray import exceptions

from tuner.errors import TryAgainError, in_one_line

LOST = (
    exceptions.RayActorError,
    exceptions.WorkerCrashedError,
    exceptions.OutOfMemoryError,
    exceptions.NodeDiedError,
    exceptions.LocalRayletDiedError,
    exceptions.ObjectLostError,
    exceptions.ActorPlacementGroupRemoved,
    exceptions.TaskPlacementGroupRemoved,
    exceptions.RpcError,
)
"""Raised if a worker, its node or the connection to it is lost; everything else comes from the worker's code."""


@dataclass(frozen=True)
class TrialFailure:
    """What ended a trial that its worker did not end."""

    kind: Literal["worker_lost", "storage", "crash"]
    """`worker_lost`: train it with another worker; `storage`: its state could not be kept; `crash`: do not retry it."""
    reason: str
    """The error in one line."""
    error: str | None
    """The traceback, as far as Ray has one."""


def trial_failure(trial: Any) -> TrialFailure:
    """Return why Ray Tune gave up a trial, which is given as Ray Tune's callbacks receive it."""
    error = trial.get_pickled_error()
    if error is None:  # an error of Ray Tune itself, of which it keeps the text alone
        text = trial.get_error()
        return TrialFailure("crash", (text or "unknown error").strip().splitlines()[-1], text)
    text = error.traceback_str if isinstance(error, exceptions.RayTaskError) else str(error)
    cause = error
    while isinstance(cause, exceptions.RayTaskError) and cause.cause is not None:
        cause = cause.cause
    if isinstance(cause, TryAgainError):
        return TrialFailure("storage", str(cause), text)
    # A worker that did not get through its constructor crashed there.
    lost = isinstance(cause, LOST) and not getattr(cause, "actor_init_failed", False)
    return TrialFailure("worker_lost" if lost else "crash", in_one_line(cause), text)
