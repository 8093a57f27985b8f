"""Trains a trial, the same way on a laptop, a cluster and RunPod: a generator of events."""

from __future__ import annotations

import math
import sys
import time
import traceback
from collections.abc import Generator
from statistics import median
from typing import Any

import numpy as np

from tuner import models
from tuner.data import Array, Data, Split, TextInput
from tuner.errors import CannotBuildError, in_one_line
from tuner.events import (
    BatchProgress,
    EpochProgress,
    EpochSeconds,
    Metrics,
    TrialCause,
    TrialComplete,
    TrialEvent,
    TrialStart,
    TrialStatus,
    now,
)
from tuner.health.diagnosis import divergence_finding
from tuner.models.keras_settings import import_keras
from tuner.training import devices
from tuner.training.augmentation import Augmentation
from tuner.training.batches import batches_per_epoch
from tuner.training.class_scores import class_scores, count_metric
from tuner.training.health_monitor import HealthMonitor
from tuner.training.keras_internals import registered_gradients, remove_gradients
from tuner.training.learning_rate import FACTOR, lowered, scheduled
from tuner.training.loss import training_loss
from tuner.training.optimizers import make_optimizer
from tuner.training.placement import TrainingPlacement, training_placement
from tuner.training.resource_meter import ResourceMeter
from tuner.training.state import TrainingState
from tuner.training.summaries import TrainingSummaries
from tuner.training.training_curve import TrainingCurve, epoch_values
from tuner.trial_spec import TrialSpec

PROGRESS_INTERVAL_S = 0.1


