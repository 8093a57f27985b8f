"""A stop on its way to the workers, without Ray."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.study.scripted import start
from tuner.search.time_budget import TimeBudget
from tuner.study import progress_callbacks as module
from tuner.study.progress_callbacks import AGAIN_S, LAST_S, CancelCallback, StopCallback, WorkersCallback
from tuner.study.stop_signal import StopSignal


class Handle:
    """Counts how often it is told to stop the workers, and holds which trials it was told to end."""

    def __init__(self) -> None:
        self.told = 0
        self.cancelled: list[list[int]] = []
        self.stop = SimpleNamespace(remote=self._stop)
        self.cancel = SimpleNamespace(remote=self.cancelled.append)

    def _stop(self) -> None:
        self.told += 1


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_the_workers_are_told_at_once_and_again_since_a_board_that_was_lost_forgets_it(clock: Clock) -> None:
    live, signal = Handle(), StopSignal()
    watch = StopCallback(signal, live, TimeBudget(None), nearly_up=lambda: None)
    watch.on_step_begin(0, [])
    assert live.told == 0, "nobody asked for a stop"
    signal.request("cancelled", "stopped by Ctrl-C")
    for _ in range(5):
        watch.on_step_begin(1, [])
    assert live.told == 1
    clock.now += AGAIN_S
    watch.on_step_begin(2, [])
    assert live.told == 2


def test_a_budget_that_is_used_up_stops_the_study(clock: Clock) -> None:
    live, signal = Handle(), StopSignal()
    budget = TimeBudget(60.0, clock.monotonic)
    prepared: list[float] = []
    watch = StopCallback(signal, live, budget, nearly_up=lambda: prepared.append(budget.left_s))
    clock.now += 1_000
    watch.on_step_begin(0, [])
    assert signal.stop is None, "it begins with the first trial, not while Ray starts"
    budget.learn(start(1))
    clock.now += 60 - LAST_S - 1
    watch.on_step_begin(0, [])
    assert prepared == []
    clock.now += LAST_S
    watch.on_step_begin(0, [])
    assert (signal.stop, prepared) == (None, [1.0]), "the end is prepared before the time is up"
    clock.now += 1
    watch.on_step_begin(1, [])
    assert (signal.stop.status, signal.stop.cause, live.told) == ("completed", "time_budget", 1)


def test_the_trials_that_people_cancel_are_told_at_once_and_again(clock: Clock) -> None:
    live, signal = Handle(), StopSignal()
    watch = CancelCallback(signal, live)
    watch.on_step_begin(0, [])
    assert live.cancelled == []
    signal.trials_to_cancel = frozenset({3})
    for _ in range(5):
        watch.on_step_begin(1, [])
    assert live.cancelled == [[3]]
    signal.trials_to_cancel = frozenset({3, 2})
    watch.on_step_begin(2, [])
    clock.now += AGAIN_S
    watch.on_step_begin(3, [])
    assert live.cancelled == [[3], [2, 3], [2, 3]]
    signal.trials_to_cancel = frozenset()
    clock.now += AGAIN_S
    watch.on_step_begin(4, [])
    assert len(live.cancelled) == 3, "they have ended"


def test_each_new_number_of_workers_is_applied_once() -> None:
    signal, applied = StopSignal(), []
    watch = WorkersCallback(signal, applied.append, began_with=2)
    for asked in (None, 2, 4, 4, 1):
        signal.workers = asked
        watch.on_step_begin(0, [])
    assert applied == [4, 1]
