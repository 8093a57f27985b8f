"""Ends a study: saves and tests its best model, writes the table of its trials, draws its figures."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any, Self

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tuner.errors import TunerError, in_one_line, shortened
from tuner.events import EpochProgress, Refit
from tuner.objectives import Constraint
from tuner.runners.shared_folder import open_folder, state_file
from tuner.spec import StudySpec
from tuner.store import Store, TrialRow
from tuner.study.export import ModelExporter
from tuner.study.figure_drawing import FigureDrawing
from tuner.study.kept_models import kept_models, models_to_keep, remove_other_models, trials_to_keep
from tuner.study.paths import StudyPaths
from tuner.study.plan import Plan
from tuner.study.recorder import WORKER_LOSSES
from tuner.study.result import trials_table, view
from tuner.study.saved_model import usable_model
from tuner.study.stop_signal import StopSignal, StudyEnd
from tuner.study.study_log import StudyLog
from tuner.training import DamagedStateError, TrainingState
from tuner.training.training_curve import TrainingCurve

log = logging.getLogger("tuner.study")

POLL_S = 0.5


class Finish:
    """Saves the results of a study. A context manager that ends the process which saves the best model.

    Args:
        data: Reference to the plan's data in Ray's object store.
        resources: What a training takes of the cluster, if the best trial is trained again.
    """

    def __init__(
        self,
        study_log: StudyLog,
        plan: Plan,
        paths: StudyPaths,
        data: Any,
        resources: Mapping[str, float],
        signal: StopSignal,
    ) -> None:
        self._log, self._plan, self._paths = study_log, plan, paths
        self._data, self._resources, self._signal = data, resources, signal
        self._exporter: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the exporter's process: the cluster may outlive the study."""
        if self._exporter is not None:
            ray.kill(self._exporter)
            self._exporter = None

    def start_exporter(self) -> None:
        """Start the process that saves the best model: it loads TensorFlow while the last trials train."""
        if self._exporter is None:
            # On this node, where the study's folder is.
            here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
            # A model is saved as a whole or not at all: if the process is lost, saving starts again.
            actor = ray.remote(num_cpus=0)(ModelExporter).options(
                scheduling_strategy=here, max_restarts=WORKER_LOSSES, max_task_retries=WORKER_LOSSES
            )
            self._exporter = actor.remote(self._plan.threads, self._plan.own_source)

    def save_models(self) -> None:
        """Save and test the best trial's model, and save those of other trials that the study keeps."""
        self._save_best()
        self._keep_models()

    def _save_best(self) -> None:
        """Save and test the best trial's model, unless that was done and recorded before."""
        store, name = self._log.store, self._log.name
        study, saved = store.study(name), usable_model(self._paths.best_model, name)
        done = saved is not None and saved.belongs_to(study)
        wants_refit = self._plan.spec.refit and not (done and saved and saved.refitted)
        if study.best_trial_number is None or (done and not wants_refit):
            return
        row = next(trial for trial in store.trials(name) if trial.trial_number == study.best_trial_number)
        refit = self._refit(row) if wants_refit else None
        if done and refit is None:
            return
        retrained = None if refit or self._has_best_weights(row) else self._train_again(row)
        self.start_exporter()
        exported = self._exporter.export.remote(
            self._plan.spec,
            self._plan.trial(row.trial_number, row.hyperparameters),
            row,
            self._data,
            self._plan.test,
            self._paths.refit_states if refit else self._paths.states,
            self._paths.best_model,
            retrained,
            refit,
            view(store, name).cloud,
            study.baseline,
            self._paths.states if refit is None or self._has_best_weights(row) else None,
        )
        self._log.append(self._result(exported))

    def _keep_models(self) -> None:
        """Save the models of other trials that `models_to_keep` names, and remove those that it names no more."""
        spec, name = self._plan.spec, self._log.name
        trials = self._log.store.trials(name)
        rows = trials_to_keep(spec, trials)
        remove_other_models(self._paths, [row.trial_number for row in rows])
        folders = {row.trial_number: self._paths.kept_model(row.trial_number) for row in rows}
        missing = [row for row in rows if usable_model(folders[row.trial_number], name, best=False) is None]
        lost = [row.trial_number for row in missing if not self._has_best_weights(row)]
        if lost:
            log.info("no model is kept of trials without weights: %s", ", ".join(map(str, lost)))
        for row in (row for row in missing if row.trial_number not in lost):
            self.start_exporter()
            trial, folder = self._plan.trial(row.trial_number, row.hyperparameters), folders[row.trial_number]
            self._result(self._exporter.keep.remote(spec, trial, row, self._data, self._paths.states, folder))
        if models_to_keep(spec) != "best":
            log.info("%s", kept_models(self._paths))

    def _result(self, reference: Any) -> Any:
        """Return what the exporter's process returned, or raise its error."""
        try:
            return ray.get(reference)
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, TunerError):  # Ray's own text has the whole traceback
                raise error.cause from None
            raise

    def write_table(self) -> None:
        """Write `trials.csv`, one line per trial."""
        store, name = self._log.store, self._log.name
        trials_table(store.trials(name), store.jobs(name)).to_csv(self._paths.trials, index=False)

    def draw(self) -> None:
        """Draw the figures of the study and of its trials; what cannot be drawn is a line in its log."""
        drawing = FigureDrawing(self._log.store, self._log.name, self._paths, self._data, self._signal)
        if drawing.is_empty:
            return
        self.start_exporter()
        if not drawing.run(self._exporter):
            self.__exit__()

    def _has_best_weights(self, row: TrialRow) -> bool:
        # Not if they did not come back from RunPod, or if a worker was lost before it had written them.
        with open_folder(self._paths.states).local_file(state_file(row.trial_number)) as file:
            try:
                state = None if file is None else TrainingState.load(file)
            except DamagedStateError:
                return False
        # Weights from RunPod come alone, and only at the trial's end.
        return state is not None and (not state.variables or state.epoch >= (row.best_epoch or 0))

    def _refit(self, row: TrialRow) -> Refit | None:
        """Train the best trial on training and validation data together; None if the study stops, or if that fails.

        A study that is stopped saves the search's model at once. Its last run, after `tuner resume`, trains it.
        """
        from tuner.runners.local_tasks import refit

        began, data = time.monotonic(), self._plan.data
        trial = self._plan.trial(row.trial_number, row.hyperparameters)
        epochs = row.best_epoch or trial.epochs
        files = self._plan.own_source, epochs, self._resources, self._paths.refit_states
        if self._stopped:
            return None
        samples = len(data.train) + len(data.validation)
        log.info("trial %d is trained once more on all %s samples, %d epochs", row.trial_number, f"{samples:,}", epochs)
        training = refit(trial, self._data, *files)
        while not ray.wait([training], timeout=POLL_S)[0]:
            if self._stopped:
                ray.cancel(training)
                return None
        try:
            ray.get(training)
        except ray.exceptions.RayError as error:
            why = getattr(error, "cause", error)  # Ray's own text has the whole traceback
            log.warning("refit failed, so the model of the search is saved: %s", shortened(in_one_line(why), 250))
            return None
        return Refit(epochs=epochs, samples=samples, seconds=time.monotonic() - began)

    @property
    def _stopped(self) -> bool:
        """Whether the study ends before it is complete, and `tuner resume` continues it."""
        return self._signal.stop is not None and self._signal.stop.status != "completed"

    def _train_again(self, row: TrialRow) -> float:
        """Train the best trial again, here; return the validation accuracy of that training, in [0, 1]."""
        from tuner.runners.local_tasks import train_again

        trial = self._plan.trial(row.trial_number, row.hyperparameters)
        log.warning("the best weights of trial %d were not kept: it is trained again from its spec", row.trial_number)
        last_epoch = row.best_epoch or trial.epochs
        folder, states = self._plan.own_source, self._paths.states
        epochs = ray.get(train_again(trial, self._data, folder, last_epoch, self._resources, states))
        curve = TrainingCurve(trial)
        for epoch in epochs:
            curve.add(EpochProgress.model_validate(epoch))
        assert curve.best is not None
        return curve.best.validation.accuracy


