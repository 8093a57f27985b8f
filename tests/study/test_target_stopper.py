"""A trial ends with the epoch that reaches the target."""

from __future__ import annotations

from typing import Any

import pytest

from tests.store.samples import complete, epoch, start
from tuner.spec import parse_study_spec
from tuner.study.target_stopper import TargetStopper


def stops(*objectives: float, **fields: Any) -> bool:
    """Whether a result with a trial's start, epochs of these values and its end is the last one."""
    events = [start(1), *(epoch(i, 1, objective=value) for i, value in enumerate(objectives, 1)), complete(1)]
    told = {"events": [event.model_dump(mode="json") for event in events]}
    return TargetStopper(parse_study_spec({"run_name": "a", **fields}))("t", told)


@pytest.mark.parametrize(("objective", "target", "value", "reached"), [
    ("val_accuracy", 0.9, 0.9, True), ("val_accuracy", 0.9, 0.89, False),
    ("val_loss", 0.3, 0.3, True), ("val_loss", 0.3, 0.31, False),
])  # fmt: skip
def test_at_the_target_or_beyond_it(objective: str, target: float, value: float, reached: bool) -> None:
    assert stops(value, objective=objective, target_score=target) is reached


def test_one_of_several_epochs_is_enough() -> None:
    assert stops(0.1, 0.95, 0.2, target_score=0.9)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"objective": "parameter_count", "target_score": 5_000},
        {"target_score": 0.9, "constraints": ["val_loss<=1"]},
    ],
)
def test_it_decides_nothing_without_a_target_of_epochs_alone(fields: dict[str, Any]) -> None:
    assert not stops(0.95, **fields)


def test_a_result_without_events_is_none_of_its_concern() -> None:
    assert not TargetStopper(parse_study_spec({"run_name": "a", "target_score": 0.5}))("t", {})
