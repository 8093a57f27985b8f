"""The rule by which several replicas scale batch and learning rate."""

from math import sqrt

import pytest

from tuner.devices.scaling import Scaled, scaled


def test_one_replica_trains_with_what_was_asked_for():
    assert scaled(64, 0.01, 1, 10_000) == Scaled(64, 0.01)


@pytest.mark.parametrize("replicas", [2, 4, 8])
def test_the_batch_grows_with_the_replicas_and_the_learning_rate_with_their_square_root(replicas):
    grown = scaled(64, 0.01, replicas, 100_000)
    assert grown.batch_size == 64 * replicas
    assert grown.learning_rate == pytest.approx(0.01 * sqrt(replicas))


@pytest.mark.parametrize(("samples", "batch_size"), [(64 * 20 - 1, 64), (64 * 40, 128), (64 * 60, 192), (10**6, 256)])
def test_an_epoch_keeps_twenty_steps(samples, batch_size):
    assert scaled(64, 0.01, 4, samples).batch_size == batch_size


def test_a_batch_larger_than_the_data_stays():
    assert scaled(512, 0.01, 4, 100) == Scaled(512, 0.01)
