"""The methods beside the tuner: each trains until the deadline of its task, saves its best model and tests it once.

Each returns its figures: `val_accuracy` and `test_accuracy` in [0, 1], `test_samples`, and `saved_s`, the seconds from
the command to the saved model. All use every core of the machine. A method that has no model by then counts as the
majority class.
"""

from __future__ import annotations

import math
import os
import time
from contextlib import closing, suppress
from typing import Any

import numpy as np

from tests.benchmarks.accuracy.task import Task
from tuner.data import Array, Data, RawTest
from tuner.data_spec import DataSpec

Figures = dict[str, Any]
BATCH = 64
"""Of the engineer."""
HYPERBAND_EPOCHS, HYPERBAND_FACTOR, PATIENCE = 10, 3, 5
"""Of KerasTuner: those of TensorFlow's tutorial on it."""
ITERATIONS = 1_000
"""Hyperband starts again until the deadline."""
RESERVE_S, RESERVE_OF_TRIALS_S = 5.0, 8.0
"""Kept for the last validation and for saving the model; the latter of a search, whose last trial may have just begun:
Keras compiles its first step."""


def baseline(task: Task) -> Figures:
    """The product's own baseline: it has no deadline, and saves no model."""
    from tuner.datasets.baseline import fit_baseline

    data, test = _loaded(task)
    fitted = fit_baseline(data, test, task.seed)
    return {
        "saved_s": task.elapsed_s(),
        "val_accuracy": fitted.val_accuracy,
        "test_accuracy": fitted.test_accuracy,
        "test_samples": len(test.y),
        "name": fitted.name,
    }


def engineer(task: Task) -> Figures:
    """The engineer's network, trained for the whole budget; its best weights by validation accuracy are kept.

    `curve` has an entry for each epoch; only epochs that were the best so far have a test accuracy, which is measured
    after the training. `trained_s` counts from the first step of the training.
    """
    import keras

    from tests.benchmarks.accuracy.networks import engineers_network, network_input
    from tuner.datasets.loading import prepared_test

    data, test = _loaded(task)
    keras.utils.set_random_seed(task.seed)
    network = engineers_network(data.input, data.classes)
    curve: list[Figures] = []
    kept: dict[int, list[Array]] = {}
    """The weights of each epoch that was the best so far, by its place in the curve."""
    began = time.time()

    class Curve(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            accuracy = float(logs["val_accuracy"])
            if all(accuracy > one["val_accuracy"] for one in curve):
                kept[len(curve)] = self.model.get_weights()
            curve.append(
                {
                    "ended_s": task.elapsed_s(),
                    "trained_s": time.time() - began,
                    "val_accuracy": accuracy,
                    "test_accuracy": None,
                }
            )

    network.fit(
        network_input(data.train, data.input),
        data.train.y,
        batch_size=BATCH,
        epochs=1_000_000,
        validation_data=(network_input(data.validation, data.input), data.validation.y),
        callbacks=[_until(task.deadline(RESERVE_S)), Curve()],
        verbose=0,
    )
    best = max(kept)
    network.set_weights(kept[best])
    network.save(task.model)
    saved_s = task.elapsed_s()
    x = network_input(prepared_test(data.input, test), data.input)
    for place, weights in kept.items():
        network.set_weights(weights)
        curve[place]["test_accuracy"] = accuracy_of(network, x, test.y)
    return _figures(saved_s, curve[best]["val_accuracy"], curve[best]["test_accuracy"], test) | {"curve": curve}


def keras_tuner(task: Task) -> Figures:
    """KerasTuner's Hyperband over a space as its documentation builds one."""
    import keras
    import keras_tuner as kt

    from tests.benchmarks.accuracy.networks import kerastuners_network, network_input
    from tuner.datasets.loading import prepared_test

    data, test = _loaded(task)
    keras.utils.set_random_seed(task.seed)
    deadline = task.deadline(RESERVE_OF_TRIALS_S)
    search = kt.Hyperband(
        lambda hp: kerastuners_network(hp, data.input, data.classes),
        objective="val_accuracy",
        max_epochs=HYPERBAND_EPOCHS,
        factor=HYPERBAND_FACTOR,
        hyperband_iterations=ITERATIONS,
        seed=task.seed,
        directory=str(task.folder),
        project_name="keras_tuner",
    )
    with suppress(kt.errors.FatalError):  # raised after the deadline
        search.search(
            network_input(data.train, data.input),
            data.train.y,
            validation_data=(network_input(data.validation, data.input), data.validation.y),
            callbacks=[_until(deadline), keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE)],
            verbose=0,
        )
    network = search.get_best_models()[0]
    network.save(task.model)
    saved_s = task.elapsed_s()
    x = network_input(prepared_test(data.input, test), data.input)
    best = search.oracle.get_best_trials()[0]
    trials = {"trials": len(search.oracle.trials), "hyperparameters": best.hyperparameters.values}
    return _figures(saved_s, best.score, accuracy_of(network, x, test.y), test) | trials


