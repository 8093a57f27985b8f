"""The control plane keeps to what RunPod does: the real worker works for it, and it fails as it is told."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import httpx
import pytest

from tests.runpod import faults
from tests.runpod.control_plane import REQUEST_BYTES, ControlPlane
from tests.runpod.worker import Worker

WAITS = "tests.runpod.handlers:waits"


@pytest.fixture
def plane():
    with ControlPlane(hold_s=0.2) as plane:
        yield plane


@pytest.fixture
def client(plane):
    with httpx.Client(base_url=f"{plane.base_url}/v2/{plane.endpoint_id}", headers=plane.authorization) as client:
        yield client


def submitted(client, job_input="x", **more):
    answer = client.post("/run", json={"input": job_input, **more}).raise_for_status().json()
    assert answer["status"] == "IN_QUEUE"
    return answer["id"]


def streamed(client, job_id, timeout_s=30.0):
    """All values until the job ends, and how it ended."""
    values, until = [], time.monotonic() + timeout_s
    while time.monotonic() < until:
        answer = client.get(f"/stream/{job_id}").raise_for_status().json()
        values += [part["output"] for part in answer["stream"]]
        if answer["status"] not in ("IN_QUEUE", "IN_PROGRESS") and not answer["stream"]:
            return values, answer["status"]
    raise TimeoutError


# --- with the real worker ---


@pytest.fixture(scope="module")
def worker():
    """A real worker, started once for all tests that need one."""
    with ControlPlane(hold_s=0.5) as plane, Worker(plane, handler=WAITS, concurrency=3) as worker:
        yield SimpleNamespace(plane=plane, id=worker.worker_id)


@pytest.fixture
def worked(worker):
    """A client of the endpoint that the real worker works for."""
    plane = worker.plane
    with httpx.Client(base_url=f"{plane.base_url}/v2/{plane.endpoint_id}", headers=plane.authorization) as client:
        yield client


def test_the_real_worker_streams_values_in_order_and_its_seconds_are_billed(worked):
    job_id = submitted(worked, {"values": list(range(20)), "seconds": 0.02})
    assert streamed(worked, job_id) == (list(range(20)), "COMPLETED")
    answer = worked.get(f"/status/{job_id}").json()
    assert answer["output"] == list(range(20)), "what was streamed is there once more at the end"
    assert 400 <= answer["executionTime"] < 5_000
    assert answer["delayTime"] >= 0


def test_one_worker_runs_as_many_jobs_at_once_as_its_concurrency_says(worker, worked):
    jobs = [submitted(worked, {"values": [0], "seconds": 3}) for _ in range(3)]
    worker.plane.wait_for(lambda plane: all(plane.job(job)["status"] == "IN_PROGRESS" for job in jobs))
    assert worked.get("/health").json()["jobs"]["inProgress"] == 3
    for job in jobs:
        worked.post(f"/cancel/{job}")


def test_a_cancelled_job_is_stopped_on_the_worker(worker, worked):
    job_id = submitted(worked, {"values": list(range(1_000)), "seconds": 0.05})
    worker.plane.wait_for(lambda plane: plane.job(job_id)["values"])
    assert worked.post(f"/cancel/{job_id}").json() == {"id": job_id, "status": "CANCELLED"}
    worker.plane.wait_for(lambda plane: not plane.stops(worker.id))  # the SDK looks away for 1 s between requests
    told = len(worker.plane.requests("job-stream"))
    time.sleep(0.5)
    assert len(worker.plane.requests("job-stream")) <= told + 1
    assert not [one for one in worker.plane.requests("job-done") if job_id in one.path]


def test_a_job_whose_handler_gives_an_error_fails_with_its_words(worked):
    job_id = submitted(worked, {"error": "epochs=0: must be above 0"})
    assert streamed(worked, job_id) == ([], "FAILED")
    assert worked.get(f"/status/{job_id}").json()["error"] == "epochs=0: must be above 0"


# --- the endpoint's REST, with scripted workers ---


def test_each_value_is_given_once(plane, client):
    job_id = submitted(client)
    assert plane.take() is not None
    plane.stream(job_id, 1)
    assert client.get(f"/stream/{job_id}").json() == {"status": "IN_PROGRESS", "stream": [{"output": 1}]}
    plane.stream(job_id, 2)
    plane.finish(job_id, [1, 2])
    assert streamed(client, job_id) == ([2], "COMPLETED")


def test_values_can_come_twice(plane, client):
    job_id = submitted(client)
    plane.take()
    plane.stream(job_id, 1)
    client.get(f"/stream/{job_id}")
    plane.duplicate_values = True
    plane.stream(job_id, 2)
    assert [part["output"] for part in client.get(f"/stream/{job_id}").json()["stream"]] == [1, 2]
    plane.finish(job_id)


def test_a_job_can_be_delivered_twice_and_only_the_second_worker_counts(plane, client):
    job_id = submitted(client)
    plane.take("first")
    plane.deliver_again(job_id)
    plane.take("second")
    plane.stream(job_id, "old", "first")
    plane.stream(job_id, "new", "second")
    plane.finish(job_id, worker_id="second")
    assert streamed(client, job_id) == (["new"], "COMPLETED")


def test_a_queue_that_is_held_gives_no_jobs_until_it_is_let_go(plane, client):
    plane.hold_queue()
    job_id = submitted(client)
    assert plane.take() is None
    assert client.get(f"/status/{job_id}").json() == {"id": job_id, "status": "IN_QUEUE"}
    plane.hold_queue(False)
    assert plane.take()["id"] == job_id


@pytest.mark.parametrize("policy", [{"ttl": 100}, {"executionTimeout": 100}])
def test_a_job_that_outlives_its_policy_times_out(plane, client, policy):
    assert client.post("/run", json={"input": 1, "policy": policy}).status_code == 400, "too short for the service"
    plane.strict_policy = False
    job_id = submitted(client, policy=policy)
    plane.take()
    plane.wait_for(lambda plane: plane.job(job_id)["status"] == "TIMED_OUT", 5)
    assert job_id in plane.stops()


def test_purging_removes_what_waits_and_leaves_what_runs(plane, client):
    running = submitted(client)
    plane.take()
    submitted(client)
    assert client.post("/purge-queue").json() == {"removed": 1, "status": "completed"}
    assert client.get(f"/status/{running}").json()["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("requeued", [False, True])
def test_a_worker_that_is_lost_fails_its_job_or_gives_it_back(plane, client, requeued):
    job_id = submitted(client)
    plane.take("dying")
    plane.lose_worker("dying", requeue=requeued)
    answer = client.get(f"/status/{job_id}").json()
    assert answer["status"] == ("IN_QUEUE" if requeued else "FAILED")


def test_a_worker_without_a_ping_is_lost(plane, client):
    plane.lost_after_s = 0.1
    job_id = submitted(client)
    plane.take("silent")
    base = client.base_url
    httpx.get(f"{base}ping/silent", headers=plane.authorization).raise_for_status()
    plane.wait_for(lambda plane: plane.job(job_id)["status"] == "FAILED", 5)


def test_a_failed_job_can_be_put_into_the_queue_again(plane, client):
    job_id = submitted(client)
    plane.take()
    plane.finish(job_id, error="out of luck")
    assert client.get(f"/status/{job_id}").json()["error"] == "out of luck"
    assert client.post(f"/retry/{job_id}").json()["status"] == "IN_QUEUE"


def test_an_unknown_job_a_request_without_input_and_one_too_large_are_refused(client):
    assert client.get("/status/nobody").status_code == 404
    assert client.post("/run", json={"inptu": 1}).status_code == 400
    assert client.post("/run", content=b"{").status_code == 400
    assert client.post("/run", json={"input": "x" * REQUEST_BYTES}).status_code == 400


# --- faults ---


def test_a_wrong_key_is_unauthorised(plane):
    address = f"{plane.base_url}/v2/{plane.endpoint_id}/health"
    assert httpx.get(address, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert httpx.get(address).status_code == 401


def test_a_fault_meets_as_many_requests_as_asked_and_the_job_was_not_submitted(plane, client):
    before = len(plane.jobs())
    plane.fail(faults.status("run", 429, times=2, retry_after_s=0.5))
    answers = [client.post("/run", json={"input": 1}) for _ in range(2)]
    assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(429, "0.5")] * 2
    assert len(plane.jobs()) == before


def test_a_connection_can_break_before_or_after_the_operation_was_done(plane, client):
    before = len(plane.jobs())
    for after in (False, True):
        plane.fail(faults.drop("run", after=after))
        with pytest.raises(httpx.TransportError):
            client.post("/run", json={"input": 1})
        assert len(plane.jobs()) == before + after
    client.post("/purge-queue")


def test_answers_can_be_half_json_or_huge_or_late(plane, client):
    job_id = submitted(client)
    plane.fail(faults.malformed("status"))
    with pytest.raises(json.JSONDecodeError):
        client.get(f"/status/{job_id}").json()
    plane.fail(faults.oversized("stream", size=1 << 20))
    plane.take()
    assert len(client.get(f"/stream/{job_id}").content) > 1 << 20
    plane.fail(faults.slow("status", 0.3))
    started = time.monotonic()
    assert client.get(f"/status/{job_id}").json()["id"] == job_id
    assert time.monotonic() - started >= 0.3


def test_the_service_goes_down_and_comes_up_with_its_queue(plane, client):
    job_id = submitted(client)
    plane.go_down()
    with pytest.raises(httpx.TransportError):
        client.get("/health")
    plane.come_up()
    assert client.get(f"/status/{job_id}").json()["status"] == "IN_QUEUE"
    client.post(f"/cancel/{job_id}")
