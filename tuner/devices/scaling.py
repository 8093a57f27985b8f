"""Scales a trial's batch size and learning rate to several replicas.

Each replica takes `batch_size` samples per step, so the global batch is n times as large. The learning rate grows with
the square root of n: n times as many samples divide the variance of the gradient by n, and this factor keeps the
variance of a step (Krizhevsky, One weird trick for parallelizing convolutional neural networks,
2014, section 5; for Adam and RMSprop derived in Malladi et al., On the SDEs and scaling rules for adaptive gradient
algorithms, 2022). The linear rule for SGD (Goyal et al. 2017) needs epochs of warm-up, which a short trial does not
have.

An epoch keeps at least `FEWEST_STEPS` steps: where the samples are too few for that, the global batch grows less.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

FEWEST_STEPS = 20


@dataclass(frozen=True)
class Scaled:
    """Batch size and learning rate of a step of all replicas."""

    batch_size: int
    """Samples of all replicas together."""
    learning_rate: float


def scaled(batch_size: int, learning_rate: float, replicas: int, samples: int) -> Scaled:
    """The global batch size and learning rate for these of one device, with this many training samples per epoch."""
    growth = max(1, min(replicas, samples // (batch_size * FEWEST_STEPS)))
    return Scaled(batch_size * growth, learning_rate * sqrt(growth))
