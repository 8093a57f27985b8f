"""The number of trials of a study that train at once, and when it can change while the study exists."""

from __future__ import annotations

from tuner.errors import FixInputError
from tuner.spec import StudySpec


def check_workers_may_change(spec: StudySpec) -> None:
    """Raise FixInputError if the study's result or its population depends on the number of its concurrent trials."""
    if spec.deterministic:
        raise FixInputError(
            "concurrent_workers cannot change with deterministic=true: the results would depend on the moment",
            remedy="start a new study with another number",
        )
    if spec.scheduler == "pbt":
        raise FixInputError(
            "concurrent_workers cannot change with scheduler=pbt: its trials train together, as one population",
            remedy="start a new study with another number",
        )
