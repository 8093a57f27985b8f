"""The devices of a study's trials: what is asked of Ray for each, and what the log teaches."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from tests.devices.samples import A100, LARGE, SMALL
from tests.store.samples import complete, epoch, start, trial_spec
from tuner.devices.capacity import Node
from tuner.devices.epoch_cost import TrialLoad, epoch_s
from tuner.events import Devices
from tuner.spec import StudySpec, parse_study_spec
from tuner.study.device_allocation import DeviceAllocator, allocation_of
from tuner.trial_spec import TrialSpec


def allocator(
    load: TrialLoad | None = SMALL,
    gpus: int = 1,
    missing: int = 20,
    trials: Any = (),
    sharing: Any = None,
    **fields: Any,
) -> DeviceAllocator:
    plan: Any = SimpleNamespace(
        spec=parse_study_spec({"run_name": "a", **fields}),
        load=lambda hyperparameters: load,
        least_of_a_trial={"cpus": 1.0, "gpus": 1 / 8},
    )
    return DeviceAllocator(plan, lambda: (Node(16, (A100,) * gpus),), missing, trials, sharing)


def trial(number: int = 1) -> TrialSpec:
    return trial_spec(number, StudySpec(run_name="a"), {"learning_rate": 0.01}, epochs=10)


def devices(gpus: float, retried: bool = False) -> Devices:
    return Devices(
        node="n",
        gpus=gpus,
        threads=1,
        replicas=max(1, int(gpus)),
        batch_size=64,
        learning_rate=0.01,
        precision="float32",
        xla=False,
        steps_per_execution=1,
        why=("because",),
        retried=retried,
    )


def given(of: DeviceAllocator, number: int = 1, who: str = "") -> dict[str, Any]:
    allocation: dict[str, Any] = of.allocate(trial(number), who)["allocation"]
    return allocation


def row(number: int = 1, **fields: Any) -> Any:
    return SimpleNamespace(**({"trial_number": number, "devices": None, "cause": None} | fields))


def test_what_ray_is_told_is_what_was_decided_and_why() -> None:
    told = given(allocator())
    assert (told["cpus"], told["gpus"], told["retried"]) == (1, 1 / 8, False)
    assert told["why"].startswith("8 trials on one GPU")
    assert allocation_of({"trial": {}, "allocation": told}).gpus == 1 / 8
    assert allocation_of({"trial": {}}) is None


def test_a_cluster_without_gpus_gives_cpus() -> None:
    assert given(allocator(gpus=0))["gpus"] == 0


def test_the_last_trials_get_the_gpus_that_the_others_have_left() -> None:
    asked = allocator(LARGE, gpus=4, missing=4)
    assert given(asked, 1)["gpus"] == 1
    for number in (1, 2, 3):
        asked.learn(complete(number))
    assert given(asked, 4)["gpus"] == 4


def test_trials_that_do_not_count_leave_the_others_as_many() -> None:
    asked = allocator(LARGE, gpus=4, missing=4)
    for number in (1, 2, 3):
        asked.learn(complete(number, status="rejected", cause="too_large"))
    assert given(asked, 4)["gpus"] == 1


def test_who_may_train_at_once_counts_not_who_waits() -> None:
    assert given(allocator(LARGE, gpus=4, concurrent_workers=2))["gpus"] == 2


def test_measured_epochs_lead_a_study_back_from_several_gpus() -> None:
    asked = allocator(LARGE, gpus=2, missing=1)
    assert given(asked)["gpus"] == 2
    for number, (gpus, seconds) in enumerate([(1, 1.0), (2, 3.0)], start=1):
        took = seconds * epoch_s(LARGE, gpus=gpus)
        asked.learn(start(number, devices=devices(gpus)))
        asked.learn(epoch(1, number, duration_s=1_000 * took))
        asked.learn(epoch(2, number, duration_s=took))
        asked.learn(complete(number, status="cancelled", cause="cancelled"))
    assert given(asked, 3)["gpus"] == 1
    assert "measured" in given(asked, 3)["why"]


def test_there_is_room_until_the_gpus_are_taken() -> None:
    asked = allocator(LARGE, gpus=2)
    for number, who in enumerate(("x", "y"), start=1):
        assert asked.has_capacity
        given(asked, number, who)
    assert not asked.has_capacity
    asked.release("x")
    assert asked.has_capacity


def test_whoever_names_the_number_of_workers_may_have_trials_wait_so_that_a_cluster_grows() -> None:
    asked = allocator(LARGE, gpus=1, concurrent_workers=8)
    for number in range(1, 5):
        given(asked, number, str(number))
    assert asked.has_capacity


def shared(should_yield: bool, most: float) -> Any:
    return SimpleNamespace(should_yield=lambda: should_yield, max_concurrent=lambda: most)


@pytest.mark.parametrize("workers", ["auto", 8])
@pytest.mark.parametrize("sharing", [shared(True, math.inf), shared(False, 1)])
def test_in_company_one_trial_always_runs_or_waits_and_others_if_it_is_their_turn(
    sharing: Any, workers: int | str
) -> None:
    asked = allocator(gpus=2, sharing=sharing, concurrent_workers=workers)
    assert asked.should_yield is sharing.should_yield()
    assert asked.has_capacity
    given(asked, 1, "x")
    assert not asked.has_capacity


# --- out of memory ---


def test_a_trial_that_ran_out_of_memory_on_a_share_gets_a_second_chance_and_only_one() -> None:
    asked = allocator()
    given(asked, 1)
    assert asked.has_more_memory(1)
    again = allocator(trials=[row(cause="out_of_memory", devices=devices(1 / 8))])
    told = given(again, 1)
    assert (told["gpus"], told["retried"]) == (1 / 4, True)
    assert told["why"].startswith("out of memory with 0.125 of a GPU, so twice that; before: because")
    assert not again.has_more_memory(1)


def test_one_that_ran_out_of_memory_before_it_told_its_devices_gets_twice_what_it_would_get() -> None:
    assert given(allocator(trials=[row(cause="out_of_memory")]), 1)["gpus"] == 1 / 4


def test_a_second_attempt_that_was_interrupted_goes_on_as_the_second() -> None:
    again = allocator(trials=[row(cause="cancelled", devices=devices(1 / 4, retried=True))])
    assert (given(again, 1)["gpus"], given(again, 1)["retried"]) == (1 / 4, True)
    assert not again.has_more_memory(1)


def test_whoever_had_a_whole_gpu_has_no_more_memory() -> None:
    asked = allocator(LARGE)
    given(asked, 1)
    assert not asked.has_more_memory(1)
