"""The devices of a trial, decided from the spec, the network and the cluster."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.samples import GIB, LARGE, RECURRENT, SMALL, load, room
from tuner.devices.allocation import AllocatedDevices, Allocation, choose_allocation, twice_the_share
from tuner.devices.capacity import ClusterSize, Gpu, Node
from tuner.devices.epoch_cost import MeasuredEpochs, epoch_s
from tuner.spec import parse_study_spec


def decided(one=SMALL, where=None, measured=None, **fields):
    return choose_allocation(parse_study_spec(fields), one, where or room(), measured or MeasuredEpochs())


# --- several GPUs ---


def test_without_gpus_a_trial_gets_none():
    assert decided(LARGE).gpus == 0
    assert decided(LARGE).why.startswith("no GPU in the cluster; ")


def test_a_large_network_gets_the_gpus_that_would_stand_idle():
    assert decided(LARGE, room(gpus=4, trials=1)).gpus == 4
    assert decided(LARGE, room(gpus=4, trials=2)).gpus == 2
    assert "4 GPUs pay (" in decided(LARGE, room(gpus=4, trials=1)).why


def test_a_trial_gets_no_gpu_that_another_trial_waits_for():
    alone = decided(LARGE, room(gpus=4, trials=20))
    assert alone.gpus == 1
    assert "the other GPUs run other trials: 20 trials for 4 GPUs" in alone.why


def test_a_small_network_gets_no_second_gpu_although_it_would_stand_idle():
    assert decided(SMALL, room(gpus=4, trials=1)).gpus == 1
    assert "several GPUs do not pay (" in decided(SMALL, room(gpus=4, trials=1)).why


def test_the_gpus_of_a_trial_are_in_one_node():
    assert decided(LARGE, room(gpus=2, nodes=4, trials=1)).gpus == 2
    assert decided(LARGE, room(gpus=1, nodes=4, trials=1)).gpus == 1


def test_a_target_limits_what_is_chosen_and_is_what_a_trial_gets_when_it_is_told_to():
    assert decided(LARGE, room(gpus=8, trials=1), target_gpus_per_worker=3).gpus == 3
    assert decided(SMALL, room(gpus=8, trials=9), target_gpus_per_worker=3, use_multi_gpu=True).gpus == 3
    assert decided(SMALL, room(gpus=8, trials=9), use_multi_gpu=True).gpus == 8
    assert decided(LARGE, room(gpus=8, trials=1), use_multi_gpu=False).gpus == 1


def test_an_own_model_gets_one_gpu_since_nobody_knows_what_it_takes():
    assert decided(None, room(gpus=4, trials=1)).gpus == 1


def test_what_the_epochs_of_the_study_showed_counts_more_than_the_estimate():
    measured = MeasuredEpochs()
    measured.learn(LARGE, 1, epoch_s(LARGE))
    measured.learn(LARGE, 2, 2 * epoch_s(LARGE))
    assert decided(LARGE, room(gpus=2, trials=1), measured).gpus == 1


# --- a share of a GPU ---


def test_small_networks_share_a_gpu():
    shared = decided(SMALL, room(gpus=1, trials=20))
    assert shared.gpus == 1 / 8
    assert shared.why.startswith("8 trials on one GPU: ")


def test_a_network_that_fills_a_gpu_has_it_to_itself():
    assert decided(LARGE, room(gpus=1)).gpus == 1
    assert "a trial computes 98% of its time" in decided(LARGE, room(gpus=1)).why


@pytest.mark.parametrize(("gib", "share"), [(1, 1 / 8), (4, 1 / 4), (8, 1 / 2), (20, 1), (100, 1)])
def test_the_estimated_memory_bounds_how_many_share(gib, share):
    assert decided(load(SMALL, memory_bytes=gib * GIB), room(gpus=1)).gpus == share


def test_as_many_share_as_there_are_trials_and_cpus_for():
    assert decided(SMALL, room(gpus=4, trials=8)).gpus == 1 / 2
    assert decided(SMALL, room(gpus=4, trials=80, cpus=8)).gpus == 1 / 2
    assert decided(SMALL, room(gpus=1, trials=80, cpus=8), cpus_per_trial=4).gpus == 1 / 2


def test_a_gpu_of_unknown_memory_is_not_shared_by_guess():
    assert decided(SMALL, room(gpus=1, gpu=Gpu("?"))).gpus == 1


def test_a_share_that_was_asked_for_is_given():
    fixed = decided(LARGE, room(gpus=4, trials=1), gpus_per_trial=0.3)
    assert fixed.gpus == 0.3
    assert fixed.why.startswith("gpus_per_trial=0.3;")


def test_trials_that_were_measured_to_be_slower_together_do_not_share():
    measured = MeasuredEpochs()
    measured.learn(SMALL, 1, epoch_s(SMALL))
    measured.learn(SMALL, 1 / 8, 9 * epoch_s(SMALL))
    chosen = decided(SMALL, room(gpus=1), measured)
    assert chosen.gpus == 1 / 4
    assert "8 together were measured to be slower than one after the other" in chosen.why


# --- out of memory ---


def test_a_trial_that_ran_out_of_memory_gets_twice_the_share_once():
    first = decided(SMALL, room(gpus=1))
    again = twice_the_share(first)
    assert (again.gpus, again.cpus, again.retried) == (1 / 4, first.cpus, True)
    assert again.why.startswith("out of memory with 0.125 of a GPU, so twice that; before: ")
    assert twice_the_share(again) is None


@pytest.mark.parametrize(("where", "fields"), [(room(), {}), (room(gpus=2), {"gpus_per_trial": 1})])
def test_who_had_a_whole_gpu_or_none_gets_no_more(where, fields):
    assert twice_the_share(decided(SMALL, where, **fields)) is None


def test_twice_a_share_is_never_more_than_a_gpu():
    assert twice_the_share(decided(SMALL, room(gpus=1), gpus_per_trial=0.7)).gpus == 1


# --- CPUs ---


def cpus(one=LARGE, trials=1, nodes=1, has=8.0, gpus=0):
    return decided(one, room(gpus=gpus, trials=trials, nodes=nodes, cpus=has), cpus_per_trial="auto").cpus


def test_the_cpus_that_were_asked_for_are_given():
    assert decided(cpus_per_trial=3).cpus == 3
    assert decided().cpus == 1


def test_while_there_are_trials_for_all_cpus_each_gets_one():
    assert cpus(trials=8) == 1
    assert cpus(trials=20) == 1


def test_few_trials_share_all_cpus():
    assert [cpus(trials=trials) for trials in (1, 2, 3, 4, 5)] == [8, 4, 2, 2, 1]


def test_a_trial_has_its_cpus_in_one_node():
    assert cpus(trials=1, nodes=2, has=4) == 4
    assert cpus(trials=3, nodes=2, has=4) == 2


def test_a_network_without_work_for_several_threads_gets_one():
    assert cpus(load(SMALL, flops=1_000), trials=1) == 1


def test_beside_a_gpu_a_trial_gets_its_part_of_the_nodes_cpus():
    assert cpus(LARGE, trials=4, gpus=4, has=8) == 2
    assert cpus(LARGE, trials=1, gpus=4, has=64) == 16
    assert cpus(SMALL, trials=80, gpus=1, has=4) == 1


def test_half_a_cpu_is_a_cluster_too():
    assert decided(LARGE, ClusterSize((Node(0.5),), 3), cpus_per_trial="auto").cpus == 0.5


# --- always ---


@given(
    st.sampled_from([SMALL, LARGE, RECURRENT, None]),
    st.integers(0, 4),
    st.integers(1, 40),
    st.integers(1, 3),
    st.integers(1, 64),
    st.sampled_from(["auto", True, False]),
)
def test_a_trial_always_fits_into_some_node_and_says_why(one, gpus, trials, nodes, has, several):
    where = room(gpus=gpus, trials=trials, nodes=nodes, cpus=has)
    chosen = decided(one, where, cpus_per_trial="auto", **({"use_multi_gpu": several} if gpus else {}))
    assert any(chosen.cpus <= node.cpus and chosen.gpus <= len(node.gpus) for node in where.nodes)
    assert chosen.gpus <= 1 or chosen.gpus == int(chosen.gpus)
    assert chosen.why
    assert "\n" not in chosen.why


# --- devices of running trials ---

LEAST = Allocation(1, 1 / 8, "")


def taken(*allocations, least=LEAST):
    devices = AllocatedDevices(least)
    for number, (cpus, gpus) in enumerate(allocations):
        devices.allocate(str(number), Allocation(cpus, gpus, ""))
    return devices


@pytest.mark.parametrize(
    ("allocations", "fits"),
    [
        ([], True),
        ([(1, 1)], True),
        ([(1, 1), (1, 0.5)], True),
        ([(1, 1), (1, 1)], False),
        ([(1, 1), (1, 0.9)], False),
        ([(1, 1 / 8)] * 7, True),
        ([(1, 1 / 8)] * 8, False),
    ],
)
def test_there_is_room_while_the_smallest_trial_fits(allocations, fits):
    assert taken(*allocations).has_capacity(room(gpus=2, cpus=8)) is fits


def test_what_is_given_back_is_free():
    devices = taken((1, 2))
    assert not devices.has_capacity(room(gpus=2))
    devices.release("0")
    devices.release("0")
    assert devices.has_capacity(room(gpus=2))


def test_a_first_trial_always_has_capacity_else_nothing_would_begin():
    assert taken(least=Allocation(99, 9, "")).has_capacity(room())


def test_a_cluster_that_has_grown_has_more_room():
    devices = taken((16, 0), least=Allocation(1, 0, ""))
    assert not devices.has_capacity(room())
    assert devices.has_capacity(room(nodes=2))
