"""From a trial's events to the values of its job."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from runpod_handler.answers import answers
from tests.runpod_handler.samples import trial
from tuner.events import BatchProgress, EpochProgress, Metrics, TrialComplete
from tuner.remote_protocol import Answer, WorkRequest, unpack
from tuner.remote_protocol import joined as joined_parts

module = importlib.import_module("runpod_handler.answers")
WEIGHTS = [np.ones((2, 3), np.float32)]


@pytest.fixture
def script(monkeypatch):
    """Set `events`: (seconds later, event) each, instead of a training. `closed` tells that the training was ended."""
    told = SimpleNamespace(events=[], closed=False, now=0.0)

    def run_trial(one, data):
        try:
            for later, event in told.events:
                told.now += later
                yield event
        finally:
            told.closed = True

    monkeypatch.setattr(module, "run_trial", run_trial)
    return told


def batch(number=1):
    return BatchProgress(trial_number=1, epoch=1, epochs=1, batch=number, batches=10_000)


def epoch():
    return EpochProgress(
        trial_number=1,
        epoch=1,
        epochs=1,
        train=Metrics(loss=1, accuracy=0.5),
        validation=Metrics(loss=1, accuracy=0.5),
        objective=0.5,
        duration_s=1,
        inference_ms=1,
        snapshot=lambda: SimpleNamespace(best_weights=WEIGHTS),
    )


def end(status="completed", objective=0.5, **more):
    return TrialComplete(
        trial_number=1,
        trial_id="remote-00001",
        status=status,
        cause="all_epochs",
        reason="",
        hyperparameters={},
        objective=objective,
        **more,
    )


def told(script, *events, weights_above=None, objective="val_accuracy"):
    """The values, validated, of a trial with these events."""
    script.events = [event if isinstance(event, tuple) else (0.0, event) for event in events]
    request = WorkRequest(trial=trial(objective=objective), weights_above=weights_above)
    return [Answer.model_validate(value) for value in answers(request, None, clock=lambda: script.now)]


def test_values_are_numbered_from_0_within_a_delivery_of_their_own(script):
    one, other = told(script, batch(), epoch(), end()), told(script, epoch(), end())
    assert [value.number for value in one] == [0, 1, 2, 3]
    assert len({value.delivery for value in one}) == 1
    assert one[0].delivery != other[0].delivery


def test_batch_progress_comes_once_a_second_and_the_first_at_once(script):
    eighths = [(0.125, batch(number)) for number in range(1, 30)]
    assert [value.event.batch for value in told(script, *eighths, end())[:-1]] == [1, 9, 17, 25]


def test_a_long_training_reports_less_often(script):
    seconds = [(1.0, batch(number)) for number in range(1, 20_001)]
    assert 1_000 < len(told(script, *seconds, end())) < 5_000


def test_the_weights_come_before_the_end(script):
    *_, weights, last = told(script, epoch(), end())
    assert [array.tolist() for array in unpack(joined_parts([weights.weights]))] == [
        array.tolist() for array in WEIGHTS
    ]
    assert last.event.type == "trial_complete"


@pytest.mark.parametrize(
    ("objective", "value", "above", "come"),
    [
        ("val_accuracy", 0.5, None, True),
        ("val_accuracy", 0.5, 0.4, True),
        ("val_accuracy", 0.5, 0.5, False),
        ("val_loss", 0.5, 0.6, True),
        ("val_loss", 0.5, 0.4, False),
    ],
)
def test_weights_come_only_of_a_trial_that_is_better_than_the_best_so_far(script, objective, value, above, come):
    values = told(script, epoch(), end(objective=value), weights_above=above, objective=objective)
    assert (values[-2].weights is not None) is come


@pytest.mark.parametrize("status", ["failed", "diverged", "rejected"])
def test_a_trial_that_went_wrong_sends_no_weights(script, status):
    assert all(value.weights is None for value in told(script, epoch(), end(status)))


def test_a_crash_is_an_event_with_its_traceback(script):
    (last,) = told(script, end("failed", None, error="Traceback ..."))
    assert last.event.error == "Traceback ..."


def test_closing_the_values_ends_the_training(script):
    script.events = [(0.0, epoch())] * 3
    values = answers(WorkRequest(trial=trial()), None, clock=lambda: 0.0)
    next(values)
    assert not script.closed
    values.close()
    assert script.closed
