"""A study's trials as Optuna sees them: every event of the log, told once and truly, to an Optuna storage.

Two mirrors exist of a running study: one in memory, which the sampler learns from, and one in the study's database,
which `optuna-dashboard` shows. Either can be rebuilt from the store at any time (`catch_up`), and telling it something
twice changes nothing.

| tuner                    | Optuna                                                                       |
| ------------------------ | ---------------------------------------------------------------------------- |
| running                  | RUNNING, an intermediate value per epoch: the objective, if it has one       |
| completed                | COMPLETE with the value of each objective                                    |
| pruned                   | PRUNED at its last epoch, with its curve (*)                                 |
| diverged, failed         | FAIL, with `status` and `reason` among its user attributes                   |
| rejected (too large)     | FAIL, the same, and infeasible: the constraint `size` is broken              |
| cancelled                | WAITING: `tuner resume` goes on with it                                      |

(*) With several objectives FAIL for samplers, which cannot take it, and PRUNED for people.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

from tuner.events import DurableEvent, EpochProgress, Scalar, TrialComplete, TrialStart, TrialStatus
from tuner.objectives import direction, violations
from tuner.search.answering import Answering
from tuner.search.history import INFEASIBLE, STATUS
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space
from tuner.search.warm import Result
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

SIZE = "size"
"""The constraint that a rejected network breaks."""


class Mirror:
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

    def feed(self, result: Result) -> None:
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
            if row.status not in ("running", "cancelled") or self._for_people:
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
        if self._spec.objectives[0] != self._spec.monitor or self._trial(number).state.is_finished():
            return
        self._storage.set_trial_intermediate_value(self._ids[number], epoch, objective)

    def _end(self, number: int, status: TrialStatus, reason: str, values: Mapping[str, float]) -> None:
        if status != "running" and not self._trial(number).state.is_finished():
            self._finish(self._ids[number], status, reason, values)

    def _finish(self, trial_id: int, status: TrialStatus, reason: str, values: Mapping[str, float]) -> None:
        trial = optuna.Trial(self.study, trial_id)
        state = STATES[status]
        if state == TrialState.PRUNED and len(self._spec.objectives) > 1 and not self._for_people:
            state = TrialState.FAIL  # no sampler can take pruned trials of several objectives
        if state != TrialState.WAITING:
            trial.set_user_attr(STATUS, status)
            trial.set_user_attr("reason", reason)
        for constraint, violation in violations(self._spec.bounds, values).items():
            trial.set_constraint(constraint, violation)
        if status == "rejected":
            trial.set_constraint(SIZE, 1.0)
            trial.set_user_attr(INFEASIBLE, True)
        told: list[float] | None = None
        curve = self._storage.get_trial(trial_id).intermediate_values
        if state == TrialState.COMPLETE:
            told = [values[objective] for objective in self._spec.objectives]
        elif state == TrialState.PRUNED and curve:
            told = [curve[max(curve)]]  # what Optuna itself takes as the value of a pruned trial
        self._storage.set_trial_state_values(trial_id, state, told)

    def _trial(self, number: int) -> optuna.trial.FrozenTrial:
        return self._storage.get_trial(self._ids[number])

    def _asked(self, hyperparameters: Hyperparameters) -> Replay:
        """What a sampler was asked for these hyperparameters."""
        asked = Replay(self._space, hyperparameters)
        self._space.suggest(asked)
        if not self._for_people:
            return asked
        named = Replay(self._space, hyperparameters)
        for parameter in self._space.parameters:
            if parameter.key in asked.values:
                self._space.named(parameter.name).suggest(named)
        return named


class Replay(Answering):
    """Answers with known hyperparameters: what a sampler would have been asked, by key."""

    def __init__(self, space: Space, hyperparameters: Hyperparameters) -> None:
        super().__init__()
        self._names = {parameter.key: parameter.name for parameter in space.parameters}
        self._known = hyperparameters

    def answer(self, key: str, distribution: BaseDistribution) -> Scalar:
        return self._known[self._names[key]]
