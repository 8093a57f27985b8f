"""The figure of importance says what was computed, or why it is not known."""

from __future__ import annotations

import pytest

from tuner.plots.importance import MOST_BARS, importance_figure
from tuner.plots.style import Caption, to_png


def figure(importance, reason=None):
    return importance_figure("val_accuracy", importance, 24, reason, Caption("digits"))


def test_the_bars_are_the_shares_with_the_most_important_one_at_the_top():
    drawn = figure({"learning_rate": 0.75, "a name that is longer than a figure is wide": 0.25, "$x$^": 0.0})
    axes = drawn.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.25, 0.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "learning_rate", "a name that is longer than a fi…", r"\$x\$^",
    ]  # fmt: skip
    assert [text.get_text() for text in axes.texts] == ["75 %", "25 %", "0 %"]
    assert axes.yaxis_inverted()
    assert drawn.get_supxlabel() == "digits · by functional ANOVA over 24 trials"
    assert to_png(drawn).startswith(b"\x89PNG"), "a dollar sign starts no formula"


def test_many_unimportant_ones_are_one_bar():
    shares = {f"x{number}": 0.04 for number in range(25)}
    axes = figure(shares).axes[0]
    assert len(axes.patches) == MOST_BARS + 1
    assert axes.patches[-1].get_width() == pytest.approx(0.2)
    assert axes.get_yticklabels()[-1].get_text() == "5 others together"


@pytest.mark.parametrize("importance", [None, {}])
def test_why_it_is_not_known_is_a_sentence(importance):
    (text,) = figure(importance, "needs at least 10 trials, has 3").axes[0].texts
    assert text.get_text() == "Needs at least 10 trials, has 3."
