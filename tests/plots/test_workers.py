"""The timeline says when and where trials trained, and what was idle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.search.test_warm_start import row
from tuner.plots.style import Caption, to_png, to_svg
from tuner.plots.workers import MOST_INCHES, long_breaks, slots_of, timeline_figure

BEGAN = datetime(2026, 1, 2, tzinfo=UTC)


def at(seconds):
    return None if seconds is None else BEGAN + timedelta(seconds=seconds)


def trial(number, start, end, node="a", status="completed", place="local"):
    times = {"started_at": at(start), "completed_at": at(end), "node": node, "place": place}
    return row(number, 0.5, status=status).model_copy(update=times)


def rows(trials, now=None):
    """Machine and trials of each slot, with start and end in seconds."""
    return [
        (slot.node, [(one.trial_number, start, end) for one, start, end in slot.bars])
        for slot in slots_of(trials, at(now))
    ]


def test_trials_that_overlap_are_in_rows_of_their_own_and_machines_are_apart():
    trials = [trial(1, 0, 10), trial(2, 1, 5), trial(3, 5, 9), trial(4, 2, 8, node="b"), trial(5, 10.2, 12)]
    assert rows(trials) == [
        ("a", [(1, 0, 10), (5, 10.2, 12)]),
        ("a", [(2, 1, 5), (3, 5, 9)]),
        ("b", [(4, 2, 8)]),
    ]


def test_a_trial_that_started_before_the_end_of_the_last_one_was_recorded_follows_it():
    assert rows([trial(1, 0, 10), trial(2, 9.8, 12)]) == [("a", [(1, 0, 10), (2, 9.8, 12)])]


def test_running_trials_reach_to_now_and_those_that_never_started_are_left_out():
    trials = [trial(1, 0, 10), trial(2, 4, None, status="running"), trial(3, None, 9, status="rejected")]
    assert rows(trials) == [("a", [(1, 0, 10)]), ("a", [(2, 4, 10)])]
    assert rows(trials, now=30)[1] == ("a", [(2, 4, 30)])


def test_remote_trials_are_one_group():
    assert rows([trial(1, 0, 5, place="runpod", node="pod-77"), trial(2, 6, 7, node=None)]) == [
        ("RunPod", [(1, 0, 5)]), ("unknown machine", [(2, 6, 7)]),
    ]  # fmt: skip


def figure(*trials, now=None):
    return timeline_figure(trials, Caption("digits"), at(now))


def bars(drawn):
    """Left edge and width of all bars, in the unit of the axis, by status."""
    found = {}
    for group in drawn.axes[0].collections:
        corners = [path.vertices[:, 0] for path in group.get_paths()]
        found.setdefault(group.get_label(), []).extend((min(xs), max(xs) - min(xs)) for xs in corners)
    return {label: sorted(places) for label, places in found.items()}


def test_bars_have_their_times_and_the_title_the_share_of_busy_time():
    drawn = figure(trial(1, 0, 60), trial(2, 60, 100, status="pruned"), trial(3, 50, 100, node="b"))
    assert bars(drawn)["pruned"] == [(60, 40)]
    assert drawn.get_suptitle() == "2 trials at a time, busy 75 % of 100 s"
    assert drawn.axes[0].get_xlabel() == "seconds since the first trial started"
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in drawn.axes[0].texts] == ["1", "2", "3"]


def test_an_unlabelled_group_continues_a_labelled_one_in_another_row():
    drawn = figure(trial(1, 0, 60), trial(2, 0, 40))
    assert [places for label, places in bars(drawn).items() if label == "completed"] == [[(0, 60)]]
    assert [place for places in bars(drawn).values() for place in places] == [(0, 60), (0, 40)]


def test_a_long_break_is_cut_out_and_named():
    drawn = figure(trial(1, 0, 100), trial(2, 100 + 36_000, 200 + 36_000))
    (_, second) = bars(drawn)["completed"]
    assert second == (pytest.approx(104 / 60), pytest.approx(100 / 60)), "a gap of 2 % of 200 s is left"
    assert "no trial for 10 h" in [line.get_label() for line in drawn.axes[0].lines]
    assert drawn.get_suptitle() == "1 trial at a time, busy 100 % of 3.3 min"


def test_short_gaps_are_idle_time_and_no_breaks():
    assert long_breaks([(0, 10), (65, 70)]) == [], "55 s"
    assert long_breaks([(0, 1000), (1100, 2000)]) == [], "a twentieth of the time"
    assert long_breaks([(0, 100), (50, 60), (300, 400)]) == [(100, 300)]


@pytest.mark.parametrize("trials", [[], [trial(1, None, None, status="rejected")]])
def test_without_a_start_a_sentence_says_so(trials):
    (text,) = figure(*trials).axes[0].texts
    assert text.get_text() == "No trial has started yet, or the starts were not recorded."


def test_one_trial_of_no_duration_is_drawn():
    assert to_png(figure(trial(1, 0, 0))).startswith(b"\x89PNG")


def test_two_thousand_trials_of_sixty_four_workers_are_drawn():
    trials = [
        trial(number, number // 64 * 10, number // 64 * 10 + 9, node=f"w{number % 8}") for number in range(1, 2001)
    ]
    drawn = figure(*trials)
    assert drawn.get_size_inches()[1] <= MOST_INCHES
    assert not drawn.axes[0].texts
    assert len(to_svg(drawn)) < 1_000_000
