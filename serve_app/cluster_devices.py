"""The machines of the Ray cluster that this process is connected to."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence

from tuner.devices.capacity import Node
from tuner.errors import TryAgainError

FRESH_S = 5.0
"""How long a reading is used."""
WAIT_S = 20.0
"""Longest wait for another request's reading: the first one asks each machine for the names of its GPUs."""


class ClusterDevices:
    """A callable that returns the machines, at most some seconds old. Never starts Ray. Calls block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nodes: Sequence[Node] = ()
        self._read_at_s: float | None = None

    def __call__(self) -> Sequence[Node]:
        """Raises TryAgainError if this process is not connected to a cluster, or the cluster does not answer."""
        if not self._lock.acquire(timeout=WAIT_S):
            raise TryAgainError("the Ray cluster does not answer", remedy="try again later")
        try:
            if self._read_at_s is None or time.monotonic() >= self._read_at_s + FRESH_S:
                self._nodes, self._read_at_s = self._read(), time.monotonic()
            return self._nodes
        finally:
            self._lock.release()

    def _read(self) -> Sequence[Node]:
        ray = sys.modules.get("ray")
        if ray is None or not ray.is_initialized():
            raise TryAgainError("this server is not connected to a Ray cluster", remedy="start it by `tuner serve`")
        from tuner.runners.nodes import cluster_nodes

        try:
            return cluster_nodes()
        except ray.exceptions.RayError as error:
            raise TryAgainError("the Ray cluster does not answer", remedy="try again later") from error
