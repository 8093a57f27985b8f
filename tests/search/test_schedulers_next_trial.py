"""Which trial gets a worker whose own one has ended, with a scripted controller of Ray Tune."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from ray.tune.experiment import Trial

from tests.search.samples import space
from tuner.search.rungs import make_rungs
from tuner.search.schedulers import make_scheduler
from tuner.spec import StudySpec

SCHEDULERS = ("asha", "hyperband", "median", "none")


@dataclass(frozen=True)
class Waiting:
    number: int
    status: str = Trial.PENDING

    @property
    def config(self):
        return {"trial": {"trial_number": self.number}}


def chosen(scheduler, trials, asked=(), starting=()):
    """The number of the trial that is chosen.

    Args:
        asked: Trials for which a worker is asked for.
        starting: Those whose worker has a place, and starts.
    """
    manager = SimpleNamespace(is_actor_started=lambda actor: actor in starting)
    controller = SimpleNamespace(
        _trial_to_actor={trial: trial.number for trial in trials if trial.number in {*asked, *starting}},
        _actor_manager=manager,
        get_live_trials=lambda: set(trials),
    )
    spec = StudySpec(scheduler=scheduler)
    found = make_scheduler(spec, space(), make_rungs(spec, concurrent=2)).choose_trial_to_run(
        SimpleNamespace(_tune_controller=controller)
    )
    return found and found.number


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_who_came_first_is_first(scheduler):
    assert chosen(scheduler, [Waiting(9), Waiting(10), Waiting(8)]) == 8


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_trial_whose_worker_starts_waits_for_it(scheduler):
    assert chosen(scheduler, [Waiting(8), Waiting(9)], starting=[8]) == 9
    assert chosen(scheduler, [Waiting(8)], starting=[8]) is None


def test_a_trial_whose_worker_has_no_place_yet_does_not():
    assert chosen("none", [Waiting(8), Waiting(9)], asked=[8, 9]) == 8


def test_only_trials_that_wait_are_chosen():
    running = Waiting(8, Trial.RUNNING)
    assert chosen("none", [running]) is None
    assert chosen("none", [running, Waiting(9)]) == 9
