"""Samplers by name: what suggests the next trial."""

from __future__ import annotations

import warnings

import optuna

from tuner.search.blend import BlendedSampler
from tuner.search.frugal import Frugal
from tuner.search.space import Space
from tuner.spec import StudySpec

STARTUP_TRIALS = 10
"""Drawn at random before a model of the space is made."""


def make_sampler(
    spec: StudySpec, space: Space, *, told: int = 0, frugal: Frugal | None = None
) -> optuna.samplers.BaseSampler:
    """The sampler that the spec names.

    Args:
        told: Trials that an earlier run of the study has suggested already: another run draws other numbers.
        frugal: What trials cost, if that is to count.
    """
    seed = spec.seed + told
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        match spec.searcher:
            case "tpe" if spec.cost_aware and len(spec.objectives) == 1:
                return BlendedSampler(
                    space,
                    spec.seed,  # it draws by the number of the trial
                    cost=frugal.cost if frugal else None,
                    exponent=frugal.exponent if frugal else None,
                    priors={name: one.prior for name, one in spec.space.items() if one.prior is not None},
                )
            case "tpe":
                return _tpe(seed)
            case "random":
                return optuna.samplers.RandomSampler(seed)
            case "cmaes":
                return optuna.samplers.CmaEsSampler(seed=seed, n_startup_trials=STARTUP_TRIALS)
            case "gp":
                return optuna.samplers.GPSampler(seed=seed, n_startup_trials=STARTUP_TRIALS)
            case "grid":
                return optuna.samplers.BruteForceSampler(seed=seed)
            case "nsga2":
                return optuna.samplers.NSGAIISampler(seed=seed, population_size=POPULATION)


POPULATION = 20
"""Of nsga2: networks are too dear for Optuna's default of 50."""


def _tpe(seed: int) -> optuna.samplers.BaseSampler:
    """Multivariate TPE that models each group of parameters that exist together on its own."""
    return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True, n_startup_trials=STARTUP_TRIALS)
