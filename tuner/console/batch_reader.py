"""The latest batch of each running trial, read from a study's live board. Never starts Ray, waits, or raises."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

_RETRY_S = 1.0
"""How long a board that was not there is not asked for again."""


class BatchReader:
    """A reader of one study's board, for one thread."""

    def __init__(self, study: str) -> None:
        self._study = study
        self._handle: Any = None
        self._asked: Any = None
        self._latest: Mapping[int, Mapping[str, Any]] = {}
        self._retry_at = 0.0

    def latest(self) -> Mapping[int, Mapping[str, Any]]:
        """What the board said last; asks it again without waiting for the answer."""
        ray = sys.modules.get("ray")  # who trains has imported it; we never do
        if ray is None or not hasattr(ray, "is_initialized") or time.monotonic() < self._retry_at:
            return self._latest
        try:
            if ray.is_initialized():
                self._ask(ray)
        except Exception:  # noqa: BLE001 - a board that is gone, or a Ray that ends, only means older numbers
            self._handle = self._asked = None
            self._retry_at = time.monotonic() + _RETRY_S
        return self._latest

    def _ask(self, ray: Any) -> None:
        if self._handle is None:
            from tuner.runners.live_progress import find_live_progress  # imports Ray

            self._handle = find_live_progress(self._study)
        if self._asked is None:
            self._asked = self._handle.latest.remote()
        if ray.wait([self._asked], timeout=0)[0]:
            answer, self._asked = self._asked, None
            self._latest = ray.get(answer)
