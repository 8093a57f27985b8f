"""The nodes that a study may use: those of the cluster now, and new ones if none of these can train a trial.

An autoscaled cluster adds nodes for trials that wait. `concurrent_workers` limits how many may wait; without it, the
nodes of this module do: the study uses the running nodes, and requests one node only if none of them can train its
trials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tuner.devices import Node
from tuner.errors import FixInputError
from tuner.study.plan import Plan


class ClusterCapacity:
    """A callable that returns the nodes which the study's trials may use now.

    Args:
        here: Gives the nodes of the cluster as they are when it is called.
        to_come: One of each type that the cluster could bring.
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
    """Check that some node can hold a trial: Ray would wait without end for resources that no node has.

    Args:
        nodes: What a `ClusterCapacity` gives.

    Returns:
        What the study waits for before its first trial begins, in one line; None: nothing.

    Raises:
        FixInputError: no node can, neither of those that are there nor of those that could come.
    """
    if plan.cloud is not None and not plan.spec.runpod_fallback_local:
        return None
    wanted = plan.resources(resources_of(nodes))
    fit = [node for node in nodes if node.holds(wanted["CPU"], wanted["GPU"])]
    if not fit:
        kinds = dict.fromkeys(_told(node.cpus, len(node.gpus)) for node in nodes if node.cpus or node.gpus)
        raise FixInputError(
            f"a trial takes {_told(wanted['CPU'], wanted['GPU'])} of one node: the cluster has "
            + (f"only nodes with {', or with '.join(kinds)}" if kinds else "no node for trials"),
            remedy="ask for less (cpus_per_trial, gpus_per_trial, target_gpus_per_worker), join a larger cluster with "
            "RAY_ADDRESS, or tell by TUNER_NODE_TYPES what the cluster could bring",
        )
    if plan.cloud is not None or any(node.here for node in fit):
        return None
    instead = "" if plan.asks_for_gpus or not wanted["GPU"] else "; gpus_per_trial=0 trains on CPUs"
    return f"waiting for a node with {_told(fit[0].cpus, len(fit[0].gpus))}, which the cluster is asked for{instead}"


def _told(cpus: float, gpus: float) -> str:
    amounts: Mapping[str, float] = {"CPU": cpus, "GPU": gpus}
    return " and ".join(f"{n:g} {kind}{'' if n <= 1 else 's'}" for kind, n in amounts.items() if n)
