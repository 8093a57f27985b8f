"""How studies share a cluster, by scripted placement groups; without Ray."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Literal

import pytest
import ray

from tuner.devices.fairness import WAITED_S, ResourceDemand
from tuner.ray_internals import PlacementGroup
from tuner.runners import cluster_usage as module
from tuner.runners.cluster_usage import INTERVAL_S, SHARE, ClusterUsage, demands_by_job

ME, OTHER = "01000000", "02000000"
CPU = {"CPU": 1.0}


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def this_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(get_job_id=lambda: ME))


def groups(job: str, *states: Literal["held", "waiting"], resources: dict[str, float] = CPU) -> list[PlacementGroup]:
    return [PlacementGroup(job, state, resources) for state in states]


def test_each_group_is_held_or_waited_for_by_the_job_that_created_it() -> None:
    assert demands_by_job(groups(ME, "held", "held") + groups(OTHER, "waiting", "waiting", "held")) == {
        ME: ResourceDemand((CPU, CPU)),
        OTHER: ResourceDemand((CPU,), (CPU, CPU)),
    }


def test_groups_of_trials_on_runpod_are_ignored() -> None:
    assert demands_by_job(groups(OTHER, "held", "waiting", resources={"memory": 2e8})) == {}


def test_it_yields_once_the_other_study_has_waited(clock: Clock) -> None:
    listed = groups(ME, "held", "held") + groups(OTHER, "waiting")
    usage = ClusterUsage(lambda: listed, lambda: {"CPU": 2.0})
    assert not usage.should_yield()
    clock.now += WAITED_S
    assert usage.should_yield()
    listed = groups(ME, "held") + groups(OTHER, "held")
    clock.now += INTERVAL_S
    assert not usage.should_yield()


def test_the_waiting_time_starts_anew_after_a_study_got_a_worker(clock: Clock) -> None:
    listed = groups(ME, "held", "held") + groups(OTHER, "waiting")
    usage = ClusterUsage(lambda: listed, lambda: {"CPU": 2.0})
    usage.should_yield()
    listed, waits = groups(ME, "held", "held"), listed
    clock.now += WAITED_S
    usage.should_yield()
    listed = waits
    clock.now += WAITED_S
    assert not usage.should_yield()


def test_few_trials_wait_on_a_shared_cluster(clock: Clock) -> None:
    listed = groups(ME, *["held"] * 8)
    usage = ClusterUsage(lambda: listed, lambda: {"CPU": 16.0})
    assert usage.max_concurrent() == math.inf
    listed += groups(OTHER, "held")
    clock.now += INTERVAL_S
    assert usage.max_concurrent() == 10


def test_ray_is_asked_at_intervals(clock: Clock) -> None:
    asked = []
    usage = ClusterUsage(lambda: asked.append("asked") or [], lambda: CPU)
    for _ in range(10):
        usage.should_yield()
        clock.now += INTERVAL_S / 4
    assert len(asked) == 3


def test_ray_is_asked_less_often_if_its_answers_take_long(clock: Clock) -> None:
    asked = []

    def slow() -> list[PlacementGroup]:
        asked.append(clock.now)
        clock.now += 0.1
        return []

    usage = ClusterUsage(slow, lambda: CPU)
    for _ in range(100):
        usage.should_yield()
        clock.now += 0.2
    between = [after - before for before, after in pairwise(asked)]
    assert between == pytest.approx([0.1 / SHARE] * len(between), abs=0.25)
    assert len(between) > 2