def optuna(task: Task) -> Figures:
    """Optuna's TPE and its default pruner (median) over the space that the tuner had, one trial after the other."""
    import optuna

    from tests.benchmarks.accuracy.former_space import former_configuration
    from tuner import models
    from tuner.data import ImageInput
    from tuner.events import EpochProgress
    from tuner.training import run_trial
    from tuner.trial_spec import TrialSpec

    data, test = _loaded(task)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=task.seed))
    deadline = task.deadline(RESERVE_OF_TRIALS_S)
    best: tuple[float, TrialSpec, list[Array]] | None = None

    def objective(trial: optuna.Trial) -> float:
        nonlocal best
        spec = TrialSpec(
            study="optuna",
            trial_number=trial.number + 1,
            data=DataSpec(**task.fields),
            architecture="cnn" if isinstance(data.input, ImageInput) else "lstm",
            hyperparameters=(hyperparameters := former_configuration(trial, data.input)),
            objective="val_accuracy",
            epochs=hyperparameters["epochs"],
            early_stopping_patience=PATIENCE,
            threads=os.cpu_count() or 1,
        )
        reached = math.nan  # for Optuna, the trial has failed
        with closing(run_trial(spec, data)) as training:
            for event in training:
                if isinstance(event, EpochProgress):
                    reached = event.objective if math.isnan(reached) else max(reached, event.objective)
                    if best is None or event.objective > best[0]:
                        assert event.snapshot is not None
                        best = event.objective, spec, event.snapshot().best_weights
                    trial.report(event.objective, event.epoch)
                    if trial.should_prune():
                        raise optuna.TrialPruned
                if time.time() > deadline:
                    study.stop()
                    break
        return reached

    study.optimize(objective)
    if best is None:
        return without_model(task, data, test) | {"trials": len(study.trials)}
    accuracy, spec, weights = best
    network = models.build(spec, data.input, data.classes)
    network.set_weights(weights)
    model = models.with_raw_input(network, spec, data.input)
    model.save(task.model)
    saved_s = task.elapsed_s()
    trials = {"trials": len(study.trials), "hyperparameters": spec.hyperparameters}
    return _figures(saved_s, accuracy, accuracy_of(model, test.x, test.y), test) | trials


def without_model(task: Task, data: Data, test: RawTest) -> Figures:
    """The figures of a method that has no model at its end: those of the majority class."""
    majority = np.bincount(data.train.y).argmax()
    accuracies = [float((y == majority).mean()) for y in (data.validation.y, test.y)]
    return _figures(task.elapsed_s(), *accuracies, test) | {"model": False}


def accuracy_of(model: Any, x: Array, y: Array) -> float:
    """Share of the samples whose most likely class is theirs."""
    return float((model.predict(x, batch_size=256, verbose=0).argmax(axis=1) == y).mean())


def _loaded(task: Task) -> tuple[Data, RawTest]:
    from tuner import datasets

    return datasets.load(DataSpec(**task.fields))


def _figures(saved_s: float, val_accuracy: float, test_accuracy: float, test: RawTest) -> Figures:
    return {
        "saved_s": saved_s,
        "val_accuracy": float(val_accuracy),
        "test_accuracy": test_accuracy,
        "test_samples": len(test.y),
    }


def _until(deadline: float) -> Any:
    """A callback of Keras that ends a training at the deadline, after its next validation, and starts no other."""
    import keras

    class Until(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: Any = None) -> None:
            if time.time() > deadline:
                from keras_tuner.errors import FatalError  # the search goes on after any other error

                raise FatalError("the deadline has passed")

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if time.time() > deadline:
                self.model.stop_training = True

    return Until()
