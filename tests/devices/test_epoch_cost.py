"""Seconds on n GPUs: what they are made of, and what measured epochs make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.samples import LARGE, SMALL, load
from tuner.devices.epoch_cost import (
    LINK_BYTES_PER_S,
    LINK_LATENCY_S,
    MeasuredEpochs,
    all_reduce_s,
    best_count,
    epoch_s,
    step_s,
)

loads = st.builds(
    load,
    parameters=st.integers(1_000, 100_000_000),
    flops=st.integers(1_000, 10**11),
    steps=st.integers(0, 1_000),
    batch_size=st.sampled_from([16, 64, 256]),
    samples=st.integers(100, 10**6),
    epochs=st.integers(1, 200),
)


def test_one_gpu_sums_nothing_up() -> None:
    assert all_reduce_s(1e9, 1) == 0.0


def test_a_ring_sends_nearly_twice_the_bytes_however_many_gpus_there_are() -> None:
    assert all_reduce_s(LINK_BYTES_PER_S, 2) == pytest.approx(1 + 2 * LINK_LATENCY_S)
    assert all_reduce_s(LINK_BYTES_PER_S, 4) == pytest.approx(1.5 + 6 * LINK_LATENCY_S)


def test_a_step_of_two_replicas_has_the_work_of_one_and_the_sum_of_the_gradients_beside_it() -> None:
    fixed, computing, summing = step_s(LARGE, gpus=1)
    fixed_2, computing_2, summing_2 = step_s(LARGE, gpus=2)
    assert (computing_2, summing) == (computing, 0.0)
    assert fixed < fixed_2 < 2 * fixed
    assert summing_2 == all_reduce_s(4 * LARGE.parameters, 2)


def test_where_the_batch_cannot_grow_each_replica_takes_a_part_of_it() -> None:
    few = load(LARGE, samples=64 * 20)
    assert step_s(few, gpus=4)[1] == pytest.approx(step_s(few, gpus=1)[1] / 4)


def test_a_long_training_of_a_large_network_pays_on_several_gpus_and_a_short_or_small_one_does_not() -> None:
    assert best_count(LARGE, MeasuredEpochs(), [2, 3, 4])[0] == 4
    assert best_count(SMALL, MeasuredEpochs(), [2, 3, 4])[0] == 1
    assert best_count(load(LARGE, epochs=1, samples=640), MeasuredEpochs(), [2, 3, 4])[0] == 1


def test_the_break_even_lies_between_the_bytes_of_the_gradients_and_the_work_of_a_step() -> None:
    heavy = load(LARGE, parameters=3_000_000_000, flops=400_000_000)
    count, why = best_count(heavy, MeasuredEpochs(), [2, 3, 4])
    assert count == 1, "3 billion gradients a step take longer than what they save"
    assert why.startswith("several GPUs do not pay (")
    assert best_count(load(heavy, parameters=3_000_000), MeasuredEpochs(), [2, 3, 4])[0] > 1


@given(loads, st.integers(2, 8))
def test_no_number_of_gpus_is_chosen_that_is_expected_to_be_slower_than_one(one, most) -> None:
    measured = MeasuredEpochs()
    count, _ = best_count(one, measured, range(2, most + 1))
    assert 1 <= count <= most
    if count > 1:
        assert measured.epoch_s(one, count) < measured.epoch_s(one, 1)


@given(loads, st.dictionaries(st.integers(2, 4), st.floats(0.2, 20), min_size=3))
def test_no_number_of_gpus_is_chosen_that_was_measured_to_be_slower_than_one(one, times_as_slow) -> None:
    measured = MeasuredEpochs()
    alone = epoch_s(one)
    measured.learn(one, 1, alone)
    for gpus, factor in times_as_slow.items():
        measured.learn(one, gpus, alone * factor)
    count, _ = best_count(one, measured, [2, 3, 4])
    assert count == 1 or times_as_slow[count] < 1


def test_measured_epochs_correct_the_estimate_for_their_number_of_gpus() -> None:
    measured = MeasuredEpochs()
    assert best_count(LARGE, measured, [2])[0] == 2
    measured.learn(LARGE, 1, epoch_s(LARGE))
    measured.learn(LARGE, 2, 3 * epoch_s(LARGE, gpus=2))
    count, why = best_count(LARGE, measured, [2])
    assert count == 1
    assert why.endswith("on 2, measured)")


def test_one_epoch_that_the_machine_slowed_down_changes_nothing() -> None:
    measured = MeasuredEpochs()
    for seconds in (10.0, 11.0, 500.0, 9.0, 10.0):
        measured.learn(LARGE, 1, seconds)
    assert measured.epoch_s(LARGE) == pytest.approx(10.0)
