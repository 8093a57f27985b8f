"""The models of other trials than the best one that a study keeps (`keep_models`), in its folder `models`.

A study that draws figures of all trials (`plot_generation=all`) keeps all of them.

While trials train, only weights are kept, in place of the states from which trainings continue. The end of the study
makes models of them.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tuner.events import TrialComplete
from tuner.runners.shared_folder import open_folder, state_file
from tuner.search.pareto import RankedTrial, pareto_front
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study import storage
from tuner.study.paths import MODEL_FILE, MODELS, StudyPaths
from tuner.training import DamagedStateError, TrainingState

log = logging.getLogger("tuner.study")

T = TypeVar("T", bound=RankedTrial)


class KeptModels(BaseModel):
    """The models that a study keeps for `keep_models`, on this machine."""

    model_config = ConfigDict(frozen=True)

    trials: list[int] = Field(description="Numbers of the trials, in ascending order.")
    bytes: int = Field(description="Size of their files.")

    def __str__(self) -> str:
        number = len(self.trials)
        return f"{number:,} kept {'model' if number == 1 else 'models'}, {size_text(self.bytes)}"


def size_text(size: int) -> str:
    """A size in the unit of file managers, such as `12.3 MB`."""
    return f"{size / 1e6:,.1f} MB"


def models_to_keep(spec: StudySpec) -> Literal["best", "front", "all"]:
    """Return `keep_models`, or `all` if figures of all trials are wanted, which need their models."""
    return "all" if spec.plot_generation == "all" else spec.keep_models


def trials_to_keep(spec: StudySpec, trials: Sequence[T]) -> list[T]:
    """Return the trials whose models are kept, beside the best model that every study saves."""
    kept = models_to_keep(spec)
    if kept == "all":
        return [trial for trial in trials if trial.status == "completed"]
    return pareto_front(trials, spec.objectives, spec.bounds) if kept == "front" else []


def kept_models(paths: StudyPaths) -> KeptModels:
    """Return the models that are in the study's folder."""
    found = {_number(file): file for file in paths.models.glob(f"trial-*/{MODEL_FILE}")}
    sizes = [file.stat().st_size for model in found.values() for file in model.parent.iterdir()]
    return KeptModels(trials=sorted(found), bytes=sum(sizes))


def remove_other_models(paths: StudyPaths, numbers: Sequence[int]) -> None:
    """Remove the kept models of all trials but these, also from an object store, which would bring them back.

    Raises TryAgainError if the object store cannot be reached.
    """
    for number in set(kept_models(paths).trials) - set(numbers):
        folder = paths.kept_model(number)
        shutil.rmtree(folder, ignore_errors=True)
        storage.remove(paths, f"{MODELS}/{folder.name}")


class KeptStates:
    """Decides which files with states of ended trials stay until the study's end, and makes them smaller.

    Args:
        states: The folder or address of the states.
    """

    def __init__(self, spec: StudySpec, states: str) -> None:
        self._spec, self._states = spec, open_folder(states)
        self._kept: list[TrialComplete | TrialRow] = []
        self._files: set[int] = set()

    def add_end(self, trial: TrialComplete | TrialRow, best: int | None) -> None:
        """Take in a trial that ended for good: remove the states that are of no use now.

        Args:
            best: Number of the best trial that has ended; None if there is none.
        """
        self._kept = trials_to_keep(self._spec, [*self._kept, trial])
        kept = {one.trial_number for one in self._kept}
        self._files.add(trial.trial_number)
        useless = self._files - kept - {best}
        self._files -= useless
        for number in sorted(useless):
            try:
                self._states.remove(state_file(number))
            except OSError as error:  # it does no harm: the study's end removes the folder
                log.warning("cannot remove the state of trial %d: %s", number, error)
        if trial.trial_number in kept:
            self._keep_weights_only(trial.trial_number, trial.best_epoch or 0)

    def _keep_weights_only(self, number: int, best_epoch: int) -> None:
        """Leave out what only a further training needs: a third of the file stays with most optimizers."""
        try:
            with self._states.local_file(state_file(number)) as file:
                state = None if file is None else TrainingState.load(file)
            # Not while its worker still writes the state with the best weights.
            if state is not None and state.variables and state.epoch >= best_epoch:
                self._states.put(state_file(number), TrainingState(state.epoch, [], state.best_weights, []).save)
        except (DamagedStateError, OSError) as error:  # the whole state does no harm, and a damaged one is found later
            log.warning("cannot make the state of trial %d smaller: %s", number, error)


def _number(model: Path) -> int:
    return int(model.parent.name.removeprefix("trial-"))
