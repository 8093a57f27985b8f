"""Plans the next trial in the background while workers train, so that a free worker does not wait for the search."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart

RENEWED_AFTER = 20
"""Times the seconds that a plan took: planning anew after each epoch takes at most a twentieth of one core."""


class BackgroundPlanner:
    """One plan, made of what the study's log has told, and kept true to it.

    While a plan is being made, what is heard waits: only one thread touches the study at any time. A plan serves the
    worker of a trial whose curve it had seen, as good as the trial's end; one that did not know of that is forgotten.

    Args:
        forget: Drops the plan.
        take_in: Learn an event.
        hurried: Whether so many trials at once ask faster than each can be planned on what is known by then. Any plan
            is good then, and is kept.
    """

    def __init__(
        self,
        forget: Callable[[], None],
        take_in: Callable[[DurableEvent], None],
        hurried: Callable[[int], bool],
    ) -> None:
        self._forget, self._take_in, self._hurried = forget, take_in, hurried
        self._waiting: list[DurableEvent] = []
        self._training: dict[int, bool] = {}
        """Numbers of the trials that train, and whether an epoch of each is known."""
        self._news = False
        self._planning: Future[None] | None = None
        self._seen: set[int] | None = None
        """Trials whose curves the plan knows; None: there is no plan."""
        self._renew_at = 0.0

    def hear(self, event: DurableEvent) -> None:
        """Learn an event, at once or after the plan that is being made."""
        self._waiting.append(event)
        if not self.planning:
            self.settle()

    @property
    def planning(self) -> bool:
        """Whether a plan is being made."""
        return self._planning is not None and not self._planning.done()

    @property
    def hurried(self) -> bool:
        """Whether a plan is for whoever asks next, whatever has been learned since."""
        return self._hurried(self.training)

    @property
    def training(self) -> int:
        """Trials that train."""
        return len(self._training)

    def settle(self) -> None:
        """Wait for the plan that is being made, if any, and learn what was heard meanwhile.

        Raises:
            Exception: whatever the planning raised.
        """
        if self._planning is not None:
            self._planning.result()
            self._planning = None
        for event in self._waiting:
            self._learn(event)
        self._waiting.clear()

    def due(self) -> bool:
        """Whether a worker may soon take a plan, and there is none or a much poorer one; in a hurry always."""
        if self.planning:
            return False
        self.settle()
        if self.hurried:
            return True
        curves = self._curves()
        if not curves or self._seen is None:
            return bool(curves)
        return bool(curves - self._seen) or (self._news and time.monotonic() >= self._renew_at)

    def begin(self, plan: Callable[[], None]) -> None:
        """Begin to make the plan of the next trial; to be called when one is due."""
        self._seen, self._news = self._curves(), False
        # A new thread for each: Optuna keeps what it has read of a study per thread, and does not read it again.
        executor = ThreadPoolExecutor(1, thread_name_prefix="plan")
        self._planning = executor.submit(self._timed, plan)
        executor.shutdown(wait=False)

    def taken(self) -> None:
        """Know that the plan was handed out, or that another one took its place."""
        self._seen = None

    def _curves(self) -> set[int]:
        return {number for number, known in self._training.items() if known}

    def _timed(self, plan: Callable[[], None]) -> None:
        began = time.monotonic()
        plan()
        ended = time.monotonic()
        self._renew_at = ended + RENEWED_AFTER * (ended - began)

    def _learn(self, event: DurableEvent) -> None:
        self._take_in(event)
        match event:
            case TrialStart():
                self._training[event.trial_number] = event.resumed_from_epoch > 0
            case EpochProgress():
                self._training[event.trial_number] = self._news = True
            case TrialComplete():
                self._training.pop(event.trial_number, None)
                self._news = True
                if self._seen is not None and event.trial_number not in self._seen and not self.hurried:
                    self._forget()
                    self._seen = None
            case _:
                pass
