"""The endpoint's REST, over loopback, with everything that can go wrong with it."""

from __future__ import annotations

import logging

import httpx
import pytest
from pydantic import SecretStr

from tests.runners.runpod.samples import Clock
from tests.runpod import faults
from tuner.runners.runpod.api import BadAnswerError, Endpoint, EndpointAccess, JobGoneError, ServiceFaultError

REQUEST = b'{"input": {"trial": "x"}}'


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def of(request):
    """Endpoint(...), closed at the end of the test."""

    def make(*args, **fields):
        made = Endpoint(*args, **fields)
        request.addfinalizer(made.close)
        return made

    return make


@pytest.fixture
def endpoint(of, access, clock):
    return of(access, sleep=clock.sleep)


def tries(plane, operation="run"):
    return len(plane.requests(operation))


def test_a_job_is_submitted_streamed_and_known_to_the_end(plane, endpoint):
    job = endpoint.run(REQUEST)
    assert endpoint.stream(job).status == "IN_QUEUE"
    assert plane.take()["id"] == job
    plane.stream(job, {"a": 1})
    told = endpoint.stream(job)
    assert (told.status, told.stream) == ("IN_PROGRESS", ({"output": {"a": 1}},))
    plane.finish(job, output=[{"a": 1}])
    ended = endpoint.status(job)
    assert (ended.ended, ended.status, ended.output) == (True, "COMPLETED", [{"a": 1}])
    assert ended.execution_ms >= 0
    assert ended.delay_ms >= 0


def test_a_job_is_cancelled_and_cancelling_again_is_no_fault(plane, endpoint):
    job = endpoint.run(REQUEST)
    for _ in range(2):
        endpoint.cancel(job)
        assert endpoint.status(job).status == "CANCELLED"
    endpoint.cancel("no-such-job")


@pytest.mark.parametrize(
    "fault",
    [
        faults.status("run", 500, times=2),
        faults.status("run", 503, times=2),
        faults.status("run", 429, times=2),
        faults.drop("run", times=2),
        faults.drop("run", times=2, after=True),
        faults.malformed("run", times=2),
        faults.malformed("run", times=2, body=b'{"no": "status"}'),
        faults.malformed("run", times=2, body=b"[" * 100_000),
    ],
    ids=["500", "503", "429", "drop", "dropped answer", "half an answer", "another answer", "nested"],
)
def test_what_may_pass_is_tried_again(plane, endpoint, clock, fault):
    before = tries(plane)
    plane.fail(fault)
    assert endpoint.run(REQUEST)
    assert tries(plane) - before == 3
    assert len(clock.slept) == 2


def test_the_pauses_grow_and_differ(of, access, plane):
    slept = []
    for _ in range(5):
        clock = Clock()
        plane.fail(faults.status("run", 500, times=6))
        of(access, sleep=clock.sleep).run(REQUEST)
        slept.append(clock.slept)
    assert all(0 <= pause <= 0.2 * 2**number for pauses in slept for number, pause in enumerate(pauses))
    assert len({pauses[3] for pauses in slept}) == 5


def test_it_waits_as_long_as_the_service_asks(plane, endpoint, clock):
    plane.fail(faults.status("run", 429, retry_after_s=7))
    endpoint.run(REQUEST)
    assert clock.slept[0] >= 7


def test_a_date_to_wait_for_is_understood_and_nonsense_is_not_waited_for(plane, endpoint, clock):
    for asked in ("Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-3"):
        fault = faults.status("run", 429)
        fault.headers["Retry-After"] = asked
        plane.fail(fault)
    endpoint.run(REQUEST)
    assert all(pause < 1 for pause in clock.slept)


def test_it_gives_up_at_last(of, plane, access, monkeypatch):
    clock = Clock()
    monkeypatch.setattr("tenacity.time.monotonic", clock)
    plane.fail(faults.status("run", 500, times=None))
    with pytest.raises(ServiceFaultError, match=r"^RunPod failed \(HTTP 500\)$") as caught:
        of(access, sleep=clock.sleep, patience_s=30).run(REQUEST)
    assert not caught.value.lasting
    assert 25 < sum(clock.slept) < 60


