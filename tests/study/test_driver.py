"""How a run ends, whatever its search came to: no cluster, no training."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tuner.devices import Node
from tuner.errors import FixInputError, StudyFailedError
from tuner.runners import nodes
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study import driver, run, search
from tuner.study.stop_signal import StopSignal


@pytest.fixture
def searched(monkeypatch):
    """A search that does what its `run` is set to; gives what was asked of it."""
    asked = SimpleNamespace(calls=[], run=lambda signal: None, here=(Node(1),))

    class Search:
        exhausted, fell_short = None, False

        def __init__(self, store, plan, paths, reach, signal, deadline, losses):
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
    monkeypatch.setattr(nodes, "cluster_nodes", lambda: asked.here)
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
    assert searched.calls[:3] == ["save_best", "repeat_remote_trials", "draw"]


def test_what_no_node_has_is_refused_and_nothing_is_written(searched, settings):
    with pytest.raises(
        FixInputError, match="a trial takes 1 CPU and 1 GPU of one node: the cluster has only nodes with 1"
    ):
        run(StudySpec(dataset="digits", run_name="s", gpus_per_trial=1), settings=settings)
    with Store.open(settings.store_url()) as store:
        assert store.studies() == []
    assert not (settings.results_dir / "s").exists()


def test_a_study_that_waits_for_a_node_which_the_cluster_could_bring_says_so_in_its_log(searched, settings):
    searched.here = (Node(0),)
    searched.run = lambda signal: signal.request("cancelled", "stopped by Ctrl-C")
    begin(settings.model_copy(update={"node_types": '[{"CPU": 4}, {"CPU": 2, "GPU": 1}]'}))
    assert "waiting for a node with 2 CPUs and 1 GPU" in (settings.results_dir / "s" / "study.log").read_text()
