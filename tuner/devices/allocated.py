"""Whether there is room for one more trial, so that none is suggested long before it can start."""

from __future__ import annotations

from tuner.devices.allocation import Allocation
from tuner.devices.capacity import ClusterSize

ROUNDING = 1e-6


class AllocatedDevices:
    """Who has what.

    Args:
        least: What every trial takes at least.
    """

    def __init__(self, least: Allocation) -> None:
        self._least = least
        self._taken: dict[str, Allocation] = {}

    def take(self, who: str, allocation: Allocation) -> None:
        self._taken[who] = allocation

    def give_back(self, who: str) -> None:
        """Doing it again changes nothing."""
        self._taken.pop(who, None)

    @property
    def count(self) -> int:
        """How many have something."""
        return len(self._taken)

    def has_room(self, room: ClusterSize) -> bool:
        """Whether the smallest trial would fit. Always, where nobody has anything: else nothing would ever begin."""
        cpus = sum(one.cpus for one in self._taken.values()) + self._least.cpus
        gpus = sum(one.gpus for one in self._taken.values()) + self._least.gpus
        return not self._taken or (cpus <= room.cpus + ROUNDING and gpus <= room.gpus + ROUNDING)
