"""What an epoch of training costs in seconds, calculated from a trial's load and corrected by measured epochs.

An epoch on one device takes

    operations * operation_s  +  batches * (batch_s  +  weights * update_s)  +  sequential steps * step_s

and the first epoch of a trial takes start_s more. A batch on n GPUs takes

    (batch_s + steps * step_s) * (1 + REPLICA * (n - 1))  +  weights * update_s
        +  operations of a replica * operation_s  +  all-reduce

where the all-reduce of a ring sends 2 (n-1)/n of the gradients' bytes through each link in 2 (n-1) messages
(Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations, 2009; latency term: Thakur
et al., Optimization of collective communication operations in MPICH, 2005). The overlap of the all-reduce with the
backward pass is ignored: the estimate errs towards fewer GPUs.

Measured epochs correct this in two ways. The search compares configurations on the present workers: it fits the rates
(`FittedRates`). The allocation compares numbers of GPUs: it scales the calculated seconds of each (`MeasuredEpochs`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from math import ceil
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tuner.devices.scaling import scaled

GRADIENT_BYTES = 4
"""Size of one gradient: float32, also in mixed precision."""

PASSES = 3
"""Training on a sample takes as long as predicting three: one forward pass, and backward to the inputs and weights."""

LINK_BYTES_PER_S = 10e9
"""Between two GPUs over PCIe; NVLink is several times faster."""

LINK_LATENCY_S = 2e-5

REPLICA = 0.25
"""Share of a step's fixed seconds that each further replica adds: one Python process starts the kernels of all."""

LEAST_GAIN = 1.3
"""Expected speed-up from which on a trial gets several GPUs, so that an estimate off by as much does no harm."""

REPLICA_START_S = 5.0
"""Seconds that each further replica adds to a trial's start: its graph is traced and its GPU is set up."""

EPOCHS_REMEMBERED = 50
"""Latest epochs per number of GPUs that `MeasuredEpochs` takes the median of."""

EPOCHS_FITTED = 300
"""Latest epochs that `FittedRates` is fitted to."""

PRIOR_WEIGHT = 0.02
"""Weight of the prior rates in the fit, compared with one measured epoch."""


@dataclass(frozen=True)
class TrialLoad:
    """The work of one trial."""

    parameters: int
    memory_bytes: int
    """For training at its batch size, without TensorFlow itself."""
    flops: int
    """Floating-point operations of a forward pass, per sample."""
    steps: int
    """Steps of a forward pass that can only run one after the other, such as the time steps of an LSTM; 0: none."""
    batch_size: int
    samples: int
    """Training samples per epoch."""
    epochs: int
    validation_samples: int = 0
    """Validation samples per epoch."""

    @property
    def operations(self) -> float:
        """Floating-point operations of an epoch of training and validation."""
        return self.flops * (PASSES * self.samples + self.validation_samples)

    @property
    def batches(self) -> int:
        """Training batches of an epoch on one device."""
        return ceil(self.samples / self.batch_size)


@dataclass(frozen=True)
class Rates:
    """Seconds that one device needs for a unit of work."""

    operation_s: float
    batch_s: float
    """Python code, data transfer and a few dozen kernel launches."""
    step_s: float
    update_s: float
    """To update one weight: an optimizer reads and writes each weight and its moments in every step."""
    start_s: float = 0.0
    """By how much a trial's first epoch takes longer than the others."""


GPU_RATES = Rates(operation_s=2e-13, batch_s=3e-3, step_s=5e-5, update_s=3e-11, start_s=5.0)
"""A mid-range GPU: 5 TFLOP/s in float32, a third of the nominal speed. From data sheets, not measured."""

CPU_RATES = Rates(operation_s=4e-11, batch_s=5e-3, step_s=2e-4, update_s=1e-8, start_s=3.0)
"""One CPU core: 25 GFLOP/s. About what the trainings of tests/benchmarks/results/portfolio.jsonl took."""


def all_reduce_s(bytes_: float, gpus: int) -> float:
    """Seconds to sum values of this size over all GPUs."""
    if gpus == 1:
        return 0.0
    return 2 * (gpus - 1) / gpus * bytes_ / LINK_BYTES_PER_S + 2 * (gpus - 1) * LINK_LATENCY_S


def step_s(load: TrialLoad, rates: Rates = GPU_RATES, gpus: int = 1) -> tuple[float, float, float]:
    """Seconds of one training step: fixed part, computation, all-reduce of the gradients."""
    batch_size = scaled(load.batch_size, 1.0, gpus, load.samples).batch_size
    fixed = (rates.batch_s + PASSES * load.steps * rates.step_s) * (1 + REPLICA * (gpus - 1))
    fixed += load.parameters * rates.update_s  # all replicas at once
    computing = PASSES * load.flops * ceil(batch_size / gpus) * rates.operation_s
    return fixed, computing, all_reduce_s(GRADIENT_BYTES * load.parameters, gpus)


