"""The baseline's Ray task, on a real Ray without a study."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from tests.store.samples import BASELINE
from tuner.study import baseline
from tuner.study.baseline import BaselineCallback
from tuner.study.stop_signal import StudyEnd

pytestmark = pytest.mark.ray

CANCELLED = StudyEnd("cancelled", "stopped by Ctrl-C")


@pytest.fixture
def callback(cluster: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Starts a callback whose task is this function of what `_fit` takes; returns it and what it records."""

    def of(fit: Any) -> tuple[BaselineCallback, list[Any]]:
        monkeypatch.setattr(baseline, "_fit", fit)
        plan: Any = SimpleNamespace(
            test=None, spec=SimpleNamespace(seed=3, monitor="val_macro_f1", class_weight="auto")
        )
        recorded: list[Any] = []
        return BaselineCallback(plan, None, recorded.append), recorded

    return of


def test_it_is_recorded_once(callback: Any) -> None:
    fitted = BASELINE
    made, recorded = callback(lambda *given: fitted.model_copy(update={"training_samples": given[2], "name": given[3]}))
    made.finish(None)
    made.on_step_begin(1, [])
    made.finish(None)
    assert [(event.baseline.training_samples, event.baseline.name) for event in recorded] == [(3, "val_macro_f1")]


def test_one_that_fails_costs_a_line_in_the_log(callback: Any, caplog: pytest.LogCaptureFixture) -> None:
    def fails(*given: Any) -> None:
        raise ValueError("no such thing")

    made, recorded = callback(fails)
    with caplog.at_level(logging.WARNING, "tuner.study"):
        made.finish(None)
    assert recorded == []
    assert "the baseline could not be fitted: " in caplog.text
    assert "no such thing" in caplog.text


@pytest.mark.timeout(60)
def test_a_cancelled_study_does_not_wait_for_it(
    callback: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "LONGEST_S", 1e6)  # who waits is ended by the timeout
    monkeypatch.setattr(baseline, "SHORT_S", 1e6)

    def never(*given: Any) -> None:
        threading.Event().wait()

    made, recorded = callback(never)
    with caplog.at_level(logging.WARNING, "tuner.study"):
        made.finish(CANCELLED)
    assert recorded == []
    assert "the study ended before its baseline was fitted" in caplog.text
