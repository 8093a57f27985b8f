"""Writes a study's trials into an Optuna storage, event by event, as the log has them.

A running study is written into memory, where its sampler reads it, and on request into the study's database, where
`optuna-dashboard` reads it. Both can be rebuilt from the store (`catch_up`). Writing an event twice changes nothing.

| tuner                    | Optuna                                                                       |
| ------------------------ | ---------------------------------------------------------------------------- |
| running                  | RUNNING, with an intermediate value per epoch if the objective has one       |
| completed                | COMPLETE with the value of each objective                                    |
| pruned                   | PRUNED at its last epoch, with its curve (*)                                 |
| diverged, failed         | FAIL, with `status` and `reason` among its user attributes                   |
| rejected (too large)     | FAIL, the same, and infeasible: it violates the constraint `size`            |
| cancelled                | WAITING for people; RUNNING for samplers, since it will be started again     |

(*) With several objectives FAIL for samplers, which do not support it, and PRUNED for people.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from tuner.events import DurableEvent, EpochProgress, Scalar, TrialComplete, TrialStart, TrialStatus
from tuner.objectives import direction, violations
from tuner.search.default_space import EARLIER
from tuner.search.history import INFEASIBLE, STATUS
from tuner.search.optuna_internals import TrialWriter
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.space import Space
from tuner.search.warm_start import EarlierResult
from tuner.spec import StudySpec
from tuner.store import EpochRow, TrialRow

NUMBER = "trial_number"
"""User attribute of an Optuna trial: our trial's number. Optuna's own numbers count from 0, in the order of starts."""

WARM_START = "warm_start"
"""User attribute of an Optuna trial that is not this study's: the identifier of an earlier study's trial."""

STATES: dict[TrialStatus, TrialState] = {
    "running": TrialState.RUNNING,
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.FAIL,
    "failed": TrialState.FAIL,
    "rejected": TrialState.FAIL,
    "cancelled": TrialState.WAITING,
}

WrittenEvent = TrialStart | EpochProgress | TrialComplete
"""The events of a trial that are written to Optuna."""

SIZE = "size"
"""The constraint that a rejected network violates."""


class OptunaStudyWriter:
    """Writes one study into an Optuna storage. The study is created there if it does not exist.

    Args:
        for_people: Write parameters by name instead of by key (see `Parameter`), and cancelled trials as waiting.
    """

    def __init__(
        self, storage: optuna.storages.BaseStorage, spec: StudySpec, space: Space, *, for_people: bool = False
    ) -> None:
        assert spec.run_name is not None
        self._spec, self._space, self._for_people = spec, space, for_people
        directions = [direction(objective) for objective in spec.objectives]
        self.study = optuna.create_study(
            storage=storage, study_name=spec.run_name, directions=directions, load_if_exists=True
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self.study.set_metric_names(list(spec.objectives))
        self._writer = TrialWriter(self.study, storage)
        self._ids: dict[int, int] = {
            trial.user_attrs[NUMBER]: self._writer.id_of(trial.number)
            for trial in self.study.get_trials(deepcopy=False)
            if NUMBER in trial.user_attrs
        }
        """The storage's identifier of each of our trials."""

    def assign_number(self, trial: optuna.Trial, number: int) -> None:
        """Make a trial that this study's `ask` returned the one with our number."""
        self._ids[number] = self._writer.id_of(trial.number)
        trial.set_user_attr(NUMBER, number)

    def discard(self, trial: optuna.Trial) -> None:
        """End a trial that this study's `ask` returned and that will not run."""
        self._writer.set_state(self._writer.id_of(trial.number), TrialState.FAIL)

    def add_earlier_result(self, result: EarlierResult) -> None:
        """Write a result of an earlier study, as a trial without a number."""
        trial_id = self._add(result.trial.hyperparameters, {WARM_START: result.trial.trial_id})
        for epoch, objective in result.curve.items():
            self._writer.report(trial_id, epoch, objective)
        self._finish(trial_id, result.trial)

    def catch_up(self, trials: Sequence[TrialRow], epochs: Sequence[EpochRow]) -> None:
        """Write everything in the store's rows that is not written yet."""
        curves: dict[int, dict[int, float]] = defaultdict(dict)
        for epoch in epochs:
            curves[epoch.trial_number][epoch.epoch] = epoch.objective
        for row in trials:
            self._start(row.trial_number, row.hyperparameters)
            written = self._trial(row.trial_number)
            if written.state.is_finished():
                continue
            for number, objective in curves[row.trial_number].items():
                if written.intermediate_values.get(number) != objective:
                    self._report(row.trial_number, number, objective)
            self._end(row)

    def learn(self, event: DurableEvent) -> None:
        """Write one event of the log."""
        match event:
            case TrialStart():
                self._start(event.trial_number, event.hyperparameters)
            case EpochProgress():
                self._report(event.trial_number, event.epoch, event.objective)
            case TrialComplete():
                self._start(event.trial_number, event.hyperparameters)  # a rejected trial never started
                self._end(event)
            case _:
                pass

    def learn_trial(self, events: Sequence[WrittenEvent]) -> None:
        """Write events of one trial, in order. A trial that starts and ends among them is written as a whole."""
        first, end = events[0], events[-1]
        if end.trial_number in self._ids or not isinstance(end, TrialComplete) or not STATES[end.status].is_finished():
            for event in events:
                self.learn(event)
            return
        epochs = [event for event in events if isinstance(event, EpochProgress)] if self._has_curves else []
        curve = {event.epoch: event.objective for event in epochs}
        outcome = self._outcome(end, curve)
        template = optuna.trial.create_trial(
            **self._sampled(end.hyperparameters),
            state=outcome.state,
            values=outcome.values,
            user_attrs={NUMBER: end.trial_number, **outcome.attributes},
            constraints=dict(outcome.constraints),
            intermediate_values=curve,
        )
        # Optuna's times are local times without a zone.
        template.datetime_start, template.datetime_complete = (
            event.time.astimezone().replace(tzinfo=None) for event in (first, end)
        )
        self._ids[end.trial_number] = self._writer.add(template)

    @property
    def _has_curves(self) -> bool:
        """Whether an epoch reports a value of the study's objective."""
        return self._spec.objectives[0] == self._spec.monitor

    def _start(self, number: int, hyperparameters: Hyperparameters) -> None:
        if number not in self._ids:
            self._ids[number] = self._add(hyperparameters, {NUMBER: number})
        elif self._trial(number).state == TrialState.WAITING:
            self._writer.set_state(self._ids[number], TrialState.RUNNING)

    def _add(self, hyperparameters: Hyperparameters, attributes: dict[str, Any]) -> int:
        return self._writer.add(
            optuna.trial.create_trial(**self._sampled(hyperparameters), state=TrialState.RUNNING, user_attrs=attributes)
        )

    def _report(self, number: int, epoch: int, objective: float) -> None:
        if self._has_curves and not self._trial(number).state.is_finished():
            self._writer.report(self._ids[number], epoch, objective)

    def _end(self, trial: TrialComplete | TrialRow) -> None:
        if trial.status == "running" or (trial.continues and not self._for_people):
            return  # a waiting trial would be what Optuna suggests next, under another number
        if not self._trial(trial.trial_number).state.is_finished():
            self._finish(self._ids[trial.trial_number], trial)

    def _finish(self, trial_id: int, trial: TrialComplete | TrialRow) -> None:
        end = self._outcome(trial, self._writer.trial(trial_id).intermediate_values)
        self._writer.finish(trial_id, end.state, end.values, end.attributes, end.constraints)

    def _outcome(self, trial: TrialComplete | TrialRow, curve: Mapping[int, float]) -> _Outcome:
        """What to write of a trial that ended, from its objective after each epoch."""
        status, reason, values = trial.status, trial.reason or "", trial.values
        # The search learns nothing from a trial that a person cancelled: what it would have reached is not known.
        state = TrialState.FAIL if trial.cancelled_by_person else STATES[status]
        if state == TrialState.PRUNED and len(self._spec.objectives) > 1 and not self._for_people:
            state = TrialState.FAIL  # no sampler supports pruned trials of several objectives
        attributes: dict[str, Any] = {} if state == TrialState.WAITING else {STATUS: status, "reason": reason}
        constraints = violations(self._spec.bounds, values)
        if status == "rejected":
            constraints, attributes = {**constraints, SIZE: 1.0}, attributes | {INFEASIBLE: True}
        objectives: list[float] | None = None
        if state == TrialState.COMPLETE:
            objectives = [values[objective] for objective in self._spec.objectives]
        elif state == TrialState.PRUNED and curve:
            objectives = [curve[max(curve)]]  # Optuna's own value of a pruned trial
        return _Outcome(state, objectives, attributes, constraints)

    def _trial(self, number: int) -> optuna.trial.FrozenTrial:
        return self._writer.trial(self._ids[number])

    def _sampled(self, hyperparameters: Hyperparameters) -> dict[str, Any]:
        """Optuna's values and distributions of these hyperparameters, as arguments of `create_trial`."""
        asked: list[Parameter] = []
        values = {**EARLIER, **hyperparameters}

        def pick(parameter: Parameter) -> Scalar:
            asked.append(parameter)
            return values[parameter.name]

        self._space.choose(pick)
        if self._for_people:
            asked = [self._space.named(parameter.name) for parameter in asked]
        return {
            "params": {parameter.key: values[parameter.name] for parameter in asked},
            "distributions": {parameter.key: _distribution(parameter) for parameter in asked},
        }


class _Outcome(NamedTuple):
    """How a trial ended, in Optuna's terms."""

    state: TrialState
    values: list[float] | None
    attributes: Mapping[str, Any]
    constraints: Mapping[str, float]


def _distribution(parameter: Parameter) -> BaseDistribution:
    if parameter.choices is not None:
        return CategoricalDistribution(parameter.choices)
    low, high = parameter.bounds
    if parameter.integer:
        return IntDistribution(int(low), int(high), log=parameter.log)
    return FloatDistribution(low, high, log=parameter.log)
