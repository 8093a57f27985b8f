"""Writes a study's trials to an Optuna storage: one in memory, which the sampler learns from, or Optuna's own tables.

What is written can be rebuilt from the store at any time (`catch_up`), and writing something twice changes nothing.

| tuner                    | Optuna                                                                       |
| ------------------------ | ---------------------------------------------------------------------------- |
| running                  | RUNNING, an intermediate value per epoch: the objective, if it has one       |
| completed                | COMPLETE with the value of each objective                                    |
| pruned                   | PRUNED at its last epoch, with its curve (*)                                 |
| diverged, failed         | FAIL, with `status` and `reason` among its user attributes                   |
| rejected (too large)     | FAIL, the same, and infeasible: the constraint `size` is broken              |
| cancelled                | WAITING for people; still RUNNING for samplers: it will be started again     |

(*) With several objectives FAIL for samplers, which cannot take it, and PRUNED for people.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

from tuner.events import DurableEvent, EpochProgress, Scalar, TrialComplete, TrialStart, TrialStatus
from tuner.objectives import direction, violations
from tuner.search.history import INFEASIBLE, STATUS
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space
from tuner.search.suggesters import RecordingSuggester
from tuner.search.warm_start import EarlierResult
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow

NUMBER = "trial_number"
"""User attribute of an Optuna trial: the number of ours. Optuna's own count from 0, in the order of their starts."""

WARM_START = "warm_start"
"""User attribute of an Optuna trial that is none of ours: the identifier of an earlier study's trial."""

STATES: dict[TrialStatus, TrialState] = {
    "running": TrialState.RUNNING,
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.FAIL,
    "failed": TrialState.FAIL,
    "rejected": TrialState.FAIL,
    "cancelled": TrialState.WAITING,
}

Told = TrialStart | EpochProgress | TrialComplete
"""The events of a trial that mean something to Optuna."""

SIZE = "size"
"""The constraint that a rejected network breaks."""


