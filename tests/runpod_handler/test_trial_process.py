"""How a training is stopped from within: at once, never in the middle of a message, and never the wrong one."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from runpod_handler.trial_process import _Stop, _StoppedError


@pytest.fixture
def stop():
    before = signal.getsignal(signal.SIGUSR1)
    yield _Stop()
    signal.signal(signal.SIGUSR1, before)


def soon(function, *arguments):
    """Called by another thread, in a moment."""
    timer = threading.Timer(0.05, function, arguments)
    timer.start()
    return timer


def trained(batches):
    """Batches that were done: each takes 10 ms."""
    done = 0
    for _ in range(batches):
        time.sleep(0.01)
        done += 1
    return done


def test_a_training_is_stopped_between_two_batches(stop):
    stop.begin(1)
    soon(stop.request, 1)
    started = time.monotonic()
    with pytest.raises(_StoppedError):
        trained(1_000)
    assert time.monotonic() - started < 1


def test_a_stop_that_comes_before_its_training_began_is_kept(stop):
    stop.request(1)
    with pytest.raises(_StoppedError):
        stop.begin(1)


def test_a_stop_of_a_training_that_has_ended_leaves_the_next_one_alone(stop):
    stop.begin(1)
    stop.end()
    stop.request(1)
    stop.begin(2)
    soon(stop.request, 1).join()
    assert trained(3) == 3
    stop.end()


def test_a_message_is_written_whole_before_the_training_stops(stop):
    written = []

    def message():
        with stop.deferred():
            stop.request(1)
            written.extend(["half", trained(3), "whole"])

    stop.begin(1)
    with pytest.raises(_StoppedError):
        message()
    assert written == ["half", 3, "whole"]
