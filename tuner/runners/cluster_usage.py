"""What the users of the connected cluster hold and wait for, by the placement groups that Ray Tune makes for trials.

Ray tells them for all drivers, whatever their database: the last part of a group's identifier is its driver's job.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import ray
from ray._private.state import state as ray_state
from ray.core.generated.gcs_pb2 import PlacementGroupTableData

from tuner.devices import Bundle, ResourceDemand, max_concurrent, should_yield
from tuner.devices.fairness import KINDS

LOOK_S = 0.5
"""How often Ray is asked at most."""
SHARE = 0.02
"""Of the driver's time, that asking takes at most."""
HELD = ("PREPARED", "CREATED")
WAITING = ("PENDING", "RESCHEDULING")
"""States of a group; the other one is REMOVED."""


def standing_groups() -> dict[str, Any]:
    """Ray's own `placement_group_table` without the groups that were removed.

    Ray remembers every group that there was, and to make a dictionary of each takes a second where there were
    thousands, as in a long study.
    """
    told = ray_state._connect_and_get_accessor().get_placement_group_table()
    groups = map(PlacementGroupTableData.FromString, told)
    return {
        group.placement_group_id.hex(): ray_state._gen_placement_group_info(group)
        for group in groups
        if group.state != PlacementGroupTableData.REMOVED
    }


class ClusterUsage:
    """Tells a driver how it shares the cluster with others, from what Ray says of all of them.

    Studies in threads of one process are one user of the cluster.
    """

    def __init__(
        self,
        table: Callable[[], Mapping[str, Any]] = standing_groups,
        total: Callable[[], Mapping[str, float]] = ray.cluster_resources,
    ) -> None:
        self._table, self._total = table, total
        self._waiting_since: dict[str, float] = {}
        self._look_again = -math.inf
        self._should_yield, self._most = False, math.inf

    def should_yield(self) -> bool:
        """Whether the next place that is free is another one's: see `tuner.devices.fairness`."""
        self._look()
        return self._should_yield

    def max_concurrent(self) -> float:
        """Trials that may run and wait."""
        self._look()
        return self._most

    def _look(self) -> None:
        now = time.monotonic()
        if now < self._look_again:
            return
        claims = demands_by_job(self._table())
        mine = claims.pop(ray.get_runtime_context().get_job_id(), ResourceDemand())
        waiting = [job for job, claim in claims.items() if claim.waiting]
        self._waiting_since = {job: self._waiting_since.get(job, now) for job in waiting}
        others = [replace(claim, waited_s=now - self._waiting_since.get(job, now)) for job, claim in claims.items()]
        self._most = max_concurrent(mine, others)
        self._should_yield = bool(waiting) and should_yield(mine, others, self._total())
        self._look_again = now + max(LOOK_S, (time.monotonic() - now) / SHARE)


def demands_by_job(table: Mapping[str, Mapping[str, Any]]) -> dict[str, ResourceDemand]:
    """What each job holds and waits for, from placement groups by their identifiers.

    A group counts as one place, whatever its bundles are. Groups without CPUs and GPUs, such as of trials that train in
    the cloud, count for nobody.
    """
    held: dict[str, list[Bundle]] = defaultdict(list)
    waiting: dict[str, list[Bundle]] = defaultdict(list)
    for identifier, group in table.items():
        job, bundle = identifier[-2 * ray.JobID.size() :], _together(group["bundles"].values())
        if not any(bundle.get(kind) for kind in KINDS):
            continue
        if group["state"] in HELD:
            held[job].append(bundle)
        elif group["state"] in WAITING:
            waiting[job].append(bundle)
    return {job: ResourceDemand(tuple(held[job]), tuple(waiting[job])) for job in {*held, *waiting}}


def _together(bundles: Iterable[Bundle]) -> Bundle:
    amounts: dict[str, float] = defaultdict(float)
    for bundle in bundles:
        for kind, amount in bundle.items():
            amounts[kind] += amount
    return dict(amounts)
