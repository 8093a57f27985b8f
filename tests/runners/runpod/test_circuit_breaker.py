"""When the service is left alone, and when it is tried again."""

from __future__ import annotations

import pytest

from tests.runners.runpod.samples import Clock
from tuner.runners.runpod.circuit_breaker import FAULTS, LONGEST_REST_S, PROBE_S, REST_S, CircuitBreaker


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def broken(breaker: CircuitBreaker) -> None:
    for _ in range(FAULTS):
        assert breaker.wait_s() == 0
        breaker.fault("HTTP 500")


def test_a_fault_now_and_then_is_no_reason_to_leave_the_service_alone(breaker: CircuitBreaker) -> None:
    for _ in range(10):
        breaker.fault("HTTP 500")
        breaker.works()
        breaker.fault("HTTP 500")
        assert breaker.wait_s() == 0
        breaker.works()


def test_after_repeated_faults_no_trial_goes_and_the_reason_is_told(breaker: CircuitBreaker) -> None:
    broken(breaker)
    assert breaker.wait_s() == REST_S
    assert breaker.why == "RunPod is left alone for a while: it failed 3 times in a row, last: HTTP 500"


def test_a_refused_key_is_not_tried_three_times(breaker: CircuitBreaker) -> None:
    breaker.fault("HTTP 401", lasting=True)
    assert breaker.wait_s() > 0
    assert "it failed once, last: HTTP 401" in breaker.why


def test_after_its_rest_one_trial_tries_while_the_others_wait(breaker: CircuitBreaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += REST_S
    assert breaker.wait_s() == 0
    assert breaker.wait_s() == PROBE_S


def test_if_that_one_gets_through_all_may_go(breaker: CircuitBreaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += REST_S
    assert breaker.wait_s() == 0
    breaker.works()
    assert [breaker.wait_s() for _ in range(3)] == [0, 0, 0]


def test_if_it_does_not_the_rest_is_twice_as_long_up_to_ten_minutes(breaker: CircuitBreaker, clock: Clock) -> None:
    broken(breaker)
    rests = []
    for _ in range(8):
        rests.append(breaker.wait_s())
        clock.now += rests[-1]
        assert breaker.wait_s() == 0
        breaker.fault("HTTP 503")
    assert rests == [15, 30, 60, 120, 240, 480, 600, LONGEST_REST_S]


def test_a_trial_that_tried_and_was_lost_keeps_nobody_waiting_for_ever(breaker: CircuitBreaker, clock: Clock) -> None:
    broken(breaker)
    clock.now += REST_S
    assert breaker.wait_s() == 0
    clock.now += PROBE_S
    assert breaker.wait_s() == 0


def test_trials_that_were_on_their_way_when_it_opened_change_little(breaker: CircuitBreaker) -> None:
    for _ in range(FAULTS + 3):
        breaker.fault("HTTP 500")
    assert 0 < breaker.wait_s() <= LONGEST_REST_S
