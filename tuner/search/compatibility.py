"""Checks that searcher, scheduler, objectives and search space can be combined."""

from __future__ import annotations

from importlib.util import find_spec
from math import prod

from tuner.errors import FixInputError
from tuner.search.space import Space
from tuner.spec import StudySpec

MOST_COMBINATIONS = 100_000
"""Largest size of a grid. Optuna compares all its trials before each suggestion."""


def check_search(spec: StudySpec, space: Space | None) -> None:
    """Check that searcher, scheduler, objectives and space (if it is known already) go together.

    Raises:
        FixInputError: they cannot. The message says which and why.
    """
    several = len(spec.objectives) > 1
    if several and spec.scheduler != "none":
        raise FixInputError(
            f"scheduler={spec.scheduler} compares trials by one value, and objective names {len(spec.objectives)}",
            remedy="use scheduler=none or one objective",
        )
    if several and spec.target_score is not None:
        raise FixInputError("target_score needs exactly one objective", remedy="leave target_score or the others out")
    if several and spec.searcher in ("cmaes", "gp"):
        raise FixInputError(f"searcher={spec.searcher} takes one objective", remedy="use searcher=auto or nsga2")
    if spec.searcher == "nsga2" and not several:
        raise FixInputError("searcher=nsga2 is for several objectives", remedy="use searcher=auto, or name two")
    if spec.scheduler == "pbt" and spec.searcher != "random":
        raise FixInputError(
            f"scheduler=pbt changes trials while they train, which searcher={spec.searcher} cannot learn from",
            remedy="use searcher=random with it",
        )
    if spec.searcher == "gp" and find_spec("torch") is None:
        raise FixInputError("searcher=gp needs the package torch", remedy="install torch, or use searcher=auto")
    if space is None:
        return
    if spec.searcher == "cmaes":
        _check_numbers(space)
    if spec.searcher == "grid":
        _check_choices(space, spec.trials)


def _check_numbers(space: Space) -> None:
    varied = space.varied()
    others = [parameter.name for parameter in varied if parameter.choices is not None]
    if others:
        raise FixInputError(
            f"searcher=cmaes searches numbers, and {', '.join(dict.fromkeys(others))} are choices",
            remedy=f"fix them, such as space.{others[0]}=..., or use searcher=auto",
        )
    sometimes = [parameter.name for parameter, always in varied.items() if not always]
    if sometimes:
        raise FixInputError(
            f"searcher=cmaes searches numbers that always exist, and {', '.join(sometimes)} exist only sometimes",
            remedy="fix what they depend on, such as the number of layers, or use searcher=auto",
        )
    if len(varied) < 2:
        raise FixInputError("searcher=cmaes needs at least two parameters that vary", remedy="use searcher=auto")


def _check_choices(space: Space, trials: int) -> None:
    varied = space.varied()
    ranges = [parameter.name for parameter in varied if parameter.choices is None and not parameter.integer]
    if ranges:
        raise FixInputError(
            f"searcher=grid tries every combination, and {', '.join(dict.fromkeys(ranges))} are ranges",
            remedy=f"give choices, such as space.{ranges[0]}=[...], or use searcher=random",
        )
    largest = prod(parameter.size for parameter in varied)
    if largest > MOST_COMBINATIONS:
        raise FixInputError(
            f"searcher=grid tries every combination, and the space has up to {largest:,} for {trials:,} trials",
            remedy="fix or narrow more parameters, or use searcher=random",
        )
