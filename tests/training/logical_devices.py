"""A process of its own whose CPU stands in for several GPUs: keeps in a file what came of all `trainings`.

    python -m tests.training.logical_devices FILE GPUS

TensorFlow takes the number of its devices when it begins, so that no test can change it in its own process.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from tests.training.samples import (
    CHANGED,
    SGD,
    SHORT,
    TEXT_LSTM,
    TRIALS,
    changed,
    data,
    data_of,
    numbers,
    with_a_rare_class,
)
from tuner.data import Array
from tuner.devices.capacity import Gpu
from tuner.events import EpochProgress, TrialComplete, TrialEvent, TrialStart
from tuner.spec_parts import DeviceSpec, HealthSpec, HealthWeights
from tuner.training import TrainingState, devices, run_trial
from tuner.training.replicas import spread_seeds
from tuner.trial_spec import TrialSpec

NETWORKS: dict[str, TrialSpec] = {
    "cnn": changed(TRIALS["cnn, sgd, normalised"], {"dropout": 0.0, "batch_size": 8}),
    "lstm": changed(TRIALS["lstm of texts, adamw, dropout"], {"dropout": 0.0, "batch_size": 8}),
}
_ALIKE = {"dropout": 0.0, "batch_size": 8, "learning_rate_schedule": "constant"}
"""Without what each replica draws by itself; the last batch is smaller than the others."""
KINDS: dict[str, TrialSpec] = {
    "residual": changed(TRIALS["cnn, sgd, normalised"], {**_ALIKE, **SHORT, "block": "residual"}, epochs=2),
    "changed images": changed(TRIALS["cnn, adam, dropout"], {**_ALIKE, **CHANGED}, epochs=2),
    "gru": changed(TRIALS["gru of texts, on plateau"], _ALIKE, epochs=2),
    "conv1d": changed(TRIALS["cnn of texts, rmsprop"], {**_ALIKE, **SHORT}, epochs=2),
    "ngram": changed(TRIALS["n-grams, adamw"], _ALIKE, epochs=2),
}
"""All other kinds of networks, and augmentation."""
RARE = {
    name: changed(one, {"label_smoothing": 0.1}, class_weight="auto", class_scores=True, summaries=True)
    for name, one in NETWORKS.items()
}
"""With a loss of smoothed labels and weighted classes."""
DROPOUT = changed(TRIALS["cnn, adam, dropout"], {"batch_size": 8})
HEALTH = HealthSpec(accuracy_weight=0.7, weights=HealthWeights(), stop=False)
GROWN = changed(NETWORKS["cnn"], {"batch_size": 1, "learning_rate": 0.004}, epochs=2)
ALIKE = changed(GROWN, {"batch_size": 2, "learning_rate": 0.004 * sqrt(2)})
STEEP = changed(NETWORKS["lstm"], {**SGD, **TEXT_LSTM, "dropout": 0.0, "batch_size": 8, "learning_rate": 2.0}, epochs=1)


@dataclass
class Trained:
    """One training: what it told, its states, and its weights after each epoch."""

    start: TrialStart
    end: TrialComplete
    numbers: list[Any]
    states: list[TrainingState]
    epochs: list[EpochProgress]

    @property
    def weights(self) -> list[Array]:
        return self.states[-1].variables


def on(gpus: int, one: TrialSpec, resume_from: TrainingState | None = None) -> Trained:
    given = one.model_copy(update={"devices": DeviceSpec(gpus=gpus)})
    samples = data_of(one) if one.class_weight == "none" else with_a_rare_class(data_of(one))
    events: list[TrialEvent] = []
    states = []
    for event in run_trial(given, samples, resume_from):
        if isinstance(event, EpochProgress):
            assert event.snapshot is not None
            states.append(event.snapshot())
            event = event.model_copy(update={"snapshot": None})
        events.append(event)
    (start,) = (event for event in events if isinstance(event, TrialStart))
    end = events[-1]
    assert isinstance(end, TrialComplete), end
    assert end.status == "completed", end.error
    epochs = [event for event in events if isinstance(event, EpochProgress)]
    return Trained(start, end, numbers(events), states, epochs)


def crashes(**compiled: Any) -> str:
    """The error of TensorFlow where Keras trains with 2 replicas and these arguments of `compile`; or nothing."""
    import keras
    import tensorflow as tf

    with devices.mirrored(devices.accelerators()).scope():
        network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
        network.compile("sgd", "sparse_categorical_crossentropy", **compiled)
    train = data().train
    batches = tf.data.Dataset.from_tensor_slices((train.x[:48, ..., None], train.y[:48])).batch(8)
    try:
        network.fit(batches, verbose=0)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what users would see
        return type(error).__name__
    return ""


def trainings(gpus: int) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """What is trained, by name, from what was trained before."""
    cnn = NETWORKS["cnn"]
    if gpus == 3:
        return {"cnn on 3": lambda done: on(3, cnn), "lstm of a rare class on 3": lambda done: on(3, RARE["lstm"])}
    healthy = changed(cnn, health=HEALTH, summaries=True)
    return {
        "cnn on 2": lambda done: on(2, cnn),
        "cnn alone": lambda done: on(0, cnn),
        "cnn of a rare class on 2": lambda done: on(2, RARE["cnn"]),
        "cnn of a rare class alone": lambda done: on(0, RARE["cnn"]),
        "lstm of a rare class alone": lambda done: on(0, RARE["lstm"]),
        "steep on 2": lambda done: on(2, STEEP),
        "steep alone": lambda done: on(0, STEEP),
        "cnn with health": lambda done: on(2, healthy),
        "cnn with health alone": lambda done: on(0, healthy),
        "cnn that went on alone": lambda done: on(0, cnn, done["cnn on 2"].states[0]),
        "dropout": lambda done: on(2, DROPOUT),
        "dropout that went on": lambda done: on(2, DROPOUT, done["dropout"].states[0]),
        "grown": lambda done: on(2, GROWN),
        "as grown alone": lambda done: on(0, ALIKE),
        "seeds": lambda done: seeds(),
        "steps_per_execution": lambda done: crashes(steps_per_execution=3),
        **{f"{name} on 2": lambda done, one=one: on(2, one) for name, one in KINDS.items()},
        **{f"{name} alone": lambda done, one=one: on(0, one) for name, one in KINDS.items()},
    }


def seeds() -> list[list[int]]:
    """Of the dropout of a network, on each replica."""
    import keras

    strategy = devices.mirrored(devices.accelerators())
    with strategy.scope():
        network = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5, seed=3)])
    spread_seeds(strategy, network)
    (state,) = (variable for variable in network.variables if variable.path.endswith("seed_generator_state"))
    return [list(map(int, one.numpy())) for one in strategy.experimental_local_results(state.value)]


def main(file: Path, gpus: int) -> None:
    import tensorflow as tf

    warnings.simplefilter("ignore")
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * gpus)
    devices.configure(1)
    devices.accelerators = lambda: tuple(f"CPU:{number}" for number in range(gpus))  # type: ignore[assignment]
    devices.gpus = lambda: tuple(Gpu(f"stand-in {number}") for number in range(gpus))  # type: ignore[assignment]
    done: dict[str, Any] = {}
    for name, train in trainings(gpus).items():
        done[name] = train(done)
        print(name, flush=True)
    file.write_bytes(pickle.dumps(done))


if __name__ == "__main__":
    from tests.training import logical_devices  # what is pickled must not belong to __main__

    logical_devices.main(Path(sys.argv[1]), int(sys.argv[2]))
