"""Loggers of a whole run: no cluster, no training."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.study.conftest import replace_training
from tests.study.scripted import complete, epoch, start
from tuner.devices.capacity import Node
from tuner.errors import FixInputError
from tuner.events import NewBest, Performance
from tuner.runners import nodes
from tuner.runners.cluster import RayCluster
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study import driver, resume, run
from tuner.study.loggers import packages, tensorboard

BEST = Performance(total_score=0.5, accuracy=0.5, loss=0.5)


def train(study_log, signal):
    """One more trial of one epoch."""
    number = len(study_log.store.trials(study_log.name)) + 1
    best = NewBest(trial_number=number, objective=0.5, performance=BEST)
    for event in (start(number), epoch(number, 1, 0.5), best, complete(number, 0.5)):
        study_log.append(event)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    @contextmanager
    def no_cluster():
        yield RayCluster(started=True, dashboard_url=None)

    replace_training(monkeypatch, train)
    monkeypatch.setattr(driver, "ray_cluster", no_cluster)
    monkeypatch.setattr(nodes, "cluster_nodes", lambda: (Node(1),))
    return Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)


def begin(settings):
    return run(StudySpec(dataset="digits", run_name="s", trials=1, loggers=["tensorboard"]), settings=settings)


def steps(settings, number):
    folder = settings.results_dir / "s" / "tensorboard" / f"trial-{number:05d}"
    read = EventAccumulator(str(folder))
    read.Reload()
    return [point.step for point in read.Scalars("accuracy/validation")]


def test_a_study_and_its_resume_are_written_as_they_run(settings):
    assert begin(settings).status == "completed"
    assert steps(settings, 1) == [1]
    assert resume("s", trials=2, settings=settings).status == "completed"
    assert (steps(settings, 1), steps(settings, 2)) == ([1], [1])
    assert "TensorBoard: open its runs with: tensorboard --logdir" in (settings.results_dir / "s/study.log").read_text()


def test_a_logger_that_raises_does_not_harm_the_study(settings, monkeypatch):
    def raises(self, number, event):
        raise OSError("No space left on device")

    monkeypatch.setattr(tensorboard.TensorBoardLogger, "log", raises)
    assert begin(settings).status == "completed"
    log = (settings.results_dir / "s/study.log").read_text()
    assert log.count("TensorBoard gets nothing more of this run; the study goes on: OSError: No space left") == 1


def test_a_missing_package_ends_the_start_before_anything_is_written(settings, monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    with pytest.raises(FixInputError, match=r"loggers=\[tensorboard\] needs tensorboardX - install with: pip install"):
        begin(settings)
    with Store.open(settings.store_url()) as store:
        assert store.studies() == []
    assert not (settings.results_dir / "s").exists()


def test_a_resume_where_the_package_is_missing_is_refused_too(settings, monkeypatch):
    begin(settings)
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    with pytest.raises(FixInputError, match="needs tensorboardX"):
        resume("s", trials=2, settings=settings)
