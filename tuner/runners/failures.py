"""Why Ray Tune gave up a trial: decided by the type of the error that its worker raised, never by its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from ray import exceptions

from tuner import ray_internals
from tuner.errors import TryAgainError, in_one_line, shortened

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


_COLOUR = re.compile(r"\x1b\[\d*m")


def trial_failure(trial: Any) -> TrialFailure:
    """Return why Ray Tune gave up a trial, which is given as Ray Tune's callbacks receive it."""
    error, text = ray_internals.trial_error(trial)
    if error is None:  # an error of Ray Tune itself
        return TrialFailure("crash", (text or "unknown error").strip().splitlines()[-1], text)
    text = _COLOUR.sub("", str(error))
    cause = error
    while isinstance(cause, exceptions.RayTaskError) and cause.cause is not None:
        cause = cause.cause
    if isinstance(cause, TryAgainError):
        return TrialFailure("storage", str(cause), text)
    return TrialFailure("worker_lost" if worker_is_lost(cause) else "crash", short_reason(cause), text)


def worker_is_lost(error: BaseException) -> bool:
    """Return whether the error says that a process or its node ended, not that its code raised an exception."""
    # A worker that did not get through its constructor crashed there.
    return isinstance(error, LOST) and not getattr(error, "actor_init_failed", False)


_EXIT = re.compile(r"Worker exit detail: (?P<detail>.+?)(?: There are some potential root causes|$)", re.DOTALL)


def short_reason(error: BaseException) -> str:
    """Return an error of a worker in one line: the exception that its code raised, or how Ray says that it ended.

    Ray's own texts repeat the traceback, and list causes that nobody has checked.
    """
    text = _COLOUR.sub("", str(error))
    first_line = text.strip().split("\n", 1)[0]
    if isinstance(error, exceptions.OutOfMemoryError):
        return shortened(f"Ray ended its process, as its node ran low on memory: {first_line}")
    if not worker_is_lost(error):
        return in_one_line(error)
    detail = _EXIT.search(text)
    return shortened(detail["detail"] if detail else f"{type(error).__name__}: {first_line}")
