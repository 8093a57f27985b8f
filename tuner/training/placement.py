"""The devices on which a trial trains in this process, how it uses them, and its training steps on them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from tuner import models
from tuner.data import Array, Data
from tuner.devices.capacity import Gpu
from tuner.devices.scaling import Scaled, scaled
from tuner.devices.training_settings import TrainingSettings, choose_training_settings
from tuner.events import Devices
from tuner.training import devices
from tuner.training.augmentation import Augmentation
from tuner.training.replicas import MirroredSteps, share_batch_statistics, spread_seeds
from tuner.training.steps import SingleDeviceSteps
from tuner.trial_spec import TrialSpec


@dataclass(frozen=True)
class TrainingPlacement:
    """The devices of one trial. Its network is built and compiled within `scope`."""

    settings: TrainingSettings
    step: Scaled
    gpus: tuple[Gpu, ...]
    strategy: Any
    """None: the trial trains on one device."""

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Context manager in which new layers have variables on all devices and compute in the chosen precision."""
        with self.strategy.scope() if self.strategy else nullcontext(), devices.precision(self.settings.precision):
            yield

    def steps(
        self,
        network: Any,
        train: tuple[Array, Array],
        validation: tuple[Array, Array],
        seed: int,
        first_epoch: int,
        epochs: int,
        augmentation: Augmentation | None,
        with_confusion: bool,
    ) -> SingleDeviceSteps | MirroredSteps:
        """Return the steps of a compiled network's training, from `first_epoch` on; see SingleDeviceSteps."""
        order = (self.step.batch_size, seed, first_epoch, epochs)
        if self.strategy is None:
            together = self.settings.steps_per_execution
            return SingleDeviceSteps(network, train, validation, order, together, augmentation, with_confusion)
        share_batch_statistics(models.flat_layers(network))
        spread_seeds(self.strategy, network)
        return MirroredSteps(self.strategy, network, train, validation, order, augmentation, with_confusion)

    def described(self, trial: TrialSpec) -> Devices:
        """Return the description for the trial's record."""
        given = trial.devices.gpus
        return Devices(
            node=socket.gethostname(),
            gpus=len(self.gpus) if given is None else given,
            names=tuple(gpu.name or "unknown" for gpu in self.gpus),
            threads=trial.threads,
            replicas=self.settings.replicas,
            batch_size=self.step.batch_size,
            learning_rate=self.step.learning_rate,
            precision=self.settings.precision,
            xla=self.settings.xla,
            steps_per_execution=self.settings.steps_per_execution,
            why=self.settings.why,
        )


def training_placement(trial: TrialSpec, data: Data) -> TrainingPlacement:
    """Return the placement of a trial on this process's devices; raise FixInputError if requested GPUs are missing."""
    hp = trial.hyperparameters
    names = devices.accelerators()
    seen = devices.gpus()[: len(names)]
    load = models.training_load(trial.architecture, hp, data.input, data.classes, len(data.train), len(data.validation))
    settings = choose_training_settings(trial.devices, seen, load)
    step = scaled(int(hp["batch_size"]), float(hp["learning_rate"]), settings.replicas, len(data.train))
    used = () if trial.devices.gpus == 0 else seen[: settings.replicas]
    strategy = devices.mirrored(names[: settings.replicas]) if settings.replicas > 1 else None
    return TrainingPlacement(settings, step, used, strategy)
