"""Samplers by name: what suggests the next trial."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from tuner.search.auto_sampler import AutoSampler
from tuner.search.cost_model import CostModel
from tuner.search.space import Space
from tuner.spec import StudySpec

STARTUP_TRIALS = 10
"""Drawn at random before a model of the space is made."""


FEWEST_SOURCES = 10
"""Results from which on cmaes takes its first distribution from earlier studies: the best tenth of them."""


def make_sampler(
    spec: StudySpec,
    space: Space,
    *,
    told: int = 0,
    frugal: CostModel | None = None,
    known: Sequence[FrozenTrial] = (),
) -> optuna.samplers.BaseSampler:
    """The sampler that the spec names.

    Args:
        told: Trials that an earlier run of the study has suggested already: another run draws other numbers.
        known: Results of earlier studies, which are in the sampler's study already. cmaes takes its first distribution
            from them (WS-CMA-ES, Nomura et al., AAAI 2021); the others need no word of them.
        frugal: What trials cost, if that is to count.
    """
    seed = spec.seed + told
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        match spec.searcher:
            case "auto" if len(spec.objectives) == 1:
                return AutoSampler(
                    space,
                    spec.seed,  # it draws by the number of the trial
                    cost=frugal.cost if frugal else None,
                    exponent=frugal.exponent if frugal else None,
                    priors={name: one.prior for name, one in spec.space.items() if one.prior is not None},
                )
            case "auto" | "tpe":
                return _tpe(seed)
            case "random":
                return optuna.samplers.RandomSampler(seed)
            case "cmaes":
                source = [trial for trial in known if trial.state == TrialState.COMPLETE]
                return optuna.samplers.CmaEsSampler(
                    seed=seed,
                    n_startup_trials=STARTUP_TRIALS,
                    source_trials=source if len(source) >= FEWEST_SOURCES else None,
                )
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
