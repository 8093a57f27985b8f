"""The figure of several objectives says what the rows say."""

from __future__ import annotations

import pytest

from tests.search.test_pareto import BOTH, front, trials
from tuner.objectives import Constraint
from tuner.plots.front import front_figure
from tuner.plots.style import Caption, to_png

ROWS = trials((0.9, 300), (0.8, 200), (0.7, 250), (0.6, 100), (0.6, 100), (0.99, 9000))
BOUND = "parameter_count<=1000"
CAPTION = Caption("digits")


def figure(*objectives, rows=ROWS):
    objectives = objectives or BOTH
    on_it = front(rows, BOUND, objectives=objectives)
    return front_figure(objectives, [Constraint.parse(BOUND)], rows, on_it, CAPTION)


def axes(*objectives, rows=ROWS):
    return figure(*objectives, rows=rows).axes[0]


def points(drawn):
    return {group.get_label(): [tuple(point) for point in group.get_offsets().tolist()] for group in drawn.collections}


def test_the_front_and_violated_constraints_have_their_own_marks():
    assert points(axes()) == {
        "Pareto front, trial numbers": [(100, 0.6), (200, 0.8), (300, 0.9)],
        "other completed trials": [(250, 0.7)],
        "constraint violated": [(9000, 0.99)],
    }
    assert figure().get_suptitle() == "Pareto front: 4 of 6 completed trials"


def test_trials_on_the_front_are_labelled_by_their_numbers():
    assert {note.get_text(): note.xy for note in axes().texts} == {"4, 5": (100, 0.6), "2": (200, 0.8), "1": (300, 0.9)}


def test_a_number_that_would_overlap_another_one_is_left_out():
    rows = trials((0.9, 300), (0.9001, 300.001), (0.2, 1))
    assert [note.get_text() for note in axes(rows=rows).texts] == ["3", "1"]


def test_the_line_says_what_can_be_had_up_to_a_cost():
    (line,) = axes().lines
    assert line.get_drawstyle() == "steps-post"
    (line,) = axes("parameter_count", "val_accuracy").lines
    assert line.get_drawstyle() == "steps-pre"


def test_axes_say_what_is_better_and_costs_far_apart_are_logarithmic():
    drawn = axes()
    assert (drawn.get_ylabel(), drawn.get_xlabel()) == (
        "validation accuracy, higher is better", "number of parameters, lower is better",
    )  # fmt: skip
    assert (drawn.get_xscale(), axes(rows=ROWS[:5]).get_xscale()) == ("log", "linear")


def test_three_objectives_are_two_panels_without_a_line():
    drawn = figure(*BOTH, "val_loss")
    assert [panel.get_xlabel() for panel in drawn.axes] == [
        "number of parameters, lower is better", "validation loss [nats], lower is better",
    ]  # fmt: skip
    assert not any(panel.lines for panel in drawn.axes)
    on_it = points(drawn.axes[1])["Pareto front, trial numbers"]
    assert (pytest.approx(1 - 0.9), 0.9) in on_it


@pytest.mark.parametrize(
    ("objectives", "rows", "why"),
    [
        (BOTH[:1], ROWS, "The study has one objective, validation accuracy: a front needs two."),
        (BOTH, [], "No trial has completed yet: the front is of completed trials."),
        (BOTH, trials((0.9, 300), status="failed"), "No trial has completed yet: the front is of completed trials."),
    ],
)
def test_without_a_front_a_sentence_says_why(objectives, rows, why):
    (text,) = front_figure(objectives, [], rows, [], CAPTION).axes[0].texts
    assert text.get_text() == why


def test_two_thousand_trials_are_drawn():
    rows = trials(*(((number * 37 % 1000) / 1000, 1 + number * 61 % 5000) for number in range(2000)))
    assert to_png(figure(rows=rows)).startswith(b"\x89PNG")
