"""What several replicas make of a trial's batch size and learning rate.

Each replica takes `batch_size` samples a step, so that the global batch is n times as large; the learning rate grows
with the square root of that: summing n times as many samples divides the variance of the gradient by n, and this
factor keeps the variance of a step (Krizhevsky, One weird trick for parallelizing convolutional neural networks,
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
    """What a step of all replicas together takes."""

    batch_size: int
    """Of all replicas together."""
    learning_rate: float


def scaled(batch_size: int, learning_rate: float, replicas: int, samples: int) -> Scaled:
    """The global batch and its learning rate, of a trial that has `batch_size` and `learning_rate` on one device.

    Args:
        samples: Training samples of an epoch.
    """
    growth = max(1, min(replicas, samples // (batch_size * FEWEST_STEPS)))
    return Scaled(batch_size * growth, learning_rate * sqrt(growth))
