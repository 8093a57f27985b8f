"""The figure of a scheduler's rungs says what it compared."""

from __future__ import annotations

from math import inf

import pytest

from tests.search.test_warm_start import epoch, row
from tuner.events import StoppedBy
from tuner.plots.rungs import rungs_figure, rungs_of
from tuner.plots.style import Caption, to_png


def stopped(number, value, rung=1, trained=1, cutoff=0.5, **fields):
    by = StoppedBy(scheduler="asha", rung=rung, value=value, cutoff=cutoff, rank=4, of=4)
    return row(number, value, status="pruned").model_copy(
        update={"stopped_by": by, "epochs_trained": trained, "saved_s": 30.0} | fields
    )


def finished(number, epochs=9):
    return row(number, 0.9).model_copy(update={"epochs_trained": epochs})


def curve(number, *values):
    return [epoch(number, at, value) for at, value in enumerate(values, 1)]


TRIALS = [finished(1), stopped(2, 0.3), stopped(3, 0.4, cutoff=0.6), stopped(4, 0.55, rung=2, trained=3, cutoff=0.7)]
EPOCHS = [
    *curve(1, 0.6, 0.7, 0.8, *[0.9] * 6),
    *curve(2, 0.3),
    *curve(3, 0.4),
    *curve(4, 0.52, 0.53, 0.55),
]


def test_each_rung_has_its_stopped_trials_their_cutoffs_and_those_that_went_on():
    first, second = rungs_of(TRIALS, EPOCHS)
    assert first.name == "rung 1: epoch 1"
    assert (first.stopped, first.cutoffs) == (((2, 0.3), (3, 0.4)), (0.5, 0.6))
    assert first.went_on == ((1, 0.6), (4, 0.52)), "with their values at the rung"
    assert (second.name, second.stopped, second.went_on) == ("rung 2: epoch 3", ((4, 0.55),), ((1, 0.8),))


def test_rungs_in_seconds_are_where_the_first_stopped_trial_was():
    trials = [finished(1, 4), stopped(2, 0.3, trained=2), stopped(3, 0.4, trained=3)]
    long = [one.model_copy(update={"duration_s": 2.0}) for one in curve(1, 0.6, 0.7, 0.8, 0.9)]
    (rung,) = rungs_of(trials, [*long, *curve(2, 0.1, 0.3), *curve(3, 0.1, 0.2, 0.4)])
    assert rung.name == "rung 1: about 2.0 s"
    assert rung.went_on == ((1, 0.6),), "after 2 s it had trained one epoch"


def test_without_rungs_trials_are_grouped_by_the_epoch_after_which_they_were_stopped():
    trials = [finished(1), stopped(2, 0.3, rung=None, trained=2), stopped(3, 0.4, rung=None, trained=1)]
    epochs = [*curve(1, *[0.9] * 9), *curve(2, 0.2, 0.3), *curve(3, 0.4)]
    assert [(rung.name, rung.stopped) for rung in rungs_of(trials, epochs)] == [
        ("epoch 1", ((3, 0.4),)), ("epoch 2", ((2, 0.3),)),
    ]  # fmt: skip


def figure(trials=TRIALS, epochs=EPOCHS, objective="val_accuracy"):
    return rungs_figure(trials, epochs, objective, Caption("digits"))


def test_the_figure_counts_and_names_what_was_saved():
    drawn = figure()
    assert drawn.get_suptitle() == "The scheduler stopped 3 of 4 trials, saving about 90 s"
    axes = drawn.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "rung 1: epoch 1\n2 stopped\n2 went on", "rung 2: epoch 3\n1 stopped\n1 went on", "end\n1\ncompleted",
    ]  # fmt: skip
    values = [y for group in axes.collections for _, y in group.get_offsets().tolist()]
    assert sorted(value for value in values if value) == sorted([0.3, 0.4, 0.55, 0.6, 0.52, 0.8, 0.9])
    assert [line.get_ydata()[0] for line in axes.lines] == [0.55, 0.7], "the medians of the cutoffs"


def test_exploded_losses_are_beyond_the_axis_and_counted():
    trials = [stopped(number, 0.1 * number, trained=1) for number in range(1, 10)] + [stopped(10, 1e9)]
    drawn = figure(trials, [point for one in trials for point in curve(one.trial_number, 0.1)], "val_loss")
    assert drawn.axes[0].get_ylim()[1] < 2
    assert "1 points are beyond the axis" in drawn.get_supxlabel()


def test_a_trial_whose_value_is_infinite_at_a_rung_is_left_out():
    (rung,) = rungs_of([stopped(2, 0.3), finished(1)], [*curve(2, 0.3), *curve(1, inf, 0.5)])
    assert rung.went_on == ()


@pytest.mark.parametrize("trials", [[], [finished(1)]])
def test_a_study_without_stopped_trials_says_what_a_scheduler_does(trials):
    drawn = figure(trials, [])
    assert drawn.get_suptitle() == "The scheduler stopped no trial"
    assert "stops trials that fall behind" in drawn.axes[0].texts[0].get_text()


def test_trials_whose_epochs_are_gone_are_drawn():
    assert to_png(figure(TRIALS, [])).startswith(b"\x89PNG")
