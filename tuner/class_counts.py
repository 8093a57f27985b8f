"""Scores that count every class alike, whatever its number of samples.

The accuracy hides a rare class: a model that always answers the frequent one is right for most samples. The balanced
accuracy is the mean recall of the classes, and macro F1 the mean F1 score (Sokolova and Lapalme, A Systematic Analysis
of Performance Measures for Classification Tasks, 2009). Both are as scikit-learn computes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClassCounts:
    """What a model predicted, as numbers of samples per class, each of shape (classes,)."""

    right: Counts
    """Samples of the class that were predicted as it."""
    predicted: Counts
    """Samples of any class that were predicted as it."""
    samples: Counts
    """Samples of the class."""

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean recall of the classes with samples, in [0, 1]; None without samples."""
        return _mean_share(self.right, self.samples)

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 score of the classes that have samples or are predicted, in [0, 1]; None without samples."""
        return _mean_share(2 * self.right, self.samples + self.predicted)


def _mean_share(part: Counts, whole: Counts) -> float | None:
    known = whole > 0
    return float((part[known] / whole[known]).mean()) if known.any() else None
