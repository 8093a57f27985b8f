"""The objectives of a search, their directions, and constraints on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Monitored = Literal[
    "val_accuracy", "val_loss", "val_balanced_accuracy", "val_macro_f1", "total_score", "overall_health"
]
"""Objectives with a value after each epoch. The scheduler and early stopping use one of them."""

Objective = Literal[Monitored, "parameter_count", "training_time", "inference_time"]
"""val_accuracy: share of validation samples in [0, 1]. val_balanced_accuracy: mean recall of the classes, in [0, 1].
val_macro_f1: mean F1 score of the classes, in [0, 1]. val_loss: cross-entropy on validation data, in nats.
total_score: of accuracy and health, in [0, 1]. overall_health: weighted mean of six metrics,
in [0, 1], halved for a network at chance.
parameter_count: weights, trainable or not. training_time: seconds of training and validation over all epochs of a
trial. inference_time: milliseconds per sample, in batches of 256, on the worker that trained the trial."""

HEALTH: tuple[Monitored, ...] = ("total_score", "overall_health")
"""Objectives that exist only if health is measured."""

CLASS_SCORES: tuple[Monitored, ...] = ("val_balanced_accuracy", "val_macro_f1")
"""Objectives that count every class alike, whatever its number of samples."""

SHARES: tuple[Monitored, ...] = ("val_accuracy", *CLASS_SCORES, *HEALTH)
"""Objectives in [0, 1] that are maximised. All others are minimised."""

TIMES: tuple[Objective, ...] = ("training_time", "inference_time")
"""Objectives that are measured seconds: they differ from run to run."""

Direction = Literal["maximize", "minimize"]


def maximised(objective: Objective) -> bool:
    """Returns whether a higher value of the objective is better."""
    return objective in SHARES


def monitored(objective: Objective) -> Monitored:
    """Returns the objective to compare after each epoch: itself, or val_accuracy if it has no value per epoch."""
    return objective if objective in get_args(Monitored) else "val_accuracy"  # type: ignore[return-value]


def direction(objective: Objective) -> Direction:
    """Returns the direction of the objective as Optuna names it."""
    return "maximize" if maximised(objective) else "minimize"


def better(objective: Objective, candidate: float, incumbent: float | None) -> bool:
    """Returns whether `candidate` is strictly better than `incumbent`; true if there is no incumbent yet."""
    if incumbent is None:
        return True
    return candidate > incumbent if maximised(objective) else candidate < incumbent


def dominates(objectives: Sequence[Objective], one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Returns whether `one` is no worse than `other` in every objective and better in at least one."""
    better_in = [better(objective, one[objective], other[objective]) for objective in objectives]
    worse_in = [better(objective, other[objective], one[objective]) for objective in objectives]
    return any(better_in) and not any(worse_in)


_CONSTRAINT = re.compile(r"\s*(\w+)\s*(<=|>=)\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True)
class Constraint:
    """A bound on an objective, such as `parameter_count<=200000`."""

    objective: Objective
    upper: bool
    """Whether the bound is the highest value (`<=`), not the lowest (`>=`)."""
    bound: float

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """Returns the constraint that is written in a text such as `val_accuracy>=0.9`.

        Raises:
            ValueError: the text is not a constraint. The message says what is allowed.
        """
        match = _CONSTRAINT.fullmatch(text)
        names = get_args(Objective)
        if match is None:
            raise ValueError(f"{text!r} is not a constraint: write one such as parameter_count<=200000")
        if match[1] not in names:
            raise ValueError(f"{match[1]!r} is not an objective; known are {', '.join(names)}")
        made = cls(match[1], match[2] == "<=", float(match[3]))  # type: ignore[arg-type]
        if made.bound < 0 if made.upper else made.objective in SHARES and made.bound > 1:
            allowed = "lies in [0, 1]" if made.objective in SHARES else "is at least 0"
            raise ValueError(f"no trial can meet {made}: {made.objective} {allowed}")
        return made

    def violation(self, value: float) -> float:
        """Returns how far the value exceeds the bound, relative to it (absolute if it is 0); <= 0 if it is met."""
        beyond = value - self.bound if self.upper else self.bound - value
        return beyond / abs(self.bound) if self.bound else beyond

    def __str__(self) -> str:
        return f"{self.objective}{'<=' if self.upper else '>='}{self.bound:g}"


def violations(constraints: Sequence[Constraint], values: Mapping[str, float]) -> dict[str, float]:
    """Returns the violation of each constraint whose objective has a value, by the constraint's text."""
    return {str(one): one.violation(values[one.objective]) for one in constraints if one.objective in values}
