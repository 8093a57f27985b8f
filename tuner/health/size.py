"""Health of a network's size."""

from __future__ import annotations

import math

FREE_PARAMETERS = 100_000
"""So many weights are no waste, whatever they do."""

DECADES = 4.0
"""Times ten above them at which nothing is left."""


def parameter_efficiency(accuracy: float, parameters: int) -> float:
    """Accuracy for the size: the accuracy itself up to 100,000 weights, then a quarter less with every tenfold size.

    accuracy * (1 - log10(parameters / 100,000) / 4), at least 0. The logarithm, since the error of well-trained
    networks falls as a power of their size (Hestness et al., Deep Learning Scaling is Predictable, Empirically, 2017):
    each tenfold size buys about the same factor of error.

    Args:
        accuracy: Share in [0, 1].
        parameters: Number of weights, at least 0.
    """
    above = math.log10(max(parameters, FREE_PARAMETERS) / FREE_PARAMETERS)
    return accuracy * max(0.0, 1.0 - above / DECADES)
