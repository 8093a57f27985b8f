"""Which of equal trials leads a study."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.store.samples import GOOD, complete, epoch
from tuner.spec import StudySpec
from tuner.study.leader import Leader


def leader_of(order, **fields):
    leader = Leader(StudySpec(run_name="s", **fields))
    for number in order:
        value = {1: 0.5, 2: 0.75, 3: 0.75, 4: 0.25}[number]
        leader.add_end(complete(number, objective=value, performance=GOOD, values={"val_accuracy": value}))
    assert leader.current is not None
    return leader.current.trial_number


@pytest.mark.parametrize("order", list(permutations([1, 2, 3, 4])))
def test_of_equal_trials_the_first_to_end_leads_or_the_first_by_number_in_a_deterministic_study(order):
    assert leader_of(order) == next(number for number in order if number in (2, 3))
    assert leader_of(order, deterministic=True) == 2


def test_of_trials_with_equal_objectives_the_one_that_ends_with_the_lowest_loss_leads():
    leader = Leader(StudySpec(run_name="s"))
    values = {"val_accuracy": epoch(1).objective}
    for number, loss in ((1, 0.4), (2, 0.3), (3, 0.5)):
        performance = GOOD.model_copy(update={"loss": loss})
        running = leader.add_epoch(number, epoch(1, number), values, performance)
        assert (running is None) == (number > 1), "a running trial takes no lead from an equal one"
        leader.add_end(complete(number, objective=epoch(1).objective, performance=performance, values=values))
    assert leader.current is not None
    assert (leader.current.trial_number, leader.best_ended) == (2, 2)


def test_a_leader_that_ends_as_good_as_it_was_with_a_lower_loss_is_no_new_leader():
    leader = Leader(StudySpec(run_name="s"))
    best, values = epoch(1), {"val_accuracy": epoch(1).objective}
    assert leader.add_epoch(1, best, values, GOOD) is not None
    lower = GOOD.model_copy(update={"loss": GOOD.loss / 2})
    assert leader.add_end(complete(1, objective=best.objective, performance=lower, values=values)) is None
    assert leader.current is not None
    assert leader.current.performance == lower
