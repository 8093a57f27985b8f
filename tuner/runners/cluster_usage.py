"""What each study on the connected cluster holds and waits for, read from the placement groups of its trials.

Ray lists the placement groups of all drivers, so studies need neither a common database nor messages to each other.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import ray

from tuner.devices.fairness import KINDS, Bundle, ResourceDemand, max_concurrent, should_yield
from tuner.ray_internals import PlacementGroup, placement_groups

INTERVAL_S = 0.5
"""Shortest time between two requests to Ray."""
SHARE = 0.02
"""Largest share of the driver's time that the requests may take."""


class ClusterUsage:
    """Decides how this driver shares the cluster with others.

    Studies in threads of one process count as one user of the cluster.
    """

    def __init__(
        self,
        groups: Callable[[], Iterable[PlacementGroup]] = placement_groups,
        total: Callable[[], Mapping[str, float]] = ray.cluster_resources,
    ) -> None:
        self._groups, self._total = groups, total
        self._waiting_since: dict[str, float] = {}
        self._next_request = -math.inf
        self._should_yield, self._max_concurrent = False, math.inf

    def should_yield(self) -> bool:
        """Return whether the next worker that becomes free should go to another study: see `tuner.devices.fairness`."""
        self._update()
        return self._should_yield

    def max_concurrent(self) -> float:
        """Return how many trials of this study may run and wait together."""
        self._update()
        return self._max_concurrent

    def _update(self) -> None:
        now = time.monotonic()
        if now < self._next_request:
            return
        demands = demands_by_job(self._groups())
        mine = demands.pop(ray.get_runtime_context().get_job_id(), ResourceDemand())
        waiting = [job for job, demand in demands.items() if demand.waiting]
        self._waiting_since = {job: self._waiting_since.get(job, now) for job in waiting}
        others = [replace(demand, waited_s=now - self._waiting_since.get(job, now)) for job, demand in demands.items()]
        self._max_concurrent = max_concurrent(mine, others)
        self._should_yield = bool(waiting) and should_yield(mine, others, self._total())
        self._next_request = now + max(INTERVAL_S, (time.monotonic() - now) / SHARE)


def demands_by_job(groups: Iterable[PlacementGroup]) -> dict[str, ResourceDemand]:
    """Return what each job holds and waits for, by the job's identifier.

    Groups without CPUs and GPUs, such as those of trials on RunPod, are ignored.
    """
    held: dict[str, list[Bundle]] = defaultdict(list)
    waiting: dict[str, list[Bundle]] = defaultdict(list)
    for group in groups:
        if any(group.resources.get(kind) for kind in KINDS):
            (held if group.state == "held" else waiting)[group.job_id].append(group.resources)
    return {job: ResourceDemand(tuple(held[job]), tuple(waiting[job])) for job in {*held, *waiting}}
