"""Live progress without Ray: a worker's calls arrive at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tuner.runners.runpod.runpod_progress import RunPodProgress


class LostError(Exception):
    """What Ray raises for an actor that is gone."""


class LiveProgressHandle:
    """The handle of a `RunPodProgress`, which is `state`."""

    def __init__(self) -> None:
        self.state = RunPodProgress()

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=getattr(self.state, name))


RAY = SimpleNamespace(
    get=lambda answer, timeout=None: answer,
    wait=lambda answers, timeout: (answers, []),
    exceptions=SimpleNamespace(RayError=LostError),
    util=SimpleNamespace(get_node_ip_address=lambda: "10.0.0.2"),
)
"""Stands in for Ray for the modules that call the live progress."""
