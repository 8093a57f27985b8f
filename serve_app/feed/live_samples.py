"""The live boards of the studies that run on this cluster: a small port, since tests have no Ray."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any, Protocol

log = logging.getLogger("tuner.feed")

Batches = dict[int, dict[str, Any]]
"""The latest `BatchProgress` of each running trial by its number, as JSON values."""

WAIT_S = 1.0
"""Longest wait for a board's answer."""
_RETRY_S = 1.0
"""How long a board that was not there is not looked for again."""


class SampleSource(Protocol):
    """Where samples come from."""

    async def samples(self, study: str) -> list[dict[str, Any]]:
        """The latest `BatchProgress` and `ResourceSample` of each running trial, as JSON values. Never raises."""


class RaySampleSource:
    """The boards of the cluster that this process belongs to. Never starts Ray: without it there are no samples."""

    def __init__(self) -> None:
        self._boards: dict[str, Any] = {}
        self._missing: dict[str, float] = {}

    async def samples(self, study: str) -> list[dict[str, Any]]:
        ray = sys.modules.get("ray")
        if ray is None or not ray.is_initialized() or time.monotonic() < self._missing.get(study, 0):
            return []
        from tuner.runners.live_progress import find_live_progress

        try:
            board = self._boards.get(study)
            if board is None:
                board = self._boards[study] = await asyncio.to_thread(find_live_progress, study)
            found: list[dict[str, Any]] = await asyncio.wait_for(board.samples.remote(), WAIT_S)
        except Exception as error:  # noqa: BLE001 - a board or a Ray that ends only means that there are no samples
            log.debug("the board of study %s cannot be read: %s", study, error)
            self._boards.pop(study, None)
            self._missing[study] = time.monotonic() + _RETRY_S
            return []
        self._missing.pop(study, None)
        return found
