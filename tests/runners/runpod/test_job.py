"""One trial's job against a real queue, with a worker that the test scripts."""

from __future__ import annotations

import time

import pytest

from tests.runners.runpod.samples import TRIAL, Clock, complete, epoch, start, value, values
from tests.runpod import faults
from tuner.remote_protocol import WeightsUnavailable
from tuner.runners.runpod.api import BadAnswerError, Endpoint, ServiceFaultError, TimedOutError
from tuner.runners.runpod.job import Limits, Price, TrialJob

LIMITS = Limits(queue_s=100, run_s=600)
PRICE = Price("RTX 4090", 0.0003)


class Worker:
    """Takes the job at the client's first pause, then yields one value a pause, and ends."""

    def __init__(self, plane, given, output=None):
        self._plane = plane
        self._given = list(given)
        self._all = list(given)
        self._output = output
        self.job_id = None

    def __call__(self):
        if self.job_id is None:
            taken = self._plane.take()
            self.job_id = taken and taken["id"]
        elif self._given:
            self._plane.stream(self.job_id, self._given.pop(0))
        else:
            self._plane.finish(self.job_id, output=self._output or self._all)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def endpoint(access, clock):
    endpoint = Endpoint(access, sleep=clock.sleep)
    yield endpoint
    endpoint.close()


@pytest.fixture
def job(endpoint, clock):
    return TrialJob(endpoint, TRIAL, LIMITS, PRICE, sleep=clock.sleep, clock=clock)


def drain(events, at=lambda event: True, then=lambda: None):
    """Take all events, and do something `then`, at some of them."""
    for event in events:
        if at(event):
            then()


def types(events):
    return [event.type for event in events]


WHOLE = ["trial_start", *["epoch_progress"] * 4, "trial_complete"]


def test_events_come_while_the_trial_trains(plane, job, clock):
    clock.meanwhile = Worker(plane, values())
    events = job.events(None)
    first = next(events)
    assert first.type == "trial_start"
    assert plane.job(job.id)["status"] == "IN_PROGRESS"
    assert types(events) == WHOLE[1:]


def test_news_are_asked_for_rarely_by_a_trial_that_trains_for_long(plane, endpoint, clock):
    job = TrialJob(endpoint, TRIAL, Limits(queue_s=100, run_s=6_000), PRICE, sleep=clock.sleep, clock=clock)
    worker = Worker(plane, values())

    def train() -> None:
        worker()
        clock.now += 50

    clock.meanwhile = train
    list(job.events(None))
    assert clock.slept[0] == pytest.approx(0.1)
    assert clock.slept[2:4] == pytest.approx([1.0, 2.0], abs=0.1), "a fiftieth of the time, and at most 2 s"
    assert max(clock.slept) == 2.0


def test_what_the_service_already_waited_for_is_not_waited_for_again(plane, job, clock, endpoint, monkeypatch):
    stream = endpoint.stream

    def held(job_id):
        clock.now += 5
        return stream(job_id)

    monkeypatch.setattr(endpoint, "stream", held)
    clock.meanwhile = Worker(plane, values())
    list(job.events(None))
    assert set(clock.slept) == {0.0}


def test_the_bill_is_what_the_service_says_times_the_price(plane, job, clock):
    clock.meanwhile = Worker(plane, values())
    list(job.events(None))
    plane.finish(job.id)
    bill = job.finish(time.sleep)
    told = plane.job(job.id)
    assert (bill.job_id, bill.status, bill.gpu, bill.saved_s) == (job.id, "COMPLETED", "RTX 4090", None)
    assert bill.billed_s == told["executionTime"] / 1e3
    assert bill.queued_s == told["delayTime"] / 1e3
    assert bill.cost_usd == pytest.approx(bill.billed_s * 0.0003)
    assert not bill.estimated
    assert job.id not in plane.stops(), "a job that is done is not cancelled"


def test_without_a_price_the_cost_is_not_known(plane, endpoint, clock):
    job = TrialJob(endpoint, TRIAL, LIMITS, Price(), sleep=clock.sleep, clock=clock)
    clock.meanwhile = Worker(plane, values())
    list(job.events(None))
    plane.finish(job.id)
    assert (job.finish().cost_usd, job.finish().gpu) == (None, None)


