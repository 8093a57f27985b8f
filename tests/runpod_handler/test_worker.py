"""The real worker runs the real handler, for a control plane and for the real client: one start for all tests."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from tests.runpod.bucket import TinyBucket
from tests.runpod.control_plane import ControlPlane
from tests.runpod.worker import Worker
from tests.runpod_handler.apart import training_apart
from tests.runpod_handler.samples import DIGITS, KINDS, endless, job_input, large, numbered, trial
from tests.training.samples import numbers
from tuner.remote_protocol import Answer, WeightsAddress, digest, joined, unpack
from tuner.runners.runpod.api import Endpoint, EndpointAccess, ServiceFaultError
from tuner.runners.runpod.job import Limits, Price, TrialJob
from tuner.runners.runpod.weights import received

pytestmark = pytest.mark.tensorflow

CONCURRENT = 2
BUSY_S = 240.0
"""What a busy machine may take to start TensorFlow twice."""


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """Gives the running worker; starts it the first time, and again after a test that killed it."""
    log = tmp_path_factory.mktemp("worker") / "log"
    with TinyBucket() as bucket, ControlPlane() as plane, ExitStack() as started:
        environment = {**bucket.environment, "CONCURRENT_TRIALS": str(CONCURRENT)}
        its = SimpleNamespace(plane=plane, bucket=bucket, log=log, process=None)
        numbers_of_workers = count(1)

        def running():
            if its.process is None or not its.process.alive:
                name = f"worker{next(numbers_of_workers)}"
                its.process = started.enter_context(Worker(plane, worker_id=name, environment=environment, log=log))
                its.id, its.pid = name, its.process.pid
            return its

        yield running


@pytest.fixture
def worker(workers):
    return workers()


@pytest.fixture(scope="module")
def local():
    """The same trial, trained without the worker: its events, and its best weights."""
    with training_apart(numbered) as trained:
        yield trained


def ended(plane, job_id, timeout_s=BUSY_S):
    """The job once it has ended."""

    def end(plane):
        job = plane.job(job_id)
        return job if job["status"] not in ("IN_QUEUE", "IN_PROGRESS") else None

    return plane.wait_for(end, timeout_s)


def answers_of(job):
    return [Answer.model_validate(value) for value in job["values"]]


def events_of(job):
    return [answer.event for answer in answers_of(job) if answer.event is not None]


def history(events):
    """All numbers that a training gives, without what depends on the clock or the machine."""
    end = events[-1].model_dump(exclude={"time", "duration_seconds", "values", "resources"})
    return numbers(events), events[0].architecture, end


def children(pid):
    """The processes that train for a worker, by its session."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == pid:
                command = (entry / "cmdline").read_text()
                if "runpod_handler.trial_process" in command:
                    found.append(int(entry.name))
        except (ProcessLookupError, FileNotFoundError):
            continue
    return found


def wait_until(condition, timeout_s=BUSY_S):
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, f"not within {timeout_s:g} s"
        time.sleep(0.05)


@pytest.mark.slow
def test_trials_that_train_at_once_have_the_history_that_they_have_here_with_no_difference(worker, local):
    specs = [1, 2, 1]
    jobs = [worker.plane.submit(job_input(trial(number))) for number in specs]
    worker.plane.wait_for(
        lambda plane: sum(plane.job(job)["status"] == "IN_PROGRESS" for job in jobs) == CONCURRENT, BUSY_S
    )
    done = [ended(worker.plane, job) for job in jobs]
    for number, job in zip(specs, done, strict=True):
        assert job["status"] == "COMPLETED"
        assert history(events_of(job)) == history(local(number)[0])
    assert len(children(worker.pid)) == CONCURRENT


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_network_has_the_history_that_it_has_here_with_no_difference(kind, worker, local):
    one = KINDS[kind]
    job = ended(worker.plane, worker.plane.submit(job_input(one)))
    assert job["status"] == "COMPLETED", job
    here = local(one.trial_number)[0]
    assert (here[-1].status, here[-1].epochs_trained) == ("completed", 2), here[-1].error
    assert history(events_of(job)) == history(here)


def test_values_come_numbered_in_order_and_once_more_in_the_output(worker):
    job = ended(worker.plane, worker.plane.submit(job_input(trial(), weights_above=1.0)))
    answers = answers_of(job)
    assert [answer.number for answer in answers] == list(range(len(answers)))
    assert job["output"] == job["values"]
    durable = [event.type for event in events_of(job) if event.type != "batch_progress"]
    assert durable == ["trial_start", *["epoch_progress"] * 3, "trial_complete"]
    assert job["executionTime"] / 1_000 >= events_of(job)[-1].duration_seconds


def test_the_winner_s_weights_come_within_the_answer_bit_for_bit(worker, local):
    job = ended(worker.plane, worker.plane.submit(job_input(trial(2), weights_above=0.01)))
    *_, weights, last = answers_of(job)
    assert last.event.type == "trial_complete"
    came = unpack(joined([weights.weights]))
    assert [array.tobytes() for array in came] == [array.tobytes() for array in local(2)[1]]


def test_the_weights_of_a_trial_that_does_not_lead_stay_away(worker):
    job = ended(worker.plane, worker.plane.submit(job_input(trial(2), weights_above=0.999)))
    assert all(answer.weights is None for answer in answers_of(job))


