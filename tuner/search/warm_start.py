"""Chooses what a new study reuses of earlier ones: configurations to try first, and results to learn from.

A configuration is adapted to the new space, since the new study will try it. A searcher must learn from true results:
one is reused only unchanged, of the same data and number of epochs, and if the new space contains its configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from math import isclose

from tuner.events import Scalar
from tuner.objectives import HEALTH, maximised
from tuner.search.parameter import DIGITS, Hyperparameters, Parameter, is_number
from tuner.search.pareto import pareto_front, total_violation
from tuner.search.space import Space, variants
from tuner.spec import SearcherName, StudySpec
from tuner.store import EpochRow, TrialRow

ARCHITECTURE = "architecture"

MOST_FIRST = 5
"""Configurations to try first, at most."""

ROUNDING = 10 ** (1 - DIGITS)
"""Relative error of a suggested number, which is rounded to `DIGITS` digits."""

LARGEST_SHARE = 4
"""At most one in this many trials of the new study is such a configuration."""

MOST_RESULTS = 500
"""Results to learn from, at most: each suggestion of TPE reads all of them."""

LEARNERS: tuple[SearcherName, ...] = ("auto", "tpe", "cmaes", "gp")
"""Searchers that learn from results of trials that they did not suggest. A grid would count them as visited, and
Optuna's NSGA-II uses only its own generations."""


@dataclass(frozen=True)
class EarlierStudy:
    """An earlier study of the same kind, from the store. `epochs` may be empty if the study is not `comparable`."""

    name: str
    spec: StudySpec
    trials: Sequence[TrialRow]
    epochs: Sequence[EpochRow] = ()


@dataclass(frozen=True)
class EarlierResult:
    """A completed or pruned trial of an earlier study, with its monitored objective by epoch."""

    trial: TrialRow
    curve: Mapping[int, float]


@dataclass(frozen=True)
class WarmStart:
    """What a new study reuses."""

    first: tuple[Hyperparameters, ...] = ()
    """Configurations to try first, by key, the most promising first. The sampler suggests absent parameters."""
    results: tuple[EarlierResult, ...] = ()
    """Results to learn from, the oldest first: samplers may give the latest more weight."""


def warm_start(spec: StudySpec, space: Space, earlier: Sequence[EarlierStudy]) -> WarmStart:
    """What a study of this spec and space reuses of earlier studies of its kind, given the most similar first."""
    return WarmStart(tuple(_first(spec, space, earlier)), tuple(_results(spec, space, earlier)))


def comparable(spec: StudySpec, other: StudySpec) -> bool:
    """Whether results of both studies can be compared: the same samples, weights of classes, epochs and score."""
    return _conditions(spec) == _conditions(other)


def _conditions(spec: StudySpec) -> tuple[object, ...]:
    """What decides the result of a configuration, apart from chance."""
    return spec.data.model_dump(exclude={"data_dir"}), spec.class_weight, spec.max_epochs_per_trial, _score(spec)


def _score(spec: StudySpec) -> tuple[object, ...] | None:
    """The weights of health in the score; None if no objective uses health."""
    return (spec.accuracy_weight, spec.health_weights) if set(HEALTH) & set(spec.objectives) else None


def adapted(space: Space, hyperparameters: Mapping[str, Scalar]) -> Hyperparameters:
    """A configuration of an earlier study, by key: numbers are clipped to the range, or replaced by the nearest choice.

    Parameters are absent that the space fixes, that the earlier study lacks, or whose name is no longer a choice.
    """
    keys = variants(hyperparameters)
    reused: Hyperparameters = {}
    known: Hyperparameters = {}
    for parameter in space.parameters:
        if not _may_exist(parameter, known):
            continue
        if parameter.only_value is not None:
            known[parameter.name] = parameter.only_value
        elif parameter.key == keys.get(parameter.name, parameter.name) and parameter.name in hyperparameters:
            value = _nearest(parameter, hyperparameters[parameter.name])
            if value is not None:
                reused[parameter.key] = known[parameter.name] = value
    return reused


def is_completion(space: Space, hyperparameters: Mapping[str, Scalar], configuration: Mapping[str, Scalar]) -> bool:
    """Whether a sampler may have completed this configuration (by key) to these hyperparameters."""
    names = {parameter.key: parameter.name for parameter in space.parameters}
    return all(
        names[key] not in hyperparameters or _alike(hyperparameters[names[key]], value)
        for key, value in configuration.items()
    )


