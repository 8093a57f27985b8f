"""With deterministic=true, what is suggested depends on no order in which trials happen to end."""

from __future__ import annotations

import random

import pytest

from tests.search.samples import narrowed
from tests.search.test_suggestions import NUMBERS, Devices, Driven
from tests.store.samples import complete, epoch, start
from tuner.packed_hyperparameters import unpacked
from tuner.search.ordered_results import OrderedResults
from tuner.search.searcher import StudySearcher


class Simulated(Driven):
    """A search whose trials end in a random order, with random seconds; a trial scores by its hyperparameters."""

    def __init__(self, concurrent, seed, **fields):
        self.order = random.Random(seed)
        super().__init__(deterministic=True, concurrent_workers=concurrent, seed=7, **fields)
        self.suggestions._ordered._concurrent = concurrent
        self.searcher = StudySearcher(
            self.spec, self.suggestions, self.spec.trials, stopped=lambda: False, devices=Devices(concurrent)
        )

    def run(self, trials):
        """Hyperparameters of so many trials, in the order of their numbers."""
        running, found, ids = {}, [], iter(range(1_000))
        while len(found) < trials or running:
            asked = str(next(ids))
            config = self.searcher.suggest(asked) if len(found) < trials else None
            if config is not None:
                trial = config["trial"]
                number, hp = trial["trial_number"], unpacked(trial["hyperparameters"])
                found.append((number, config["suggested_by"], hp))
                running[asked] = number, hp
                self.append(start(number, hyperparameters=hp))
                continue
            one = self.order.choice(list(running))
            number, hp = running[one]
            value = float(hp["dropout"]) + len(str(hp)) / 1_000
            self.append(epoch(1, number, objective=value, duration_s=self.order.random()))
            if self.order.random() < 0.6:
                del running[one]
                status = "completed" if number % 5 else "failed"
                values = {"val_accuracy": value, "val_loss": 1 - value, "parameter_count": 1.0}
                self.searcher.on_trial_complete(one)  # Ray Tune says so before the recorder does
                self.append(complete(number, status=status, hyperparameters=hp, objective=value, values=values))
        return found


FIELDS = [
    {},
    {"searcher": "tpe"},
    {"searcher": "random"},
    {"searcher": "cmaes", "space": narrowed(**NUMBERS)},
    {"searcher": "nsga2", "objective": ("val_accuracy", "parameter_count")},
    {"searcher": "auto", "objective": ("val_accuracy", "parameter_count")},
]


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: fields.get("searcher", "default"))
@pytest.mark.parametrize("concurrent", [1, 3])
def test_the_order_in_which_trials_end_decides_nothing(fields, concurrent):
    found = [Simulated(concurrent, seed, **fields).run(15) for seed in range(2)]
    assert found[0] == found[1]


def test_without_it_the_order_decides():
    class Free(Simulated):
        def __init__(self, *args):
            super().__init__(*args, searcher="tpe")
            self.suggestions._ordered = None

    found = [[hp for _, _, hp in Free(4, seed).run(16)] for seed in range(3)]
    assert any(one != found[0] for one in found)


def test_a_trial_waits_until_the_oldest_of_the_running_ones_has_ended():
    learned = []
    ordered = OrderedResults(2, lambda event: learned.append(event.trial_number))
    for number in (1, 2):
        assert ordered.ready
        ordered.release()
        ordered.suggested(number)
        ordered.add(start(number))
    ordered.add(complete(2))
    ordered.end(2)
    assert not ordered.ready
    ordered.release()
    assert learned == []
    ordered.add(complete(1))
    ordered.end(1)
    assert ordered.ready
    ordered.release()
    assert learned == [1, 1], "the result of trial 2 is for the suggestion after the next one"


def test_a_trial_that_was_not_suggested_is_learned_at_once():
    learned = []
    ordered = OrderedResults(1, learned.append)
    rejected = complete(3, status="rejected")
    ordered.add(rejected)
    assert learned == [rejected]


def test_a_trial_that_is_lost_without_an_event_blocks_nothing():
    ordered = OrderedResults(1, lambda event: None)
    ordered.suggested(1)
    assert not ordered.ready
    ordered.end(1)
    assert ordered.ready


def test_nothing_is_planned_ahead_or_together():
    driven = Driven(deterministic=True)
    assert driven.suggestions._planner is None, "a plan ahead sees what is known at that moment"
    assert driven.suggestions._sampler._planner._trials_per_plan(8) == 1
