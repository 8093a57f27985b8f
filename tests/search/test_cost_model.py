"""What trials cost, and how much that counts."""

import pytest

from tests.search.samples import IMAGES, RandomSuggester, space
from tests.store.samples import complete, epoch, start
from tuner.devices.epoch_cost import CPU_RATES, GPU_RATES, PASSES, FittedRates, TrialLoad
from tuner.models import training_load
from tuner.search.auto_sampler import AutoSampler
from tuner.search.cost_model import CostModel
from tuner.search.time_budget import TimeBudget
from tuner.search.trial_planner import STARTUP_TRIALS
from tuner.spec import StudySpec

SPACE = space()


def load(hyperparameters):
    return training_load("cnn", hyperparameters, IMAGES, 10, 10_000)


def epoch_load(operations, batches, steps):
    """The load of an epoch with these totals."""
    return TrialLoad(0, 0, operations / (PASSES * batches), steps / (PASSES * batches), 1, batches, epochs=1)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def cost_model(clock, deadline=None, done=0, **fields):
    budget = TimeBudget(None if deadline is None else deadline - clock.now, clock)
    budget.learn(start(1))
    return CostModel(StudySpec(run_name="a", **fields), load, budget, done)


def small_and_large():
    drawn = sorted((SPACE.suggest(RandomSuggester(seed)) for seed in range(50)), key=lambda hp: load(hp).operations)
    return drawn[0], drawn[-1]


# --- seconds ---


def test_without_a_measurement_more_work_takes_longer():
    seconds = FittedRates()
    assert 0 < seconds.epoch_s(epoch_load(1e9, 10, 0)) < seconds.epoch_s(epoch_load(1e12, 10, 0))
    assert seconds.epoch_s(epoch_load(1e9, 10, 0)) < seconds.epoch_s(epoch_load(1e9, 10, 1e5))


def test_measured_epochs_teach_the_speed_of_this_worker():
    seconds = FittedRates()
    for flops in (1e9, 1e10, 1e11):
        for batches in (10, 100):
            for number in (1, 2, 3):
                took = flops / 2e9 + batches * 0.01 + (7.0 if number == 1 else 0.0)
                seconds.learn(epoch_load(flops, batches, 0), took, first=number == 1)
    assert seconds.start_s == pytest.approx(7.0, rel=0.1)
    assert seconds.epoch_s(epoch_load(3e10, 50, 0)) == pytest.approx(3e10 / 2e9 + 0.5, rel=0.1)
    assert seconds.epoch_s(epoch_load(1e12, 50, 0)) == pytest.approx(500, rel=0.1), "a giant that was never run"


def test_a_single_first_epoch_gives_sane_predictions():
    seconds = FittedRates()
    seconds.learn(epoch_load(1e9, 10, 0), 30.0, first=True)
    assert seconds.epoch_s(epoch_load(1e9, 10, 0)) > 0
    assert seconds.start_s > 0


# --- how much it counts ---


def test_cost_counts_less_as_the_trials_run_out(clock):
    known = cost_model(clock, trials=4)
    seen = [known.exponent()]
    for number in range(1, 5):
        known.learn(complete(number))
        seen.append(known.exponent())
    assert seen == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_cost_counts_less_as_the_time_runs_out(clock):
    known = cost_model(clock, deadline=200.0, trials=1_000)
    assert known.exponent() == 1.0
    clock.now = 175.0
    assert known.exponent() == 0.25
    clock.now = 999.0
    assert known.exponent() == 0.0


def test_rejected_and_cancelled_trials_use_up_none_of_the_budget(clock):
    known = cost_model(clock, trials=4, done=2)
    known.learn(complete(1, status="rejected"))
    known.learn(complete(2, status="cancelled"))
    assert known.exponent() == 1.0
    known.learn(complete(3, status="pruned"))
    assert known.exponent() == 0.5


