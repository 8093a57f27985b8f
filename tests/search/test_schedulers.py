"""The schedulers, driven with scripted curves as Ray Tune drives them."""

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from ray.tune.schedulers import TrialScheduler

from tests.search.samples import space
from tests.store import samples
from tuner.search.comparison import Comparison, Comparisons
from tuner.search.rungs import make_rungs
from tuner.search.scheduler_report import EPOCH, OBJECTIVE, TRAINED_S, batches_per_epoch, scheduler_report
from tuner.search.schedulers import make_scheduler, remember
from tuner.spec import StudySpec
from tuner.store import Store

NOTHING_WAITS = SimpleNamespace(get_live_trials=list)
"""Ray Tune's controller while no trial waits."""


@dataclass(frozen=True)
class Trial:
    trial_id: str


def made(spec):
    return make_scheduler(spec, space(), make_rungs(spec, concurrent=2))


def drive(spec, curves):
    """Feed trials one after the other, epoch by epoch; gives the epochs that each was allowed to train."""
    scheduler = made(spec)
    trained = []
    for number, curve in enumerate(curves):
        trial = Trial(str(number))
        scheduler.on_trial_add(None, trial)
        for epoch, objective in enumerate(curve, start=1):
            result = {"epoch": epoch, OBJECTIVE: objective}
            if epoch == len(curve):
                break  # the worker says that this one is the last: Ray Tune does not ask the scheduler
            if scheduler.on_trial_result(NOTHING_WAITS, trial, result) == TrialScheduler.STOP:
                break
        scheduler.on_trial_complete(None, trial, result)
        trained.append(epoch)
    return trained


def falling(first, trials, epochs):
    """Curves of which each one is worse than all before."""
    return [[first - 0.05 * number] * epochs for number in range(trials)]


def test_asha_ends_trials_that_lag_behind_at_the_first_rung_once_three_have_reached_it():
    spec = StudySpec(max_epochs_per_trial=9)
    assert drive(spec, falling(0.9, 6, 9)) == [9, 9, 9, 1, 1, 1]


def test_ashas_rungs_are_at_min_epochs_times_powers_of_three():
    spec = StudySpec(min_epochs_per_trial=2, max_epochs_per_trial=20)
    good_until = {epochs: [0.9] * (epochs - 1) + [0.1] * (21 - epochs) for epochs in (1, 2, 3, 6, 7, 18, 19)}
    ended = {epochs: drive(spec, [[0.5] * 20] * 3 + [curve])[3] for epochs, curve in good_until.items()}
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
    assert drive(spec, [[0.5] * 9] * 3 + [[0.9] * 9, [0.1] * 9]) == [9, 9, 9, 1, 9]


@pytest.mark.parametrize("epochs", [1, 2, 3, 4, 9, 10, 27])
def test_asha_itself_ends_no_trial_at_its_last_epoch_for_being_the_last(epochs):
    scheduler = made(StudySpec(max_epochs_per_trial=epochs))
    trial = Trial("only")
    scheduler.on_trial_add(None, trial)
    for epoch in range(1, epochs + 1):
        decision = scheduler.on_trial_result(None, trial, {"epoch": epoch, OBJECTIVE: 0.5})
        assert decision == TrialScheduler.CONTINUE, epoch


def test_asha_waits_for_the_first_objective():
    scheduler = made(StudySpec())
    trial = Trial("only")
    scheduler.on_trial_add(None, trial)
    assert scheduler.on_trial_result(None, trial, {"events": []}) == TrialScheduler.CONTINUE


def test_none_trains_all_to_their_end():
    spec = StudySpec(max_epochs_per_trial=9, scheduler="none")
    assert drive(spec, falling(0.9, 6, 9)) == [9] * 6


def test_median_ends_trials_below_the_median_of_the_others():
    spec = StudySpec(max_epochs_per_trial=6, scheduler="median")
    assert drive(spec, [[0.7] * 6, [0.8] * 6, [0.9] * 6, [0.5] * 6, [0.85] * 6]) == [6, 6, 6, 1, 6]


