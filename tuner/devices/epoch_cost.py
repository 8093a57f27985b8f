"""Seconds of an epoch on n GPUs, and what is learned of them from epochs that were measured.

A step of n replicas takes

    fixed * (1 + REPLICA * (n - 1))  +  operations per replica * rate  +  all-reduce(4 * parameters, n)

where the all-reduce of a ring sends 2 (n-1)/n of the gradients' bytes through each link in 2 (n-1) messages
(Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations, 2009; latency term: Thakur
et al., Optimization of collective communication operations in MPICH, 2005). That it overlaps with the backward pass
is left out: the estimate errs towards fewer GPUs. The break-even lies where this, times steps and epochs, and with
the longer start, takes as long as one GPU does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median

from tuner.devices.scaling import scaled

BYTES = 4
"""Of one gradient: float32, also in mixed precision."""

PASSES = 3
"""Training a sample takes as much as predicting three: forward, and back to the inputs and to the weights."""

LINK_BYTES_PER_S = 10e9
"""Between two GPUs over PCIe; NVLink is several times faster."""

LINK_LATENCY_S = 2e-5

REPLICA = 0.25
"""Of a step's fixed seconds, per further replica: one Python process starts the kernels of all of them."""

LEAST_GAIN = 1.3
"""Several GPUs must be expected to be so many times as fast as one: an estimate that wrong does no harm."""

REPLICA_START_S = 5.0
"""Per further replica: its part of the graph is traced, its GPU is set up."""

EPOCHS_REMEMBERED = 50


@dataclass(frozen=True)
class TrialLoad:
    """What one trial asks of its devices."""

    parameters: int
    memory_bytes: int
    """Of training at its batch size, without TensorFlow itself."""
    flops: int
    """Floating-point operations of a forward pass, per sample."""
    steps: int
    """Of a batch that can only be taken one after the other, as those of an LSTM; 0: there are none."""
    batch_size: int
    samples: int
    """Training samples of an epoch."""
    epochs: int


@dataclass(frozen=True)
class GpuRates:
    """Seconds of one GPU. The defaults are round figures of a mid-range one, from its makers' tables, not measured."""

    operation: float = 2e-13
    """5 TFLOP/s in float32, a third of the nominal speed."""
    batch: float = 3e-3
    """Python, the data's way and a few dozen kernel launches."""
    step: float = 5e-5


def all_reduce_s(bytes_: float, gpus: int) -> float:
    """Seconds in which all GPUs come to know the sum of what each has."""
    if gpus == 1:
        return 0.0
    return 2 * (gpus - 1) / gpus * bytes_ / LINK_BYTES_PER_S + 2 * (gpus - 1) * LINK_LATENCY_S


def step_s(load: TrialLoad, rates: GpuRates, gpus: int = 1) -> tuple[float, float, float]:
    """Seconds of one step: fixed, computing, and summing up the gradients."""
    whole = scaled(load.batch_size, 1.0, gpus, load.samples).batch_size
    fixed = (rates.batch + PASSES * load.steps * rates.step) * (1 + REPLICA * (gpus - 1))
    computing = PASSES * load.flops * ceil(whole / gpus) * rates.operation
    return fixed, computing, all_reduce_s(BYTES * load.parameters, gpus)


def epoch_s(load: TrialLoad, rates: GpuRates, gpus: int = 1) -> float:
    """Seconds of one epoch, as calculated."""
    whole = scaled(load.batch_size, 1.0, gpus, load.samples).batch_size
    return ceil(load.samples / whole) * sum(step_s(load, rates, gpus))


@dataclass
class MeasuredEpochs:
    """How long epochs really took, beside what was calculated: a factor per number of GPUs, the median of some.

    A number below 1 is a share of a GPU. What was never tried has the factor of one GPU. So a study that a wrong
    estimate led to several GPUs is led back by the first epochs that show it.
    """

    rates: GpuRates = GpuRates()
    _factors: dict[float, deque[float]] = field(default_factory=dict)

    def learn(self, load: TrialLoad, gpus: float, seconds: float) -> None:
        """Take in a measured epoch, but not the first of a trial, in which its graphs are built."""
        if seconds > 0:
            remembered = self._factors.setdefault(gpus, deque(maxlen=EPOCHS_REMEMBERED))
            remembered.append(seconds / epoch_s(load, self.rates, max(1, int(gpus))))

    def knows(self, gpus: float) -> bool:
        """Whether an epoch was measured with so many."""
        return gpus in self._factors

    def factor(self, gpus: float) -> float:
        """What was measured, over what was calculated."""
        known = self._factors.get(gpus) or self._factors.get(1)
        return median(known) if known else 1.0

    def epoch_s(self, load: TrialLoad, gpus: int = 1) -> float:
        """Expected seconds of one epoch."""
        return epoch_s(load, self.rates, gpus) * self.factor(gpus)


def best_count(load: TrialLoad, measured: MeasuredEpochs, counts: Sequence[int]) -> tuple[int, str]:
    """On which number of GPUs the whole training is expected to end soonest, and the seconds that say so.

    One, unless several are `LEAST_GAIN` times as fast.
    """
    alone = measured.epoch_s(load) * load.epochs
    seconds = {n: measured.epoch_s(load, n) * load.epochs + REPLICA_START_S * (n - 1) for n in counts}
    best = min(seconds, key=lambda n: seconds[n])
    known = "measured" if measured.knows(best) else "calculated"
    told = f"{alone:.3g} s expected on one GPU, {seconds[best]:.3g} s on {best}, {known}"
    if alone < LEAST_GAIN * seconds[best]:
        return 1, f"several GPUs do not pay ({told})"
    return best, f"{best} GPUs pay ({told})"