def test_nothing_is_started_that_has_the_time_for_less_than_a_third_of_its_epochs(clock):
    small, large = small_and_large()
    known = cost_model(clock, deadline=200.0)
    for number, hp in ((1, small), (2, large)):
        known.learn(start(number, hyperparameters=hp))
        for at in (1, 2):
            known.learn(epoch(at, number, duration_s=load(hp).operations / 1e10))
    assert load(small).operations / 1e10 * 10 / 3 < 40 < load(large).operations / 1e10, "the largest is far above"
    clock.now = 150.0
    assert known.in_time({**small, "epochs": 10}) is not None
    assert known.in_time({**large, "epochs": 10}) is None
    assert cost_model(clock).in_time(large) == large, "without a budget, everything may start"


def test_epochs_of_a_trial_that_goes_on_begin_with_a_slow_one_too(clock):
    small, _ = small_and_large()
    known = cost_model(clock)
    known.learn(start(1, hyperparameters=small, resumed_from_epoch=4))
    known.learn(epoch(5, 1, duration_s=60.0))
    known.learn(epoch(6, 1, duration_s=1.0))
    cost = known.cost(small)
    assert 20 < cost < 120


# --- what that does to a search ---


def first_costs(cost):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = AutoSampler(SPACE, 3, cost=cost)
    study = optuna.create_study(sampler=sampler)
    costs = []
    for _ in range(STARTUP_TRIALS):
        trial = study.ask()
        costs.append(load(SPACE.suggest(trial)).operations)
        study.tell(trial, 0.5)
    return costs


def test_the_first_trials_begin_with_cheap_networks_and_grow():
    costs = first_costs(lambda hp: load(hp).operations)
    free = first_costs(None)
    assert costs[0] == min(costs)
    assert sum(costs) < sum(free) / 2
    assert max(costs[5:]) > 3 * costs[0]


def test_a_deterministic_search_calculates_costs_and_measures_none(clock):
    small, large = small_and_large()
    calculated, measured = cost_model(clock, deterministic=True), cost_model(clock)
    before = calculated.cost(small)
    for model in (calculated, measured):
        model.learn(start(1, hyperparameters=small))
        model.learn(epoch(1, 1, duration_s=1_000.0))
        model.learn(complete(1, hyperparameters=small))
    assert calculated.cost(small) == before < calculated.cost(large)
    assert measured.cost(small) != before
    assert calculated.exponent() == measured.exponent() == 0.95


# --- epochs ---


def epochs_in_time(model, epochs):
    hyperparameters, _ = small_and_large()
    found = model.in_time({**hyperparameters, "epochs": epochs})
    return found and found["epochs"]


def measured(clock, seconds_per_epoch, begun=True, **fields):
    """A model that knows how long an epoch of the smallest network takes, with 100 s of time."""
    budget = TimeBudget(100.0, clock)
    if begun:
        budget.learn(start(1))
    model = CostModel(StudySpec(run_name="a", time_budget_s=100, **fields), load, budget, 0)
    hyperparameters, _ = small_and_large()
    model.learn(start(2, hyperparameters=hyperparameters))
    for number in range(2, 20):
        model.learn(epoch(number, 2, duration_s=seconds_per_epoch))
    return model


def test_a_trial_is_planned_with_the_epochs_that_it_has_the_time_for(clock):
    model = measured(clock, 4.0)
    assert 19 <= epochs_in_time(model, 30) <= 22, "nine tenths of the time, less the start of a trial"
    assert epochs_in_time(model, 5) == 5
    clock.now += 50
    assert 10 <= epochs_in_time(model, 30) <= 11, "what is left"
    clock.now += 10
    assert epochs_in_time(model, 30) is None, "less than a third"


def test_before_anything_is_measured_a_gpu_is_taken_for_faster_than_a_cpu():
    _, large = small_and_large()
    assert FittedRates(GPU_RATES).epoch_s(load(large)) < FittedRates(CPU_RATES).epoch_s(load(large)) / 10


def test_the_first_trials_start_with_a_third_of_their_epochs_at_least(clock):
    assert epochs_in_time(measured(clock, 50.0, begun=False), 30) == 10
    assert epochs_in_time(measured(clock, 50.0, begun=False, min_epochs_per_trial=12), 30) == 12


def test_epochs_that_are_searched_stay(clock):
    assert epochs_in_time(measured(clock, 5.0, space={"epochs": "10..30"}), 30) == 30
