"""Allocates devices to each trial of a study, and measures in the study's log how fast trials train on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any, Literal

from tuner.devices.allocation import AllocatedDevices, Allocation, choose_allocation, twice_the_share
from tuner.devices.capacity import ClusterSize, Node
from tuner.devices.epoch_cost import MeasuredEpochs, TrialLoad
from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.runners.cluster_usage import ClusterUsage
from tuner.store import TrialRow
from tuner.study.plan import Plan
from tuner.trial_spec import TrialSpec

ALLOCATION = "allocation"
"""Key of a trial's devices in its Ray Tune config."""


class DeviceAllocator:
    """Allocates the devices of one run of a study.

    Args:
        nodes: Returns the nodes that a trial may use now.
        missing: Number of trials that the run adds.
        trials: All trials so far; a trial that ran out of GPU memory gets more.
        sharing: How the cluster is shared with other studies; None: it is not shared.
        workers: Returns the largest number of concurrent trials if people changed it, else None.
    """

    def __init__(
        self,
        plan: Plan,
        nodes: Callable[[], Sequence[Node]],
        missing: int,
        trials: Iterable[TrialRow],
        sharing: ClusterUsage | None = None,
        workers: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._sharing, self._changed_workers = sharing, workers
        self._plan, self._nodes, self._left = plan, nodes, max(1, missing)
        self._measured = MeasuredEpochs()
        self._given = {
            trial.trial_number: Allocation(0, known.gpus, next(iter(known.why), "as before"), known.retried)
            for trial in trials
            if (known := trial.devices) is not None
        }
        """The latest known allocation of each trial: a trial that starts again gets the same GPUs."""
        self._out_of_memory = {trial.trial_number for trial in trials if trial.cause == "out_of_memory"}
        self._running: dict[int, tuple[TrialLoad, float, int]] = {}

    @property
    def has_capacity(self) -> bool:
        """Whether one more trial could start now, or may wait for its devices: a cluster grows where trials wait.

        One trial always may: else a study whose turn is over would not wait for the next one.
        """
        taken = self._allocated.count
        if taken and self._sharing and (self.should_yield or taken >= self._sharing.max_concurrent()):
            return False
        return self._workers() != "auto" or self._allocated.has_capacity(self._room())

    def allocate(self, trial: TrialSpec, who: str = "") -> dict[str, Any]:
        """Return the devices of a trial that is about to start, as JSON values; `who` holds them until `release`."""
        allocation = self._decided(trial)
        self._given[trial.trial_number] = allocation
        if who:
            self._allocated.allocate(who, allocation)
        return {ALLOCATION: asdict(allocation)}

    def release(self, who: str) -> None:
        self._allocated.release(who)

    @property
    def should_yield(self) -> bool:
        """Whether the devices of a trial that has ended belong to another study now."""
        return self._sharing is not None and self._sharing.should_yield()

    def has_more_memory(self, number: int) -> bool:
        """Return whether a trial that ran out of memory can start again with a larger share of a GPU."""
        given = self._given.get(number)
        return given is not None and twice_the_share(given) is not None

    def learn(self, event: DurableEvent) -> None:
        """Take in one event of the study's log."""
        match event:
            case TrialStart(devices=known) if known is not None and known.gpus > 0:
                load = self._plan.load(event.hyperparameters)
                if load is not None:
                    self._running[event.trial_number] = (load, known.gpus, event.resumed_from_epoch + 1)
            case EpochProgress() if event.trial_number in self._running:
                load, gpus, first = self._running[event.trial_number]
                if event.epoch > first:  # in the first one its graphs were built
                    self._measured.learn(load, gpus, event.duration_s)
            case TrialComplete():
                self._running.pop(event.trial_number, None)
                self._left -= event.status != "rejected" and not event.continues
                if event.cause == "out_of_memory":
                    self._out_of_memory.add(event.trial_number)
            case _:
                pass

    def _workers(self) -> int | Literal["auto"]:
        return self._changed_workers() or self._plan.spec.concurrent_workers

    def _decided(self, trial: TrialSpec) -> Allocation:
        chosen = choose_allocation(
            self._plan.spec, self._plan.load(trial.hyperparameters), self._room(), self._measured
        )
        given = self._given.get(trial.trial_number)
        if given is not None:  # with what was known then
            chosen = replace(given, cpus=chosen.cpus)
        if trial.trial_number in self._out_of_memory:
            return twice_the_share(chosen) or chosen
        return chosen

    @cached_property
    def _allocated(self) -> AllocatedDevices:
        least = self._plan.least_of_a_trial
        return AllocatedDevices(Allocation(least["cpus"], least["gpus"] if self._room().gpus else 0, why=""))

    def _room(self) -> ClusterSize:
        most = self._workers()
        return ClusterSize(tuple(self._nodes()), max(1, self._left if most == "auto" else min(most, self._left)))


class RemoteAllocator:
    """The allocator of trials on RunPod, which use no devices of this cluster.

    Args:
        options: Returns what a waiting worker gets besides a trial's spec.
    """

    has_capacity = True
    should_yield = False

    def __init__(self, options: Callable[[], dict[str, Any]]) -> None:
        self._options = options

    def allocate(self, trial: TrialSpec, who: str = "") -> dict[str, Any]:
        return self._options()

    def release(self, who: str) -> None:
        """Do nothing: no devices of this cluster are held."""

    def has_more_memory(self, number: int) -> bool:
        return False

    def learn(self, event: DurableEvent) -> None:
        """Does nothing: RunPod's devices are not allocated here."""


def allocation_of(config: Mapping[str, Any]) -> Allocation | None:
    """Return the allocation in a trial's Ray Tune config; None if it has none."""
    return Allocation(**config[ALLOCATION]) if ALLOCATION in config else None
