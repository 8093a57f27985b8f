"""A study as an Optuna study in memory, for Optuna's own figures. Reads rows only: neither the data nor a model.

Parameters have their names (not the keys of `Parameter`), each with one distribution over all its variants. Optuna
numbers trials by their position from 0, so an empty, waiting trial takes each number that is not one of ours: number 0,
and gaps. Unlike `search.optuna_study` for people, a cancelled trial is FAIL: it has ended, and it has times.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite, nan
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from tuner.events import Scalar, SearchParameter, TrialStatus
from tuner.objectives import direction, violations
from tuner.search.history import STATUS
from tuner.search.optuna_study import STATES
from tuner.search.parameter import is_number
from tuner.store import EpochRow, StudyRow, TrialRow

SHOWN_STATES: Mapping[TrialStatus, TrialState] = {**STATES, "cancelled": TrialState.FAIL}

WIDE_RANGE = 100
"""Ratio of the largest to the smallest value from which on a scale that is not recorded counts as logarithmic."""


def optuna_study_of(study: StudyRow, trials: Sequence[TrialRow], epochs: Sequence[EpochRow] = ()) -> optuna.Study:
    """Return a new Optuna study in memory with these trials under their own numbers, in our terms for people.

    Args:
        epochs: The curves of the trials, if the monitored objective by epoch is wanted too.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    spec = study.spec
    made = optuna.create_study(study_name=study.name, directions=[direction(name) for name in spec.objectives])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        made.set_metric_names(list(spec.objectives))
    distributions = distributions_of(study, trials)
    curves: dict[int, dict[int, float]] = {}
    for row in epochs:
        curves.setdefault(row.trial_number, {})[row.epoch] = row.objective
    by_number = {trial.trial_number: trial for trial in trials}
    empty = optuna.trial.create_trial(state=TrialState.WAITING)
    made.add_trials(
        _trial(study, by_number[number], distributions, curves.get(number, {})) if number in by_number else empty
        for number in range(max(by_number, default=0) + 1)
    )
    return made


def distributions_of(study: StudyRow, trials: Sequence[TrialRow]) -> dict[str, BaseDistribution]:
    """The distribution of each hyperparameter by name: of the stored space, widened to all values of the trials."""
    values: dict[str, list[Scalar]] = {}
    for trial in trials:
        for name, value in trial.hyperparameters.items():
            values.setdefault(name, []).append(value)
    known: dict[str, list[SearchParameter]] = {}
    for parameter in study.space or ():
        known.setdefault(parameter.name, []).append(parameter)
    return {name: _distribution(found, known.get(name, [])) for name, found in values.items()}


def _distribution(values: Sequence[Scalar], known: Sequence[SearchParameter]) -> BaseDistribution:
    numbers = [value for value in values if is_number(value)]
    if len(numbers) < len(values) or any(parameter.choices is not None for parameter in known):
        choices = [choice for parameter in known for choice in parameter.choices or ()]
        return CategoricalDistribution(_distinct([*choices, *_sorted(values)]))
    bounds = [bound for parameter in known for bound in (parameter.low, parameter.high) if bound is not None]
    low, high = min([*numbers, *bounds]), max([*numbers, *bounds])
    wide = low > 0 and high >= WIDE_RANGE * low
    log = low > 0 and (any(parameter.log for parameter in known) if known else wide)
    if all(isinstance(number, int) for number in numbers):
        return IntDistribution(int(low), int(high), log=log)
    return FloatDistribution(float(low), float(high), log=log)


def _sorted(values: Sequence[Scalar]) -> list[Scalar]:
    return sorted(values, key=lambda value: (not is_number(value), value if is_number(value) else 0.0, str(value)))


def _distinct(values: Sequence[Scalar]) -> list[Any]:
    """Each value once; as texts, if there are values of several types, of which some are equal, as 1 and True are."""
    kinds = {"number" if is_number(value) else type(value).__name__ for value in values}
    return list(dict.fromkeys(values if len(kinds) == 1 else map(str, values)))


def _trial(
    study: StudyRow, trial: TrialRow, distributions: Mapping[str, BaseDistribution], curve: Mapping[int, float]
) -> FrozenTrial:
    spec, created = study.spec, study.created_at
    state = SHOWN_STATES[trial.status]
    values: list[float] | None = None
    one = len(spec.objectives) == 1
    if state == TrialState.COMPLETE:
        known = trial.values | ({spec.objectives[0]: trial.objective} if one and trial.objective is not None else {})
        values = [known[name] for name in spec.objectives if isfinite(known.get(name, nan))]
        if len(values) < len(spec.objectives):  # of an earlier tuner, or not a number
            state, values = TrialState.FAIL, None
    began = trial.started_at or trial.completed_at or created  # a rejected trial never started
    made = optuna.trial.create_trial(
        state=state,
        values=values,
        params={name: _value(distributions[name], value) for name, value in trial.hyperparameters.items()},
        distributions={name: distributions[name] for name in trial.hyperparameters},
        user_attrs={STATUS: trial.status, "reason": trial.reason or ""},
        constraints=violations(spec.bounds, trial.values),
        intermediate_values=dict(curve) if one else {},
    )
    made.datetime_start = _local(began)
    made.datetime_complete = _local(trial.completed_at or began) if state.is_finished() else None
    return made


def _value(distribution: BaseDistribution, value: Scalar) -> Scalar:
    if isinstance(distribution, CategoricalDistribution):
        return str(value) if all(isinstance(choice, str) for choice in distribution.choices) else value
    return value


def _local(time: datetime) -> datetime:
    """Optuna's times are local times without a zone."""
    return time.astimezone().replace(tzinfo=None)
