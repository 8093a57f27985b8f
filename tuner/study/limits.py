"""Whether any network of the search space can meet the limits of a spec: found before the search, not by rejections."""

from __future__ import annotations

from tuner import models
from tuner.data import Data
from tuner.errors import FixInputError
from tuner.models.estimate import Estimate
from tuner.search.parameter import Hyperparameters
from tuner.search.smallest import smallest
from tuner.search.space import Space
from tuner.spec import StudySpec
from tuner.trial_spec import SearchedArchitecture

MIB = 2**20


def check_limits(spec: StudySpec, architecture: SearchedArchitecture, space: Space, data: Data) -> None:
    """Check that the space holds a network within each limit. Does nothing for an own model, whose size is not known.

    Raises:
        FixInputError: max_parameters, max_memory_mb or a constraint on parameter_count excludes all networks.
    """
    if architecture == "own":
        return

    def cost(hyperparameters: Hyperparameters) -> Estimate:
        return models.estimate(architecture, hyperparameters, data.input, data.classes)

    fewest = cost(smallest(space, lambda values: cost(values).parameters)).parameters
    of_smallest = f"the smallest network of the search space has {fewest:,} parameters"
    smaller = "or allow smaller networks in space"
    if fewest > spec.max_parameters:
        raise FixInputError(
            f"max_parameters={spec.max_parameters}: {of_smallest}", remedy=f"allow at least {fewest}, {smaller}"
        )
    for bound in spec.bounds:
        if bound.objective != "parameter_count":
            continue
        if bound.upper and bound.violation(fewest) > 0:
            raise FixInputError(f"constraint {bound}: {of_smallest}", remedy=f"allow at least {fewest}, {smaller}")
        most = fewest if bound.upper else cost(smallest(space, lambda values: -cost(values).parameters)).parameters
        if not bound.upper and bound.violation(most) > 0:
            raise FixInputError(
                f"constraint {bound}: the largest network of the search space has {most:,} parameters",
                remedy=f"ask for at most {most}, or allow larger networks in space",
            )
    least = cost(smallest(space, lambda values: cost(values).memory_bytes)).memory_bytes
    if least > spec.max_memory_mb * MIB:
        needed = -(-least // MIB)
        raise FixInputError(
            f"max_memory_mb={spec.max_memory_mb}: each network of the search space needs at least {needed:,} MiB",
            remedy=f"allow at least {needed}, {smaller}",
        )
