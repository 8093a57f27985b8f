"""Live progress of the studies that run on this Ray cluster."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

log = logging.getLogger("tuner.feed")

Batches = dict[int, dict[str, Any]]
"""The latest `BatchProgress` of each running trial by its number, as JSON values."""

WAIT_S = 1.0
"""Longest wait for the live progress of a study."""
_RETRY_S = 1.0
"""Pause before a missing live progress is searched again."""


class SampleSource:
    """The live progress of studies on this process's Ray cluster. Never starts Ray; without it there are none."""

    def __init__(self) -> None:
        self._actors: dict[str, Any] = {}
        self._missing: dict[str, float] = {}

    async def samples(self, study: str) -> list[dict[str, Any]]:
        """Return the latest `BatchProgress` and `ResourceSample` of each running trial as JSON values. Never raises."""
        ray = sys.modules.get("ray")
        if ray is None or not ray.is_initialized() or time.monotonic() < self._missing.get(study, 0):
            return []
        from tuner.runners.live_progress import find_live_progress

        try:
            actor = self._actors.get(study)
            if actor is None:
                actor = self._actors[study] = await asyncio.to_thread(find_live_progress, study)
            found: list[dict[str, Any]] = await asyncio.wait_for(actor.samples.remote(), WAIT_S)
        except Exception as error:  # noqa: BLE001 - an actor or a Ray that has ended only means that there are no samples
            log.debug("the live progress of study %s cannot be read: %s", study, error)
            self._actors.pop(study, None)
            self._missing[study] = time.monotonic() + _RETRY_S
            return []
        self._missing.pop(study, None)
        return found
