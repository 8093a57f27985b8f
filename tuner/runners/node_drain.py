"""Nodes that Ray drains, since they are announced to go.

Ray begins nothing new there, but it keeps what runs: a worker that Ray Tune reuses would begin one trial after the
other on a node that is about to vanish. So workers look whether their node is one of these, and leave it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import ray

LOOK_S = 1.0
"""How often a worker asks at most. The shortest notice that a cloud gives is half a minute."""
ANSWER_WITHIN_S = 2.0


def draining() -> frozenset[str]:
    """The identifiers of these nodes; none while the head does not answer."""
    try:
        return frozenset(ray._private.worker.global_worker.gcs_client.get_draining_nodes(timeout=ANSWER_WITHIN_S))
    except ray.exceptions.RayError:  # whoever asks goes on, and asks again
        return frozenset()


class NodeDrain:
    """Whether the node of this process is one of them; once it is, it stays."""

    def __init__(self, asked: Callable[[], frozenset[str]] = draining) -> None:
        self._node = ray.get_runtime_context().get_node_id()
        self._asked = asked
        self._ask_again = 0.0
        self._goes = False

    def goes(self) -> bool:
        now = time.monotonic()
        if not self._goes and now >= self._ask_again:
            self._goes = self._node in self._asked()
            self._ask_again = now + LOOK_S
        return self._goes
