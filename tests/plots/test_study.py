"""The history and the curves of a study say what the rows say."""

from __future__ import annotations

import warnings
from math import inf, nan

import pytest

from tests.search import test_warm_start
from tests.search.test_warm_start import epoch
from tuner.objectives import Constraint
from tuner.plots.study import BEST_CURVES, MOST_CURVES, curves_figure, history_figure
from tuner.plots.style import Caption, to_png, to_svg


def row(number, value, **fields):
    """A trial; without a value it has none of any objective."""
    made = test_warm_start.row(number, value or 0.0, **fields)
    return made if value is not None else made.model_copy(update={"objective": None, "values": {}})


CAPTION = Caption("digits", "validation", 300, note="5 trials")
TRIALS = [
    row(1, 0.5),
    row(2, None, status="failed"),
    row(3, 0.8),
    row(4, 0.7, status="pruned"),
    row(5, 0.75, status="cancelled"),
]
EPOCHS = [epoch(1, 1, 0.4), epoch(1, 2, 0.5), epoch(3, 1, 0.6), epoch(3, 2, 0.8), epoch(4, 1, 0.7)]


def history(objective="val_accuracy", trials=TRIALS, **given):
    return history_figure(objective, trials, CAPTION, **given)


def groups(figure):
    """The points of each group by its label."""
    return {
        group.get_label(): [tuple(point) for point in group.get_offsets().tolist()]
        for group in figure.axes[0].collections
    }


def lines(figure):
    """The values of each labelled line."""
    return {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}


def sentence(figure):
    """The sentence of a figure that has nothing to draw."""
    (text,) = figure.axes[0].texts
    return text.get_text()


def test_each_status_has_its_own_marks_and_a_trial_without_a_value_is_a_mark_below():
    assert groups(history()) == {
        "completed": [(1, 0.5), (3, 0.8)],
        "pruned": [(4, 0.7)],
        "cancelled": [(5, 0.75)],
        "without a value (1)": [(2, 0)],
    }


@pytest.mark.parametrize(
    ("objective", "best", "title"),
    [
        ("val_accuracy", [0.5, 0.8, 0.8, 0.8, 0.8], "Best validation accuracy so far: 0.8000 (trial 3)"),
        ("val_loss", [0.5, 0.5, 0.5, 0.5, 0.5], "Best validation loss so far: 0.5000 (trial 1)"),
    ],
)
def test_the_line_is_the_best_so_far_to_the_last_trial(objective, best, title):
    figure = history(objective)
    (line,) = figure.axes[0].lines
    assert line.get_xdata().tolist() == [1, 3, 4, 5, 5]
    assert line.get_ydata().tolist() == best
    assert line.get_drawstyle() == "steps-post"
    assert figure.get_suptitle() == title
    assert figure.get_supxlabel() == "digits · validation, 300 samples · 5 trials"


def test_the_baseline_is_a_line_with_its_value():
    assert lines(history(baseline=0.65))["baseline 0.6500"] == [0.65, 0.65]


def test_a_trial_that_violates_a_constraint_is_never_the_best():
    trials = [row(1, 0.5), row(2, 0.9, parameter_count=5000)]
    figure = history(trials=trials, constraints=[Constraint.parse("parameter_count<=2000")])
    assert groups(figure) == {"completed": [(1, 0.5)], "constraint violated": [(2, 0.9)]}
    assert lines(figure)["best so far"].tolist() == [0.5, 0.5]


def test_an_exploded_loss_does_not_flatten_all_others():
    trials = [row(number, 0.1 * number) for number in range(1, 10)] + [row(10, 1e9)]
    figure = history("val_loss", trials)
    low, high = figure.axes[0].get_ylim()
    assert low < 0.1
    assert 0.9 < high < 1.1
    assert groups(figure)["above the axis (1)"] == [(10, 0.98)]
    assert len(groups(figure)["completed"]) == 9


def test_a_running_trial_and_infinite_values_are_not_drawn():
    trials = [row(1, 0.5), row(2, None, status="running"), row(3, inf), row(4, nan)]
    assert groups(history(trials=trials)) == {"completed": [(1, 0.5)]}


@pytest.mark.parametrize("trials", [[], [row(1, None, status="failed")] * 3])
def test_without_any_value_a_sentence_says_so(trials):
    assert sentence(history(trials=trials)) == "No trial has a value of the objective yet."


def curves(best=3, trials=TRIALS, epochs=EPOCHS, **given):
    return curves_figure("val_accuracy", trials, epochs, best, CAPTION, **given)


def test_the_curves_of_the_best_trials_stand_out_and_a_cross_ends_a_pruned_one():
    figure = curves()
    drawn = {label: list(values) for label, values in lines(figure).items()}
    assert drawn == {"best: trial 3": [0.6, 0.8], "trial 4": [0.7], "trial 1": [0.4, 0.5]}
    assert groups(figure) == {"pruned here": [(1, 0.7)]}
    looks = [(line.get_color(), line.get_linestyle(), line.get_marker()) for line in figure.axes[0].lines]
    assert looks == list(BEST_CURVES), "they differ in grey too"


def test_other_curves_are_grey_under_one_label():
    epochs = [*EPOCHS, epoch(5, 1, 0.1), epoch(6, 1, 0.2)]
    labels = list(lines(curves(epochs=epochs)))
    assert labels[0] == "other trials"
    assert [label for label in labels if "trial " in label] == ["best: trial 3", "trial 4", "trial 1"]


def test_the_studys_best_trial_leads_even_if_another_epoch_was_better():
    assert next(iter(lines(curves(best=1)))) == "best: trial 1"


def test_with_a_loss_the_lowest_curves_are_the_best():
    figure = curves_figure("val_loss", TRIALS, EPOCHS, None, CAPTION)
    assert list(lines(figure)) == ["trial 1", "trial 3", "trial 4"]
    assert figure.axes[0].get_ylabel() == "validation loss [nats], lower is better"


def test_of_many_curves_the_best_and_some_of_the_others_are_drawn_and_the_caption_says_so():
    numbers = range(1, 2001)
    epochs = [epoch(number, at, number / 4000 * at) for number in numbers for at in (1, 2)]
    figure = curves(best=2000, trials=[row(number, number / 2000) for number in numbers], epochs=epochs)
    drawn = [line.get_ydata()[-1] for line in figure.axes[0].lines if len(line.get_xdata())]
    assert len(drawn) == MOST_CURVES
    assert set(drawn) >= {number / 2000 for number in range(1951, 2001)}, "the best 50"
    assert min(drawn) < 0.03, "and bad ones"
    assert "100 of 2,000 curves: the best 50, and 50 spread evenly over the others" in " ".join(
        figure.get_supxlabel().split()
    )


def test_without_any_epoch_a_sentence_says_so():
    assert sentence(curves(epochs=[])) == "No trial has completed an epoch yet."


@pytest.mark.parametrize("count", [0, 1, 3, 2500])
def test_any_number_of_trials_is_drawn_without_a_warning(count):
    trials = [row(number, number / 3000) for number in range(1, count + 1)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert to_png(history(trials=trials)).startswith(b"\x89PNG")
        picture = to_svg(history(trials=trials))
    assert len(picture) < 200_000, "many points are pixels"
