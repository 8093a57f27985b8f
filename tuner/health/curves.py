"""Health that shows in the curves of a training: numbers after each epoch in, a share of what is well out.

Every function is pure, returns a value in [0, 1] where 1 is well, never NaN, and None where there are too few epochs to
say. Losses may be in any unit: multiplied by a constant they give the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

FEWEST_EPOCHS = 3
"""Without which a curve has no shape."""

NOISE = 0.01
"""Share of the mean loss that may come and go with each epoch before it counts as unrest."""

BEGINNING = 2.0
"""Times chance that the mean loss of a first epoch may be at: initial weights are often a little worse than chance."""

UNREST = 0.05
"""Mean change of the validation accuracy's pace, from one late epoch to the next, at which consistency is 1/e."""


def training_stability(losses: Sequence[float], chance: float) -> float | None:
    """How quietly the training loss fell: 1 without any rise, 0 where it rose as much as it fell.

    1 - 2 R, at least 0, with R the share of rises in the length of the curve's path: R = rises / (rises + falls +
    allowed noise). A share of a length has no unit, and the length counts every tooth of a jagged curve, which a
    variance around a trend does not (total variation: Rudin, Osher and Fatemi, Nonlinear Total Variation Based Noise
    Removal, 1992). Training begins at about chance: a first epoch far above it is a rise too. A loss that is not finite
    is no stability at all.

    Args:
        losses: After each epoch.
        chance: Loss of a network that knows nothing but how frequent each class is, above 0, in the unit of the losses.
    """
    if not all(map(math.isfinite, losses)):
        return 0.0
    if len(losses) < FEWEST_EPOCHS:
        return None
    # In parts of the largest, so that no sum overflows.
    scale = max(map(abs, losses)) or 1.0
    parts = [loss / scale for loss in losses]
    steps = [max(0.0, parts[0] - BEGINNING * chance / scale)]
    steps += [after - before for before, after in pairwise(parts)]
    rises = sum(max(0.0, step) for step in steps)
    allowed = NOISE * sum(map(abs, parts)) / len(parts) * len(steps)
    path = sum(map(abs, steps)) + allowed
    return max(0.0, 1.0 - 2.0 * rises / path) if path > 0 else 1.0


def accuracy_consistency(accuracies: Sequence[float]) -> float | None:
    """How steady the validation accuracy was in the later half of the epochs, whether it climbed or stood.

    exp(-D / UNREST), with D the mean deviation of its steps from their mean: a steady climb has equal steps, a steady
    level none, and both are consistent.
    """
    later = accuracies[-max(FEWEST_EPOCHS, math.ceil(len(accuracies) / 2)) :]
    if len(later) < FEWEST_EPOCHS:
        return None
    steps = [after - before for before, after in pairwise(later)]
    pace = sum(steps) / len(steps)
    return math.exp(-sum(abs(step - pace) for step in steps) / len(steps) / UNREST)


def convergence_quality(train: Sequence[float], validation: Sequence[float], chance: float) -> float | None:
    """Whether learning arrived: how far down, how flat at the end, and whether it holds for data it did not see.

    All losses are taken as shares of chance, the cross-entropy of a network that knows nothing but how frequent each
    class is (Shannon, 1948), which is about where every training begins. The mean of

    - level: 1 - the best validation loss,
    - improvement: 1 - the last training loss,
    - flatness: 1 - the share of all that was learned, or lost again, that fell to the last third of the epochs,

    times 1 - gap, by which the last validation loss is above the training loss.

    Args:
        train, validation: Cross-entropy after each epoch, in nats.
        chance: Entropy of the classes, in nats, above 0: ln(classes) where all are as frequent.
    """
    if not all(map(math.isfinite, [*train, *validation])):
        return 0.0
    if len(train) < FEWEST_EPOCHS:
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