def test_large_weights_come_by_the_bucket(worker):
    job = ended(worker.plane, worker.plane.submit(job_input(large())))
    address = answers_of(job)[-2].weights
    assert isinstance(address, WeightsAddress), address
    fetched = httpx.get(address.url).raise_for_status().content
    assert digest(fetched) == address.sha256
    assert sum(array.size for array in unpack(fetched)) > 2_000_000


def test_a_network_that_crashes_is_a_failed_trial_with_its_traceback_and_no_failed_job(worker):
    job = ended(worker.plane, worker.plane.submit(job_input(trial(1, {"optimizer": "none such"}))))
    assert job["status"] == "COMPLETED"
    end = events_of(job)[-1]
    assert (end.status, end.cause) == ("failed", "error")
    assert end.error.startswith("Traceback")


@pytest.mark.parametrize(
    ("job", "line"),
    [
        ({"trial": {"study": "x"}}, "trial.trial_number: Field required"),
        (job_input(trial(model="mine:build")), "model=mine:build: a remote worker does not have your own networks"),
        (job_input(trial(data=DIGITS.model_copy(update={"sample_percentage": 1e-6}))), "sample_percentage"),
    ],
)
def test_a_request_that_cannot_be_met_fails_its_job_with_one_line(worker, job, line):
    failed = ended(worker.plane, worker.plane.submit(job))
    assert failed["status"] == "FAILED"
    assert line in failed["error"]
    assert "\n" not in failed["error"]


def test_while_a_trial_trains_the_worker_answers_others_at_once(worker):
    training = worker.plane.submit(job_input(endless()))
    worker.plane.wait_for(lambda plane: plane.job(training)["values"], BUSY_S)
    assert ended(worker.plane, worker.plane.submit({}))["status"] == "FAILED"
    assert worker.plane.job(training)["status"] == "IN_PROGRESS"
    worker.plane.cancel(training)


def test_a_cancelled_trial_stops_and_its_process_trains_the_next_one_as_if_nothing_had_been(worker, local):
    plane = worker.plane
    jobs = [plane.submit(job_input(endless(number))) for number in range(1, CONCURRENT + 1)]
    plane.wait_for(lambda plane: all(len(plane.job(job)["values"]) > 3 for job in jobs), BUSY_S)
    warm = set(children(worker.pid))
    assert len(warm) == CONCURRENT
    for job in jobs:
        plane.cancel(job)
    plane.wait_for(lambda plane: not plane.stops(worker.id), BUSY_S)
    again = [plane.submit(job_input(trial(number))) for number in (1, 2)]
    for number, job in zip((1, 2), again, strict=True):
        assert history(events_of(ended(plane, job))) == history(local(number)[0])
    assert set(children(worker.pid)) == warm, "a process that had not stopped would have been replaced"
    assert all(plane.job(job)["status"] == "CANCELLED" for job in jobs)


def test_no_key_is_in_the_worker_s_log_or_its_command_lines(worker):
    log = worker.log.read_text(errors="replace")
    commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in [worker.pid, *children(worker.pid)]]
    assert "X-Amz-Signature" not in log, "a presigned address opens the bucket to whoever reads it"
    for secret in (worker.plane.api_key, worker.bucket.secret_access_key):
        assert secret not in log
        assert all(secret not in command for command in commands)


# --- with the real client ---


@pytest.fixture
def endpoint(worker):
    plane = worker.plane
    endpoint = Endpoint(EndpointAccess(f"{plane.base_url}/v2", plane.endpoint_id, SecretStr(plane.api_key)))
    yield endpoint
    endpoint.close()


def client_job(endpoint, spec):
    return TrialJob(endpoint, spec, Limits(queue_s=120, run_s=300), Price("RTX 4090", 0.0003))


def test_a_trial_gives_the_same_history_and_weights_here_and_there(endpoint, local):
    job = client_job(endpoint, trial(1, data=DIGITS.model_copy(update={"data_dir": "/not/there"})))
    there = list(job.events(None))
    here, weights = local(1)
    assert numbers(there) == numbers(here)
    came = received(job.output.weights)
    assert [one.tobytes() for one in came] == [one.tobytes() for one in weights]
    bill = job.finish()
    assert bill.status == "COMPLETED"
    assert bill.billed_s > 0
    assert not bill.estimated


def test_a_trial_that_is_ended_in_the_middle_frees_its_worker_at_once(endpoint):
    jobs = [client_job(endpoint, endless(number)) for number in range(1, CONCURRENT + 1)]
    for job in jobs:
        for event in job.events(None):
            if event.type == "epoch_progress" and event.epoch == 2:
                break
    for job in jobs:
        bill = job.finish()
        assert bill.status == "CANCELLED"
        assert bill.saved_s > 100, "of 10,000 epochs"
    assert [event.type for event in client_job(endpoint, trial(2)).events(None)][-1] == "trial_complete"


def test_what_trains_ends_with_a_worker_that_is_killed_and_its_client_is_told(worker, endpoint):
    plane = worker.plane
    events = client_job(endpoint, endless()).events(None)
    next(events)
    job_id = plane.jobs()[-1]["id"]
    plane.wait_for(lambda plane: len(plane.job(job_id)["values"]) > 1, BUSY_S)
    assert children(worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: not children(worker.pid))
    plane.lose_worker(worker.id)
    job = plane.job(job_id)
    assert (job["status"], job["error"]) == ("FAILED", f"worker {worker.id} exited with exit code 137")
    assert np.isfinite([event.train.loss for event in events_of(job) if event.type == "epoch_progress"]).all()
    with pytest.raises(ServiceFaultError, match=f"the job failed: worker {worker.id} exited with exit code 137"):
        list(events)
