"""When a study gives one of its places on the cluster to another one that waits.

Ray places first who asks first, and a study reuses its workers: whoever came first would keep the whole cluster to its
end. So each study looks, whenever a trial of its own has ended, whether another one that has less waits for what it
holds; then it ends that worker and begins no further trial. What a study has is its dominant share (Ghodsi et al.,
Dominant Resource Fairness, NSDI 2011): the larger one of its parts of all CPUs and of all GPUs. Nobody is interrupted,
nobody takes what nobody else wants away from anybody, and studies need not know of each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Bundle = Mapping[str, float]
"""Amounts by Ray's names: CPU, GPU."""

KINDS = ("CPU", "GPU")
WAITED_S = 1.0
"""Who waits for less is just being placed."""
TURN_S = 60.0
"""Where there are not places enough for all, each keeps its last one for so long while another has none. To take turns
costs a new worker each time: some ten seconds."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class ResourceDemand:
    """What one user of the cluster has and wants: a bundle per place."""

    held: tuple[Bundle, ...] = ()
    waiting: tuple[Bundle, ...] = ()
    waited_s: float = 0.0
    """For how long it has been waiting for something."""


def should_yield(mine: ResourceDemand, others: Iterable[ResourceDemand], total: Bundle) -> bool:
    """Whether the next place that is free here is another one's.

    It is where the other one would have no more with it than is left here; or where the other one has nothing at all
    and has waited for a turn.

    Args:
        total: What the cluster has.
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
    """Trials that may run and wait here; infinitely many where nobody else is.

    A trial that waits takes over the next worker that is free, before its place can be another one's. So only some wait
    in company: enough for a cluster to grow by them.
    """
    if not any(other.held or other.waiting for other in others):
        return math.inf
    return len(mine.held) + max(1, len(mine.held) // 4)


def _share(bundles: Iterable[Bundle], total: Bundle) -> float:
    """The dominant share, in [0, 1]."""
    bundles = tuple(bundles)
    return max((_sum(bundles, kind) / total[kind] for kind in KINDS if total.get(kind)), default=0.0)


def _could_have(asked: Bundle, mine: ResourceDemand, others: Iterable[ResourceDemand], total: Bundle) -> bool:
    """Whether it wants something that is held here, and would fit if nothing were."""
    wanted = [kind for kind in KINDS if asked.get(kind, 0)]
    left_by_others = {kind: total.get(kind, 0) - sum(_sum(one.held, kind) for one in others) for kind in wanted}
    fits = all(asked[kind] <= left_by_others[kind] + ROUNDING for kind in wanted)
    return fits and any(_sum(mine.held, kind) > 0 for kind in wanted)


def _sum(bundles: Iterable[Bundle], kind: str) -> float:
    return sum(bundle.get(kind, 0) for bundle in bundles)
