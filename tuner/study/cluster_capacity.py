"""The nodes that a study may use: those of the cluster now, and new ones if none of these can train a trial.

An autoscaled cluster grows while trials wait. `concurrent_workers` limits how many wait; if it is `auto`, a study uses
the running nodes, and requests one node only if no running node can train its trials.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from tuner.devices import Node
from tuner.errors import FixInputError
from tuner.study.plan import Plan
from tuner.study.stop_signal import StopSignal

log = logging.getLogger("tuner.study")

GPU_WAIT_S = 900.0
"""A node of `ray up` is ready in about five minutes; without quota for it, it never comes."""
GPU_WAIT_SHARE = 0.25
"""Largest share of `time_budget_s` that is spent waiting."""
LOOK_S = 0.5

Asking = Callable[[Mapping[str, float]], AbstractContextManager[None]]
"""Makes a context manager in which the cluster is asked for a node with these resources."""


class ClusterCapacity:
    """A callable that returns the nodes which the study's trials may use now.

    Args:
        here: Returns the cluster's current nodes.
        to_come: One node of each type that the cluster could add.
    """

    def __init__(self, plan: Plan, here: Callable[[], Sequence[Node]], to_come: Sequence[Node]) -> None:
        self._plan, self._here, self._to_come = plan, here, to_come

    def __call__(self) -> tuple[Node, ...]:
        here, cpus = tuple(self._here()), self._plan.least_of_a_trial["cpus"]
        # Where the user leaves it open, trials train on GPUs if the cluster has some to give.
        gpus = self._plan.resources(resources_of((*here, *self._to_come)))["GPU"]
        if any(node.holds(cpus, gpus) for node in here):
            return here
        fit = [node for node in self._to_come if node.holds(cpus, gpus)]
        return (*here, *dict.fromkeys(fit or self._to_come))

    @property
    def could_do_without_gpus(self) -> bool:
        """Whether trials would wait for nodes with GPUs, and could train on the CPUs of a present node instead."""
        here, least = tuple(self._here()), self._plan.least_of_a_trial
        left_open = not self._plan.asks_for_gpus and self._plan.resources(resources_of(self()))["GPU"] > 0
        return left_open and any(node.holds(least["cpus"], 0) for node in here)

    def do_without_gpus(self) -> None:
        """Use no GPUs from now on except those of present nodes."""
        self._to_come = [node for node in self._to_come if not node.gpus]


def resources_of(nodes: Sequence[Node]) -> dict[str, float]:
    """Return the sum of the nodes' resources, by Ray's names."""
    return {"CPU": sum(node.cpus for node in nodes), "GPU": float(sum(len(node.gpus) for node in nodes))}


def check_resources(plan: Plan, nodes: Sequence[Node]) -> str | None:
    """Return what the study waits for before its first trial starts, in one line; None: nothing.

    Raises FixInputError if no node can hold a trial, as Ray would wait without end.
    """
    if plan.cloud is not None and not plan.spec.runpod_fallback_local:
        return None
    wanted = plan.resources(resources_of(nodes))
    fit = [node for node in nodes if node.holds(wanted["CPU"], wanted["GPU"])]
    if not fit:
        kinds = dict.fromkeys(amounts(node.cpus, len(node.gpus)) for node in nodes if node.cpus or node.gpus)
        raise FixInputError(
            f"a trial takes {amounts(wanted['CPU'], wanted['GPU'])} of one node: the cluster has "
            + (f"only nodes with {', or with '.join(kinds)}" if kinds else "no node for trials"),
            remedy="ask for less (cpus_per_trial, gpus_per_trial, target_gpus_per_worker), join a larger cluster with "
            "RAY_ADDRESS, or tell by TUNER_NODE_TYPES what the cluster could bring",
        )
    if plan.cloud is not None or any(node.here for node in fit):
        return None
    instead = "" if plan.asks_for_gpus or not wanted["GPU"] else "; gpus_per_trial=0 trains on CPUs"
    return f"waiting for a node with {amounts(fit[0].cpus, len(fit[0].gpus))}, which the cluster is asked for{instead}"


def amounts(cpus: float, gpus: float) -> str:
    """Numbers of devices as words, such as `2 CPUs and 1 GPU`."""
    return " and ".join(f"{n:g} {kind}{'' if n <= 1 else 's'}" for kind, n in (("CPU", cpus), ("GPU", gpus)) if n)


def wait_for_gpus(plan: Plan, capacity: ClusterCapacity, signal: StopSignal, ask: Asking) -> bool:
    """Wait for a node with a GPU; return whether none came in time: then `capacity` expects none any more.

    A study that needs GPUs does not wait here: its first trials wait, for as long as it takes.
    """
    awaited = check_resources(plan, capacity())
    if awaited is None:
        return False
    log.warning(awaited)
    if not capacity.could_do_without_gpus:
        return False
    budget = plan.spec.time_budget_s
    at_most_s = GPU_WAIT_S if budget is None else min(GPU_WAIT_S, GPU_WAIT_SHARE * budget)
    until = time.monotonic() + at_most_s
    with ask(plan.resources(resources_of(capacity()))):
        while check_resources(plan, capacity()) is not None and signal.stop is None:
            if time.monotonic() >= until:
                capacity.do_without_gpus()
                log.warning(
                    "no node with a GPU came within %.0f s: trials train on CPUs; "
                    "gpus_per_trial=1 waits for one as long as it takes",
                    at_most_s,
                )
                return True
            time.sleep(LOOK_S)
    return False
