"""Batches: each epoch holds all samples once, in an order of its own that a resumed training sees again."""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tuner.training import batches
from tuner.training.batches import (
    batches_per_epoch,
    evaluation_batches,
    evaluation_parts,
    training_batches,
    training_parts,
)

pytestmark = pytest.mark.tensorflow

SAMPLES = 23


@pytest.fixture(scope="module")
def samples():
    """Samples that tell their position, and classes that tell it too."""
    return np.arange(SAMPLES, dtype=np.float32).reshape(-1, 1, 1, 1), np.arange(SAMPLES, dtype=np.int32) * 10


def orders(samples, batch_size=5, seed=1, first=1, last=3):
    """Positions of the samples in each epoch."""
    batches = [(np.asarray(x), np.asarray(y)) for x, y in training_batches(*samples, batch_size, seed, first, last)]
    for x, y in batches:
        assert np.array_equal(x.ravel() * 10, y), "a sample and its class stay together"
    per_epoch = batches_per_epoch(SAMPLES, batch_size)
    assert len(batches) == per_epoch * (last - first + 1)
    for batch, (x, _) in enumerate(batches, start=1):
        uneven = batch % per_epoch == 0 and SAMPLES % batch_size
        assert len(x) == (SAMPLES % batch_size if uneven else min(batch_size, SAMPLES))
    flat = np.concatenate([x.ravel() for x, _ in batches])
    return flat.reshape(-1, SAMPLES).astype(int).tolist()


@pytest.mark.parametrize("batch_size", [1, 5, 22, 23, 24, 1_000])
def test_every_epoch_holds_every_sample_once(samples, batch_size):
    for order in orders(samples, batch_size):
        assert sorted(order) == list(range(SAMPLES))


@pytest.mark.parametrize(("count", "size", "batches"), [(23, 5, 5), (25, 5, 5), (26, 5, 6), (3, 100, 1)])
def test_the_last_batch_may_be_smaller(count, size, batches):
    assert batches_per_epoch(count, size) == batches


def test_epochs_differ(samples):
    for order, following in pairwise(orders(samples)):
        assert order != following


def test_the_order_depends_on_the_seed(samples):
    assert orders(samples, seed=1) == orders(samples, seed=1)
    assert orders(samples, seed=1)[0] != orders(samples, seed=2)[0]


def test_the_order_depends_on_the_number_of_the_epoch_and_not_on_where_training_begins(samples):
    all_of_them = orders(samples, first=1, last=5)
    assert orders(samples, first=3, last=5) == all_of_them[2:]
    assert orders(samples, first=1, last=2) == all_of_them[:2]


def test_the_order_does_not_depend_on_the_size_of_batches(samples):
    assert orders(samples, batch_size=5) == orders(samples, batch_size=7)


def test_a_seed_may_be_as_large_as_a_trials(samples):
    assert orders(samples, seed=2**31 - 1) != orders(samples, seed=0)


def test_validation_sees_every_sample_once_in_order_every_time():
    x, y = np.arange(600, dtype=np.float32).reshape(-1, 1), np.arange(600, dtype=np.int32)
    batches = evaluation_batches(x, y)
    for _ in range(2):
        found = [(np.asarray(a), np.asarray(b)) for a, b in batches]
        assert np.array_equal(np.concatenate([a for a, _ in found]), x)
        assert np.array_equal(np.concatenate([b for _, b in found]), y)


def test_the_end_of_a_training_waits_for_no_tuning_of_its_pipelines(samples):
    made = [
        training_batches(*samples, 5, 1, 1, 3),
        evaluation_batches(*samples),
        training_parts(*samples, 5, 1, 1, 3, replicas=2),
        evaluation_parts(*samples, replicas=2),
    ]
    assert [pipeline.options().autotune.enabled for pipeline in made] == [False] * 4


def test_the_pipelines_are_traced_as_they_are_written(samples):
    """AutoGraph would rewrite them into files that a killed worker leaves behind, and call them from there."""
    callers = []

    def look(images, draws):
        callers.append(Path(sys._getframe(1).f_code.co_filename))
        return images

    next(iter(training_batches(*samples, 5, 1, 1, 1, look)))
    next(iter(training_parts(*samples, 5, 1, 1, 1, 2, look)))
    assert callers == [Path(batches.__file__)] * 2
