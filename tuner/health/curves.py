"""Health metrics from learning curves, given as one value per epoch.

Every function is pure and returns a value in [0, 1], where 1 is healthy and never NaN, or None with too few epochs.
Scaling all losses by a constant does not change the result. `chance` is the loss of a network that knows only how
frequent each class is: the entropy of the classes in nats, above 0, such as ln(10) for 10 equally frequent classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

MIN_EPOCHS = 3
"""Number of epochs from which on a curve can be judged."""

NOISE = 0.01
"""Change per epoch, as a share of the mean loss, that counts as noise."""

MAX_FIRST_LOSS = 2.0
"""Multiple of chance up to which the first loss is normal: initial weights are often worse than chance."""

DEVIATION_SCALE = 0.05
"""Mean deviation of the steps of the validation accuracy at which the consistency is 1/e."""


def training_stability(losses: Sequence[float], chance: float) -> float | None:
    """Return how smoothly the training loss fell: 1 without any rise, 0 if it rose as much as it fell.

    1 - 2 R, at least 0, with R the share of rises in the length of the curve's path: R = rises / (rises + falls +
    allowed noise). The path length counts every rise and fall of the curve, which a variance around a trend does
    not (total variation: Rudin, Osher and Fatemi, Nonlinear Total Variation Based Noise Removal, 1992). Training starts
    at about chance, so a first loss far above it counts as a rise. The result is 0 if a loss is not finite.
    """
    if not all(map(math.isfinite, losses)):
        return 0.0
    if len(losses) < MIN_EPOCHS:
        return None
    # Scaled by the largest loss, so that no sum overflows.
    scale = max(map(abs, losses)) or 1.0
    parts = [loss / scale for loss in losses]
    steps = [max(0.0, parts[0] - MAX_FIRST_LOSS * chance / scale)]
    steps += [after - before for before, after in pairwise(parts)]
    rises = sum(max(0.0, step) for step in steps)
    allowed = NOISE * sum(map(abs, parts)) / len(parts) * len(steps)
    path = sum(map(abs, steps)) + allowed
    return max(0.0, 1.0 - 2.0 * rises / path) if path > 0 else 1.0


def accuracy_consistency(accuracies: Sequence[float]) -> float | None:
    """Return how steady the validation accuracy was in the later half of the epochs.

    exp(-D / 0.05), with D the mean absolute deviation of its steps from their mean: a steady climb and a constant
    accuracy are both fully consistent.
    """
    later = accuracies[-max(MIN_EPOCHS, math.ceil(len(accuracies) / 2)) :]
    if len(later) < MIN_EPOCHS:
        return None
    steps = [after - before for before, after in pairwise(later)]
    pace = sum(steps) / len(steps)
    return math.exp(-sum(abs(step - pace) for step in steps) / len(steps) / DEVIATION_SCALE)


def convergence_quality(train: Sequence[float], validation: Sequence[float], chance: float) -> float | None:
    """Return whether learning arrived: how far down, how flat at the end, and whether it holds for data it did not see.

    All losses (cross-entropies in nats) are taken as shares of chance, where about every training begins. The mean of

    - level: 1 - the best validation loss,
    - improvement: 1 - the last training loss,
    - flatness: 1 - the share of all that was learned, or lost again, that fell to the last third of the epochs,

    times 1 - gap, by which the last validation loss is above the training loss.
    """
    if not all(map(math.isfinite, [*train, *validation])):
        return 0.0
    if len(train) < MIN_EPOCHS:
        return None
    trained, validated = [loss / chance for loss in train], [loss / chance for loss in validation]
    learned = 1.0 - min(trained)
    late = len(trained) // 3
    moved = abs(trained[-late - 1] - trained[-1])
    flatness = _share(1.0 - moved / learned) if learned > 0 else 0.0
    level, improvement = _share(1.0 - min(validated)), _share(1.0 - trained[-1])
    gap = _share(validated[-1] - trained[-1])
    return (level + improvement + flatness) / 3.0 * (1.0 - gap)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
