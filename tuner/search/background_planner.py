"""Plans the next trial in the background while workers train, so that a free worker does not wait for the search."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from tuner.events import DurableEvent, EpochProgress, TrialComplete, TrialStart
from tuner.search.resilience import FailureLog

RENEWED_AFTER = 20
"""A plan is renewed after this many times the seconds that it took: that takes at most a twentieth of one core."""


class BackgroundPlanner:
    """Makes one plan at a time in a thread, and drops it when the log makes it outdated.

    Events that arrive while a plan is being made are learned after it: only one thread touches the study at any time.
    A plan is good for the worker of a trial whose curve it has seen, since a curve tells nearly as much as the trial's
    end. When another trial ends, the plan is dropped.

    Args:
        plans_several: Whether, with this many trials running, trials are requested faster than each can be planned on
            the latest results. Then every plan is kept.
    """

    def __init__(
        self,
        forget_plan: Callable[[], None],
        learn: Callable[[DurableEvent], None],
        plans_several: Callable[[int], bool],
    ) -> None:
        self._forget_plan, self._learn_event, self._plans_several = forget_plan, learn, plans_several
        self._failures = FailureLog("planning a trial ahead failed")
        self._events: list[DurableEvent] = []
        """Events that are learned once the present plan is made."""
        self._running: dict[int, bool] = {}
        """Numbers of the running trials, and whether an epoch of each is known."""
        self._new_results = False
        self._planning: Future[None] | None = None
        self._planned_with: set[int] | None = None
        """Trials whose curves the plan has seen; None: there is no plan."""
        self._renew_at = 0.0

    def learn(self, event: DurableEvent) -> None:
        """Learn an event now, or after the plan that is being made."""
        self._events.append(event)
        if not self.planning:
            self.wait()

    @property
    def planning(self) -> bool:
        """Whether a plan is being made."""
        return self._planning is not None and not self._planning.done()

    @property
    def plans_several(self) -> bool:
        """Whether a plan is for several trials, and is kept whatever has been learned since."""
        return self._plans_several(self.running)

    @property
    def running(self) -> int:
        """Number of running trials."""
        return len(self._running)

    def wait(self) -> None:
        """Wait for the plan that is being made, if any, and learn the events that arrived in the meantime.

        If planning failed, the error is logged, and the next trial is planned when it is requested.
        """
        if self._planning is not None:
            error, self._planning = self._planning.exception(), None
            if isinstance(error, Exception):
                self._failures.add(error)
                self._forget_plan()
                self._planned_with = None
        while self._events:
            self._learn(self._events.pop(0))

    def is_due(self) -> bool:
        """Whether to start a plan now: a worker may soon need one, and there is none or only an outdated one."""
        if self.planning:
            return False
        self.wait()
        if self.plans_several:
            return True
        curves = self._known_curves()
        if not curves or self._planned_with is None:
            return bool(curves)
        return bool(curves - self._planned_with) or (self._new_results and time.monotonic() >= self._renew_at)

    def start(self, plan: Callable[[], None]) -> None:
        """Call `plan` in a thread; only when a plan is due."""
        self._planned_with, self._new_results = self._known_curves(), False
        executor = ThreadPoolExecutor(1, thread_name_prefix="plan")
        self._planning = executor.submit(self._timed, plan)
        executor.shutdown(wait=False)

    def mark_used(self) -> None:
        """Note that a trial has been suggested, so that its plan is gone."""
        self._planned_with = None

    def _known_curves(self) -> set[int]:
        return {number for number, known in self._running.items() if known}

    def _timed(self, plan: Callable[[], None]) -> None:
        started = time.monotonic()
        plan()
        ended = time.monotonic()
        self._renew_at = ended + RENEWED_AFTER * (ended - started)

    def _learn(self, event: DurableEvent) -> None:
        self._learn_event(event)
        match event:
            case TrialStart():
                self._running[event.trial_number] = event.resumed_from_epoch > 0
            case EpochProgress():
                self._running[event.trial_number] = self._new_results = True
            case TrialComplete():
                self._running.pop(event.trial_number, None)
                self._new_results = True
                outdated = self._planned_with is not None and event.trial_number not in self._planned_with
                if outdated and not self.plans_several:
                    self._forget_plan()
                    self._planned_with = None
            case _:
                pass
