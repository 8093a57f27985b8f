"""The live progress and a worker's side of it, without Ray."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tuner.runners import live_progress
from tuner.runners.live_progress import LiveProgress, ProgressReporter


class LostError(Exception):
    """What Ray raises for an actor that is gone."""


class Handle:
    """Answers each report with the next of these; an exception is raised to whoever asks for the answer."""

    def __init__(self, *answers: bool | Exception) -> None:
        self._answers = list(answers)
        self.told: list[tuple[Any, ...]] = []
        self.report = SimpleNamespace(remote=self._report)
        self.remove = SimpleNamespace(remote=lambda number: self.told.append((number, "removed")))

    def _report(self, *report: Any) -> bool | Exception:
        self.told.append(report)
        return self._answers.pop(0)


@pytest.fixture(autouse=True)
def no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(answer: bool | Exception) -> bool:
        if isinstance(answer, Exception):
            raise answer
        return answer

    ray = SimpleNamespace(
        wait=lambda answers, timeout: (answers, []), get=get, exceptions=SimpleNamespace(RayError=LostError)
    )
    monkeypatch.setattr(live_progress, "ray", ray)


def test_a_stop_is_learned_from_the_answer_to_an_earlier_report() -> None:
    reporter = ProgressReporter(Handle(False, True, False))
    assert [reporter.report(1, {}) for _ in range(3)] == [False, False, True]


def test_the_cancel_of_one_trial_does_not_end_the_next_one_of_the_same_process() -> None:
    reporter = ProgressReporter(Handle(True, True, False, False))
    assert [reporter.report(1, {}), reporter.report(1, {})] == [False, True]
    assert [reporter.report(2, {}) for _ in range(2)] == [False, False]


def test_a_trial_is_told_to_end_if_it_is_cancelled_or_its_study_stops() -> None:
    live = LiveProgress()
    assert not live.report(1, None)
    live.cancel([1, 3])
    assert [live.report(number, None) for number in (1, 2, 3)] == [True, False, True]
    live.stop()
    assert live.report(2, None)


def test_a_lost_board_is_no_stop_and_what_comes_after_it_is_heard() -> None:
    reporter = ProgressReporter(Handle(LostError(), True, False))
    assert [reporter.report(1, {}) for _ in range(3)] == [False, False, True]


def test_what_the_process_takes_is_told_beside_the_batch_it_came_with() -> None:
    live = Handle(*[False] * 3)
    reporter = ProgressReporter(live)
    for progress in ({"batch": 1, "resources": None}, {"batch": 2, "resources": {"cpu_percent": 90}}, {"batch": 3}):
        reporter.report(3, progress)

    assert live.told == [(3, {"batch": 1}, None), (3, {"batch": 2}, {"cpu_percent": 90}), (3, {"batch": 3}, None)]


def test_a_sample_that_came_while_the_board_was_silent_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = []
    monkeypatch.setattr(live_progress.ray, "wait", lambda asked, timeout: (answers, []))
    live = Handle(False, False)
    reporter = ProgressReporter(live)
    reporter.report(3, {"batch": 1})
    reporter.report(3, {"batch": 2, "resources": {"cpu_percent": 90}})
    answers.append("came")
    reporter.report(3, {"batch": 3})

    assert live.told == [(3, {"batch": 1}, None), (3, {"batch": 3}, {"cpu_percent": 90})]


def test_a_trial_is_removed_after_a_report_that_is_still_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_progress.ray, "wait", lambda asked, timeout: ([], asked))
    live = Handle(False)
    reporter = ProgressReporter(live)
    reporter.report(3, {"batch": 1})
    reporter.remove(3)

    assert live.told == [(3, {"batch": 1}, None), (3, "removed")]


def test_a_board_shows_the_latest_of_each_trial_until_it_is_taken_off() -> None:
    live = LiveProgress()
    live.report(1, {"batch": 1}, {"cpu_percent": 1})
    live.report(2, {"batch": 5})
    live.report(1, {"batch": 2})

    assert live.latest() == {1: {"batch": 2}, 2: {"batch": 5}}
    assert live.samples() == [{"batch": 2}, {"batch": 5}, {"cpu_percent": 1}]

    live.remove(1)
    assert live.samples() == [{"batch": 5}]


def test_a_board_that_was_told_to_stop_answers_every_report_with_it() -> None:
    live = LiveProgress()
    before = live.report(1, {})
    live.stop()
    assert (before, live.report(1, {}), live.report(2, None)) == (False, True, True)
