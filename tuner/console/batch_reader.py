"""Reads the latest batch of each running trial from a study's live progress.

Never starts Ray, never waits and never raises.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

_RETRY_S = 1.0
"""Seconds before an unavailable actor is asked again."""


class BatchReader:
    """Reads one study's live progress; used by one thread only."""

    def __init__(self, study: str) -> None:
        self._study = study
        self._handle: Any = None
        self._pending: Any = None
        self._latest: Mapping[int, Mapping[str, Any]] = {}
        self._retry_at = 0.0

    def latest(self) -> Mapping[int, Mapping[str, Any]]:
        """The last received batch of each trial, by trial number; requests newer ones without waiting for them."""
        ray = sys.modules.get("ray")  # whoever trains has imported it; this module never does
        if ray is None or not hasattr(ray, "is_initialized") or time.monotonic() < self._retry_at:
            return self._latest
        try:
            if ray.is_initialized():
                self._poll(ray)
        except Exception:  # noqa: BLE001 - if the actor or Ray has ended, the numbers just stay old
            self._handle = self._pending = None
            self._retry_at = time.monotonic() + _RETRY_S
        return self._latest

    def _poll(self, ray: Any) -> None:
        if self._handle is None:
            from tuner.runners.live_progress import find_live_progress  # imports Ray

            self._handle = find_live_progress(self._study)
        if self._pending is None:
            self._pending = self._handle.latest.remote()
        if ray.wait([self._pending], timeout=0)[0]:
            answer, self._pending = self._pending, None
            self._latest = ray.get(answer)