def contains(space: Space, hyperparameters: Mapping[str, Scalar]) -> bool:
    """Whether the space contains exactly this configuration."""
    known: Hyperparameters = {}
    for parameter in space.parameters:
        if parameter.when(known):
            value = hyperparameters.get(parameter.name)
            near = None if value is None else _nearest(parameter, value)
            if value is None or near is None or not _same(near, value):
                return False
            known[parameter.name] = value
    return known.keys() == hyperparameters.keys()


def _first(spec: StudySpec, space: Space, earlier: Sequence[EarlierStudy]) -> list[Hyperparameters]:
    """The configurations to try first: of all comparable studies together, then of the other studies in turn."""
    places = min(MOST_FIRST, spec.trials // LARGEST_SHARE)
    alike = [trial for study in earlier if comparable(spec, study.spec) for trial in study.trials]
    others = [_ranked(spec, study.trials) for study in earlier if not comparable(spec, study.spec)]
    in_turns = (trial for turn in zip_longest(*others) for trial in turn if trial is not None)
    chosen: list[Hyperparameters] = []
    for trial in chain(_ranked(spec, alike), in_turns):
        if len(chosen) == places:
            break
        configuration = adapted(space, _with_kind(space, trial))
        if configuration and configuration not in chosen:
            chosen.append(configuration)
    return chosen


def _with_kind(space: Space, trial: TrialRow) -> Hyperparameters:
    """A trial's hyperparameters, with the kind of its network where, and only where, the space has it as one."""
    values = {name: value for name, value in trial.hyperparameters.items() if name != ARCHITECTURE}
    searched = any(parameter.name == ARCHITECTURE for parameter in space.parameters)
    if searched and trial.architecture is not None:
        values[ARCHITECTURE] = trial.architecture.type
    return values


def _ranked(spec: StudySpec, trials: Sequence[TrialRow]) -> list[TrialRow]:
    """The completed trials, sorted by violation of the constraints, then front before others, then first objective."""
    objective = spec.objectives[0]
    front = {trial.trial_id for trial in pareto_front(trials, spec.objectives, spec.bounds)}
    sign = -1 if maximised(objective) else 1

    def rank(trial: TrialRow) -> tuple[float, bool, float]:
        return total_violation(trial, spec.bounds), trial.trial_id not in front, sign * trial.values[objective]

    usable = [trial for trial in trials if trial.status == "completed" and objective in trial.values]
    return sorted(usable, key=rank)


def _results(spec: StudySpec, space: Space, earlier: Sequence[EarlierStudy]) -> list[EarlierResult]:
    if spec.searcher not in LEARNERS:
        return []
    nearest_first = chain.from_iterable(
        _reusable(spec, space, study) for study in earlier if comparable(spec, study.spec)
    )
    return [result for result, _ in zip(nearest_first, range(MOST_RESULTS), strict=False)][::-1]


def _reusable(spec: StudySpec, space: Space, study: EarlierStudy) -> Iterator[EarlierResult]:
    """The study's reusable results, the latest first."""
    curves: dict[int, dict[int, float]] = {}
    for epoch in study.epochs:
        curves.setdefault(epoch.trial_number, {})[epoch.epoch] = epoch.objective
    for trial in reversed(study.trials):
        curve = curves.get(trial.trial_number, {})
        completed = trial.status == "completed" and all(objective in trial.values for objective in spec.objectives)
        # Optuna does not support pruned trials of several objectives.
        pruned = trial.status == "pruned" and len(spec.objectives) == 1 and bool(curve)
        if (completed or pruned) and contains(space, trial.hyperparameters):
            yield EarlierResult(trial, curve)


def _may_exist(parameter: Parameter, known: Hyperparameters) -> bool:
    try:
        return parameter.when(known)
    except KeyError:  # it depends on a value that the sampler will suggest
        return True


def _nearest(parameter: Parameter, value: Scalar) -> Scalar | None:
    """The parameter's value nearest to this one; None for a name that is no choice."""
    if parameter.choices is not None:
        same = [choice for choice in parameter.choices if _same(choice, value)]
        if same:
            return same[0]
        numbers = [choice for choice in parameter.choices if is_number(choice)]
        return min(numbers, key=lambda choice: abs(choice - value)) if numbers and is_number(value) else None
    if not is_number(value):
        return None
    low, high = parameter.bounds
    clipped = min(max(value, low), high)
    return round(clipped) if parameter.integer else float(clipped)


def _same(one: Scalar, other: Scalar) -> bool:
    """Whether two values are equal; 1 and true are not."""
    return one == other and (type(one) is type(other) or (is_number(one) and is_number(other)))


def _alike(one: Scalar, other: Scalar) -> bool:
    """Whether two values are equal up to the rounding of suggested numbers."""
    return _same(one, other) or (is_number(one) and is_number(other) and isclose(one, other, rel_tol=ROUNDING))
