"""`tuner.run` and `tuner.resume` show the study where a person watches. No network is trained for these tests."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import tuner
from tests.cli.conftest import events_of_a_study
from tests.permissions import mode
from tuner.console import python_api
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.result import StudyResult, view


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch, results: Any) -> None:
    """A study whose trials are made up stands in for the driver."""

    def run(spec: StudySpec, *, settings: Settings, signal: Any) -> StudyResult:
        with Store.open(settings.store_url()) as store:
            store.create_study(spec, folder=str(results / "x"))
            for event in events_of_a_study(results):
                store.append("x", event)
            return StudyResult(view(store, "x"))

    monkeypatch.setattr(python_api.driver, "run", run)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a notebook shows, one after the other."""
    shown: list[str] = []
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = type("ZMQInteractiveShell", (), {})  # type: ignore[attr-defined]
    display.HTML = str  # type: ignore[attr-defined]
    display.display = lambda html, display_id: SimpleNamespace(update=shown.append)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return shown


def test_the_module_lists_what_it_has():
    assert {"run", "resume", "cancel", "StudySpec", "FixInputError"} <= set(dir(tuner))
    assert tuner.run is python_api.run


def test_a_result_is_one_short_line():
    result = tuner.run(StudySpec(run_name="x"))
    assert repr(result) == "<StudyResult 'x' running, best trial 2: val_accuracy 0.8750>"


@pytest.mark.usefixtures("usual_umask")
def test_only_the_owner_can_read_its_results(results: Path):
    tuner.run(StudySpec(run_name="x"))
    assert (mode(results), mode(results / "tuner.db")) == ("0o700", "0o600")


@pytest.mark.usefixtures("usual_umask")
def test_a_setting_leaves_the_permissions_to_the_umask(results: Path):
    tuner.run(StudySpec(run_name="x"), settings=Settings(use_umask=True))
    assert (mode(results), mode(results / "tuner.db")) == ("0o755", "0o644")


def test_without_a_terminal_nothing_is_shown(capfd: pytest.CaptureFixture[str]):
    tuner.run(StudySpec(run_name="x"))
    assert capfd.readouterr() == ("", "")


def test_in_a_notebook_the_last_picture_stays(pictures: list[str]):
    tuner.run(StudySpec(run_name="x", trials=5))
    assert "best: trial 2" in pictures[-1]
    assert pictures[-1].startswith("<pre")


def test_in_a_notebook_it_can_be_silent(pictures: list[str]):
    tuner.run(StudySpec(run_name="x"), progress=False)
    assert pictures == []
