"""What a worker refuses, and in which words."""

from __future__ import annotations

import pytest

from runpod_handler.handler import concurrent_trials, parsed_request
from tests.runpod_handler.samples import DIGITS, job_input, trial
from tuner.errors import FixInputError


@pytest.fixture
def concurrent(monkeypatch):
    """Tells what CONCURRENT_TRIALS gives; None: it is not set."""

    def of(value):
        if value is None:
            monkeypatch.delenv("CONCURRENT_TRIALS", raising=False)
        else:
            monkeypatch.setenv("CONCURRENT_TRIALS", value)
        return concurrent_trials()

    concurrent_trials.cache_clear()
    yield of
    concurrent_trials.cache_clear()


def test_what_a_client_sends_arrives_field_by_field():
    one = trial(7, threads=2, early_stopping_patience=3)
    request = parsed_request(job_input(one, weights_above=0.5))
    assert request.trial == one
    assert request.weights_above == 0.5


@pytest.mark.parametrize(
    ("job", "line"),
    [
        (None, "must be names with values"),
        ({}, "trial: Field required"),
        (job_input(trial()) | {"weight_above": 1}, "weight_above=1: unknown key"),
        ({"trial": job_input(trial())["trial"] | {"epochs": 0}}, "trial.epochs=0: must be greater than or equal to 1"),
        (
            {"trial": job_input(trial())["trial"] | {"epoch": 1, "epochs": "x"}},
            "trial.epochs='x': must be a valid integer",
        ),
        (job_input(trial(model="mine:build")), "model=mine:build: a remote worker does not have your own networks"),
        (job_input(trial(data=DIGITS.model_copy(update={"dataset": "/etc/passwd"}))), "dataset=/etc/passwd: a remote"),
        (job_input(trial(data=DIGITS.model_copy(update={"dataset": "digit"}))), "did you mean 'digits'?"),
        (
            job_input(trial(data=DIGITS.model_copy(update={"data_dir": "/data"}))),
            "data_dir=/data: a remote worker uses its own folder",
        ),
    ],
)
def test_what_cannot_be_trained_here_is_refused_in_one_line(job, line):
    with pytest.raises(FixInputError) as refused:
        parsed_request(job)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_worker_trains_one_trial_at_once_or_up_to_six(concurrent):
    assert concurrent(None) == 1


@pytest.mark.parametrize("number", ["0", "7", "two", ""])
def test_any_other_number_of_trials_at_once_is_refused(concurrent, number):
    with pytest.raises(FixInputError, match=f"CONCURRENT_TRIALS={number}: must be a number from 1 to 6"):
        concurrent(number)
