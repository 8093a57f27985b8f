"""The real client, the real worker and the real handler, over loopback."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from tests.runpod.control_plane import ControlPlane
from tests.runpod.worker import Worker
from tests.runpod_handler.apart import training_apart
from tests.runpod_handler.samples import endless, trial
from tests.training.samples import numbers
from tuner.runners.runpod.api import Endpoint, EndpointAccess, ServiceFaultError
from tuner.runners.runpod.job import Limits, Price, TrialJob
from tuner.runners.runpod.weights import received

pytestmark = pytest.mark.tensorflow


@pytest.fixture(scope="module")
def endpoint():
    with ControlPlane() as plane, Worker(plane) as worker:
        access = EndpointAccess(f"{plane.base_url}/v2", plane.endpoint_id, SecretStr(plane.api_key))
        endpoint = Endpoint(access)
        endpoint.worker = worker
        endpoint.plane = plane
        yield endpoint
        endpoint.close()


def job_of(endpoint, spec) -> TrialJob:
    return TrialJob(endpoint, spec, Limits(queue_s=120, run_s=300), Price("RTX 4090", 0.0003))


def test_a_trial_gives_the_same_history_and_weights_here_and_there(endpoint):
    spec = trial(1)
    job = job_of(endpoint, spec.model_copy(update={"data": spec.data.model_copy(update={"data_dir": "/not/there"})}))
    there = list(job.events(None))
    with training_apart(trial) as trained:
        here, weights = trained(1)
    assert numbers(there) == numbers(here)
    came = received(job.output.weights)
    assert [one.tobytes() for one in came] == [one.tobytes() for one in weights]
    bill = job.finish()
    assert bill.status == "COMPLETED"
    assert bill.billed_s > 0
    assert not bill.estimated


def test_a_trial_that_is_ended_in_the_middle_frees_its_worker_at_once(endpoint):
    job = job_of(endpoint, endless(2))
    for event in job.events(None):
        if event.type == "epoch_progress" and event.epoch == 2:
            break
    bill = job.finish()
    assert bill.status == "CANCELLED"
    assert bill.saved_s > 100, "of 10,000 epochs"
    assert [event.type for event in job_of(endpoint, trial(3)).events(None)][-1] == "trial_complete"


def test_a_worker_that_is_killed_in_the_middle_is_told_as_a_fault(endpoint):
    """The last one: it needs no worker after it."""
    events = job_of(endpoint, endless(4)).events(None)
    next(events)
    endpoint.worker.kill()
    endpoint.plane.lose_worker(endpoint.worker.worker_id)
    with pytest.raises(ServiceFaultError, match="the job failed: worker worker1 exited with exit code 137"):
        list(events)