def epoch_s(load: TrialLoad, rates: Rates = GPU_RATES, gpus: int = 1) -> float:
    """Calculated seconds of one epoch, without the longer first one."""
    batches = ceil(load.samples / scaled(load.batch_size, 1.0, gpus, load.samples).batch_size)
    fixed, _, summing = step_s(load, rates, gpus)
    return batches * (fixed + summing) + load.operations / gpus * rates.operation_s


class FittedRates:
    """Rates of the present workers, fitted to measured epochs of any configurations.

    The fit is a non-negative least-squares fit of relative errors: an epoch of 0.1 s counts as much as one of 100 s.
    Without measurements the rates are those given: CPU_RATES or GPU_RATES.
    """

    def __init__(self, prior: Rates = CPU_RATES) -> None:
        self._prior = prior
        self._rows: deque[NDArray[np.float64]] = deque(maxlen=EPOCHS_FITTED)
        self._rates = prior
        self._outdated = False

    def learn(self, load: TrialLoad, seconds: float, *, first: bool) -> None:
        """Add a measured epoch; `first`: the first of its trial, in which its graphs were built."""
        if seconds > 0:
            work = [
                load.operations,
                load.batches,
                PASSES * load.batches * load.steps,
                load.batches * load.parameters,
                float(first),
            ]
            self._rows.append(np.array(work) / seconds)
            self._outdated = True

    def epoch_s(self, load: TrialLoad) -> float:
        """Expected seconds of an epoch."""
        return epoch_s(load, self._fit())

    @property
    def start_s(self) -> float:
        """Expected seconds by which a trial's first epoch takes longer than the others."""
        return self._fit().start_s

    def _fit(self) -> Rates:
        if self._outdated:
            from scipy.optimize import nnls  # slow to import, and only the search needs it

            prior = np.array(astuple(self._prior))
            rows = np.vstack([np.array(self._rows) * prior, PRIOR_WEIGHT * np.eye(len(prior))])
            targets = np.concatenate([np.ones(len(self._rows)), np.full(len(prior), PRIOR_WEIGHT)])
            self._outdated = False
            try:
                factors = nnls(rows, targets)[0]
            except (RuntimeError, ValueError):  # it did not converge: the last rates stay until the next epoch
                return self._rates
            self._rates = Rates(*(np.maximum(factors, 1e-3) * prior).tolist())
        return self._rates


@dataclass
class MeasuredEpochs:
    """Measured over calculated seconds per number of GPUs: the median of the latest epochs.

    A number below 1 is a share of a GPU. A number that was never measured has the factor of one GPU. So a study that a
    wrong estimate led to several GPUs goes back to fewer after the first epochs that show it.
    """

    _factors: dict[float, deque[float]] = field(default_factory=dict)

    def learn(self, load: TrialLoad, gpus: float, seconds: float) -> None:
        """Add a measured epoch. It must not be the first of a trial, in which its graphs are built."""
        if seconds > 0:
            remembered = self._factors.setdefault(gpus, deque(maxlen=EPOCHS_REMEMBERED))
            remembered.append(seconds / epoch_s(load, gpus=max(1, int(gpus))))

    def knows(self, gpus: float) -> bool:
        """Whether an epoch on this number of GPUs was measured."""
        return gpus in self._factors

    def factor(self, gpus: float) -> float:
        """Measured seconds divided by calculated ones."""
        known = self._factors.get(gpus) or self._factors.get(1)
        return median(known) if known else 1.0

    def epoch_s(self, load: TrialLoad, gpus: int = 1) -> float:
        """Expected seconds of one epoch."""
        return epoch_s(load, gpus=gpus) * self.factor(gpus)


def best_count(load: TrialLoad, measured: MeasuredEpochs, counts: Sequence[int]) -> tuple[int, str]:
    """Which of one and these numbers of GPUs should end the whole training first, and the reason."""
    alone = measured.epoch_s(load) * load.epochs
    seconds = {n: measured.epoch_s(load, n) * load.epochs + REPLICA_START_S * (n - 1) for n in counts}
    best = min(seconds, key=lambda n: seconds[n])
    source = "measured" if measured.knows(best) else "calculated"
    expected = f"{alone:.3g} s expected on one GPU, {seconds[best]:.3g} s on {best}, {source}"
    if alone < LEAST_GAIN * seconds[best]:
        return 1, f"several GPUs do not pay ({expected})"
    return best, f"{best} GPUs pay ({expected})"
