"""What a new study takes over from earlier ones: configurations that it tries first, results that it knows at once.

Pure: rows in, values out. Which studies are of the same kind is not decided here.

A configuration is taken over as far as the new space allows, since it will be tried in the new study. A result is
taken over only as it was: of the same data and epochs, and of a configuration that the new space holds unchanged. What
a searcher learns from must be true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from math import isclose
from typing import TypeGuard

from tuner.events import Scalar
from tuner.objectives import HEALTH, maximised
from tuner.search.parameter import DIGITS, Hyperparameters, Parameter
from tuner.search.pareto import breach, pareto_front
from tuner.search.space import Space, variants
from tuner.spec import SearcherName, StudySpec
from tuner.store import EpochRow, TrialRow

MOST_FIRST = 5
"""Configurations that are tried first."""

ROUNDING = 10 ** (1 - DIGITS)
"""A suggested number may be off by this share."""

LARGEST_SHARE = 4
"""One in so many of the trials asked for, at most, is such a configuration."""

MOST_RESULTS = 500
"""That a sampler is told: each suggestion of TPE looks through all of them."""

LEARNERS: tuple[SearcherName, ...] = ("auto", "tpe", "cmaes", "gp")
"""Searchers that learn from results which they did not ask for. A grid would take them for visited already, and
Optuna's NSGA-II knows only generations of its own."""


@dataclass(frozen=True)
class EarlierStudy:
    """An earlier study of the same kind, as the store has it. `epochs` may be empty where it is not `comparable`."""

    name: str
    spec: StudySpec
    trials: Sequence[TrialRow]
    epochs: Sequence[EpochRow] = ()


@dataclass(frozen=True)
class EarlierResult:
    """A trial of an earlier study, completed or pruned, with its monitored objective by epoch."""

    trial: TrialRow
    curve: Mapping[int, float]


@dataclass(frozen=True)
class WarmStart:
    """What a study begins with."""

    first: tuple[Hyperparameters, ...] = ()
    """Values by the parameters' keys, the most promising first; what is absent is the sampler's to suggest."""
    results: tuple[EarlierResult, ...] = ()
    """The oldest first: samplers may hold the latest for the most telling."""


def warm_start(spec: StudySpec, space: Space, earlier: Sequence[EarlierStudy]) -> WarmStart:
    """What a study of this spec and space takes over from earlier studies of its kind, the nearest first."""
    return WarmStart(tuple(_first(spec, space, earlier)), tuple(_results(spec, space, earlier)))


def comparable(spec: StudySpec, other: StudySpec) -> bool:
    """Whether a result of one study would be the same in the other: the same samples, number of epochs and score."""
    one, another = (of.data.model_dump(exclude={"data_dir"}) for of in (spec, other))
    return one == another and spec.max_epochs_per_trial == other.max_epochs_per_trial and _score(spec) == _score(other)


def _score(spec: StudySpec) -> tuple[object, ...] | None:
    """What health is weighed by; None where no objective is made of it."""
    if not set(HEALTH) & set(spec.objectives):
        return None
    return spec.accuracy_weight, spec.health_weights


def adapted(space: Space, hyperparameters: Mapping[str, Scalar]) -> Hyperparameters:
    """What a configuration of an earlier study comes to in this space, by key.

    Numbers are clipped, a number that is no choice becomes the nearest one. Absent is what the space fixes, what was
    chosen among names and is no choice any more, and what the earlier study did not have.
    """
    keys = variants(hyperparameters)
    taken: Hyperparameters = {}
    known: Hyperparameters = {}
    for parameter in space.parameters:
        if not _may_exist(parameter, known):
            continue
        if parameter.fixed:
            known[parameter.name] = _fixed_value(parameter)
        elif parameter.key == keys.get(parameter.name, parameter.name) and parameter.name in hyperparameters:
            value = _nearest(parameter, hyperparameters[parameter.name])
            if value is not None:
                taken[parameter.key] = known[parameter.name] = value
    return taken


def is_completion(space: Space, hyperparameters: Mapping[str, Scalar], configuration: Mapping[str, Scalar]) -> bool:
    """Whether hyperparameters are what a sampler made of a configuration by key: all that exists of it is in them."""
    names = {parameter.key: parameter.name for parameter in space.parameters}
    return all(
        names[key] not in hyperparameters or _alike(hyperparameters[names[key]], value)
        for key, value in configuration.items()
    )