def test_a_trial_that_is_ended_in_the_middle_is_cancelled_and_what_that_saves_is_told(plane, job, clock):
    clock.meanwhile = Worker(plane, values())
    for event in job.events(None):
        if event.type == "epoch_progress" and event.epoch == 1:
            break
    bill = job.finish(clock.sleep)
    assert plane.job(job.id)["status"] == bill.status == "CANCELLED"
    assert job.id in plane.stops(), "its worker is told to stop"
    assert bill.saved_s == 6.0, "three epochs of 2 s each"


def test_a_trial_that_waits_is_cancelled_too_and_costs_nothing(plane, job, clock):
    plane.hold_queue()
    clock.meanwhile = lambda: (_ for _ in ()).throw(KeyboardInterrupt) if len(clock.slept) > 3 else None
    with pytest.raises(KeyboardInterrupt):
        list(job.events(None))
    clock.meanwhile = lambda: None
    bill = job.finish(clock.sleep)
    assert (bill.status, bill.billed_s, bill.cost_usd, bill.saved_s) == ("CANCELLED", 0.0, 0.0, None)


def test_what_was_never_submitted_has_no_bill(job):
    assert job.finish() is None


def test_where_the_service_is_away_the_bill_is_by_this_sides_clock(plane, job, clock, monkeypatch):
    clock.meanwhile = Worker(plane, values())
    for event in job.events(None):
        if event.type == "epoch_progress" and event.epoch == 2:
            clock.now += 40
            break
    monkeypatch.setattr("tenacity.time.monotonic", clock)
    for operation in ("cancel", "status"):
        plane.fail(faults.status(operation, 500, times=None))
    bill = job.finish(clock.sleep)
    assert bill.estimated
    assert 40 <= bill.billed_s < 45
    assert bill.status == "UNKNOWN"


def test_a_queue_that_does_not_move_is_left(plane, job, clock):
    plane.hold_queue()
    with pytest.raises(ServiceFaultError, match="no worker of the endpoint started the trial within 100 s"):
        list(job.events(None))
    assert 100 <= sum(clock.slept) < 103
    assert job.finish(clock.sleep).status == "CANCELLED"


def test_a_trial_may_train_for_so_long_and_no_longer(plane, job, clock):
    clock.meanwhile = Worker(plane, values()[:2])

    def much_later():
        clock.meanwhile = lambda: None
        clock.now += 700

    with pytest.raises(TimedOutError):
        drain(job.events(None), then=much_later)


def test_one_that_the_service_ended_for_that_is_told_alike(plane, endpoint, clock):
    job = TrialJob(endpoint, TRIAL, Limits(queue_s=10, run_s=0.1), PRICE, sleep=clock.sleep, clock=clock)
    plane.strict_policy = False
    try:
        clock.meanwhile = Worker(plane, values()[:2], output=[])
        events = job.events(None)
        next(events)
        plane.wait_for(lambda plane: plane.job(job.id)["status"] == "TIMED_OUT", 10)
        with pytest.raises(TimedOutError):
            list(events)
    finally:
        plane.strict_policy = True
    assert job.finish(clock.sleep).status == "TIMED_OUT"


def test_a_job_that_expires_in_the_queue_was_not_run(plane, endpoint, clock, monkeypatch):
    monkeypatch.setattr("tuner.runners.runpod.job.TTL_MARGIN_S", -0.1)
    plane.hold_queue()
    plane.strict_policy = False
    job = TrialJob(endpoint, TRIAL, Limits(queue_s=1e6, run_s=0.2 - 1e6), PRICE, sleep=time.sleep)
    try:
        with pytest.raises(ServiceFaultError, match="the job expired before a worker started it"):
            list(job.events(None))
    finally:
        plane.strict_policy = True


def test_a_job_that_somebody_cancels_at_runpod_may_train_elsewhere(plane, job, clock, endpoint):
    clock.meanwhile = Worker(plane, values())

    def cancel():
        clock.meanwhile = lambda: None
        endpoint.cancel(job.id)

    with pytest.raises(ServiceFaultError, match="cancelled at RunPod, not by this study"):
        drain(job.events(None), lambda event: event.type == "trial_start", cancel)