def run_trial(
    trial: TrialSpec, data: Data, resume_from: TrainingState | None = None, *, keep_last: bool = False
) -> Generator[TrialEvent, None, None]:
    """Train one network and yield its events.

    First `TrialStart` with the network as built; then, per epoch, `BatchProgress` (at most ten a second) and
    `EpochProgress`; last `TrialComplete`, whose status is `completed`, `pruned` (a lasting problem), `diverged`
    (loss or weights not finite), `rejected` (it cannot be built, or has more weights than allowed) or `failed` (with
    the traceback). After the last epoch its `snapshot().best_weights` are the winner's weights; with `keep_last` they
    are those of the last epoch. Closing the generator ends the training within one batch and frees its memory.

    It trains on the devices that its process sees, as its spec and `devices.training_settings` say.
    `TrialStart.devices` names them with the reasons. A trial that runs out of memory ends as `failed` with the cause
    `out_of_memory`.

    The same trial on the same data, machine, devices and number of threads yields the same numbers, bit for bit, also
    when it is resumed from the state after any of its epochs.
    """
    imported = "tensorflow" in sys.modules
    began = time.monotonic()
    keras = import_keras()
    imports_s = None if imported else round(time.monotonic() - began, 3)
    started, started_at = time.monotonic(), now()
    curve = TrainingCurve(trial)
    parameters = 0
    known_gradients = registered_gradients()

    def end(status: TrialStatus, cause: TrialCause, reason: str, error: str | None = None) -> TrialComplete:
        best = curve.best
        values = curve.values(parameters)
        return TrialComplete(
            trial_number=trial.trial_number,
            trial_id=trial.trial_id,
            hyperparameters=trial.hyperparameters,
            status=status,
            cause=cause,
            reason=reason,
            error=error,
            performance=curve.performance,
            objective=values.get(trial.objective),
            values=values,
            health_metrics=best and best.health_metrics,
            vital_signs=best and best.vital_signs,
            findings=curve.findings,
            resources=curve.resources,
            best_epoch=best and best.epoch,
            epochs_trained=curve.last_epoch,
            duration_seconds=time.monotonic() - started,
        )

    try:
        devices.configure(trial.threads)
        keras.utils.set_random_seed(trial.seed)
        place = training_placement(trial, data)
        with place.scope():
            network = models.build(trial, data.input, data.classes)
        parameters = network.count_params()
        if parameters > trial.max_parameters:
            reason = f"{parameters:,} parameters, more than max_parameters={trial.max_parameters:,}"
            yield end("rejected", "too_large", reason)
            return
        training = _Training(trial, data, network, place, resume_from)
        for done in training.history:
            curve.add(done)
        yield TrialStart(
            time=started_at,
            trial_number=trial.trial_number,
            trial_id=trial.trial_id,
            hyperparameters=trial.hyperparameters,
            architecture=models.network_architecture(network, trial),
            resumed_from_epoch=curve.last_epoch,
            devices=place.described(trial),
            imports_s=imports_s,
        )
        while curve.best is None or curve.end is None:
            number = curve.last_epoch + 1
            try:
                epoch = yield from training.epoch(number)
            except _NotFiniteError as what:
                if trial.health is not None and all(one.name != "divergence" for one in curve.findings):
                    curve.findings += (divergence_finding(number, str(what)),)
                yield end("diverged", "diverged", f"{what} in epoch {number}")
                return
            if curve.add(epoch) or keep_last:
                training.keep_best()
            # Only the event that leaves holds the network (in its snapshot): nothing else outlives its training.
            yield epoch.model_copy(update={"last": curve.end is not None, "snapshot": training.state})
        if trial.health is not None and curve.end.status == "completed":
            curve.best = training.examined(curve.best)
        yield end(curve.end.status, curve.end.cause, curve.end.reason)
    except CannotBuildError as error:
        if devices.out_of_memory(error):
            yield end("failed", "out_of_memory", in_one_line(error), error=traceback.format_exc())
        else:
            yield end("rejected", "cannot_build", str(error), error=traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - a trial that crashes is recorded, the search goes on
        cause: TrialCause = "out_of_memory" if devices.out_of_memory(error) else "error"
        yield end("failed", cause, in_one_line(error), error=traceback.format_exc())
    finally:
        network = training = None  # type: ignore[assignment]
        remove_gradients(keep=known_gradients)
        keras.backend.clear_session()  # collects the graph's garbage too


class _NotFiniteError(Exception):
    """The training cannot continue: the loss or the weights are not finite."""


class _Training:
    """A compiled network, its batches and its history; each call of `epoch` trains one epoch."""

    def __init__(
        self, trial: TrialSpec, data: Data, network: Any, place: TrainingPlacement, resume_from: TrainingState | None
    ) -> None:
        self._trial, self._network = trial, network
        self._count = batches_per_epoch(len(data.train), place.step.batch_size)
        rate = scheduled(trial.hyperparameters, place.step.learning_rate, self._count * trial.epochs)
        train, validation = self._prepared(data, data.train), self._prepared(data, data.validation)
        if isinstance(data.input, TextInput):
            models.fit_to_texts(network, trial, *train)
        with place.scope():
            network.compile(
                make_optimizer(trial.hyperparameters, rate, recurrent=trial.architecture in models.RECURRENT),
                loss=training_loss(trial, data.train.y, data.classes),
                metrics=["accuracy", *([count_metric(data.classes)] if trial.class_scores else [])],
                jit_compile=place.settings.xla,
                steps_per_execution=place.settings.steps_per_execution,
            )
            network.optimizer.build(network.trainable_variables)
        self._summaries: TrainingSummaries | None = None
        if trial.summaries:
            copied = resume_from is not None and any(
                epoch["trial_number"] != trial.trial_number for epoch in resume_from.history
            )
            self._summaries = TrainingSummaries(network, *validation, rate, trial.data.seed, continues=copied)
        self.history: list[EpochProgress] = []
        self._best_weights: list[Array] = []
        if resume_from is not None:
            self._restore(resume_from)
        augmentation = Augmentation.of(trial.hyperparameters, data.input)
        first = len(self.history) + 1
        with_confusion = self._summaries is not None and self._summaries.with_confusion
        self._steps = place.steps(
            network, train, validation, trial.seed, first, trial.epochs, augmentation, with_confusion
        )
        self._validated = validation[1]
        self._health: HealthMonitor | None = None
        if trial.health is not None:
            # A network that has learned nothing answers with the frequencies of the classes, as its loss weighs them.
            classes = np.unique(train[1]) if trial.class_weight == "auto" else train[1]
            self._health = HealthMonitor(
                trial.health, network, *validation, classes=classes, seed=trial.data.seed, batches=self._count
            )
        self._meter = ResourceMeter(trial.trial_number, self.history[-1].resources if self.history else None)
        self._last_report = time.monotonic()

    def _prepared(self, data: Data, split: Split) -> tuple[Array, Array]:
        if isinstance(data.input, TextInput):
            return models.clipped_tokens(split.x, self._trial), split.y
        return (split.x if split.x.ndim == 4 else split.x[..., None]), split.y

    def epoch(self, number: int) -> Generator[BatchProgress, None, EpochProgress]:
        """Train and validate one epoch.

        Raises:
            _NotFiniteError: the loss or a weight is not finite. The loss alone does not show it: max pooling, and on
                processors with AMX oneDNN's matrix product fused with relu, return a finite number for NaN.
        """
        started = time.monotonic()
        trial, steps = self._trial, self._steps
        steps.begin()
        batch = 0
        while batch < self._count:
            together = self._steps_together(batch)
            batch += together
            compared = self._health if batch in (1, self._count) else None
            if compared:
                compared.before_step(first=batch == 1)
            steps.train(together)
            if compared:
                compared.after_step()
            if self._due():
                yield self._batch_progress(number, batch, self._metrics())
        train = self._metrics()
        if not all(np.isfinite(weights.numpy()).all() for weights in self._network.weights):
            raise _NotFiniteError("weights were not finite")
        trained = time.monotonic()
        steps.begin()
        ms_per_sample: list[float] = []
        before = time.monotonic()
        for size in steps.validate():
            ms_per_sample.append((time.monotonic() - before) * 1_000 / size)
            if self._due():
                yield self._batch_progress(number, self._count)
            before = time.monotonic()
        validation = self._metrics()
        validated = time.monotonic()
        progress = EpochProgress(
            trial_number=trial.trial_number,
            epoch=number,
            epochs=trial.epochs,
            train=train,
            validation=validation,
            objective=validation.accuracy,
            **(class_scores(steps.class_counts(), self._validated) if trial.class_scores else {}),
            duration_s=time.monotonic() - started,
            inference_ms=median(ms_per_sample),
            resources=self._meter.now(),
        )
        if self._health:
            progress = self._health.after_epoch(self.history, progress)
            progress = progress.model_copy(update={"duration_s": time.monotonic() - started})
        if self._summaries:
            summary = self._summaries.after_epoch(steps.confusion(), progress.vital_signs)
            progress = progress.model_copy(update={"summary": summary})
        seconds = EpochSeconds(
            training=round(trained - started, 4),
            validation=round(validated - trained, 4),
            measuring=round(time.monotonic() - validated, 4),
        )
        objective = epoch_values(progress, trial.health)[trial.monitor]
        # Only the latest epoch may be reported again, after an interruption.
        self.history[-1:] = [epoch.model_copy(update={"summary": None}) for epoch in self.history[-1:]]
        self.history.append(progress.model_copy(update={"objective": objective, "seconds": seconds}))
        if lowered(trial.hyperparameters, trial.monitor, [epoch.objective for epoch in self.history]):
            rate = self._network.optimizer.learning_rate
            rate.assign(rate * FACTOR)
        return self.history[-1]

    def _batch_progress(self, epoch: int, batch: int, train: Metrics | None = None) -> BatchProgress:
        return BatchProgress(
            trial_number=self._trial.trial_number,
            epoch=epoch,
            epochs=self._trial.epochs,
            batch=batch,
            batches=self._count,
            loss=train and train.loss,
            accuracy=train and train.accuracy,
            resources=self._meter.due(),
        )

    def examined(self, best: EpochProgress) -> EpochProgress:
        """Return the best epoch with its health measured on a larger sample; the network then has its weights."""
        assert self._health is not None
        self._network.set_weights(self._best_weights)
        return self._health.at_end(self.history[: best.epoch])

    def _steps_together(self, done: int) -> int:
        """Return the steps of the next call, after `done` steps of the epoch. A step that health measures is alone."""
        measured = self._health is not None
        left = self._count - done - measured
        return self._steps.per_call if left >= self._steps.per_call and (done or not measured) else 1

    def _metrics(self) -> Metrics:
        """Return the loss and accuracy so far."""
        loss, accuracy = self._steps.metrics()
        if not math.isfinite(loss):
            raise _NotFiniteError("the loss was not finite")
        return Metrics(loss=loss, accuracy=accuracy)

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._last_report < PROGRESS_INTERVAL_S:
            return False
        self._last_report = now
        return True

    def keep_best(self) -> None:
        self._best_weights = self._network.get_weights()

    def state(self) -> TrainingState:
        history = [epoch.model_dump(mode="json") for epoch in self.history]
        variables = [variable.numpy() for variable in self._variables()]
        return TrainingState(len(history), variables, self._best_weights, history)

    def _restore(self, state: TrainingState) -> None:
        for variable, value in zip(self._variables(), state.variables, strict=True):
            variable.assign(value)
        self._best_weights = state.best_weights
        self.history = [EpochProgress.model_validate(epoch) for epoch in state.history]

    def _variables(self) -> list[Any]:
        """Return everything that training changes: weights, dropout seeds, the optimizer's moments and step."""
        metrics = {id(variable) for variable in self._network.metrics_variables}
        own = [variable for variable in self._network.variables if id(variable) not in metrics]
        return [*own, *self._network.optimizer.variables]
