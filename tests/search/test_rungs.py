"""Where trials are compared."""

import pytest

from tuner.search.rungs import Rungs, expected_epochs, make_rungs
from tuner.spec import StudySpec


@pytest.mark.parametrize(("epoch", "number"), [(1, 0), (2, 1), (5, 1), (6, 2), (18, 3), (53, 3), (54, 4)])
def test_rungs_are_numbered_from_the_first(epoch, number):
    rungs = make_rungs(StudySpec(min_epochs_per_trial=2, max_epochs_per_trial=100), concurrent=4)
    assert rungs == Rungs(2, 100)
    assert rungs.number(epoch, trained_s=1e6) == number


@pytest.mark.parametrize(("seconds", "number"), [(5.9, 0), (6.0, 1), (18.0, 2), (53.0, 2), (54.0, 3)])
def test_with_a_time_budget_rungs_are_seconds_of_all_workers(seconds, number):
    rungs = make_rungs(StudySpec(time_budget_s=300), concurrent=2)
    assert rungs.number(epoch=1000, trained_s=seconds) == number


def test_rungs_are_epochs_for_a_searcher_that_ignores_cost():
    assert make_rungs(StudySpec(time_budget_s=300, searcher="tpe"), concurrent=2).unit == "epoch"


@pytest.mark.parametrize(
    ("fields", "epochs"),
    [
        ({"max_epochs_per_trial": 9}, 1 + 2 / 3 + 6 / 9),
        ({"max_epochs_per_trial": 10}, 1 + 2 / 3 + 6 / 9 + 1 / 27),
        ({"max_epochs_per_trial": 5, "min_epochs_per_trial": 5}, 5),
        ({"max_epochs_per_trial": 9, "scheduler": "none"}, 9),
        ({"max_epochs_per_trial": 1}, 1),
    ],
)
def test_rungs_shorten_a_trial_on_average(fields, epochs):
    assert expected_epochs(StudySpec(**fields)) == pytest.approx(epochs)