def study_end(store: Store, name: str, stop: StudyEnd | None, exhausted: str | None) -> StudyEnd:
    """Return how a study ends, and why: it was stopped, no more trials could be suggested, or neither (None).

    A study without a best trial has failed, unless it was cancelled.
    """
    if stop is not None and stop.status != "completed":
        return stop
    study, trials = store.study(name), store.trials(name)
    if study.best_trial_number is not None:
        return stop or StudyEnd("completed", exhausted or "all trials done")
    return StudyEnd("failed", _why_no_model(study.spec, trials, stop, exhausted))


def _why_no_model(spec: StudySpec, trials: list[TrialRow], stop: StudyEnd | None, exhausted: str | None) -> str:
    if stop is not None and stop.cause == "time_budget" and not any(trial.epochs_trained for trial in trials):
        what = "an epoch was trained" if any(trial.started_at for trial in trials) else "a trial started"
        return f"the {stop.reason.removesuffix(' used up')} ended before {what}; allow more seconds"
    before = "" if stop is None else f"{stop.reason}; "
    measured = [trial for trial in trials if trial.values]
    if spec.bounds and measured:
        which = "" if len(spec.bounds) == 1 else "all of "
        return f"{before}no trial met {which}{', '.join(_nearest(bound, measured) for bound in spec.bounds)}"
    if not trials:
        return before + (exhausted or "Ray Tune ended without starting a trial")
    if all(trial.cause == "cannot_build" for trial in trials):
        return f"{before}none of {len(trials)} networks could be built; the first: {trials[0].reason}"
    if all(trial.status == "rejected" for trial in trials):
        why = exhausted or f"all {len(trials)} suggested networks were rejected, the latest one: {trials[-1].reason}"
        return f"{before}{why}; run a study with looser limits, or with a space of smaller networks"
    kinds = ", ".join(sorted({trial.status for trial in trials}))
    first = next((trial for trial in trials if trial.status == "failed"), trials[0])
    what = f"all {len(trials)} trials ended without a result ({kinds})"
    return f"{before}{what}; trial {first.trial_number}: {first.reason}"


def _nearest(bound: Constraint, trials: list[TrialRow]) -> str:
    """Return the constraint and the nearest value of all trials, such as `val_accuracy>=0.9 (nearest: 0.75)`."""
    values = [trial.values[bound.objective] for trial in trials if bound.objective in trial.values]
    return f"{bound} (nearest: {min(values, key=bound.violation):g})" if values else f"{bound} (never measured)"
