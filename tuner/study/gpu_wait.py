"""Waits for the first node with a GPU, if the cluster can add one and the study could also train on CPUs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from tuner.study.cluster_capacity import ClusterCapacity, check_resources, resources_of
from tuner.study.plan import Plan
from tuner.study.stop_signal import StopSignal

log = logging.getLogger("tuner.study")

AT_MOST_S = 900.0
"""A node of `ray up` is ready in about five minutes; without quota for it, it never comes."""
OF_BUDGET = 0.25
"""Largest share of `time_budget_s` that is spent waiting."""
LOOK_S = 0.5

Asking = Callable[[Mapping[str, float]], AbstractContextManager[None]]
"""Makes a context manager in which the cluster is asked for a node with these resources."""


def wait_for_gpus(plan: Plan, reach: ClusterCapacity, signal: StopSignal, ask: Asking) -> bool:
    """Wait until the study's first trial has a node; return whether none with a GPU came in time.

    Then `reach` counts on none any more. A study that cannot do without waits in its first trials, for as long as it
    takes.
    """
    awaited = check_resources(plan, reach())
    if awaited is None:
        return False
    log.warning(awaited)
    if not reach.could_do_without_gpus:
        return False
    budget = plan.spec.time_budget_s
    at_most_s = AT_MOST_S if budget is None else min(AT_MOST_S, OF_BUDGET * budget)
    until = time.monotonic() + at_most_s
    with ask(plan.resources(resources_of(reach()))):
        while check_resources(plan, reach()) is not None and signal.stop is None:
            if time.monotonic() >= until:
                reach.do_without_gpus()
                log.warning(
                    "no node with a GPU came within %.0f s: trials train on CPUs; "
                    "gpus_per_trial=1 waits for one as long as it takes",
                    at_most_s,
                )
                return True
            time.sleep(LOOK_S)
    return False
