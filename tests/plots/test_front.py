"""The figure of two objectives says what the rows say."""

from __future__ import annotations

from tests.search.test_pareto import BOTH, front, trials
from tuner.objectives import Constraint
from tuner.plots.front import draw_front, front_figure

ROWS = trials((0.9, 300), (0.8, 200), (0.7, 250), (0.6, 100), (0.6, 100), (0.99, 9000))
BOUND = "parameter_count<=1000"


def axes(*objectives, rows=ROWS):
    vertical, horizontal = objectives or BOTH
    on_it = front(rows, BOUND, objectives=(vertical, horizontal))
    return front_figure(vertical, horizontal, [Constraint.parse(BOUND)], rows, on_it).axes[0]


def points(drawn):
    return {group.get_label(): [tuple(point) for point in group.get_offsets().tolist()] for group in drawn.collections}


def test_the_front_and_violated_constraints_have_their_own_marks():
    assert points(axes()) == {
        "Pareto front, trial numbers": [(100, 0.6), (200, 0.8), (300, 0.9)],
        "other completed trials": [(250, 0.7)],
        "constraint violated": [(9000, 0.99)],
    }


def test_trials_on_the_front_are_labelled_by_their_numbers():
    assert {note.get_text(): note.xy for note in axes().texts} == {"4, 5": (100, 0.6), "2": (200, 0.8), "1": (300, 0.9)}


def test_the_line_says_what_can_be_had_up_to_a_cost():
    (line,) = axes().lines
    assert line.get_drawstyle() == "steps-post"
    (line,) = axes("parameter_count", "val_accuracy").lines
    assert line.get_drawstyle() == "steps-pre"


def test_axes_say_what_is_better_and_costs_far_apart_are_logarithmic():
    drawn = axes()
    assert (drawn.get_ylabel(), drawn.get_xlabel()) == (
        "val_accuracy, higher is better", "parameter_count, lower is better",
    )  # fmt: skip
    assert (drawn.get_xscale(), axes(rows=ROWS[:5]).get_xscale()) == ("log", "linear")


def test_it_is_drawn_for_two_objectives_only(tmp_path):
    for objectives in (BOTH[:1], (*BOTH, "val_loss")):
        assert draw_front(tmp_path / "plots", objectives, [], ROWS, []) is None
    assert not (tmp_path / "plots").exists()
    file = draw_front(tmp_path / "plots", BOTH, [], ROWS, front(ROWS))
    assert file == tmp_path / "plots" / "front.png"
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_study_without_any_result_is_drawn_too(tmp_path):
    assert draw_front(tmp_path, BOTH, [], [], []) is not None
