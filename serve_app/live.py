"""Reads where running epochs stand from the live boards of studies. Never starts Ray and never fails."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

log = logging.getLogger("tuner.serve")

WAIT_S = 0.2
"""How long a board is waited for: an answer without batches is better than a late one."""


class LiveBoards:
    """The boards of all studies that run on the Ray cluster which this process belongs to."""

    def latest(self, study: str) -> Mapping[int, Mapping[str, Any]]:
        """The latest `BatchProgress` of each running trial by its number, as JSON values; empty: not known."""
        ray = sys.modules.get("ray")  # a replica has imported it; a plain application has none to ask
        if ray is None or not ray.is_initialized():
            return {}
        from tuner.runners.live import NAMESPACE

        try:
            board = ray.get_actor(f"live-{study}", namespace=NAMESPACE)
            asked = board.latest.remote()
            answered, _ = ray.wait([asked], timeout=WAIT_S)
            found: Mapping[int, Mapping[str, Any]] = ray.get(asked) if answered else {}
        except Exception as error:  # noqa: BLE001 - a board or a Ray that ends only means less detail
            log.debug("the board of study %s cannot be read: %s", study, error)
            return {}
        return found
