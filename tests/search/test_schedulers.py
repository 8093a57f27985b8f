"""The schedulers, driven with scripted curves as Ray Tune drives them."""

from dataclasses import dataclass

import pytest
from ray.tune.schedulers import TrialScheduler

from tuner.search.schedulers import make_scheduler
from tuner.search.searcher import OBJECTIVE
from tuner.spec import StudySpec


@dataclass
class Trial:
    trial_id: str


def drive(spec, curves):
    """Feed trials one after the other, epoch by epoch; gives the epochs that each was allowed to train."""
    scheduler = make_scheduler(spec)
    trained = []
    for number, curve in enumerate(curves):
        trial = Trial(str(number))
        scheduler.on_trial_add(None, trial)
        for epoch, objective in enumerate(curve, start=1):
            result = {"epoch": epoch, OBJECTIVE: objective}
            if epoch == len(curve):
                break  # the worker says that this one is the last: Ray Tune does not ask the scheduler
            if scheduler.on_trial_result(None, trial, result) == TrialScheduler.STOP:
                break
        scheduler.on_trial_complete(None, trial, result)
        trained.append(epoch)
    return trained


def falling(first, trials, epochs):
    """Curves of which each one is worse than all before."""
    return [[first - 0.05 * number] * epochs for number in range(trials)]


def test_asha_ends_trials_that_lag_behind_at_the_first_rung():
    spec = StudySpec(max_epochs_per_trial=9)
    assert drive(spec, falling(0.9, 4, 9)) == [9, 1, 1, 1]


def test_ashas_rungs_are_at_min_epochs_times_powers_of_three():
    spec = StudySpec(min_epochs_per_trial=2, max_epochs_per_trial=20)
    good_until = {epochs: [0.9] * (epochs - 1) + [0.1] * (21 - epochs) for epochs in (1, 2, 3, 6, 7, 18, 19)}
    ended = {epochs: drive(spec, [[0.5] * 20, curve])[1] for epochs, curve in good_until.items()}
    assert ended == {1: 2, 2: 2, 3: 6, 6: 6, 7: 18, 18: 18, 19: 20}


def test_asha_ends_no_trial_before_min_epochs():
    spec = StudySpec(min_epochs_per_trial=4, max_epochs_per_trial=12)
    assert min(drive(spec, falling(0.9, 6, 12))) == 4


def test_asha_lets_the_best_pass():
    spec = StudySpec(max_epochs_per_trial=9)
    rising = list(reversed(falling(0.9, 5, 9)))
    assert drive(spec, rising) == [9] * 5


def test_asha_minimises_a_loss():
    spec = StudySpec(max_epochs_per_trial=9, objective="val_loss")
    assert drive(spec, [[0.5] * 9, [0.9] * 9, [0.1] * 9]) == [9, 1, 9]


@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 9, 10, 27])
def test_asha_itself_ends_no_trial_at_its_last_epoch_for_being_the_last(epochs):
    scheduler = make_scheduler(StudySpec(max_epochs_per_trial=epochs))
    trial = Trial("only")
    scheduler.on_trial_add(None, trial)
    for epoch in range(1, epochs + 1):
        decision = scheduler.on_trial_result(None, trial, {"epoch": epoch, OBJECTIVE: 0.5})
        assert decision == TrialScheduler.CONTINUE, epoch


def test_asha_waits_for_the_first_objective():
    scheduler = make_scheduler(StudySpec())
    trial = Trial("only")
    scheduler.on_trial_add(None, trial)
    assert scheduler.on_trial_result(None, trial, {"events": []}) == TrialScheduler.CONTINUE


def test_none_trains_all_to_their_end():
    spec = StudySpec(max_epochs_per_trial=9, scheduler="none")
    assert drive(spec, falling(0.9, 6, 9)) == [9] * 6
