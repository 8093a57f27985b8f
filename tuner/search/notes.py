"""What a user should know of a search before it starts: values without effect, and a space that is too small."""

from __future__ import annotations

from tuner.search.combinations import number_of_combinations
from tuner.search.options import condition_of
from tuner.search.space import LOOKS, Space
from tuner.spec import StudySpec


def search_notes(spec: StudySpec, space: Space) -> list[str]:
    """Return what should be known, one line each; empty: nothing."""
    possible = {name for values in space.samples(LOOKS) for name in values}
    notes = [f"space.{name} has no effect: {_why_unused(name)}" for name in spec.space if name not in possible]
    most = number_of_combinations(space, spec.trials - 1)
    if most is not None and spec.scheduler != "pbt":
        combinations = "1 combination" if most == 1 else f"{most:,} combinations"
        notes.append(
            f"trials={spec.trials:,}, but the search space has only {combinations} of values: "
            "none is repeated, so the study ends once all were tried"
        )
    return notes


def _why_unused(name: str) -> str:
    condition = condition_of(name)
    return f"{name} exists only with {condition}" if condition else f"no network of this search has {name}"
