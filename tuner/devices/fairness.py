"""Decides when a study gives up a worker for another study that waits for resources.

Ray serves requests in their order, and a study reuses its workers: the first study would keep the whole cluster to its
end. So whenever a trial of a study has ended, the study checks whether a study with less waits for resources that it
holds. Then it ends that worker and starts no further trial. The size of a study is its dominant share (Ghodsi et al.,
Dominant Resource Fairness, NSDI 2011): the larger of its shares of all CPUs and of all GPUs. No trial is interrupted,
no study gives up resources that no other study wants, and studies need not know each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Bundle = Mapping[str, float]
"""Resources of one worker by Ray's names: CPU, GPU."""

KINDS = ("CPU", "GPU")
WAITED_S = 1.0
"""A study that has waited for less time is just being served."""
TURN_S = 60.0
"""If there are more studies than workers fit, a study keeps its last worker for this long while another study has none.
Taking turns costs a new worker each time, some ten seconds."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class ResourceDemand:
    """What one driver holds of the cluster and waits for: a bundle per worker."""

    held: tuple[Bundle, ...] = ()
    waiting: tuple[Bundle, ...] = ()
    waited_s: float = 0.0
    """For how long it has been waiting."""


def should_yield(mine: ResourceDemand, others: Iterable[ResourceDemand], total: Bundle) -> bool:
    """Whether this study must end the worker whose trial ends next, in favour of another study.

    It must if the other study would then have no more of the cluster's `total` resources than this one keeps, or if the
    other study has no worker at all and has waited for TURN_S.
    """
    if not mine.held:
        return False
    others = tuple(others)
    sizes = sorted(mine.held, key=lambda bundle: _share([bundle], total))
    left = _share(sizes[1:], total)
    for other in others:
        asked = [bundle for bundle in other.waiting if _could_have(bundle, mine, others, total)]
        if not asked or other.waited_s < WAITED_S:
            continue
        if min(_share([*other.held, bundle], total) for bundle in asked) <= left + ROUNDING:
            return True
        if not other.held and other.waited_s >= TURN_S:
            return True
    return False


def max_concurrent(mine: ResourceDemand, others: Iterable[ResourceDemand]) -> float:
    """How many trials of this study may run or wait at once; unlimited if no other study uses the cluster.

    A waiting trial takes the next free worker before another study can. So only a few wait, enough to grow a cluster.
    """
    if not any(other.held or other.waiting for other in others):
        return math.inf
    return len(mine.held) + max(1, len(mine.held) // 4)


def _share(bundles: Iterable[Bundle], total: Bundle) -> float:
    bundles = tuple(bundles)
    return max((_sum(bundles, kind) / total[kind] for kind in KINDS if total.get(kind)), default=0.0)


def _could_have(asked: Bundle, mine: ResourceDemand, others: Iterable[ResourceDemand], total: Bundle) -> bool:
    """Whether the request needs resources that this study holds, and would fit if it held none."""
    wanted = [kind for kind in KINDS if asked.get(kind, 0)]
    left_by_others = {kind: total.get(kind, 0) - sum(_sum(one.held, kind) for one in others) for kind in wanted}
    fits = all(asked[kind] <= left_by_others[kind] + ROUNDING for kind in wanted)
    return fits and any(_sum(mine.held, kind) > 0 for kind in wanted)


def _sum(bundles: Iterable[Bundle], kind: str) -> float:
    return sum(bundle.get(kind, 0) for bundle in bundles)
