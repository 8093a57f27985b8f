"""How a run ends, whatever its search came to: no cluster, no training."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tuner.errors import StudyFailedError
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study import driver, run, search
from tuner.study.stopping import StopSignal


@pytest.fixture
def searched(monkeypatch):
    """A search that does what its `run` is set to; gives what was asked of it."""
    asked = SimpleNamespace(calls=[], run=lambda signal: None)

    class Search:
        exhausted, fell_short = None, False

        def __init__(self, store, plan, paths, resources, signal, deadline, losses):
            self.recorder = SimpleNamespace(append=lambda event: store.append(plan.spec.run_name, event))
            self._signal = signal

        def run(self):
            asked.run(self._signal)

        def __getattr__(self, name):
            return lambda: asked.calls.append(name)

    @contextmanager
    def no_cluster():
        yield {"CPU": 1.0}

    monkeypatch.setattr(search, "Search", Search)
    monkeypatch.setattr(driver, "ray_cluster", no_cluster)
    return asked


@pytest.fixture
def settings(tmp_path):
    return Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)


def begin(settings):
    return run(StudySpec(dataset="digits", run_name="s", trials=1), settings=settings, signal=StopSignal())


def standing(settings):
    with Store.open(settings.store_url()) as store:
        study = store.study("s")
    return study.status, study.reason


def test_a_full_disk_is_the_reason_and_nothing_more_is_written(searched, settings):
    searched.run = lambda signal: signal.request("failed", "no space left")
    with pytest.raises(StudyFailedError, match="study 's' failed: no space left"):
        begin(settings)
    assert standing(settings) == ("failed", "no space left")
    assert "save_best" not in searched.calls


def test_what_was_cancelled_saves_what_it_has(searched, settings):
    searched.run = lambda signal: signal.request("cancelled", "stopped by Ctrl-C")
    begin(settings)
    assert standing(settings) == ("cancelled", "stopped by Ctrl-C")
    assert searched.calls[:2] == ["save_best", "draw"]
