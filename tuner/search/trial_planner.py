"""Plans whole configurations: the first trials, the Gaussian process, TPE, and what is left of a small space.

A plan depends only on the seed, the trial's number and the study's trials. See `tuner.search.auto_sampler` for how the
methods share the trials.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from optuna.study import Study
from optuna.trial import FrozenTrial
from threadpoolctl import ThreadpoolController

from tuner.events import Scalar, SuggestedBy
from tuner.search.acquisition import Feasibility, UserPriors, log_expected_improvement
from tuner.search.candidates import CandidatePool, crossed, first_untried, mutants, neighbours, spread
from tuner.search.encoding import Array, Configuration, Encoding
from tuner.search.gaussian_process import GaussianProcess
from tuner.search.history import HistoryReader, TrialHistory
from tuner.search.optuna_internals import enqueued_values
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space
from tuner.search.surrogate import Surrogate
from tuner.search.tpe import TpeDraws

STARTUP_TRIALS, AFTER_GOOD_ONES = 10, 5
"""Number of trials before any model is used: most are spread over the space. The latter where the first ones are known
to be good on other data: then a good network is near, and points far from it cost time without gain."""

MOST_EXPENSIVE_FIRST, MOST_EXPENSIVE_OF_FEW = 0.5, 0.8
"""Share of the space, by rising cost, that the first trials come from; the latter in studies without other trials."""

LEAST_OBSERVED = 4
"""Ended trials that a model needs at least, however many are running."""

RANDOM_CANDIDATES = 150
PARENTS = 10
MUTANTS_EACH = 10
CROSSED_CANDIDATES = 50

CLIMBS = 5
CLIMBERS = 3
"""How many times the neighbours of the best candidates are added, and of how many candidates each time."""

MOST_TPE = 0.5
ENOUGH_TRUST = 0.25
"""TPE's share of trials where the Gaussian process predicts nothing, and the correlation between predictions and
results at which TPE's share becomes 0."""

TPE_REDRAWS = 20

SHORTLIST = 100
"""Candidates that are ranked again for each further trial of a plan."""

MOST_JUDGED = 1_000
"""Trials that the feasibility model learns from at most."""

PRIOR_STRENGTH = 10.0
"""In trials: a prior's weight has this power after one trial, a tenth of it after ten (piBO's beta)."""

FIRST_PRIOR_WIDTH, PRIOR_WIDTH = 0.02, 0.15
"""Distance from a prior, as a share of the parameter's range, of the very first trial and of further first ones."""


class Plan(NamedTuple):
    """The planned configuration of one trial."""

    values: Mapping[str, Scalar]
    """By key."""
    suggested_by: SuggestedBy


