"""The figure of health says what the rows say."""

from __future__ import annotations

import pytest

from tests.search.test_pareto import front
from tests.search.test_warm_start import row
from tests.store.samples import health
from tuner.events import Performance
from tuner.health.health_text import METRICS
from tuner.plots.front import front_figure
from tuner.plots.health import health_figure
from tuner.plots.style import Caption, to_png
from tuner.spec_parts import HealthWeights

WEIGHTS = HealthWeights()
CAPTION = Caption("digits")


def trial(number, accuracy, metrics):
    score = 0.7 * accuracy + 0.3 * metrics.overall_health
    scored = row(number, accuracy, total_score=score, overall_health=metrics.overall_health)
    scores = Performance(total_score=score, accuracy=accuracy, loss=1 - accuracy)
    return scored.model_copy(update={"health_metrics": metrics, "performance": scores})


ROWS = [
    trial(1, 0.9, health(neuron_utilization=0.5)),
    trial(2, 0.95, health("accuracy_consistency", gradient_health=0.2)),
    trial(3, 0.6, health()),
    row(4, 0.99, status="failed"),
]


def axes(best=2, rows=ROWS):
    left, right = health_figure(WEIGHTS, rows, best, CAPTION).axes[:2]
    return left, right


def test_every_trial_that_was_measured_is_a_point_and_the_best_has_a_ring():
    left, _ = axes()
    points = {group.get_label(): [tuple(point) for point in group.get_offsets().tolist()] for group in left.collections}
    at = {one.trial_number: (one.values["val_accuracy"], one.values["overall_health"]) for one in ROWS[:3]}
    assert points == {
        "all metrics known": [at[1], at[3]],
        "too few epochs for some metrics": [at[2]],
        "best: trial 2": [at[2]],
    }


def test_points_are_coloured_by_their_score_on_one_scale():
    left, _ = axes()
    known, insufficient, _ = left.collections
    assert known.get_array().tolist() == [ROWS[0].performance.total_score, ROWS[2].performance.total_score]
    assert known.get_clim() == insufficient.get_clim()


def test_the_metrics_of_the_best_trial_are_bars_with_weights_and_mark_too_few_epochs():
    _, right = axes()
    assert [bar.get_width() for bar in right.patches] == [0.9, 0.9, 0.9, 0.2, 0.9, 0.5]
    assert right.get_yticklabels()[0].get_text() == "neuron utilization\n(weight 25 %)"
    assert [text.get_text() for text in right.texts] == ["0.90", "0.90", "0.90", "0.20", "0.90", "too few epochs: 0.5"]
    assert len(right.patches) == len(METRICS)
    assert right.yaxis_inverted()


@pytest.mark.parametrize("best", [None, 4])
def test_without_a_best_trial_that_was_measured_the_trials_are_drawn_all_the_same(best):
    left, right = axes(best)
    assert len(left.collections) == 2
    assert [text.get_text() for text in right.texts] == ["The health of the best trial\nwas not measured."]


def test_the_title_states_the_health_of_the_best_trial():
    title = health_figure(WEIGHTS, ROWS, 1, CAPTION).get_suptitle()
    assert " ".join(title.split()) == f"Accuracy and health of all trials: the best, trial 1, has health {OVERALL:.2f}"


OVERALL = ROWS[0].health_metrics.overall_health


def test_one_trial_alone_is_drawn():
    assert to_png(health_figure(WEIGHTS, ROWS[:1], 1, CAPTION)).startswith(b"\x89PNG")


def test_where_no_health_was_measured_a_sentence_says_so():
    (text,) = health_figure(WEIGHTS, [row(1, 0.9)], 1, CAPTION).axes[0].texts
    assert " ".join(text.get_text().split()) == (
        "No trial's health was measured: mode=health or mode=pareto measures it."
    )


def test_the_front_of_accuracy_against_health_is_drawn_with_both_axes_up():
    both = ("val_accuracy", "overall_health")
    on_it = front(ROWS[:3], objectives=both)
    drawn = front_figure(both, [], ROWS[:3], on_it, CAPTION).axes[0]
    assert (drawn.get_ylabel(), drawn.get_xlabel()) == (
        "validation accuracy, higher is better", "overall health, higher is better",
    )  # fmt: skip
    (line,) = drawn.lines
    assert line.get_drawstyle() == "steps-pre"
    assert drawn.get_xscale() == "linear"
