"""What comes of values that are late, early, twice, missing or wrong."""

from __future__ import annotations

import random

import pytest

from tests.runners.runpod.samples import TRIAL, complete, epoch, start, value, values
from tests.store.samples import SUMMARY
from tuner.events import BatchProgress
from tuner.remote_protocol import WeightsUnavailable
from tuner.runners.runpod.api import BadAnswerError
from tuner.runners.runpod.job_output import JobOutput


def told(answers: JobOutput, *given) -> list[str]:
    """What is given out for these values: types, and the numbers of epochs."""
    found = [event for one in given for event in answers.take(one)]
    return [f"{event.type} {event.epoch}" if hasattr(event, "epoch") else event.type for event in found]


ALL = ["trial_start", *(f"epoch_progress {number}" for number in range(1, 5)), "trial_complete"]


@pytest.fixture
def answers() -> JobOutput:
    return JobOutput(TRIAL)


def test_events_are_given_out_as_they_come(answers):
    for given, expected in zip(values(), ALL, strict=True):
        assert told(answers, given) == [expected]
    assert answers.complete
    assert (answers.last_epoch, answers.training_s) == (4, 8.0)


@pytest.mark.parametrize("seed", range(20))
def test_in_whatever_order_and_number_they_come_each_is_told_once_and_in_order(answers, seed):
    mixed = values() + values() + values("d2")
    random.Random(seed).shuffle(mixed)
    assert told(answers, *mixed) == ALL


def test_a_job_that_begins_anew_on_another_worker_goes_on_where_the_first_one_was_lost(answers):
    assert told(answers, *values()[:3]) == ALL[:3]
    assert told(answers, *values("d2")) == ALL[3:]


def test_the_end_waits_for_the_weights_that_come_before_it(answers):
    end, lost = value(6, event=complete()), value(5, weights=WeightsUnavailable(unavailable="too large"))
    assert told(answers, *values()[:5], end) == ALL[:5]
    assert told(answers, lost) == ALL[5:]
    assert answers.weights == [WeightsUnavailable(unavailable="too large")]


def test_if_they_never_come_the_trial_ends_without_them(answers):
    told(answers, *values()[:5], value(6, event=complete()))
    assert [event.type for event in answers.finish()] == ["trial_complete"]
    assert answers.weights == []


def test_weights_of_a_worker_that_was_lost_are_not_mixed_with_those_of_another(answers):
    told(answers, *values()[:5], value(5, weights=WeightsUnavailable(unavailable="of d1")), *values("d2"))
    assert answers.complete
    assert answers.weights == []


def test_an_end_without_all_epochs_is_none(answers):
    told(answers, values()[0], values()[1], values()[5])
    assert list(answers.finish()) == []
    assert not answers.complete


def test_a_trial_that_is_too_large_ends_without_a_start(answers):
    end = complete(status="rejected", cause="too_large", epochs_trained=0, best_epoch=None)
    assert told(answers, value(0, event=end)) == ["trial_complete"]


def test_batches_of_the_epoch_that_runs_are_told_and_no_others(answers):
    batch = {"trial_number": 1, "epochs": 4, "batch": 3, "batches": 9}
    first, second = (value(number, event=BatchProgress(epoch=number, **batch)) for number in (1, 2))
    assert told(answers, first, values("d2")[0], value(9, event=BatchProgress(epoch=1, **batch)), second) == [
        "trial_start",
        "batch_progress 1",
    ]


def test_what_figures_need_comes_with_an_epoch_and_older_workers_send_none(answers):
    given = [start(), epoch(1, summary=SUMMARY), epoch(2)]
    sent = [value(number, event=event) for number, event in enumerate(given)]
    assert "summary" not in sent[2]["event"], "as an older worker sends it"
    first, second = [event for one in sent for event in answers.take(one)][1:]
    assert (first.summary, second.summary) == (SUMMARY, None)


def test_times_are_of_this_machine(answers):
    (event,) = answers.take(value(0, event=start(time="2001-01-01T00:00:00Z")))
    assert event.time.year > 2001


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("text", "the worker yielded an invalid answer"),
        ({}, "invalid answer: delivery: Field required"),
        ({"delivery": "d", "number": 0}, "must hold an event or weights"),
        ({"delivery": "d", "number": 0, "event": {"type": "no_such"}}, "invalid answer: event"),
        (values()[0] | {"more": 1}, "invalid answer: more=1: unknown key"),
        (value(0, event=start(trial_number=2)), "answered for another trial than s-00001"),
        (value(0, event=start(trial_id="t-00001")), "answered for another trial than s-00001"),
        (value(0, event=start(hyperparameters={"epochs": 5})), "other hyperparameters than requested"),
        (value(0, event=epoch(5)), "reported an epoch above 4"),
        (
            {"delivery": "d", "number": 0, "event": epoch(1).model_dump(mode="json") | {"objective": "nan"}},
            "a epoch_progress with a number that is not finite",
        ),
        (
            {"delivery": "d", "number": 0, "event": complete().model_dump(mode="json") | {"values": {"loss": "inf"}}},
            "with a number that is not finite",
        ),
        (
            {"delivery": "d", "number": 0, "weights": {"part": 1, "parts": 10**9, "sha256": "", "data": ""}},
            "announced 1,000,000,000 parts of weights",
        ),
    ],
)
def test_what_no_worker_may_say_is_refused_in_one_line(answers, given, why):
    with pytest.raises(BadAnswerError) as caught:
        list(answers.take(given))
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
