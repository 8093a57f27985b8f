"""What is sent: complete, and less than 1 KB, whatever is searched."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runners.runpod.samples import TRIAL
from tests.test_spec import trial_specs
from tuner.remote_protocol import WorkRequest
from tuner.runners.runpod.api import ServiceFaultError
from tuner.runners.runpod.job import LARGEST_REQUEST, request_of, without_local_paths

seconds = st.floats(1, 86_400)
best = st.none() | st.floats(-1e9, 1e9)


@st.composite
def remote_trials(draw, **room):
    """As tests.test_spec draws them, in a study with the longest name, on a data set that has a name: a path of this
    machine is never sent."""
    trial = draw(trial_specs(**room))
    data = trial.data.model_copy(update={"dataset": "fashion_mnist"})
    return trial.model_copy(update={"study": "n" * 80, "data": data})


def received(body: bytes) -> WorkRequest:
    return WorkRequest.model_validate(json.loads(body)["input"])


@given(remote_trials() | remote_trials(most_blocks=8), best, seconds, seconds)
def test_a_request_stays_under_1_kb_and_what_arrives_is_what_a_local_worker_gets(trial, above, queue_s, run_s):
    body = request_of(trial, above, queue_s, run_s)
    assert len(body) < LARGEST_REQUEST <= 1_000
    work = received(body)
    assert work.weights_above == above
    for name in type(trial).model_fields:
        if name != "data":
            assert getattr(work.trial, name) == getattr(trial, name), name
    for name in type(trial.data).model_fields:
        assert getattr(work.trial.data, name) == (None if name == "data_dir" else getattr(trial.data, name)), name
    assert [type(value) for value in work.trial.hyperparameters.values()] == [
        type(value) for value in trial.hyperparameters.values()
    ]


@given(remote_trials(measured=True) | remote_trials(most_blocks=8, measured=True), best)
def test_so_it_does_with_health(trial, above):
    body = request_of(trial, above, 300, 3_600)
    assert len(body) < LARGEST_REQUEST
    assert received(body).trial == without_local_paths(trial)


def test_the_service_is_told_how_long_it_may_take():
    policy = json.loads(request_of(TRIAL, None, 300, 3_600))["policy"]
    assert policy == {"executionTimeout": 3_600_000, "ttl": 3_960_000}


def test_the_folder_of_this_machine_stays_here():
    assert b"of/this/machine" not in request_of(TRIAL, None, 300, 3_600)


def test_a_trial_that_does_not_fit_is_told_in_one_line():
    random = Random(0)
    long = TRIAL.model_copy(update={"hyperparameters": {f"p{n}": random.random() for n in range(100)}})
    with pytest.raises(ServiceFaultError, match=r"the trial's spec is too long to be sent: .* of 1,000 bytes"):
        request_of(long, None, 300, 3_600)
