"""What all events and their values share: names, the time, frozen models that know no other fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Scalar = bool | int | float | str
TrialStatus = Literal["running", "completed", "pruned", "diverged", "rejected", "failed", "cancelled"]
TrialCause = Literal[
    "all_epochs",
    "early_stopping",
    "health_stop",
    "pruned",
    "diverged",
    "too_large",
    "cannot_build",
    "error",
    "out_of_memory",
    "worker_lost",
    "cancelled",
    "time_budget",
    "target_reached",
    "timed_out",
    "service_fault",
]
"""Why a trial ended, for programs; its `reason` says it to people."""
SuggestedBy = Literal[
    "warm_start",
    "portfolio",
    "space_filling",
    "gaussian_process",
    "tpe",
    "random",
    "enumeration",
    "cmaes",
    "gp",
    "grid",
    "nsga2",
    "pbt",
]
"""The method that suggested a trial's hyperparameters. `warm_start`: an earlier study's configuration; `portfolio`: one
that was good on other data (`search.portfolio`); `space_filling`: one of the first points that `searcher=auto` spreads
over the space; `gaussian_process`: its own model, where `gp` is Optuna's; `enumeration`: an untried configuration of a
small space; `pbt`: a variation of another trial's hyperparameters."""
Place = Literal["local", "runpod"]
"""Where a trial trains: on this cluster, or on a RunPod endpoint."""
StudyStatusName = Literal["created", "running", "completed", "failed", "cancelled"]
"""`created`: no process has begun the study, or its accepted resume."""
ENDED: tuple[StudyStatusName, ...] = ("completed", "failed", "cancelled")
"""Statuses of a study whose last run has ended."""


def now() -> datetime:
    """The current time of this machine, with zone (UTC)."""
    return datetime.now(UTC)


def is_none(value: object) -> bool:
    """Whether a value is left out of the JSON of an event."""
    return value is None


class Value(BaseModel):
    """A part of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Value):
    """An event and its time."""

    time: datetime = Field(default_factory=now)


class EventOfTrial(Event):
    """An event of one trial."""

    trial_number: int
