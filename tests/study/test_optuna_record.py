"""When Optuna's record is written: beside the study, without waiting, and whole at its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.search.samples import space
from tests.study.scripted import complete, epoch, start, status
from tuner.search.optuna_study import OptunaStudyWriter
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study import optuna_record
from tuner.study.optuna_record import OptunaRecord

SPEC = StudySpec(run_name="s", trials=5)
WAIT_S = 30.0


class Slow:
    """Optuna, which takes the first trial in only when it may."""

    def __init__(self) -> None:
        self.told: list[list[tuple[str, int]]] = []
        self.began, self.may_end = threading.Event(), threading.Event()

    def learn_trial(self, events: list[Any]) -> None:
        self.told.append([(event.type, event.trial_number) for event in events])
        self.began.set()
        assert self.may_end.wait(WAIT_S)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr(OptunaStudyWriter, "learn_trial", lambda self, events: made.learn_trial(events))
    return made


@pytest.fixture
def record(tmp_path: Path) -> Iterator[OptunaRecord]:
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(SPEC, folder=str(tmp_path))
        made = OptunaRecord(store, SPEC, space())
        yield made
        made.close()


def test_what_happens_while_it_is_written_is_told_trial_by_trial(record: OptunaRecord, slow: Slow) -> None:
    record.learn(start(1))
    assert slow.began.wait(WAIT_S)
    for event in (
        start(2),
        epoch(1, 1, 0.5),
        epoch(2, 1, 0.5),
        status("running", 1),
        complete(2),
        complete(1),
        start(3),
    ):
        record.learn(event)  # returns at once
    slow.may_end.set()
    record.close()
    assert slow.told == [
        [("trial_start", 1)],
        [("trial_start", 2), ("epoch_progress", 2), ("trial_complete", 2)],
        [("epoch_progress", 1), ("trial_complete", 1)],
        [("trial_start", 3)],
    ]


def test_it_rests_while_the_study_runs_and_not_at_its_end(
    record: OptunaRecord, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optuna_record, "RESTS", 1e9)
    slow.may_end.set()
    record.learn(start(1))
    assert slow.began.wait(WAIT_S)
    record.learn(start(2))
    record.learn(complete(2))
    assert len(slow.told) == 1, "it rests for years"
    record.close()
    assert [len(events) for events in slow.told] == [1, 2]


def test_it_rests_no_more_once_no_trial_runs_while_the_best_model_is_saved(
    record: OptunaRecord, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optuna_record, "RESTS", 1e9)
    slow.may_end.set()
    record.learn(start(1))
    assert slow.began.wait(WAIT_S)
    record.learn(complete(2))
    slow.began.clear()
    record.hurry()
    assert slow.began.wait(WAIT_S)
    record.learn(complete(3))
    record.close()
    assert [len(events) for events in slow.told] == [1, 1, 1]


def test_closing_again_does_nothing(record: OptunaRecord) -> None:
    record.close()
    record.close()
