"""Repeats calls to a database that is away, for a limited time, with growing random pauses."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from tuner.errors import TryAgainError

log = logging.getLogger("tuner.store")

LIMIT_S = 120.0
HURRIED_S = 15.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0

T = TypeVar("T")


class Retry:
    """Calls an action until it raises no TryAgainError. Logs one line when the database goes away, one when it is back.

    Args:
        limit_s: Seconds after the first try until the error is raised.
        hurried: Returns whether a user waits for the end; from then on at most HURRIED_S are left.
    """

    def __init__(self, limit_s: float = LIMIT_S, hurried: Callable[[], bool] = lambda: False) -> None:
        self._limit_s, self._hurried = limit_s, hurried

    def __call__(self, action: Callable[[], T]) -> T:
        """The result of the action, which must be fit to run twice: its answer may be lost after it was done.

        Raises:
            TryAgainError: the database stayed away until the limit.
        """
        began = time.monotonic()
        until, pause_s, away = began + self._limit_s, _FIRST_PAUSE_S, False
        while True:
            try:
                result = action()
                break
            except TryAgainError as error:
                if self._hurried():
                    until = min(until, time.monotonic() + HURRIED_S)
                if time.monotonic() >= until:
                    raise
                if not away:
                    log.warning("trying again for up to %g s: %s", self._limit_s, error)
                away = True
            time.sleep(random.uniform(0, pause_s))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        if away:
            log.info("the database is back after %.1f s", time.monotonic() - began)
        return result