class OptunaStudyWriter:
    """One study in an Optuna storage, made if it is not there.

    Args:
        for_people: Parameters go by their names, not by the keys that samplers see (see `Parameter`), and trials that
            were cut short wait, where a sampler must take them to be running.
    """

    def __init__(
        self, storage: optuna.storages.BaseStorage, spec: StudySpec, space: Space, *, for_people: bool = False
    ) -> None:
        assert spec.run_name is not None
        self._spec, self._space, self._for_people = spec, space, for_people
        self._storage = storage
        directions = [direction(objective) for objective in spec.objectives]
        self.study = optuna.create_study(
            storage=storage, study_name=spec.run_name, directions=directions, load_if_exists=True
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self.study.set_metric_names(list(spec.objectives))
        self._study_id = storage.get_study_id_from_name(spec.run_name)
        self._ids: dict[int, int] = {}
        """Optuna's identifier of each of our trials."""
        for trial in storage.get_all_trials(self._study_id, deepcopy=False):
            if NUMBER in trial.user_attrs:
                self._ids[trial.user_attrs[NUMBER]] = trial._trial_id

    def adopt(self, number: int, trial: optuna.Trial) -> None:
        """Know a trial that was asked of this mirror's study as the one with our number."""
        self._ids[number] = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, trial.number)
        trial.set_user_attr(NUMBER, number)

    def feed(self, result: EarlierResult) -> None:
        """Tell a result of an earlier study, as a trial without a number."""
        trial_id = self._create(result.trial.hyperparameters, {WARM_START: result.trial.trial_id})
        for epoch, objective in result.curve.items():
            self._storage.set_trial_intermediate_value(trial_id, epoch, objective)
        self._finish(trial_id, result.trial.status, result.trial.reason or "", result.trial.values)

    def withdraw(self, trial: optuna.Trial) -> None:
        """Forget a trial that was asked of this mirror's study and will never be run."""
        number = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, trial.number)
        self._storage.set_trial_state_values(number, TrialState.FAIL)

    def catch_up(self, trials: Sequence[TrialRow], epochs: Sequence[EpochRow]) -> None:
        """Tell whatever of the store's rows is not known yet."""
        curves: dict[int, dict[int, float]] = defaultdict(dict)
        for told in epochs:
            curves[told.trial_number][told.epoch] = told.objective
        for row in trials:
            self._begin(row.trial_number, row.hyperparameters)
            known = self._trial(row.trial_number)
            if known.state.is_finished():
                continue
            for epoch, objective in curves[row.trial_number].items():
                if known.intermediate_values.get(epoch) != objective:
                    self._report(row.trial_number, epoch, objective)
            self._end(row.trial_number, row.status, row.reason or "", row.values)

    def learn(self, event: DurableEvent) -> None:
        """Tell one event of the log."""
        match event:
            case TrialStart():
                self._begin(event.trial_number, event.hyperparameters)
            case EpochProgress():
                self._report(event.trial_number, event.epoch, event.objective)
            case TrialComplete():
                self._begin(event.trial_number, event.hyperparameters)  # a rejected one never started
                self._end(event.trial_number, event.status, event.reason, event.values)
            case _:
                pass

    def learn_trial(self, events: Sequence[Told]) -> None:
        """Tell events of one trial, in order. One that began and ended within them is written once and as a whole."""
        first, end = events[0], events[-1]
        if end.trial_number in self._ids or not isinstance(end, TrialComplete) or not STATES[end.status].is_finished():
            for event in events:
                self.learn(event)
            return
        epochs = [event for event in events if isinstance(event, EpochProgress)] if self._has_curves else []
        curve = {event.epoch: event.objective for event in epochs}
        judged, asked = self._judged(end.status, end.reason, end.values, curve), self._asked(end.hyperparameters)
        template = optuna.trial.create_trial(
            state=judged.state,
            values=judged.values,
            params=asked.values,
            distributions=asked.distributions,
            user_attrs={NUMBER: end.trial_number, **judged.attributes},
            constraints=dict(judged.constraints),
            intermediate_values=curve,
        )
        # Optuna's times are those of the machine, without a zone.
        template.datetime_start, template.datetime_complete = (
            event.time.astimezone().replace(tzinfo=None) for event in (first, end)
        )
        self._ids[end.trial_number] = self._storage.create_new_trial(self._study_id, template)

    @property
    def _has_curves(self) -> bool:
        """Whether what an epoch tells is an objective."""
        return self._spec.objectives[0] == self._spec.monitor

    def _begin(self, number: int, hyperparameters: Hyperparameters) -> None:
        if number in self._ids:
            if self._trial(number).state == TrialState.WAITING:
                self._storage.set_trial_state_values(self._ids[number], TrialState.RUNNING)
            return
        self._ids[number] = self._create(hyperparameters, {NUMBER: number})

    def _create(self, hyperparameters: Hyperparameters, attributes: dict[str, Any]) -> int:
        """Optuna's identifier of a new running trial."""
        asked = self._asked(hyperparameters)
        template = optuna.trial.create_trial(
            state=TrialState.RUNNING,
            params=asked.values,
            distributions=asked.distributions,
            user_attrs=attributes,
        )
        return self._storage.create_new_trial(self._study_id, template)

    def _report(self, number: int, epoch: int, objective: float) -> None:
        if not self._has_curves or self._trial(number).state.is_finished():
            return
        self._storage.set_trial_intermediate_value(self._ids[number], epoch, objective)

    def _end(self, number: int, status: TrialStatus, reason: str, values: Mapping[str, float]) -> None:
        if status == "running" or (status == "cancelled" and not self._for_people):
            return  # a waiting trial would be what Optuna suggests next, under another number
        if not self._trial(number).state.is_finished():
            self._finish(self._ids[number], status, reason, values)

    def _finish(self, trial_id: int, status: TrialStatus, reason: str, values: Mapping[str, float]) -> None:
        trial = optuna.Trial(self.study, trial_id)
        end = self._judged(status, reason, values, self._storage.get_trial(trial_id).intermediate_values)
        for name, value in end.attributes.items():
            trial.set_user_attr(name, value)
        for constraint, violation in end.constraints.items():
            trial.set_constraint(constraint, violation)
        self._storage.set_trial_state_values(trial_id, end.state, end.values)

    def _judged(
        self, status: TrialStatus, reason: str, values: Mapping[str, float], curve: Mapping[int, float]
    ) -> _End:
        """What Optuna is told of a trial that ended, by its objective after each epoch."""
        state = STATES[status]
        if state == TrialState.PRUNED and len(self._spec.objectives) > 1 and not self._for_people:
            state = TrialState.FAIL  # no sampler can take pruned trials of several objectives
        attributes: dict[str, Any] = {}
        if state != TrialState.WAITING:
            attributes = {STATUS: status, "reason": reason}
        constraints = violations(self._spec.bounds, values)
        if status == "rejected":
            constraints, attributes = {**constraints, SIZE: 1.0}, attributes | {INFEASIBLE: True}
        told: list[float] | None = None
        if state == TrialState.COMPLETE:
            told = [values[objective] for objective in self._spec.objectives]
        elif state == TrialState.PRUNED and curve:
            told = [curve[max(curve)]]  # what Optuna itself takes as the value of a pruned trial
        return _End(state, told, attributes, constraints)

    def _trial(self, number: int) -> optuna.trial.FrozenTrial:
        return self._storage.get_trial(self._ids[number])

    def _asked(self, hyperparameters: Hyperparameters) -> ReplaySuggester:
        """What a sampler was asked for these hyperparameters."""
        asked = ReplaySuggester(self._space, hyperparameters)
        self._space.suggest(asked)
        if not self._for_people:
            return asked
        named = ReplaySuggester(self._space, hyperparameters)
        for parameter in self._space.parameters:
            if parameter.key in asked.values:
                self._space.named(parameter.name).suggest(named)
        return named


class _End(NamedTuple):
    """How a trial ended, in Optuna's words."""

    state: TrialState
    values: list[float] | None
    attributes: Mapping[str, Any]
    constraints: Mapping[str, float]


class ReplaySuggester(RecordingSuggester):
    """Answers with known hyperparameters: what a sampler would have been asked, by key."""

    def __init__(self, space: Space, hyperparameters: Hyperparameters) -> None:
        super().__init__()
        self._names = {parameter.key: parameter.name for parameter in space.parameters}
        self._known = hyperparameters

    def answer(self, key: str, distribution: BaseDistribution) -> Scalar:
        return self._known[self._names[key]]
