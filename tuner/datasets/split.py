"""Selects stratified test, training and validation samples.

Each class is shuffled once. Its first samples are the test samples, the next ones are used, and the first of these are
the validation samples. Changing one share therefore never reshuffles another part: the test samples do not depend on
`sample_percentage` and `validation_split`, and a smaller sample is a subset of a larger one.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuner.data import Array
from tuner.data_spec import DataSpec
from tuner.datasets.raw_samples import PartName
from tuner.datasets.report import named
from tuner.errors import FixInputError

Indices = npt.NDArray[np.intp]

_TWO = "at least 2: one for training, one for validation"


@dataclass(frozen=True)
class SplitIndices:
    """Disjoint positions of samples: `train` shuffled, others ascending; empty for a part that is official."""

    train: Indices
    validation: Indices
    test: Indices


def split_indices(
    y: Array, labels: tuple[str, ...], spec: DataSpec, *, official: Collection[PartName] = ()
) -> SplitIndices:
    """Return the split of samples with classes `y`, shape (N,), 0 to len(labels) - 1, by the shares and seed of `spec`.

    Each part has its share of every class, rounded by largest remainder, but at least one training and one validation
    sample of each, and one test sample in all. Parts in `official` have samples of their own and get none of these.
    """
    sizes = np.bincount(y, minlength=len(labels))
    least = 1 if "validation" in official else 2
    _check_least_per_class(least, sizes, sizes, labels, "", 0)

    test = np.zeros_like(sizes)
    if "test" not in official:
        test = _counts(sizes, spec.test_size, keep=least)
        if not test.any():  # a small share of little data: one sample of each class that has one to spare
            test = _counts(sizes, spec.test_size, least=1, keep=least)
        if not test.any():
            raise FixInputError(
                f"no class has a sample to spare for the test: the largest has {sizes.max()}, and training and "
                f"validation need {least} of each",
                remedy=f"add samples until a class has at least {least + 1}, or add a test part to the data",
            )
    rest = sizes - test
    _check_least_per_class(least, rest, sizes, labels, "test_size", spec.test_size)
    used = _counts(rest, spec.sample_percentage, least=least)
    _check_least_per_class(least, used, rest, labels, "sample_percentage", spec.sample_percentage)
    validation = np.zeros_like(sizes)
    if "validation" not in official:
        validation = _counts(used, spec.validation_split, least=1, keep=1)

    random = np.random.default_rng(spec.seed)
    parts: tuple[list[Indices], list[Indices], list[Indices]] = ([], [], [])
    for label in range(len(labels)):
        order = random.permutation(np.flatnonzero(y == label))
        cuts = np.cumsum([test[label], validation[label], used[label] - validation[label]])
        for part, samples in zip(parts, np.split(order, cuts), strict=False):  # unused samples remain
            part.append(samples)
    chosen_test, chosen_validation, chosen_train = (np.sort(np.concatenate(part)) for part in parts)
    # Files sorted by class would give batches of one class if the shuffle buffer is small.
    return SplitIndices(random.permutation(chosen_train), chosen_validation, chosen_test)


def _counts(sizes: npt.NDArray[np.int64], share: float, *, least: int = 0, keep: int = 0) -> npt.NDArray[np.int64]:
    """Return the number of samples of each class for a share, rounded by largest remainder.

    At least `least` samples are taken and `keep` left, as far as a class stays within one sample of its share.
    """
    quotas = sizes * share
    low, high = np.floor(quotas + 1e-9).astype(np.int64), np.ceil(quotas - 1e-9).astype(np.int64)
    counts = low.copy()
    missing = round(float(quotas.sum())) - int(low.sum())
    largest = np.argsort(-(quotas - low), kind="stable")[: max(missing, 0)]
    counts[largest] = high[largest]
    counts = np.minimum(np.maximum(counts, least), sizes - keep)
    return np.asarray(np.clip(counts, low, high))


def _check_least_per_class(
    least: int,
    left: npt.NDArray[np.int64],
    before: npt.NDArray[np.int64],
    labels: tuple[str, ...],
    field: str,
    share: float,
) -> None:
    """Raise unless every class has `least` samples: one for training and, if two, one for validation."""
    if left.min() >= least:
        return
    needs = _TWO if least == 2 else "at least 1"
    too_few = [int(label) for label in np.flatnonzero(before < least)]
    if len(too_few) == 1:
        has = "no sample" if before[too_few[0]] == 0 else "only 1 sample"
        raise FixInputError(
            f"class {labels[too_few[0]]!r} has {has} for training and needs {needs}",
            remedy="add samples or remove the class",
        )
    if too_few:
        raise FixInputError(
            f"{len(too_few)} classes have fewer samples for training than they need, {needs}: "
            f"{named([repr(labels[label]) for label in too_few])}",
            remedy="add samples, or remove these classes or join them into one",
        )
    # The smallest class with too few samples: its remedy works for all others.
    label = int(np.argmin(np.where(left < least, before, before.max() + 1)))
    had = int(before[label])
    sample = field == "sample_percentage"
    enough = math.ceil(100 * least / had) / 100
    raise FixInputError(
        f"{field}={share:g} leaves class {labels[label]!r} {left[label]} of its {had} samples; it needs {needs}",
        remedy=f"choose {field} of at least {enough:g}" if sample else f"choose a smaller {field}",
    )
