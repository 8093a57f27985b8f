"""Population based training: the worst trials continue from copies of the best ones, with similar hyperparameters.

Jaderberg et al., Population Based Training of Neural Networks (2017), as Ray Tune implements it. The networks of a
population may differ: a trial that copies weights copies the network too. So only hyperparameters that do not change
the shape of weights are varied.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from ray.tune.schedulers import PopulationBasedTraining

from tuner.packed_hyperparameters import unpacked
from tuner.ray_internals import ClonedConfig
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.resilience import ResilientScheduler
from tuner.search.scheduler_report import CLONED_FROM, SUGGESTED_BY
from tuner.search.space import Space
from tuner.search.stateless import Stateless

VARIED = ("learning_rate", "momentum", "weight_decay", "dropout", "batch_size")
"""Hyperparameters that may change during a training."""

FACTORS = (0.8, 1.25)
RESAMPLED = 0.25
"""Probability that a hyperparameter is drawn from its whole range instead of being multiplied by a factor."""

STEPS = 5
"""How many times during a training the worst trials may copy the best ones."""


class PbtScheduler(Stateless, ResilientScheduler, ClonedConfig, PopulationBasedTraining):  # type: ignore[misc]
    """Ray Tune's scheduler for our trials, which come from a list instead of a Searcher."""

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
        new[SUGGESTED_BY] = "pbt"
        new["trial"]["trial_number"] = config["trial"]["trial_number"]
        hyperparameters = unpacked(new["trial"]["hyperparameters"])
        new["trial"]["hyperparameters"] = perturbed(hyperparameters, self._space, self._random)
        return new


def perturbed(hyperparameters: Hyperparameters, space: Space, rng: random.Random) -> Hyperparameters:
    """Hyperparameters near these, within the space. They keep the network and change its training."""
    changed = dict(hyperparameters)
    known: Hyperparameters = {}
    for parameter in space.parameters:
        if not parameter.when(known):
            continue
        known[parameter.name] = changed[parameter.name]
        if parameter.name in VARIED and parameter.only_value is None:
            changed[parameter.name] = _near(parameter, changed[parameter.name], rng)
    return changed


def _near(parameter: Parameter, value: Any, rng: random.Random) -> Any:
    if parameter.choices is not None or rng.random() < RESAMPLED:
        return parameter.drawn(rng)
    low, high = parameter.bounds
    near = min(max(value * rng.choice(FACTORS), low), high)
    return round(near) if parameter.integer else near
