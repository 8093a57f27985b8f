"""Population based training: laggards go on from a copy of a leader's weights, with hyperparameters near the leader's.

Jaderberg et al., Population Based Training of Neural Networks (2017), as Ray Tune has it. A population's networks may
differ: who copies the weights copies the network too. So only what does not change the shape of weights is varied.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from ray.tune.schedulers import PopulationBasedTraining

from tuner.ray_internals import ClonedConfig
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.space import Space
from tuner.search.stateless import Stateless

VARIED = ("learning_rate", "momentum", "weight_decay", "dropout", "batch_size")
"""What may change in the middle of a training."""

FACTORS = (0.8, 1.25)
RESAMPLED = 0.25
"""Share of the hyperparameters that are drawn anew, anywhere in the space, instead of being multiplied by a factor."""

STEPS = 5
"""Times in a trial's epochs at which laggards may copy leaders."""

CLONED_FROM = "cloned_from"
"""Key of a trial's config: the number of the trial whose weights it took over."""


class PbtScheduler(Stateless, ClonedConfig, PopulationBasedTraining):  # type: ignore[misc]
    """Ray Tune's scheduler over our trials; its trials come from a list, not from a Searcher."""

    def __init__(self, space: Space, seed: int, epochs: int, *, time_attr: str, metric: str, mode: str) -> None:
        super().__init__(
            time_attr=time_attr,
            metric=metric,
            mode=mode,
            perturbation_interval=max(1, epochs // STEPS),
            custom_explore_fn=lambda config: config,
            require_attrs=False,  # a trial's first event has no objective yet
            log_config=False,
        )
        self._space = space
        self._random = random.Random(seed)

    def cloned_config(self, config: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        new = copy.deepcopy(source)
        new[CLONED_FROM] = new["trial"]["trial_number"]
        new["trial"]["trial_number"] = config["trial"]["trial_number"]
        new["trial"]["hyperparameters"] = perturbed(new["trial"]["hyperparameters"], self._space, self._random)
        return new


def perturbed(hyperparameters: Hyperparameters, space: Space, rng: random.Random) -> Hyperparameters:
    """Hyperparameters near these, within the space: the network stays the same, its training changes."""
    changed = dict(hyperparameters)
    known: Hyperparameters = {}
    for parameter in space.parameters:
        if not parameter.when(known):
            continue
        known[parameter.name] = changed[parameter.name]
        if parameter.name in VARIED and not parameter.fixed:
            changed[parameter.name] = _near(parameter, changed[parameter.name], rng)
    return changed


def _near(parameter: Parameter, value: Any, rng: random.Random) -> Any:
    if parameter.choices is not None:
        return rng.choice(parameter.choices)
    assert parameter.low is not None
    assert parameter.high is not None
    if rng.random() < RESAMPLED:
        value = _anywhere(parameter, rng)
    else:
        value = min(max(value * rng.choice(FACTORS), parameter.low), parameter.high)
    return round(value) if parameter.integer else value


def _anywhere(parameter: Parameter, rng: random.Random) -> float:
    assert parameter.low is not None
    assert parameter.high is not None
    share = rng.random()
    if parameter.log:
        return parameter.low ** (1 - share) * parameter.high**share  # type: ignore[no-any-return]
    return parameter.low + share * (parameter.high - parameter.low)
