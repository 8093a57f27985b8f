"""Tracks the devices that running trials hold, so that no trial is suggested long before it can start."""

from __future__ import annotations

from tuner.devices.allocation import Allocation
from tuner.devices.capacity import ClusterSize

TOLERANCE = 1e-6


class AllocatedDevices:
    """Devices that each running trial holds, by the trial's identifier.

    Args:
        smallest: The smallest allocation of any trial.
    """

    def __init__(self, smallest: Allocation) -> None:
        self._smallest = smallest
        self._allocations: dict[str, Allocation] = {}

    def allocate(self, trial_id: str, allocation: Allocation) -> None:
        """Record the devices of a trial that starts."""
        self._allocations[trial_id] = allocation

    def release(self, trial_id: str) -> None:
        """Record that a trial has ended. Releasing it again changes nothing."""
        self._allocations.pop(trial_id, None)

    @property
    def count(self) -> int:
        """Number of trials that hold devices."""
        return len(self._allocations)

    def has_capacity(self, cluster: ClusterSize) -> bool:
        """Whether the smallest trial would fit into the cluster. True if no trial holds devices, so that one starts."""
        cpus = sum(one.cpus for one in self._allocations.values()) + self._smallest.cpus
        gpus = sum(one.gpus for one in self._allocations.values()) + self._smallest.gpus
        return not self._allocations or (cpus <= cluster.cpus + TOLERANCE and gpus <= cluster.gpus + TOLERANCE)
