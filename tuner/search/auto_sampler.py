"""The sampler of a study: a Gaussian process where it predicts well, Optuna's TPE where it does not.

A trial's whole configuration is planned at once, when its first parameter is asked for, and then read out parameter by
parameter. What is suggested depends only on the seed, the trial's number and the study's trials: a sampler that is
made anew when a study is resumed goes on as the old one would have.

1. The first trials are spread evenly over the space (Sobol), every other one around the user's beliefs, if any.
2. Then a Gaussian process is fitted to the trials so far, those still running counted as if they had ended at a value
   drawn from it, or at what they have reached if that is more. It ranks candidates (spread, near good ones, crossed
   from good ones, and then the neighbours of the best candidates) by expected improvement, times the chance that the
   network is feasible, times the user's beliefs (which fade), divided by the expected cost to a power.
3. How well it predicts each trial from the others decides how often TPE plans a trial in its place.

Where trials are asked for faster than they can be planned one by one (`pace`), the Gaussian process plans several at
once: each as if those before it ran already. Only then does what is suggested depend on time.

No configuration is suggested twice, unless all others were.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial
from threadpoolctl import ThreadpoolController

from tuner.events import Scalar
from tuner.search.acquisition import Feasibility, UserPriors, log_expected_improvement
from tuner.search.candidates import CandidatePool, crossed, mutants, neighbours, spread, untaken
from tuner.search.encoding import Array, Configuration, Encoding
from tuner.search.gaussian_process import GaussianProcess
from tuner.search.history import HistoryReader, TrialHistory
from tuner.search.parameter import Hyperparameters
from tuner.search.plan_batching import PlanBatching
from tuner.search.space import Space
from tuner.search.surrogate import Surrogate
from tuner.search.tpe import StudySubset, draw, make_tpe

STARTUP_TRIALS = 10
"""Spread over the space before any model is asked."""

DEAREST_FIRST, DEAREST_OF_FEW = 0.5, 0.8
"""Share of the space, by cost, that the first trials are taken from, and where there are no others."""

LEAST_OBSERVED = 4
"""Ended trials without which no model is asked, however many run."""

RANDOM_CANDIDATES = 150
PARENTS = 10
MUTANTS_EACH = 10
CROSSED_CANDIDATES = 50

CLIMBS = 5
CLIMBERS = 3
"""How often the neighbours of the best candidates are added, and of how many."""

MOST_TPE = 0.5
ENOUGH_TRUST = 0.25
"""TPE's share of trials where the Gaussian process predicts nothing, and the correlation of what it predicts with what
came at which TPE has no share any more."""

TPE_REDRAWS = 20

SHORTLIST = 100
"""Candidates that are looked at again for each further trial of a plan."""

MOST_JUDGED = 1_000
"""Trials from which it is learned what is feasible."""

BELIEF_STRENGTH = 10.0
"""In trials: a belief's weight has this power after one trial, a tenth of it after ten (piBO's beta)."""

FIRST_BELIEF_WIDTH, BELIEF_SPREAD = 0.02, 0.15
"""Shares of a parameter's range by which the very first trial and further first ones lie off a belief."""


