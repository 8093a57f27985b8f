"""Creates the sampler that a spec names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from tuner.search.auto_sampler import AutoSampler
from tuner.search.cost_model import CostModel
from tuner.search.space import Space
from tuner.search.tpe import make_tpe
from tuner.spec import StudySpec

STARTUP_TRIALS = 10
"""Trials that Optuna's samplers draw at random before they make a model of the space."""

FEWEST_SOURCES = 10
"""Number of earlier results from which cmaes takes its first distribution from them: from the best tenth."""

POPULATION = 20
"""Population of nsga2: training networks is too expensive for Optuna's default of 50."""


def make_sampler(
    spec: StudySpec,
    space: Space,
    *,
    trials_before: int = 0,
    cost_model: CostModel | None = None,
    earlier: Sequence[FrozenTrial] = (),
    good_first: bool = False,
) -> optuna.samplers.BaseSampler:
    """The sampler that the spec names. `auto` is `AutoSampler`, and TPE where a study has several objectives.

    Args:
        trials_before: Trials that earlier runs have suggested. It changes the seed, so that this run draws others.
        cost_model: Only `auto` uses it; None: cost is ignored.
        good_first: The first trials are known to be good on other data; `auto` uses its model sooner then.
        earlier: Results of earlier studies: the first distribution of cmaes (WS-CMA-ES, Nomura et al., AAAI 2021).
    """
    seed = spec.seed + trials_before
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        match spec.searcher:
            case "auto" if len(spec.objectives) == 1:
                return AutoSampler(
                    space,
                    spec.seed,  # it draws by the trial's number
                    cost=cost_model.cost if cost_model else None,
                    exponent=cost_model.exponent if cost_model else None,
                    priors={name: one.prior for name, one in spec.space.items() if one.prior is not None},
                    one_by_one=spec.deterministic,
                    good_first=good_first,
                )
            case "auto" | "tpe":
                return make_tpe(seed, STARTUP_TRIALS)
            case "random":
                return optuna.samplers.RandomSampler(seed)
            case "cmaes":
                complete = [trial for trial in earlier if trial.state == TrialState.COMPLETE]
                source = complete if len(complete) >= FEWEST_SOURCES else None
                return optuna.samplers.CmaEsSampler(seed=seed, n_startup_trials=STARTUP_TRIALS, source_trials=source)
            case "gp":
                return optuna.samplers.GPSampler(seed=seed, n_startup_trials=STARTUP_TRIALS)
            case "grid":
                return optuna.samplers.BruteForceSampler(seed=seed)
            case "nsga2":
                return optuna.samplers.NSGAIISampler(seed=seed, population_size=POPULATION)
