"""Everything that this project uses of Optuna beyond its public interface, each use with its reason.

`tests/search/test_optuna_internals.py` fails with a clear line if a new Optuna changes one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from tuner.events import Scalar

ENQUEUED = "fixed_params"
"""Key of a trial's system attributes under which Optuna keeps the values of `Study.enqueue_trial`."""


def enqueued_values(trial: FrozenTrial) -> Mapping[str, Scalar]:
    """Values by key that a trial was enqueued with; empty if it was not.

    Reason: a sampler that plans a whole configuration must know the given values before Optuna asks for the others.
    """
    values: Mapping[str, Scalar] = trial.system_attrs.get(ENQUEUED, {})
    return values


class TrialWriter:
    """Writes trials of one study through its storage, as `optuna.Study` itself does.

    Reason: the public interface only changes trials that this process got from `Study.ask`. Our trials also come from
    the log of an earlier process, get their epochs one by one, and may wait again after they ran. `BaseStorage` has
    public methods for that, but its documentation says that users should not call them.
    """

    def __init__(self, study: optuna.Study, storage: optuna.storages.BaseStorage) -> None:
        self._study, self._storage = study, storage
        self._study_id = storage.get_study_id_from_name(study.study_name)

    def id_of(self, number: int) -> int:
        """The storage's identifier of the trial with this number of Optuna's."""
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)

    def trial(self, trial_id: int) -> FrozenTrial:
        """The trial as it is stored."""
        return self._storage.get_trial(trial_id)

    def add(self, trial: FrozenTrial) -> int:
        """Store a new trial and return its identifier. `Study.add_trial` does the same without returning it."""
        return self._storage.create_new_trial(self._study_id, trial)

    def report(self, trial_id: int, step: int, value: float) -> None:
        """Set the value of a running trial at a step."""
        self._storage.set_trial_intermediate_value(trial_id, step, value)

    def finish(
        self,
        trial_id: int,
        state: TrialState,
        values: Sequence[float] | None = None,
        attributes: Mapping[str, Any] | None = None,
        constraints: Mapping[str, float] | None = None,
    ) -> None:
        """Set a trial's user attributes and constraints, and then its state and values."""
        for name, value in (attributes or {}).items():
            self._storage.set_trial_user_attr(trial_id, name, value)
        if constraints:
            # Only a Trial can set constraints; Optuna advises against calling its constructor.
            trial = optuna.Trial(self._study, trial_id)
            for name, violation in constraints.items():
                trial.set_constraint(name, violation)
        self.set_state(trial_id, state, values)

    def set_state(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> None:
        """Set a trial's state, and its values if it is complete or pruned."""
        self._storage.set_trial_state_values(trial_id, state, values)
