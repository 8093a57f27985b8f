"""Draws the stratified test, training and validation samples.

Each class is put into one random order. Its first samples are the test, the next ones are used, and the first of those
are the validation. So changing one share never reshuffles another part: the test stays the same whatever
`sample_percentage` and `validation_split` are, and a smaller sample is part of a larger one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuner.data import Array
from tuner.errors import FixInputError
from tuner.spec import DataSpec

Indices = npt.NDArray[np.intp]

_TWO = "at least 2: one for training, one for validation"


@dataclass(frozen=True)
class SplitIndices:
    """Positions of samples, disjoint: `train` in random order, the others ascending; `test` empty if official."""

    train: Indices
    validation: Indices
    test: Indices


def draw(y: Array, labels: tuple[str, ...], spec: DataSpec, *, official_test: bool) -> SplitIndices:
    """Splits samples of classes `y` (N,), 0 to len(labels) - 1, by the shares and the seed of `spec`.

    In every part each class has its share of samples, rounded up or down; the parts' sizes are rounded by largest
    remainder as far as every class can keep a training and a validation sample.

    Raises:
        FixInputError: a share leaves nothing to train on, or a class without a training or a validation sample.
    """
    _refuse_all("validation_split", spec.validation_split)
    if not official_test:
        _refuse_all("test_size", spec.test_size)
    sizes = np.bincount(y, minlength=len(labels))
    _need_two(sizes, sizes, labels, "", 0)

    test = np.zeros_like(sizes) if official_test else _counts(sizes, spec.test_size, keep=2)
    rest = sizes - test
    _need_two(rest, sizes, labels, "test_size", spec.test_size)
    used = _counts(rest, spec.sample_percentage, least=2)
    _need_two(used, rest, labels, "sample_percentage", spec.sample_percentage)
    validation = _counts(used, spec.validation_split, least=1, keep=1)

    random = np.random.default_rng(spec.seed)
    parts: tuple[list[Indices], list[Indices], list[Indices]] = ([], [], [])
    for label in range(len(labels)):
        order = random.permutation(np.flatnonzero(y == label))
        cuts = np.cumsum([test[label], validation[label], used[label] - validation[label]])
        for part, samples in zip(parts, np.split(order, cuts), strict=False):  # what is not sampled is left over
            part.append(samples)
    chosen_test, chosen_validation, chosen_train = (np.sort(np.concatenate(part)) for part in parts)
    # Files sorted by class would otherwise give batches of one class wherever the shuffle buffer is small.
    return SplitIndices(random.permutation(chosen_train), chosen_validation, chosen_test)


def _counts(sizes: npt.NDArray[np.int64], share: float, *, least: int = 0, keep: int = 0) -> npt.NDArray[np.int64]:
    """How many samples of each class `share` takes.

    Rounded by largest remainder; then at least `least` are taken and `keep` left, as far as a class stays within
    one sample of its share.
    """
    quotas = sizes * share
    low, high = np.floor(quotas + 1e-9).astype(np.int64), np.ceil(quotas - 1e-9).astype(np.int64)
    counts = low.copy()
    missing = round(float(quotas.sum())) - int(low.sum())
    largest = np.argsort(-(quotas - low), kind="stable")[: max(missing, 0)]
    counts[largest] = high[largest]
    counts = np.minimum(np.maximum(counts, least), sizes - keep)
    return np.asarray(np.clip(counts, low, high))


def _refuse_all(field: str, share: float) -> None:
    if share >= 1:
        raise FixInputError(
            f"{field}={share:g} leaves no training samples", remedy=f"choose a {field} below 1, such as 0.2"
        )


def _need_two(
    left: npt.NDArray[np.int64], before: npt.NDArray[np.int64], labels: tuple[str, ...], field: str, share: float
) -> None:
    """Every class needs one sample for training and one for validation."""
    if left.min() >= 2:
        return
    # The smallest of the classes that are short of samples: a remedy for it is one for all.
    label = int(np.argmin(np.where(left < 2, before, before.max() + 1)))
    had = int(before[label])
    if had < 2:
        has = "no sample" if had == 0 else "only 1 sample"
        raise FixInputError(
            f"class {labels[label]!r} has {has} to train on, and needs {_TWO}",
            remedy="add samples of it or leave the class out",
        )
    sample = field == "sample_percentage"
    raise FixInputError(
        f"{field}={share:g} leaves class {labels[label]!r} {left[label]} of its {had} samples, and it needs {_TWO}",
        remedy=f"choose {field} from {math.ceil(200 / had) / 100:g}" if sample else f"choose a smaller {field}",
    )
