"""A worker's side of the live board, without Ray."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tuner.runners import live
from tuner.runners.live import Reporter


class LostError(Exception):
    """What Ray raises for a board that is gone."""


class Board:
    """Answers each report with the next of these; an exception is raised to whoever asks for the answer."""

    def __init__(self, *answers: bool | Exception) -> None:
        self._answers = list(answers)
        self.report = SimpleNamespace(remote=lambda number, progress: self._answers.pop(0))


@pytest.fixture(autouse=True)
def no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(answer: bool | Exception) -> bool:
        if isinstance(answer, Exception):
            raise answer
        return answer

    ray = SimpleNamespace(
        wait=lambda answers, timeout: (answers, []), get=get, exceptions=SimpleNamespace(RayError=LostError)
    )
    monkeypatch.setattr(live, "ray", ray)


def test_a_stop_is_learned_from_the_answer_to_an_earlier_report() -> None:
    reporter = Reporter(Board(False, True, False))
    assert [reporter.report(1, {}) for _ in range(3)] == [False, False, True]


def test_a_lost_board_is_no_stop_and_what_comes_after_it_is_heard() -> None:
    reporter = Reporter(Board(LostError(), True, False))
    assert [reporter.report(1, {}) for _ in range(3)] == [False, False, True]
