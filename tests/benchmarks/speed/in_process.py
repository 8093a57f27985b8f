"""Rows that are measured within one Python process of their own: `step` and `overhead`."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.mnist import data_fields
from tests.benchmarks.speed.rows import PLAIN
from tests.benchmarks.speed.tuner_command import DENSE, NETWORK

EPOCHS = 5
"""Epochs of each training; the first one, which compiles, is left out."""
LARGE: Mapping[str, Any] = {
    **NETWORK,
    "block_layers": 2,
    "filters_1": 64,
    "filters_2": 128,
    "batch_normalization": True,
}
RECURRENT: Mapping[str, Any] = {
    "lstm_layers": 1,
    "lstm_units": 128,
    "bidirectional": False,
    **DENSE,
}
NETWORKS: Mapping[str, tuple[str, Mapping[str, Any], int, int]] = {
    "small_cnn": ("cnn", NETWORK, 4_000, 1_000),
    "large_cnn": ("cnn", LARGE, 800, 200),
    "lstm": ("lstm", RECURRENT, 4_000, 1_000),
}
"""Architecture, hyperparameters, training images and validation images."""


def step(methods: tuple[str, ...], shared: Path, repeat: int) -> dict[str, dict[str, Any]]:
    """The seconds of an epoch with validation: `run_trial` and `model.fit` train the same network epoch by epoch in
    turn."""
    from tuner.training import devices

    network = next(one for one in methods if not one.endswith(PLAIN))
    threads = os.cpu_count() or 1
    devices.configure(threads)  # both trainings use these threads
    import keras

    from tuner import datasets, models
    from tuner.data_spec import DataSpec
    from tuner.events import EpochProgress, TrialComplete
    from tuner.training import run_trial
    from tuner.training.optimizers import make_optimizer
    from tuner.trial_spec import TrialSpec

    architecture, hyperparameters, training, validation = NETWORKS[network]
    epochs = EPOCHS + 1  # the trial must not end before `fit` does, since its end clears Keras's session
    trial = TrialSpec(
        study="speed",
        trial_number=1,
        data=DataSpec(**data_fields(training, validation, repeat), data_dir=str(shared)),
        architecture=architecture,  # type: ignore[arg-type]
        hyperparameters={**hyperparameters, "learning_rate": 1e-3, "batch_size": 64, "epochs": epochs},
        objective="val_accuracy",
        epochs=epochs,
        threads=threads,
    )
    data, _ = datasets.load(trial.data)
    keras.utils.set_random_seed(trial.seed)
    plain = models.build(trial, data.input, data.classes)
    plain.compile(
        make_optimizer(trial.hyperparameters, 1e-3, recurrent=architecture in models.RECURRENT),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    events = run_trial(trial, data)
    seconds: dict[str, list[float]] = {network: [], network + PLAIN: []}

    class Turns(keras.callbacks.Callback):  # type: ignore[misc]
        """Trains an epoch of `run_trial` after each epoch of `fit`."""

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.began = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seconds[network + PLAIN].append(time.perf_counter() - self.began)
            began = time.perf_counter()
            for event in events:
                assert not isinstance(event, TrialComplete), event.error or event.reason
                if isinstance(event, EpochProgress):
                    break
            seconds[network].append(time.perf_counter() - began)

    images, held_out = (part.x if part.x.ndim == 4 else part.x[..., None] for part in (data.train, data.validation))
    plain.fit(
        images,
        data.train.y,
        batch_size=64,
        epochs=EPOCHS,
        validation_data=(held_out, data.validation.y),
        callbacks=[Turns()],
        verbose=0,
    )
    events.close()
    return {method: {"value": statistics.median(found[1:]), "epochs": found} for method, found in seconds.items()}


def overhead(method: str, folder: Path) -> dict[str, Any]:
    """The median overhead of a trial in `bench_trial_overhead`, of tuner or of bare Ray Tune."""
    from tests.benchmarks.bench_trial_overhead import measure_bare, measure_tuner
    from tuner.runners.cluster import ray_cluster

    with ray_cluster():
        found = (measure_tuner if method == "tuner" else measure_bare)(folder)
    return {"value": statistics.median(found), "overheads": found}
