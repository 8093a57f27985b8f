"""When no trial is sent to the service, and when it is probed again."""

from __future__ import annotations

import pytest

from tests.runners.runpod.samples import Clock
from tuner.runners.runpod.circuit_breaker import FAILURES, PAUSE_S, PROBE_S, CircuitBreaker, Permission


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def fail(breaker: CircuitBreaker, reason: str = "HTTP 500", *, lasting: bool = False) -> None:
    """Send a trial to the service, which fails."""
    permission = breaker.permission()
    assert permission.wait_s == 0
    breaker.record_failure(reason, period=permission.period, lasting=lasting)


def open_breaker(breaker: CircuitBreaker) -> None:
    for _ in range(FAILURES):
        fail(breaker)


def test_single_failures_do_not_open_it(breaker: CircuitBreaker) -> None:
    for _ in range(10):
        fail(breaker)
        breaker.record_success()
    assert breaker.permission() == Permission()


def test_consecutive_failures_open_it_and_the_reason_is_given(breaker: CircuitBreaker) -> None:
    open_breaker(breaker)
    paused = breaker.permission()
    assert paused.wait_s == PAUSE_S
    assert paused.reason == "RunPod paused for 15 s after 3 consecutive failures; the last: HTTP 500"


def test_a_lasting_failure_opens_it_at_once(breaker: CircuitBreaker) -> None:
    fail(breaker, "HTTP 401", lasting=True)
    assert breaker.permission().reason == "RunPod paused for 15 s after 1 failure; the last: HTTP 401"


def test_after_the_pause_one_trial_probes_while_the_others_wait(breaker: CircuitBreaker, clock: Clock) -> None:
    open_breaker(breaker)
    clock.now += PAUSE_S
    assert breaker.permission().wait_s == 0
    assert breaker.permission().wait_s == PROBE_S


def test_a_probe_that_succeeds_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    open_breaker(breaker)
    clock.now += PAUSE_S
    breaker.permission()
    breaker.record_success()
    assert [breaker.permission().wait_s for _ in range(3)] == [0, 0, 0]


def test_each_probe_that_fails_doubles_the_pause_up_to_ten_minutes(breaker: CircuitBreaker, clock: Clock) -> None:
    open_breaker(breaker)
    pauses = []
    for _ in range(8):
        pauses.append(breaker.permission().wait_s)
        clock.now += pauses[-1]
        fail(breaker)
    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600]


def test_a_probe_that_is_lost_is_followed_by_another_one(breaker: CircuitBreaker, clock: Clock) -> None:
    open_breaker(breaker)
    clock.now += PAUSE_S
    breaker.permission()
    clock.now += PROBE_S
    assert breaker.permission().wait_s == 0


def test_failures_of_trials_that_were_under_way_do_not_lengthen_the_pause(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    under_way = [breaker.permission() for _ in range(24)]
    for permission in under_way[:-1]:
        breaker.record_failure("HTTP 500", period=permission.period)
    assert breaker.permission().wait_s == PAUSE_S

    clock.now += PAUSE_S
    probe = breaker.permission()
    breaker.record_failure("HTTP 500", period=under_way[-1].period)
    assert breaker.permission().wait_s == PROBE_S, "the probe is not over"
    breaker.record_failure("HTTP 500", period=probe.period)
    assert breaker.permission().wait_s == 2 * PAUSE_S