def test_a_worker_that_dies_is_told_in_its_words(plane, job, clock):
    clock.meanwhile = Worker(plane, values())

    def die():
        clock.meanwhile = lambda: None
        plane.lose_worker("scripted")

    with pytest.raises(ServiceFaultError, match="the job failed: worker scripted exited with exit code 137"):
        drain(job.events(None), lambda event: event.type == "trial_start", die)


def test_a_job_that_is_delivered_again_is_told_once(plane, job, clock):
    clock.meanwhile = Worker(plane, values())
    told = []
    for event in job.events(None):
        told.append(event.type)
        if len(told) == 3:
            plane.lose_worker("scripted", requeue=True)
            clock.meanwhile = Worker(plane, values("d2"))
    assert told == WHOLE


def test_values_that_come_twice_are_told_once(plane, job, clock):
    plane.duplicate_values = True
    clock.meanwhile = Worker(plane, values())
    assert types(job.events(None)) == WHOLE


def test_values_that_were_lost_with_a_connection_are_found_at_the_end(plane, job, clock):
    plane.fail(faults.drop("stream", times=1, after=True))
    worker = Worker(plane, values())
    clock.meanwhile = worker
    events = job.events(None)
    told = [next(events)]
    plane.fail(faults.drop("stream", times=3, after=True))
    told += events
    assert types(told) == WHOLE
    assert [event.epoch for event in told[1:-1]] == [1, 2, 3, 4]


def test_a_stream_that_is_dropped_malformed_or_refused_for_a_moment_loses_nothing(plane, job, clock):
    clock.meanwhile = Worker(plane, values())
    told = []
    for event in job.events(None):
        told.append(event.type)
        plane.fail(faults.drop("stream"))
        plane.fail(faults.malformed("stream", body=b"<html>"))
        plane.fail(faults.status("stream", 429))
    assert told == WHOLE
    plane.heal()


def test_a_service_that_goes_down_and_comes_up_again_loses_nothing(plane, job, clock):
    worker = Worker(plane, values())
    clock.meanwhile = worker
    events = job.events(None)
    told = [next(events)]
    plane.go_down()
    clock.meanwhile = lambda: (plane.come_up(), setattr(clock, "meanwhile", worker))
    assert types(told + list(events)) == WHOLE


def test_an_answer_that_is_too_large_ends_the_job(plane, job, clock):
    clock.meanwhile = Worker(plane, values())
    with pytest.raises(BadAnswerError, match="larger than 24 MiB"):
        drain(job.events(None), then=lambda: plane.fail(faults.oversized("stream")))
    assert job.finish(clock.sleep).status == "CANCELLED"


def test_a_worker_that_yields_nonsense_is_cancelled(plane, job, clock):
    clock.meanwhile = Worker(plane, [*values()[:1], {"nonsense": True}])
    with pytest.raises(BadAnswerError, match="invalid answer"):
        list(job.events(None))
    assert job.finish(clock.sleep).status == "CANCELLED"


def test_a_job_that_is_complete_without_the_trials_end_was_not_run(plane, job, clock):
    clock.meanwhile = Worker(plane, values()[:3])
    with pytest.raises(BadAnswerError, match="the end of the trial is missing"):
        list(job.events(None))


def test_a_handler_that_refuses_the_trial_is_told_in_its_words(plane, job, clock):
    def refuse():
        if taken := plane.take():
            plane.finish(taken["id"], error="dataset=imdb: is not here - bake it in")

    clock.meanwhile = refuse
    with pytest.raises(ServiceFaultError, match="the job failed: dataset=imdb: is not here - bake it in"):
        list(job.events(None))


def test_weights_are_there_at_the_trials_end(plane, job, clock):
    given = [start(), *(epoch(number) for number in range(1, 5))]
    told = [value(number, event=event) for number, event in enumerate(given)]
    away = WeightsUnavailable(unavailable="no bucket")
    clock.meanwhile = Worker(plane, [*told, value(5, weights=away), value(6, event=complete())])
    assert types(job.events(0.1)) == WHOLE
    assert job.output.weights == [away]
    assert plane.jobs()[-1]["input"]["weights_above"] == 0.1
