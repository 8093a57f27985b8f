"""Whether this process's node is being drained, as a spot node that the cloud is about to take back.

Ray starts nothing new on such a node, but a worker that Ray Tune reuses would start one trial after the other there. So
workers look themselves, and end.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import ray

from tuner.ray_internals import draining_nodes

INTERVAL_S = 1.0
"""Shortest time between two requests of a worker. The shortest notice of a cloud is 30 s."""
TIMEOUT_S = 2.0


def draining() -> frozenset[str]:
    """Return the identifiers of the nodes that are being drained; none while the head does not answer."""
    try:
        return draining_nodes(TIMEOUT_S)
    except ray.exceptions.RayError:  # the caller continues and asks again
        return frozenset()


class NodeDrain:
    """Whether the node of this process is being drained; a node that was drained once stays so."""

    def __init__(self, draining: Callable[[], frozenset[str]] = draining) -> None:
        self._node = ray.get_runtime_context().get_node_id()
        self._draining = draining
        self._next_request = 0.0
        self._drained = False

    def is_draining(self) -> bool:
        """Return whether this node is being drained, as known within the last second."""
        now = time.monotonic()
        if not self._drained and now >= self._next_request:
            self._drained = self._node in self._draining()
            self._next_request = now + INTERVAL_S
        return self._drained