def test_median_takes_a_trial_without_a_result_for_none():
    scheduler = made(StudySpec(scheduler="median"))
    diverged, later = Trial("diverged"), Trial("later")
    nothing = {EPOCH: 0, OBJECTIVE: math.nan}
    assert scheduler.on_trial_result(None, diverged, nothing) == TrialScheduler.CONTINUE
    scheduler.on_trial_complete(None, diverged, nothing)
    for epoch in (1, 2, 3):
        assert scheduler.on_trial_result(NOTHING_WAITS, later, {EPOCH: epoch, OBJECTIVE: 0.5}) == "CONTINUE"


def test_median_judges_a_trial_by_its_epochs_and_not_by_a_report_before_the_first():
    scheduler = made(StudySpec(scheduler="median", max_epochs_per_trial=3))
    for number, objective in enumerate([0.5, 0.6, 0.7, 0.9, 0.4]):
        trial = Trial(str(number))
        scheduler.on_trial_add(None, trial)
        reports = [{EPOCH: 0, OBJECTIVE: math.nan}, *({EPOCH: epoch, OBJECTIVE: objective} for epoch in (1, 2, 3))]
        decisions = [scheduler.on_trial_result(NOTHING_WAITS, trial, report) for report in reports]
        assert (TrialScheduler.STOP in decisions) == (objective == 0.4), objective


def test_hyperband_ends_laggards_at_the_rungs_of_their_bracket():
    spec = StudySpec(max_epochs_per_trial=27, scheduler="hyperband")
    np.random.seed(0)  # Ray draws a trial's bracket from NumPy's own generator
    trained = drive(spec, falling(0.9, 60, 27))
    assert set(trained) == {1, 3, 9, 27}, "three brackets begin at three rungs"


@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
def test_a_resumed_study_compares_with_the_trials_of_its_earlier_run(name, tmp_path):
    spec = StudySpec(run_name="a", max_epochs_per_trial=9, scheduler=name)
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(spec, folder="")
        for number in range(1, 20):
            curve = [samples.epoch(e, number, objective=0.9) for e in range(1, 10)]
            events = [samples.start(number), *curve, samples.complete(number)]
            for event in events:
                store.append("a", event)
        scheduler = made(spec)
        remember(scheduler, spec, store.trials("a"), store.epochs("a"), 50_000)
    bad = Trial("bad")
    scheduler.on_trial_add(None, bad)
    for epoch in range(1, 10):
        if scheduler.on_trial_result(NOTHING_WAITS, bad, {EPOCH: epoch, OBJECTIVE: 0.1}) == TrialScheduler.STOP:
            return
    pytest.fail("it was compared with none")


