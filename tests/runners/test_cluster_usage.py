"""Who holds and who waits, from what Ray tells of placement groups; without Ray."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray.core.generated.common_pb2 import Bundle as RaysBundle
from ray.core.generated.gcs_pb2 import PlacementGroupTableData

from tuner.devices import ResourceDemand
from tuner.devices.fairness import WAITED_S
from tuner.runners import cluster_usage as module
from tuner.runners.cluster_usage import LOOK_S, SHARE, ClusterUsage, demands_by_job, standing_groups

ME, OTHER = (ray.JobID.from_int(number) for number in (1, 2))
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
    monkeypatch.setattr(ray, "get_runtime_context", lambda: SimpleNamespace(get_job_id=lambda: ME.hex()))


def groups(job: ray.JobID, *states: str, bundle: dict[str, float] = CPU) -> dict[str, Any]:
    """As Ray tells them."""
    return {ray.PlacementGroupID.of(job).hex(): {"state": state, "bundles": {0: bundle}} for state in states}


def test_each_group_is_held_or_waited_for_by_the_job_that_made_it() -> None:
    table = groups(ME, "CREATED", "CREATED", "REMOVED") | groups(OTHER, "PENDING", "RESCHEDULING", "PREPARED")
    assert demands_by_job(table) == {
        ME.hex(): ResourceDemand((CPU, CPU)),
        OTHER.hex(): ResourceDemand((CPU,), (CPU, CPU)),
    }


def test_groups_that_were_removed_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    states = ("PENDING", "CREATED", "REMOVED")
    told = {state: PlacementGroupTableData(state=state, bundles=[RaysBundle(unit_resources=CPU)]) for state in states}
    for group in told.values():
        group.placement_group_id = ray.PlacementGroupID.of(ME).binary()
    accessor = SimpleNamespace(get_placement_group_table=lambda: [group.SerializeToString() for group in told.values()])
    monkeypatch.setattr(module.ray_state, "_connect_and_get_accessor", lambda: accessor)

    table = standing_groups()
    assert set(table) == {told[state].placement_group_id.hex() for state in ("PENDING", "CREATED")}
    assert demands_by_job(table) == {ME.hex(): ResourceDemand((CPU,), (CPU,))}


def test_the_bundles_of_a_group_are_one_place() -> None:
    of_two = {ray.PlacementGroupID.of(ME).hex(): {"state": "CREATED", "bundles": {0: {"CPU": 1.0}, 1: {"CPU": 2.0}}}}
    assert demands_by_job(of_two) == {ME.hex(): ResourceDemand(({"CPU": 3.0},))}


def test_trials_that_train_in_the_cloud_are_in_nobody_s_way() -> None:
    assert demands_by_job(groups(OTHER, "CREATED", "PENDING", bundle={"memory": 2e8})) == {}


def test_it_gives_way_once_the_other_one_has_waited_and_not_before(clock: Clock) -> None:
    table = groups(ME, "CREATED", "CREATED") | groups(OTHER, "PENDING")
    claims = ClusterUsage(lambda: table, lambda: {"CPU": 2.0})
    assert not claims.should_yield()
    clock.now += WAITED_S
    assert claims.should_yield()
    table = groups(ME, "CREATED") | groups(OTHER, "CREATED")
    clock.now += LOOK_S
    assert not claims.should_yield()


def test_who_got_something_and_waits_again_has_waited_for_nothing_yet(clock: Clock) -> None:
    table = groups(ME, "CREATED", "CREATED") | groups(OTHER, "PENDING")
    claims = ClusterUsage(lambda: table, lambda: {"CPU": 2.0})
    claims.should_yield()
    table, waits = groups(ME, "CREATED", "CREATED"), table
    clock.now += WAITED_S
    claims.should_yield()
    table = waits
    clock.now += WAITED_S
    assert not claims.should_yield()


def test_in_company_few_of_its_trials_wait(clock: Clock) -> None:
    table = groups(ME, *["CREATED"] * 8)
    claims = ClusterUsage(lambda: table, lambda: {"CPU": 16.0})
    assert claims.max_concurrent() == math.inf
    table |= groups(OTHER, "CREATED")
    clock.now += LOOK_S
    assert claims.max_concurrent() == 10


def test_ray_is_asked_now_and_then(clock: Clock) -> None:
    asked = []
    claims = ClusterUsage(lambda: asked.append("asked") or {}, lambda: CPU)
    for _ in range(10):
        claims.should_yield()
        clock.now += LOOK_S / 4
    assert len(asked) == 3


def test_where_ray_takes_long_to_answer_it_is_asked_less_often(clock: Clock) -> None:
    asked = []

    def slow() -> dict[str, Any]:
        asked.append(clock.now)
        clock.now += 0.1
        return {}

    claims = ClusterUsage(slow, lambda: CPU)
    for _ in range(100):
        claims.should_yield()
        clock.now += 0.2
    between = [after - before for before, after in pairwise(asked)]
    assert between == pytest.approx([0.1 / SHARE] * len(between), abs=0.25)
    assert len(between) > 2