def holds(space: Space, hyperparameters: Mapping[str, Scalar]) -> bool:
    """Whether the space could suggest exactly this configuration."""
    known: Hyperparameters = {}
    for parameter in space.parameters:
        if parameter.when(known):
            value = hyperparameters.get(parameter.name)
            if value is None or not _admits(parameter, value):
                return False
            known[parameter.name] = value
    return known.keys() == hyperparameters.keys()


def _first(spec: StudySpec, space: Space, earlier: Sequence[EarlierStudy]) -> list[Hyperparameters]:
    """Comparable studies are ranked as one; the places that are left go to the others, which take turns."""
    places = min(MOST_FIRST, spec.trials // LARGEST_SHARE)
    alike = [trial for study in earlier if comparable(spec, study.spec) for trial in study.trials]
    others = [_ranked(spec, study.trials) for study in earlier if not comparable(spec, study.spec)]
    in_turns = (trial for turn in zip_longest(*others) for trial in turn if trial is not None)
    chosen: list[Hyperparameters] = []
    for trial in chain(_ranked(spec, alike), in_turns):
        if len(chosen) == places:
            break
        configuration = adapted(space, trial.hyperparameters)
        if configuration and configuration not in chosen:
            chosen.append(configuration)
    return chosen


def _ranked(spec: StudySpec, trials: Sequence[TrialRow]) -> list[TrialRow]:
    """The completed trials: what keeps to the constraints first, then what is on the front, then by first objective."""
    objective = spec.objectives[0]
    front = {trial.trial_id for trial in pareto_front(trials, spec.objectives, spec.bounds)}
    sign = -1 if maximised(objective) else 1

    def rank(trial: TrialRow) -> tuple[float, bool, float]:
        return breach(trial, spec.bounds), trial.trial_id not in front, sign * trial.values[objective]

    usable = [trial for trial in trials if trial.status == "completed" and objective in trial.values]
    return sorted(usable, key=rank)


def _results(spec: StudySpec, space: Space, earlier: Sequence[EarlierStudy]) -> list[EarlierResult]:
    if spec.searcher not in LEARNERS:
        return []
    nearest_first = chain.from_iterable(_told(spec, space, study) for study in earlier if comparable(spec, study.spec))
    return [result for result, _ in zip(nearest_first, range(MOST_RESULTS), strict=False)][::-1]


def _told(spec: StudySpec, space: Space, study: EarlierStudy) -> Iterator[EarlierResult]:
    """The study's latest trials first."""
    curves: dict[int, dict[int, float]] = {}
    for epoch in study.epochs:
        curves.setdefault(epoch.trial_number, {})[epoch.epoch] = epoch.objective
    for trial in reversed(study.trials):
        curve = curves.get(trial.trial_number, {})
        completed = trial.status == "completed" and all(objective in trial.values for objective in spec.objectives)
        # Optuna has no pruned trials of several objectives.
        pruned = trial.status == "pruned" and len(spec.objectives) == 1 and bool(curve)
        if (completed or pruned) and holds(space, trial.hyperparameters):
            yield EarlierResult(trial, curve)


def _may_exist(parameter: Parameter, known: Hyperparameters) -> bool:
    try:
        return parameter.when(known)
    except KeyError:  # that depends on what the sampler will suggest
        return True


def _fixed_value(parameter: Parameter) -> Scalar:
    if parameter.choices is not None:
        return parameter.choices[0]
    assert parameter.low is not None
    return int(parameter.low) if parameter.integer else parameter.low


def _nearest(parameter: Parameter, value: Scalar) -> Scalar | None:
    """The parameter's value that is nearest to another one; None if none is near."""
    if parameter.choices is not None:
        same = [choice for choice in parameter.choices if _same(choice, value)]
        if same:
            return same[0]
        numbers = [choice for choice in parameter.choices if _is_number(choice)]
        return min(numbers, key=lambda choice: abs(choice - value)) if numbers and _is_number(value) else None
    if not _is_number(value):
        return None
    assert parameter.low is not None
    assert parameter.high is not None
    clipped = min(max(value, parameter.low), parameter.high)
    return round(clipped) if parameter.integer else float(clipped)


def _admits(parameter: Parameter, value: Scalar) -> bool:
    near = _nearest(parameter, value)
    return near is not None and _same(near, value)


def _same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are equal; 1 and true are not."""
    return one == other and (type(one) is type(other) or (_is_number(one) and _is_number(other)))


def _alike(one: Scalar, other: Scalar) -> bool:
    """Whether two values are the same but for the digits that a suggested number does not have."""
    return _same(one, other) or (_is_number(one) and _is_number(other) and isclose(one, other, rel_tol=ROUNDING))


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
