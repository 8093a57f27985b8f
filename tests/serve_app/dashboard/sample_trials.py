"""Trials that look like real ones: networks, curves, health and ends of every kind, from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.store.samples import finding, health, vital_signs
from tuner.events import (
    Architecture,
    Devices,
    DurableEvent,
    EpochProgress,
    Finding,
    HealthAlert,
    HealthMetrics,
    Layer,
    LayerHealth,
    Metrics,
    NewBest,
    Performance,
    StoppedBy,
    TrialCause,
    TrialComplete,
    TrialStart,
    TrialStatus,
)
from tuner.spec_parts import HealthWeights

EPOCHS = 12
EPOCH_S = 4.0


@dataclass
class Clock:
    """The time of a study's events: each one moves it on."""

    now: datetime

    def after(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


def convolutional(chance: random.Random, side: int = 28, classes: int = 10) -> tuple[Architecture, dict[str, Any]]:
    """A network of convolutions with its hyperparameters, layer by layer as Keras names them."""
    blocks, kernel = chance.randint(1, 3), chance.choice((3, 5))
    first, nodes = chance.choice((8, 16, 32)), chance.choice((32, 64, 128))
    norm, dense = chance.random() < 0.6, chance.randint(0, 2)
    activation = chance.choice(("relu", "swish", "gelu"))
    layers = [_layer("pixels", "InputLayer", [side, side, 1], [side, side, 1])]
    depth, size = 1, side
    for block in range(1, blocks + 1):
        filters = first * 2 ** (block - 1)
        shape = [size, size, depth]
        layers.append(
            _layer(f"block{block}_conv", "Conv2D", shape, [size, size, filters],
                   (kernel * kernel * depth + 1) * filters, filters=filters, kernel_size=[kernel, kernel],
                   activation=activation)
        )  # fmt: skip
        if norm:
            shape = [size, size, filters]
            layers.append(_layer(f"block{block}_norm", "BatchNormalization", shape, shape, 4 * filters))
        layers.append(
            _layer(f"block{block}_pool", "MaxPooling2D", [size, size, filters], [size // 2, size // 2, filters])
        )
        depth, size = filters, size // 2
    layers.append(_layer("flatten", "Flatten", [size, size, depth], [size * size * depth]))
    width = size * size * depth
    for number in range(1, dense + 1):
        layers.append(
            _layer(f"dense{number}", "Dense", [width], [nodes], (width + 1) * nodes, units=nodes, activation=activation)
        )
        layers.append(_layer(f"dropout{number}", "Dropout", [nodes], [nodes]))
        width = nodes
    last = (width + 1) * classes
    layers.append(_layer("classes", "Dense", [width], [classes], last, units=classes, activation="softmax"))
    built = Architecture(
        type="cnn",
        conv_layers=blocks,
        filters_per_layer=[first * 2**block for block in range(blocks)],
        kernel_size=kernel,
        dense_layers=dense,
        first_dense_nodes=nodes if dense else None,
        activation=activation,
        batch_normalization=norm,
        use_global_pooling=False,
        total_parameters=sum(layer.parameters for layer in layers),
        layers=layers,
    )
    given = {"conv_layers": blocks, "filters_1": first, "kernel_size": kernel, "batch_normalization": norm,
             "dense_layers": dense, "activation": activation}  # fmt: skip
    return built, given | ({"first_dense_nodes": nodes} if dense else {}) | _training(chance)


def recurrent(chance: random.Random) -> tuple[Architecture, dict[str, Any]]:
    """A network for texts, of one of three kinds."""
    kind = chance.choice(("lstm", "gru", "conv1d"))
    units, embedding, nodes = chance.choice((16, 32, 64)), chance.choice((32, 64)), chance.choice((16, 32))
    name, layer_type = {"lstm": ("lstm", "LSTM"), "gru": ("gru", "GRU"), "conv1d": ("conv", "Conv1D")}[kind]
    gates = {"lstm": 4, "gru": 3, "conv1d": 3}[kind]
    output = [None, units] if kind == "conv1d" else [units]
    core = {"filters": units, "kernel_size": [3]} if kind == "conv1d" else {"units": units}
    layers = [
        _layer("words", "Embedding", [None], [None, embedding], 8_000 * embedding),
        _layer(name, layer_type, [None, embedding], output, gates * units * (units + embedding + 1), **core),
        *([_layer("pool", "GlobalMaxPooling1D", output, [units])] if kind == "conv1d" else []),
        _layer("dense1", "Dense", [units], [nodes], (units + 1) * nodes, units=nodes, activation="relu"),
        _layer("classes", "Dense", [nodes], [2], (nodes + 1) * 2, units=2, activation="softmax"),
    ]
    built = Architecture(
        type=kind,
        conv_layers=1 if kind == "conv1d" else None,
        filters_per_layer=[units] if kind == "conv1d" else None,
        kernel_size=3 if kind == "conv1d" else None,
        dense_layers=1,
        first_dense_nodes=nodes,
        activation="relu",
        batch_normalization=False,
        lstm_units=units if kind == "lstm" else None,
        gru_units=units if kind == "gru" else None,
        total_parameters=sum(layer.parameters for layer in layers),
        layers=layers,
    )
    given = {"architecture": kind, "embedding": embedding, "dense_layers": 1, "first_dense_nodes": nodes}
    return built, given | ({f"{kind}_units": units} if kind != "conv1d" else {"filters_1": units}) | _training(chance)


def repeated(times: int = 4) -> Architecture:
    """A network of equal blocks, which are drawn once."""
    shape = [8, 8, 4]
    layers = [_layer("pixels", "InputLayer", shape, shape)]
    for block in range(1, times + 1):
        layers.append(_layer(f"conv{block}", "Conv2D", shape, shape, 148, filters=4, kernel_size=[3, 3]))
        layers.append(_layer(f"activation{block}", "Activation", shape, shape))
    layers.append(_layer("flatten", "Flatten", shape, [256]))
    layers.append(_layer("classes", "Dense", [256], [10], 2570, units=10, activation="softmax"))
    return Architecture(
        type="cnn",
        conv_layers=times,
        filters_per_layer=[4] * times,
        kernel_size=3,
        dense_layers=0,
        activation="relu",
        batch_normalization=False,
        total_parameters=sum(layer.parameters for layer in layers),
        layers=layers,
    )


@dataclass
class SampleTrial:
    """One trial, which tells its events one after the other."""

    study: str
    number: int
    built: Architecture
    hyperparameters: dict[str, Any]
    best: float
    """The validation accuracy that it approaches."""
    healthy: bool
    """Whether its health is measured."""
    seed: int = 0

    @classmethod
    def of(cls, study: str, number: int, *, healthy: bool = False, texts: bool = False) -> SampleTrial:
        chance = random.Random(f"{study} {number}")
        built, hyperparameters = recurrent(chance) if texts else convolutional(chance)
        best = 0.72 + 0.25 * chance.random() * (1 - 0.5 / (number + 1))
        return cls(study, number, built, hyperparameters, best, healthy)

    @property
    def id(self) -> str:
        return f"{self.study}-{self.number:05d}"

    def start(self, clock: Clock) -> TrialStart:
        return TrialStart(
            time=clock.after(0.4),
            trial_number=self.number,
            trial_id=self.id,
            hyperparameters=self.hyperparameters,
            suggested_by="portfolio" if self.number <= 3 else "gaussian_process",
            architecture=self.built,
            devices=Devices(
                node="worker-1", gpus=0, threads=2, replicas=1, batch_size=self.hyperparameters["batch_size"],
                learning_rate=self.hyperparameters["learning_rate"], precision="float32", xla=False,
                steps_per_execution=8, why=("no GPU", "2 threads: half of the machine's"),
            ),
            queued_s=0.4,
        )  # fmt: skip

    def epoch(self, epoch: int, clock: Clock) -> EpochProgress:
        accuracy = self.accuracy(epoch)
        return EpochProgress(
            time=clock.after(EPOCH_S),
            trial_number=self.number,
            epoch=epoch,
            epochs=EPOCHS,
            train=Metrics(loss=2.3 * (1 - accuracy) + 0.02, accuracy=min(0.999, accuracy + 0.01 * epoch**0.5)),
            validation=Metrics(loss=self.loss(epoch), accuracy=accuracy),
            objective=self.score(epoch),
            duration_s=EPOCH_S,
            inference_ms=0.2,
            **self._measured(epoch),
        )

    def lead(self, epoch: int, clock: Clock) -> NewBest:
        return NewBest(
            time=clock.now, trial_number=self.number, objective=self.score(epoch), performance=self.performance(epoch)
        )

    def end(
        self,
        clock: Clock,
        epochs: int = EPOCHS,
        status: TrialStatus = "completed",
        cause: TrialCause = "all_epochs",
        reason: str = "trained all epochs",
        **fields: Any,
    ) -> TrialComplete:
        ended = {
            "performance": self.performance(epochs),
            "objective": self.score(epochs),
            "values": {"val_accuracy": self.accuracy(epochs), "val_loss": self.loss(epochs)},
            "best_epoch": epochs,
            **self._measured(epochs),
        }
        return TrialComplete(
            time=clock.after(0.2),
            trial_number=self.number,
            trial_id=self.id,
            status=status,
            cause=cause,
            reason=reason,
            hyperparameters=self.hyperparameters,
            epochs_trained=epochs,
            duration_seconds=EPOCH_S * epochs,
            **((ended if epochs else {}) | fields),
        )

    def whole(self, clock: Clock, epochs: int = EPOCHS, **end: Any) -> Iterator[DurableEvent]:
        """All its events; its findings are told in its last epoch."""
        yield self.start(clock)
        for number in range(1, epochs + 1):
            yield self.epoch(number, clock)
        for found in end.get("findings", ()):
            yield HealthAlert(time=clock.now, trial_number=self.number, finding=found)
        yield self.end(clock, epochs, **end)

    def accuracy(self, epoch: int) -> float:
        chance = random.Random(f"{self.id} {epoch}")
        reached = 1 - 2.718 ** (-0.45 * epoch)
        return round(0.1 + (self.best - 0.1) * reached + 0.008 * (chance.random() - 0.5), 4)

    def loss(self, epoch: int) -> float:
        return round(2.3 * (1 - self.accuracy(epoch)) + 0.05, 4)

    def score(self, epoch: int) -> float:
        accuracy = self.accuracy(epoch)
        return 0.7 * accuracy + 0.3 * self.health(epoch).overall_health if self.healthy else accuracy

    def performance(self, epoch: int) -> Performance:
        return Performance(total_score=self.score(epoch), accuracy=self.accuracy(epoch), loss=self.loss(epoch))

    def health(self, epoch: int) -> HealthMetrics:
        chance = random.Random(f"{self.id} health")
        shares = {name: min(1.0, 0.5 + 0.45 * chance.random() + 0.01 * epoch) for name in HealthWeights.model_fields}
        return health(**shares)

    def _measured(self, epoch: int) -> dict[str, Any]:
        if not self.healthy:
            return {}
        chance = random.Random(f"{self.id} layers {epoch}")
        layers = [
            LayerHealth(
                layer_id=layer.layer_id,
                units=layer.filters or layer.units,
                dead=round(0.3 * chance.random() / epoch, 3) if layer.layer_id != "classes" else None,
                gradient=10 ** -(1 + 2 * chance.random()),
                update=10 ** -(2 + chance.random()),
            )
            for layer in self.built.layers
            if layer.layer_type in ("Conv2D", "Conv1D", "Dense", "LSTM", "GRU")
        ]
        return {"health_metrics": self.health(epoch), "vital_signs": vital_signs(*layers)}


def pruned_by(trial: SampleTrial, epochs: int) -> dict[str, Any]:
    """The fields of an end at a rung."""
    value = trial.accuracy(epochs)
    stop = StoppedBy(scheduler="asha", rung=1, value=value, cutoff=round(value + 0.04, 4), rank=5, of=6)
    return {
        "status": "pruned",
        "cause": "pruned",
        "reason": f"pruned by asha at rung 1, after epoch {epochs}",
        "stopped_by": stop,
    }


def problem(trial: SampleTrial, name: str = "dying_units", epoch: int = 4) -> Finding:
    """A training problem of its first layer with weights."""
    layer = next(layer.layer_id for layer in trial.built.layers if layer.parameters)
    return finding(
        name,
        epoch,
        layer_id=layer,
        evidence=f"41 % of {layer}'s units are dead",
        remedy="Lower learning_rate, or use leaky_relu.",
    )


def _training(chance: random.Random) -> dict[str, Any]:
    return {
        "optimizer": chance.choice(("adam", "sgd", "rmsprop")),
        "learning_rate": round(10 ** -(1.5 + 2 * chance.random()), 6),
        "batch_size": chance.choice((32, 64, 128)),
        "dropout": round(0.5 * chance.random(), 2),
        "epochs": EPOCHS,
    }


def _layer(
    layer_id: str,
    layer_type: str,
    input_shape: list[int | None] | list[int],
    output_shape: list[int | None] | list[int],
    parameters: int = 0,
    **fields: Any,
) -> Layer:
    return Layer(
        layer_id=layer_id,
        layer_type=layer_type,
        input_shape=list(input_shape),
        output_shape=list(output_shape),
        parameters=parameters,
        **fields,
    )