def test_with_a_time_budget_asha_compares_trials_after_equal_seconds():
    spec = StudySpec(time_budget_s=100, max_epochs_per_trial=50)  # two workers: rungs at 2 s, 6 s, 18 s, 54 s
    scheduler = made(spec)

    def ended_after(name, seconds_per_epoch, objective):
        trial = Trial(name)
        scheduler.on_trial_add(None, trial)
        for epoch in range(1, 100 // seconds_per_epoch + 1):
            result = scheduler_report(1, epoch, objective(epoch * seconds_per_epoch), epoch * seconds_per_epoch, 100)
            if scheduler.on_trial_result(None, trial, result) == TrialScheduler.STOP:
                return epoch * seconds_per_epoch
        return None

    for number in range(3):
        assert ended_after(f"quick {number}", 1, lambda s, better=number / 200: 0.5 + better + s / 200) is None
    assert ended_after("slow, as good after equal seconds", 7, lambda s: 0.51 + s / 200) is None
    assert ended_after("slow, better only by the epoch", 8, lambda s: 0.5 + s / 250) == 8


def test_rungs_of_seconds_hold_only_after_min_epochs():
    assert TRAINED_S not in scheduler_report(3, 2, 0.5, 100.0, 100)
    assert scheduler_report(3, 3, 0.5, 100.0, 100)[TRAINED_S] == 100.0


@pytest.mark.parametrize(("batches", "first"), [(4, 25), (30, 4), (100, 1)])
@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
def test_no_trial_ends_before_it_made_a_hundred_training_steps(name, batches, first):
    scheduler = made(StudySpec(max_epochs_per_trial=30, scheduler=name))
    np.random.seed(1)
    ended = []
    for number in range(20):
        trial = Trial(str(number))
        scheduler.on_trial_add(None, trial)
        for epoch in range(1, 31):
            report = scheduler_report(1, epoch, 0.9 - number / 100, float(epoch), batches)
            if scheduler.on_trial_result(NOTHING_WAITS, trial, report) == TrialScheduler.STOP:
                ended.append(epoch)
                break
    assert min(ended) == first


def test_several_gpus_make_fewer_steps_of_an_epoch():
    assert batches_per_epoch(1_000, {"batch_size": 64}, None) == 16
    devices = samples.start(1).devices
    assert devices is None or batches_per_epoch(1_000, {"batch_size": 64}, devices) == -(-1_000 // devices.batch_size)


# --- why a trial was ended ---


@pytest.mark.parametrize(
    ("fields", "curves", "expected"),
    [
        ({}, [0.9, 0.8, 0.7, 0.75], Comparison(value=0.75, cutoff=pytest.approx(0.8333, abs=1e-4), rank=3, of=4)),
        ({"objective": "val_loss"}, [0.1, 0.2, 0.3, 0.2], Comparison(0.2, pytest.approx(0.1667, abs=1e-4), 2, 4)),
        (
            {"deterministic": True, "concurrent_workers": 1},
            [0.9, 0.8, 0.7, 0.1],
            Comparison(0.1, pytest.approx(0.8333, abs=1e-4), 4, 4),
        ),
        ({"scheduler": "median"}, [0.7, 0.8, 0.9, 0.5], Comparison(0.5, 0.8, 4, 4)),
    ],
)
def test_it_says_by_which_comparison_it_ended_a_trial(fields, curves, expected):
    spec = StudySpec(max_epochs_per_trial=9, **fields)
    comparisons = Comparisons("min" if "objective" in fields else "max")
    scheduler = make_scheduler(spec, space(), make_rungs(spec, 1), 1, comparisons)
    for number, objective in enumerate(curves):
        trial = Trial(str(number))
        scheduler.on_trial_add(None, trial)
        for epoch in range(1, 10):
            result = {EPOCH: epoch, OBJECTIVE: objective}
            if scheduler.on_trial_result(NOTHING_WAITS, trial, result) == TrialScheduler.STOP:
                break
        scheduler.on_trial_complete(None, trial, result)
    assert comparisons.take("3") == expected
    assert comparisons.take("3") is None, "it is told once"
    assert comparisons.take("0") is None, "that one trained to its end"


# --- deterministic=true ---


def ended_at(curves, concurrent, rng):
    """The last epoch of each trial, where running trials report in a random order; at most `concurrent` run."""
    spec = StudySpec(max_epochs_per_trial=9, deterministic=True, concurrent_workers=concurrent)
    scheduler = make_scheduler(spec, space(), make_rungs(spec, concurrent), concurrent)
    trials, running, ended = [Trial(str(number)) for number in range(len(curves))], {}, {}
    started = 0
    while len(ended) < len(curves):
        while started < len(curves) and started - min(running, default=started) < concurrent:
            scheduler.on_trial_add(None, trials[started])
            running[started] = 0
            started += 1
        number = int(rng.choice(list(running)))
        running[number] += 1
        report = scheduler_report(1, running[number], curves[number][running[number] - 1], 1.0, 100)
        decision = scheduler.on_trial_result(None, trials[number], report)
        if decision == TrialScheduler.STOP or running[number] == 9:
            scheduler.on_trial_complete(None, trials[number], report)
            ended[number] = running.pop(number)
    return [ended[number] for number in range(len(curves))]


@pytest.mark.parametrize("concurrent", [1, 2, 5])
def test_which_trials_end_early_does_not_depend_on_the_order_of_their_reports(concurrent):
    rng = np.random.default_rng(0)
    curves = np.sort(rng.random((30, 9)), axis=1)
    found = {tuple(ended_at(curves, concurrent, np.random.default_rng(seed))) for seed in range(40)}
    assert len(found) == 1
    assert 1 in next(iter(found)), "weak ones end at the first rung"
    assert 9 in next(iter(found))


def test_one_worker_ends_the_same_trials_as_ray_tunes_asha():
    curves = [list(curve) for curve in np.sort(np.random.default_rng(3).random((25, 9)), axis=1)]
    spec = StudySpec(max_epochs_per_trial=9)
    assert ended_at(curves, 1, np.random.default_rng(0)) == drive(spec, curves)
