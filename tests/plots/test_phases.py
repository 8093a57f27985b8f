"""The figure of a study's time says what the numbers say."""

from __future__ import annotations

import pytest

from tuner.plots.phases import phases_figure
from tuner.plots.style import Caption, to_png

PHASES = {"reading the data": 2.0, "checks": 0.0, "searching": 6.0}
WORK = {"training": 9.0, "no trial": 3.0}


def bars(axes):
    return [(bar.get_x(), bar.get_width()) for bar in axes.patches]


def labels(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_phases_begin_where_the_one_before_ends_and_work_begins_at_0():
    phases, work = phases_figure("first: 8.0 s", PHASES, "2 at a time", WORK, Caption("digits")).axes
    assert (labels(phases), bars(phases)) == (["reading the data", "searching"], [(0, 2), (2, 6)])
    assert (labels(work), bars(work)) == (["training", "no trial"], [(0, 9), (0, 3)])
    assert [text.get_text().strip() for text in phases.texts] == ["2.0 s, 25%", "6.0 s, 75%"]
    assert work.get_title(loc="left") == "2 at a time"


@pytest.mark.parametrize("phases", [PHASES, {}])
def test_without_trials_there_is_one_panel(phases):
    figure = phases_figure("first", phases, "0 at a time", {"training": 0.0}, Caption("digits"))
    assert len(figure.axes) == 1
    assert to_png(figure).startswith(b"\x89PNG")