class TrialPlanner:
    """Plans the trials of one study: `trials_per_plan` (while a number of trials is running) at once."""

    def __init__(
        self,
        space: Space,
        seed: int,
        *,
        cost: Callable[[Hyperparameters], float] | None,
        exponent: Callable[[], float],
        priors: Mapping[str, Scalar],
        trials_per_plan: Callable[[int], int],
        good_first: bool = False,
    ) -> None:
        self._space, self._seed, self._cost, self._exponent = space, seed, cost, exponent
        self._trials_per_plan = trials_per_plan
        self._startup_trials = AFTER_GOOD_ONES if good_first else STARTUP_TRIALS
        self._encoding = Encoding(space)
        self._priors = UserPriors(self._encoding, priors)
        self._history_reader = HistoryReader(self._encoding)
        self._surrogate = Surrogate(self._encoding, seed)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the parameters that a plan may hold."""
        return frozenset(self._encoding.index)

    def plan(self, study: Study, trial: FrozenTrial, before: Sequence[Mapping[str, Scalar]] = ()) -> list[Plan]:
        """The plans of this trial and of those planned with it, after those planned `before` but not yet requested."""
        # The matrices are too small for threads to pay, and the workers need the cores.
        with _blas().limit(limits=1, user_api="blas"):
            return self._plan(study, trial, before)

    def random_plan(self, trial: FrozenTrial) -> Plan:
        """A random configuration, which needs no model and no history."""
        (configuration,) = self._random_configurations(1, _given_values(trial), self._rng(trial))
        return Plan(configuration.values, "random")

    def _plan(self, study: Study, trial: FrozenTrial, before: Sequence[Mapping[str, Scalar]]) -> list[Plan]:
        rng = self._rng(trial)
        trials = study.get_trials(deepcopy=False)
        history = self._history_reader.read(trials, study.direction, trial.number)
        history = history.with_pending(before, self._encoding)
        pool = CandidatePool(self._encoding, history.tried, _given_values(trial))
        if len(history) < LEAST_OBSERVED or len(history) + len(history.pending) < self._startup_trials:
            suggested_by: SuggestedBy = "space_filling"
            chosen = self._first(trial.number, history, pool, rng)
        else:
            process = self._surrogate.posterior(history)
            if rng.random() < MOST_TPE * (1 - process.trust() / ENOUGH_TRUST):
                suggested_by = "tpe"
                others = [one for one in trials if one.number != trial.number]
                chosen = self._by_tpe(study, trial.number, others, before, history, pool)
            else:
                suggested_by = "gaussian_process"
                chosen = self._most_promising(process, history, pool, rng)
        if chosen:
            return [Plan(configuration.values, suggested_by) for configuration in chosen]
        # Everything drawn has been tried, so the space is small enough to walk through.
        if untried := first_untried(self._encoding, pool):
            return [Plan(untried.values, "enumeration")]
        return [self.random_plan(trial)]

    def _rng(self, trial: FrozenTrial) -> np.random.Generator:
        return np.random.default_rng((self._seed, trial.number))

    def _first(
        self, number: int, history: TrialHistory, pool: CandidatePool, rng: np.random.Generator
    ) -> list[Configuration]:
        """The first untried and probably feasible point of the sequence; by rising cost where cost counts."""
        points = spread(len(self._encoding.axes), self._seed, number + 32)[number:]
        if self._priors and number % 2 == 0:
            points = self._priors.near(points, rng, PRIOR_WIDTH if number else FIRST_PRIOR_WIDTH)
        pool.add(points)
        if not len(pool):
            return []
        probability = self._feasibility(history).probability(self._encoding.features(pool.coordinates))
        fit = [pool.configurations[row] for row in np.flatnonzero(probability >= min(0.5, float(probability.max())))]
        cost = self._cost
        if cost is None or not self._exponent():
            return fit[:1]
        # From the cheapest to the middle: results of cheap networks hold, in part, for expensive ones.
        by_cost = sorted(fit, key=lambda one: cost(one.hyperparameters))
        # A short study has no later trials for expensive networks: the first trials go as far as the budget is used.
        # Where many start at once, before any has ended, they go from the cheapest to the middle again and again.
        started = (len(history) + len(history.pending)) / self._startup_trials % 1
        share = max(MOST_EXPENSIVE_FIRST * started, min(1 - self._exponent(), MOST_EXPENSIVE_OF_FEW))
        return [by_cost[int(share * len(by_cost))]]

    def _by_tpe(
        self,
        study: Study,
        number: int,
        trials: Sequence[FrozenTrial],
        before: Sequence[Mapping[str, Scalar]],
        history: TrialHistory,
        pool: CandidatePool,
    ) -> list[Configuration]:
        known = history.numbers[self._surrogate.learned_from(history)]
        if len(known) < len(history):
            seen = frozenset(known.tolist())
            trials = [trial for trial in trials if trial.number in seen or not trial.state.is_finished()]
        tpe = TpeDraws(self._seed + number, self._space, study.direction, trials, before)
        for _ in range(TPE_REDRAWS):
            pool.include([tpe.draw(pool.fixed)])
            if len(pool):
                return pool.configurations[:1]
        return []

    def _most_promising(
        self, process: GaussianProcess, history: TrialHistory, pool: CandidatePool, rng: np.random.Generator
    ) -> list[Configuration]:
        learned = history.observed[self._surrogate.learned_from(history)]
        means, _ = process.predict(self._encoding.features(learned))
        elite = learned[np.argsort(-means, kind="stable")[:PARENTS]]
        best_mean = float(means.max())
        log_score = self._log_score(process, best_mean, history, rng)
        pool.include(self._random_configurations(RANDOM_CANDIDATES, pool.fixed, rng))
        pool.add(mutants(self._encoding, elite, MUTANTS_EACH, rng))
        pool.add(crossed(elite, CROSSED_CANDIDATES, rng))
        if not len(pool):
            return []
        scores = log_score(pool.configurations, pool.coordinates)
        climbed: set[int] = set()
        for _ in range(CLIMBS):
            best = [row for row in np.argsort(-scores, kind="stable")[:CLIMBERS].tolist() if row not in climbed]
            climbed.update(best)
            known = len(pool)
            pool.add(neighbours(self._encoding, pool.coordinates[best], rng))
            if len(pool) == known:
                break
            scores = np.concatenate([scores, log_score(pool.configurations[known:], pool.coordinates[known:])])
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
        """The rows of the candidates to try: the best one, then the best as if the first were running, and so on."""
        chosen = [int(np.argmax(scores))]
        count = 1 if pool.fixed else min(self._trials_per_plan(len(history.pending)), len(pool))
        if count == 1:
            return chosen
        listed = np.argsort(-scores, kind="stable")[: max(SHORTLIST, count)]
        features = self._encoding.features(pool.coordinates[listed])
        reached, pending = history.reached_targets(), history.pending

        def improvement() -> Array:
            imagining = process.imagining(self._encoding.features(pending), rng, reached)
            return log_expected_improvement(*imagining.predict(features), best_mean)

        rest = scores[listed] - improvement()  # all other parts of the score
        while len(chosen) < count:
            pending = np.vstack([pending, pool.coordinates[chosen[-1:]]])
            reached = np.append(reached, -math.inf)
            again = np.where(np.isin(listed, chosen), -math.inf, rest + improvement())
            chosen.append(int(listed[np.argmax(again)]))
        return chosen

    def _log_score(
        self, process: GaussianProcess, best: float, history: TrialHistory, rng: np.random.Generator
    ) -> Callable[[Sequence[Configuration], Array], Array]:
        """A function that scores configurations and their coordinates: the logarithm of their worth, shape (n,)."""
        imagining = process.imagining(self._encoding.features(history.pending), rng, history.reached_targets())
        feasibility = self._feasibility(history)
        strength = PRIOR_STRENGTH / len(history)
        exponent = self._exponent()

        def log_score(configurations: Sequence[Configuration], coordinates: Array) -> Array:
            features = self._encoding.features(coordinates)
            score = log_expected_improvement(*imagining.predict(features), best)
            score += feasibility.log_weight(features)
            score += strength * self._priors.log_weight(coordinates)
            if self._cost is not None and exponent:
                score -= exponent * np.log([self._cost(one.hyperparameters) for one in configurations])
            return score

        return log_score

    def _feasibility(self, history: TrialHistory) -> Feasibility:
        # Of a long history every n-th trial: that keeps the ratio of feasible to infeasible ones.
        step = 1 + (len(history) + len(history.infeasible)) // MOST_JUDGED
        feasible, infeasible = history.observed[::step], history.infeasible[::step]
        return Feasibility(self._encoding.features(feasible), self._encoding.features(infeasible))

    def _random_configurations(
        self, count: int, fixed: Mapping[str, Scalar], rng: np.random.Generator
    ) -> list[Configuration]:
        return self._encoding.decode(rng.random((count, len(self._encoding.axes))), fixed)


def _given_values(trial: FrozenTrial) -> dict[str, Scalar]:
    """Values by key that the trial has already, and that it was enqueued with."""
    return {**enqueued_values(trial), **trial.params}


@cache
def _blas() -> ThreadpoolController:
    """The BLAS libraries of this process. Finding them takes longer than setting their threads."""
    return ThreadpoolController()
