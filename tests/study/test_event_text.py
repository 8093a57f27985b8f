"""An event as one line: health and score are told where they are known."""

from __future__ import annotations

import pytest

from tests.store.samples import BASELINE, DATA, complete, epoch, finding, health, start
from tuner.events import BaselineFitted, DataRead, HealthAlert, NewBest, Performance
from tuner.study.event_text import event_line, event_lines

SCORED = Performance(total_score=0.9, accuracy=0.95, loss=0.2)


def test_without_health_a_line_is_as_it_ever_was():
    assert event_line(epoch(2)) == (
        "trial 1 epoch 2/10: loss 0.5000, accuracy 0.7000, val_loss 0.6000, val_accuracy 0.8000, 1.5 s"
    )
    plain = Performance(total_score=0.95, accuracy=0.95, loss=0.2)
    assert event_line(complete(performance=plain)) == "trial 1 completed, val_accuracy 0.9500: trained all epochs"
    assert event_line(NewBest(trial_number=1, objective=0.95, performance=plain)) == (
        "new best: trial 1, val_accuracy 0.9500"
    )


def test_an_epoch_tells_its_health_and_the_score_that_it_is_judged_by():
    told = event_line(epoch(1, health_metrics=health("accuracy_consistency"), objective=0.87))
    assert told.endswith("val_accuracy 0.8000, health ~0.86, total_score 0.8700, 1.5 s")


@pytest.mark.parametrize("objective", [0.8, 0.6, 0.9], ids=["val_accuracy", "val_loss", "overall_health"])
def test_an_epoch_that_is_judged_by_something_else_tells_no_score(objective):
    told = event_line(epoch(1, health_metrics=health(), objective=objective))
    assert told.endswith("val_accuracy 0.8000, health 0.90, 1.5 s")


def test_scores_that_count_every_class_alike_are_told_if_they_were_measured():
    assert ", val_accuracy 0.8000, val_macro_f1 0.5000, 1.5 s" in event_line(epoch(val_macro_f1=0.5))
    ended = complete(values={"val_balanced_accuracy": 0.25}, performance=SCORED)
    assert "completed, val_accuracy 0.9500, val_balanced_accuracy 0.2500" in event_line(ended)


def test_the_end_of_a_trial_tells_what_its_score_is_made_of():
    assert event_line(complete(performance=SCORED, health_metrics=health())) == (
        "trial 1 completed, val_accuracy 0.9500, health 0.90, total_score 0.9000: trained all epochs"
    )
    assert event_line(NewBest(trial_number=1, objective=0.9, performance=SCORED)) == (
        "new best: trial 1, val_accuracy 0.9500, total_score 0.9000"
    )


def test_an_alert_names_the_finding_what_shows_it_and_whether_there_is_hope():
    alert = HealthAlert(trial_number=3, finding=finding(epoch=4))
    assert event_line(alert) == "trial 3 epoch 4: dying_units: 41 % of block1_conv's units are dead"
    hopeless = HealthAlert(
        trial_number=3, finding=finding("no_learning", hopeless=True, evidence="loss 2.30 is chance")
    )
    assert event_line(hopeless) == "trial 3 epoch 2: no_learning (more epochs would not help): loss 2.30 is chance"


def test_the_start_of_a_trial_names_the_method_that_suggested_it():
    assert event_line(start(suggested_by="gaussian_process")).endswith(" parameters, suggested by gaussian process")
    assert "suggested by" not in event_line(start())


def test_the_report_on_the_data_has_a_line_for_each_note():
    assert event_lines(DataRead(data=DATA)) == [
        "data: 12 images of 2 classes, 8 x 8 pixels, greyscale",
        "data: 6 training, 4 validation, 2 test",
        "data: warning: all are alike",
    ]
    assert event_lines(complete()) == [event_line(complete())]


def test_the_baseline_is_named_with_its_validation_accuracy_and_not_tested_before_the_winner():
    assert event_line(BaselineFitted(baseline=BASELINE)) == (
        "baseline: logistic regression over 8 x 8 pixels, val_accuracy 0.8500, in 1.2 s"
    )