def test_a_service_that_is_down_is_waited_for_until_it_is_up_again(of, plane, access):
    clock = Clock()
    plane.go_down()
    try:
        clock.meanwhile = lambda: plane.come_up() if len(clock.slept) == 3 else None
        assert of(access, sleep=clock.sleep).run(REQUEST)
    finally:
        if len(clock.slept) < 3:
            plane.come_up()
    assert len(clock.slept) == 3


def test_whoever_waits_can_be_called_away(of, plane, access):
    def sleep(seconds):
        raise KeyboardInterrupt

    plane.fail(faults.status("run", 500, times=1))
    with pytest.raises(KeyboardInterrupt):
        of(access, sleep=sleep).run(REQUEST)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (401, "RunPod refuses the key (HTTP 401): check RUNPOD_API_KEY"),
        (403, "RunPod refuses the key (HTTP 403): check RUNPOD_API_KEY"),
        (404, "RunPod has no endpoint endpoint1 (HTTP 404): check runpod_endpoint_id"),
    ],
)
def test_what_somebody_must_mend_is_told_at_once(plane, endpoint, clock, code, why):
    plane.fail(faults.status("run", code))
    with pytest.raises(ServiceFaultError) as caught:
        endpoint.run(REQUEST)
    assert (str(caught.value), caught.value.lasting, clock.slept) == (why, True, [])


def test_a_wrong_key_is_refused(of, plane, access):
    wrong = EndpointAccess(access.base_url, access.endpoint_id, SecretStr("rpa_wrong"))
    with pytest.raises(ServiceFaultError, match=r"refuses the key \(HTTP 401\)"):
        of(wrong).run(REQUEST)


def test_a_job_that_is_gone_is_told_as_such(endpoint):
    with pytest.raises(JobGoneError, match="does not know the job any more"):
        endpoint.stream("no-such-job")


def test_a_request_that_is_refused_is_told_in_the_services_words(endpoint):
    with pytest.raises(ServiceFaultError, match=r'RunPod refused to run \(HTTP 400\): {"error": "bad request"}'):
        endpoint.run(b"{}")


def test_an_answer_without_end_is_not_read_to_its_end(plane, endpoint, clock):
    job = endpoint.run(REQUEST)
    plane.fail(faults.oversized("stream"))
    with pytest.raises(BadAnswerError, match="RunPod's answer is larger than 24 MiB"):
        endpoint.stream(job)
    assert clock.slept == []


@pytest.mark.parametrize("job_id", ["", "a/b", "a b", "x" * 201, "../cancel"])
def test_an_id_that_would_lead_elsewhere_is_refused(plane, endpoint, job_id):
    plane.fail(faults.malformed("run", body=f'{{"id": "{job_id}", "status": "IN_QUEUE"}}'.encode()))
    with pytest.raises(BadAnswerError, match="without a usable identifier"):
        endpoint.run(REQUEST)


def test_an_address_that_is_none_is_told_in_one_line(of, access):
    nowhere = EndpointAccess("http://[", "e", access.api_key)
    with pytest.raises(ServiceFaultError, match=r"RunPod cannot be reached|is not a valid address"):
        of(nowhere, patience_s=0).run(REQUEST)


def test_the_key_is_in_no_error_log_or_repr(plane, access, endpoint, caplog):
    key = access.api_key.get_secret_value()
    caplog.set_level(logging.DEBUG)
    shown = [repr(access), str(access), repr(endpoint)]
    for fault in (faults.status("run", 401), faults.status("run", 400), faults.malformed("run", times=1)):
        plane.fail(fault)
        try:
            endpoint.run(REQUEST)
        except ServiceFaultError as error:
            shown += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    assert access.without_key(f"Bearer {key} is wrong") == "Bearer *** is wrong"
    assert not [text for text in [*shown, caplog.text] if key in text]


def test_connections_are_shared_by_those_who_wait_differently(endpoint):
    hasty = endpoint.with_patience(lambda seconds: None, 1.0)
    assert isinstance(hasty._client, httpx.Client)
    assert hasty._client is endpoint._client
