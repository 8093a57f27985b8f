"""Whether one more trial would fit."""

import pytest

from tests.devices.samples import room
from tuner.devices.allocation import AllocatedDevices, Allocation

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