class AutoSampler(BaseSampler):
    """See the module. One sampler serves one study.

    Args:
        space: Where configurations come from; a trial that is asked for anything else is answered at random.
        seed: Of everything drawn.
        cost: Predicted cost of a trial (above 0, in any unit). Expected improvement is divided by
            cost ** exponent(): 1 buys most improvement per second, 0 does not look at cost.
        exponent: Asked at every suggestion, so that the caller can let cost count less as a budget runs out.
            1 where there is a cost, by default.
        priors: Believed best values by parameter name.
    """

    def __init__(
        self,
        space: Space,
        seed: int,
        *,
        cost: Callable[[Hyperparameters], float] | None = None,
        exponent: Callable[[], float] | None = None,
        priors: Mapping[str, Scalar] | None = None,
    ) -> None:
        self._space = space
        self._seed = seed
        self._cost = cost
        self._exponent = exponent or (lambda: 0.0 if cost is None else 1.0)
        self._encoding = Encoding(space)
        self._beliefs = UserPriors(self._encoding, priors or {})
        self._historian = HistoryReader(self._encoding)
        self._surrogate = Surrogate(self._encoding, seed)
        self._random = RandomSampler(seed=seed)
        self._plans: dict[int, Mapping[str, Scalar]] = {}
        """Of the trial that asked last, and of those planned with it, by number."""
        self._pace, self._asking = PlanBatching(), -1

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Nothing: a plan needs the conditions of the space, which Optuna does not know."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Nothing, see above."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """This trial's planned value; a random one for a parameter that the plan does not hold, or not within range."""
        if param_name in self._encoding.index:
            if trial.number != self._asking:
                self._asking = trial.number
                self._pace.asked()
            if trial.number not in self._plans:
                self._plans = self._plan(study, trial)
            value = self._plans[trial.number].get(param_name)
            if value is not None and _holds(param_distribution, value):
                return value
        return self._random.sample_independent(study, trial, param_name, param_distribution)

    def plan_ahead(self, study: Study, number: int, *, more: bool = False) -> None:
        """Plan a trial that was asked for, so that its parameters are at hand when they are.

        Args:
            more: If it is planned already, plan those that come after it.
        """
        rest = {planned: values for planned, values in self._plans.items() if planned >= number}
        if number not in rest or not (more or self._several):
            self._plans = self._plan(study, study.get_trials(deepcopy=False)[number])
        elif more:
            after = create_trial(state=TrialState.RUNNING)
            after.number = max(rest) + 1
            self._plans = rest | self._plan(study, after, list(rest.values()))

    def forget_plan(self) -> None:
        """Plan anew when the next trial is asked for, unless there is no time for that."""
        if not self._several:
            self._plans.clear()

    def is_hurried(self, running: int) -> bool:
        """Whether plans are for several trials where so many run."""
        return self._pace.at_once(running) > 1

    def has_planned(self, number: int, further: int = 0) -> bool:
        """Whether this trial is planned, and so many more."""
        return number in self._plans and number + further in self._plans

    @property
    def _several(self) -> bool:
        """Whether the last plan was for several trials: the rest of it is used, whatever has been learned since."""
        return len(self._plans) > 1

    def _plan(
        self, study: Study, trial: FrozenTrial, before: Sequence[Mapping[str, Scalar]] = ()
    ) -> dict[int, Mapping[str, Scalar]]:
        """By number, this trial and those that are planned with it.

        Args:
            before: What is planned for trials that come before it and were not asked for yet.
        """
        began = time.monotonic()
        # Its matrices are too small for threads to pay, and the workers need the cores.
        with _blas().limit(limits=1, user_api="blas"):
            planned = self._planned(study, trial, before)
        self._pace.planned(time.monotonic() - began)
        return {number: one.values for number, one in enumerate(planned, start=trial.number)}

    def _planned(self, study: Study, trial: FrozenTrial, before: Sequence[Mapping[str, Scalar]]) -> list[Configuration]:
        rng = np.random.default_rng((self._seed, trial.number))
        history = self._historian.read(study.get_trials(deepcopy=False), study.direction, trial.number)
        history = history.with_pending(before, self._encoding)
        pool = CandidatePool(
            self._encoding, history.taken, {**trial.system_attrs.get("fixed_params", {}), **trial.params}
        )
        planned: Configuration | None
        if len(history) < LEAST_OBSERVED or len(history) + len(history.pending) < STARTUP_TRIALS:
            planned = self._first(trial.number, history, pool, rng)
        else:
            process = self._surrogate.posterior(history)
            if rng.random() < MOST_TPE * (1 - process.trust() / ENOUGH_TRUST):
                planned = self._by_tpe(study, trial, history, pool)
            elif several := self._most_promising(process, history, pool, rng):
                return several
            else:
                planned = None
        # Where everything drawn is taken, the space is small enough to walk through.
        return [planned or untaken(self._encoding, pool) or self._random_ones(1, pool, rng)[0]]

    def _first(
        self, number: int, history: TrialHistory, pool: CandidatePool, rng: np.random.Generator
    ) -> Configuration | None:
        """The first point of the sequence, from this trial's on, that is not taken and may well be feasible.

        Where cost counts, the points from this trial's on are taken by rising cost.
        """
        points = spread(len(self._encoding.axes), self._seed, number + 32)[number:]
        if self._beliefs and number % 2 == 0:
            points = self._beliefs.near(points, rng, BELIEF_SPREAD if number else FIRST_BELIEF_WIDTH)
        pool.add(points)
        if not len(pool):
            return None
        chance = self._feasibility(history).chance(self._encoding.features(pool.coordinates))
        fit = [pool.configurations[row] for row in np.flatnonzero(chance >= min(0.5, float(chance.max())))]
        cost = self._cost
        if cost is None or not self._exponent():
            return fit[0]
        # From the cheapest to the middle: what is learned about cheap networks holds, in part, for dear ones.
        by_cost = sorted(fit, key=lambda one: cost(one.hyperparameters))
        # Where trials are few, there is no later for the dear ones: the start goes as far as the budget is used up.
        # Where many run at once, before any has ended, they go from the cheapest to the middle again and again.
        begun = (len(history) + len(history.pending)) / STARTUP_TRIALS % 1
        share = max(DEAREST_FIRST * begun, min(1 - self._exponent(), DEAREST_OF_FEW))
        return by_cost[int(share * len(by_cost))]

    def _by_tpe(
        self, study: Study, trial: FrozenTrial, history: TrialHistory, pool: CandidatePool
    ) -> Configuration | None:
        tpe = make_tpe(self._seed + trial.number)
        known = history.numbers[self._surrogate.learned_from(history)]
        told = study if len(known) == len(history) else StudySubset(study, frozenset(known.tolist()))
        for _ in range(TPE_REDRAWS):
            pool.include([draw(tpe, self._space, told, trial, pool.fixed)])
            if len(pool):
                return pool.configurations[0]
        return None

    def _most_promising(
        self, process: GaussianProcess, history: TrialHistory, pool: CandidatePool, rng: np.random.Generator
    ) -> list[Configuration]:
        """The best candidate, and the next best ones where several are to be planned; empty: all are taken."""
        learned = history.observed[self._surrogate.learned_from(history)]
        means, _ = process.predict(self._encoding.features(learned))
        elite = learned[np.argsort(-means, kind="stable")[:PARENTS]]
        best_mean = float(means.max())
        worth = self._worth(process, best_mean, history, rng)
        pool.include(self._random_ones(RANDOM_CANDIDATES, pool, rng))
        pool.add(mutants(self._encoding, elite, MUTANTS_EACH, rng))
        pool.add(crossed(elite, CROSSED_CANDIDATES, rng))
        if not len(pool):
            return []
        scores = worth(pool.configurations, pool.coordinates)
        climbed: set[int] = set()
        for _ in range(CLIMBS):
            best = [row for row in np.argsort(-scores, kind="stable")[:CLIMBERS].tolist() if row not in climbed]
            climbed.update(best)
            known = len(pool)
            pool.add(neighbours(self._encoding, pool.coordinates[best], rng))
            if len(pool) == known:
                break
            scores = np.concatenate([scores, worth(pool.configurations[known:], pool.coordinates[known:])])
        chosen = self._chosen(process, best_mean, history, pool, scores, rng)
        return [pool.configurations[row] for row in chosen]

    def _chosen(
        self,
        process: GaussianProcess,
        best_mean: float,
        history: TrialHistory,
        pool: CandidatePool,
        scores: Array,
        rng: np.random.Generator,
    ) -> list[int]:
        """The rows of the candidates to try: the best one, then the best one as if that ran already, and so on."""
        chosen = [int(np.argmax(scores))]
        count = 1 if pool.fixed else min(self._pace.at_once(len(history.pending)), len(pool))
        if count == 1:
            return chosen
        listed = np.argsort(-scores, kind="stable")[: max(SHORTLIST, count)]
        features, reached, pending = (
            self._encoding.features(pool.coordinates[listed]),
            history.reached(),
            history.pending,
        )

        def improvement() -> Array:
            imagining = process.imagining(self._encoding.features(pending), rng, reached)
            return log_expected_improvement(*imagining.predict(features), best_mean)

        rest = scores[listed] - improvement()  # what else makes a candidate worth a trial
        while len(chosen) < count:
            pending = np.vstack([pending, pool.coordinates[chosen[-1:]]])
            reached = np.append(reached, -math.inf)
            again = np.where(np.isin(listed, chosen), -math.inf, rest + improvement())
            chosen.append(int(listed[np.argmax(again)]))
        return chosen

    def _worth(
        self, process: GaussianProcess, best: float, history: TrialHistory, rng: np.random.Generator
    ) -> Callable[[Sequence[Configuration], Array], Array]:
        """The logarithm of what makes a candidate worth a trial, for configurations and their coordinates."""
        imagining = process.imagining(self._encoding.features(history.pending), rng, history.reached())
        feasibility = self._feasibility(history)
        strength = BELIEF_STRENGTH / len(history)
        exponent = self._exponent()

        def worth(configurations: Sequence[Configuration], coordinates: Array) -> Array:
            features = self._encoding.features(coordinates)
            score = log_expected_improvement(*imagining.predict(features), best)
            score += feasibility.log_weight(features)
            score += strength * self._beliefs.log_weight(coordinates)
            if self._cost is not None and exponent:
                score -= exponent * np.log([self._cost(one.hyperparameters) for one in configurations])
            return score

        return worth

    def _feasibility(self, history: TrialHistory) -> Feasibility:
        # Every so many of a long history: as many of those that worked as there are, against those that did not.
        every = 1 + (len(history) + len(history.infeasible)) // MOST_JUDGED
        works, fails = history.observed[::every], history.infeasible[::every]
        return Feasibility(self._encoding.features(works), self._encoding.features(fails))

    def _random_ones(self, count: int, pool: CandidatePool, rng: np.random.Generator) -> list[Configuration]:
        return self._encoding.decode(rng.random((count, len(self._encoding.axes))), pool.fixed)


@cache
def _blas() -> ThreadpoolController:
    """Finding the libraries takes longer than setting their threads."""
    return ThreadpoolController()


def _holds(distribution: BaseDistribution, value: Scalar) -> bool:
    try:
        return distribution._contains(distribution.to_internal_repr(value))
    except ValueError:  # a categorical distribution without this choice
        return False
