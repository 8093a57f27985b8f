"""The threads that let loggers follow a study: order, resume, faults, drain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.study.loggers.scripted_study import AFTER, BEFORE, NAME, ScriptedStudy
from tuner.errors import FixInputError
from tuner.events import DurableEvent
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.study.loggers import check_loggers, follower, logged, opening_commands, packages
from tuner.study.loggers.follower import WrittenNumber
from tuner.study.start import check_new
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import log_to


class Recorder:
    """A logger that keeps its calls, and may be told to raise or to hang."""

    def __init__(self, raises_at: int | None = None, hangs_at: int | None = None) -> None:
        self.events: list[tuple[int, DurableEvent]] = []
        self.started: list[dict[int, int]] = []
        self.flushed: list[int] = []
        self.closed: list[Any] = []
        self.raises_at, self.hangs_at = raises_at, hangs_at
        self.study: Any = None

    def log(self, number: int, event: DurableEvent) -> None:
        if number == self.raises_at:
            raise RuntimeError("no such server")
        if number == self.hangs_at:
            threading.Event().wait(60)
        self.events.append((number, event))
        self.started.append(dict(self.study.state.started))

    def flush(self) -> None:
        self.flushed.append(len(self.events))

    def close(self, status: Any) -> None:
        self.closed.append(status)


@pytest.fixture
def study(tmp_path: Path) -> ScriptedStudy:
    return ScriptedStudy(tmp_path, "tensorboard")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Recorder], Recorder]:
    """Puts a recorder in the place of every logger."""

    def put(recorder: Recorder) -> Recorder:
        def opened(study: Any) -> Recorder:
            recorder.study = study
            return recorder

        monkeypatch.setattr(follower, "opener_of", lambda name: opened)
        monkeypatch.setattr(follower, "POLL_S", 0.01)
        return recorder

    return put


def test_a_logger_gets_every_event_in_order_and_is_closed_once(study, use):
    recorder = use(Recorder())
    study.append(*BEFORE[:4])
    with logged(study.store, NAME, study.paths, StopSignal()):
        study.append(*BEFORE[4:])
    assert recorder.events == study.store.read(NAME)
    assert recorder.closed == ["completed"]
    assert recorder.flushed[-1] == len(BEFORE)
    assert WrittenNumber(study.paths.folder / "loggers" / "tensorboard.json").read() == len(BEFORE)


def test_it_sees_an_event_while_the_study_runs(study, use):
    recorder = use(Recorder())
    with logged(study.store, NAME, study.paths, StopSignal()):
        study.append(*BEFORE[:6])
        until = time.monotonic() + 10
        while len(recorder.events) < 6 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(recorder.events) == 6


def test_after_a_resume_it_continues_and_knows_what_was_written(study, use):
    study.append(*BEFORE)
    use(Recorder())
    with logged(study.store, NAME, study.paths, StopSignal()):
        pass
    recorder = use(Recorder())
    study.append(*AFTER)
    with logged(study.store, NAME, study.paths, StopSignal()):
        pass
    assert [event for _, event in recorder.events] == AFTER
    assert recorder.started[0] == {1: 2, 3: 2}
    assert recorder.study.state.started == {1: 2, 3: 3}
    assert recorder.study.state.ended == 3
    assert recorder.study.state.best.objective == 0.875


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sequence": null}', '{"sequence": 7}'])
def test_a_damaged_number_begins_anew_and_one_of_a_deleted_study_is_no_more_than_the_log(study, use, content):
    recorder = use(Recorder())
    file = study.paths.folder / "loggers" / "tensorboard.json"
    file.parent.mkdir()
    file.write_text(content)
    study.append(*BEFORE[:3])
    with logged(study.store, NAME, study.paths, StopSignal()):
        pass
    assert len(recorder.events) == (0 if "7" in content else 3)


def test_a_logger_that_raises_is_one_line_in_the_log_file_and_keeps_its_place(study, use):
    broken = use(Recorder(raises_at=5))
    with log_to(study.paths.log), logged(study.store, NAME, study.paths, StopSignal()):
        study.append(*BEFORE)
    lines = study.paths.log.read_text().splitlines()
    told = [line for line in lines if "WARNING" in line]
    assert len(told) == 1
    assert "TensorBoard gets nothing more of this run; the study goes on: RuntimeError: no such server" in told[0]
    assert broken.closed == [None]
    again = use(Recorder())
    with logged(study.store, NAME, study.paths, StopSignal()):
        pass
    assert again.events[-1][0] == len(BEFORE)
    assert again.events[0][0] <= 5


def test_a_logger_that_cannot_be_opened_harms_nothing(study, monkeypatch, caplog):
    def refuse(study: Any) -> Any:
        raise OSError("read-only file system")

    monkeypatch.setattr(follower, "opener_of", lambda name: refuse)
    with logged(study.store, NAME, study.paths, StopSignal()):
        study.append(*BEFORE)
    assert [record.levelname for record in caplog.records if "OSError" in record.message] == ["WARNING"]


def test_a_logger_that_hangs_delays_the_end_by_a_bounded_time(study, use, monkeypatch, caplog):
    use(Recorder(hangs_at=3))
    monkeypatch.setattr(follower, "FINISH_S", 0.3)
    began = time.monotonic()
    with logged(study.store, NAME, study.paths, StopSignal()):
        study.append(*BEFORE)
    assert time.monotonic() - began < 5
    assert "TensorBoard did not finish" in caplog.text


@pytest.mark.parametrize(("lost", "closed"), [(False, "failed"), (True, None)])
def test_an_error_of_the_study_closes_it_and_goes_on(study, use, monkeypatch, lost, closed):
    recorder = use(Recorder())

    class Driver(SimpleNamespace):
        def __getattr__(self, name: str) -> Any:
            return getattr(study.store, name)

    monkeypatch.setattr(follower, "DriverStore", Driver)
    store: Any = Driver(lost=RuntimeError() if lost else None)
    with pytest.raises(ZeroDivisionError), logged(store, NAME, study.paths, StopSignal()):
        raise ZeroDivisionError
    assert recorder.closed == [closed]


def test_a_cancelled_study_closes_it_as_cancelled(study, use):
    recorder, stop = use(Recorder()), StopSignal()
    with logged(study.store, NAME, study.paths, stop):
        stop.request("cancelled", "stopped by Ctrl-C")
    assert recorder.closed == ["cancelled"]


def test_without_loggers_no_thread_starts(tmp_path):
    study = ScriptedStudy(tmp_path)
    before = threading.active_count()
    with logged(study.store, NAME, study.paths, StopSignal()):
        assert threading.active_count() == before
    assert not (study.paths.folder / "loggers").exists()


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ({"mlflow"}, "loggers=[tensorboard,mlflow,wandb] needs mlflow - install with: pip install 'tuner[mlflow]'"),
        (
            {"mlflow", "wandb"},
            "loggers=[tensorboard,mlflow,wandb] needs mlflow, wandb - install with: pip install 'tuner[mlflow,wandb]'",
        ),
        (
            {"tensorboardX"},
            "loggers=[tensorboard,mlflow,wandb] needs tensorboardX - install with: pip install tensorboardX",
        ),
    ],
)
def test_a_missing_package_is_refused_at_the_start_with_its_remedy(tmp_path, monkeypatch, missing, line):
    found = SimpleNamespace(origin="/site-packages/there.py")
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name in missing else found)
    spec = StudySpec(run_name="new", loggers=["tensorboard", "mlflow", "wandb"])
    settings = Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)
    study = ScriptedStudy(tmp_path)
    with pytest.raises(FixInputError) as told:
        check_new(study.store, spec, settings)
    assert str(told.value) == line


def test_a_folder_of_the_package_s_name_is_no_package(tmp_path, monkeypatch):
    (tmp_path / "no_such_package").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(packages.PACKAGES, "wandb", "no_such_package")
    with pytest.raises(FixInputError, match="needs no_such_package"):
        check_loggers(["wandb"])


def test_commands_open_what_was_written(tmp_path, monkeypatch):
    study = ScriptedStudy(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = study.paths.folder
    assert opening_commands(["mlflow", "tensorboard", "wandb"], study.paths) == {
        "mlflow": f"mlflow ui --backend-store-uri sqlite:///{folder}/mlflow/mlflow.db",
        "tensorboard": f"tensorboard --logdir {folder}/tensorboard",
        "wandb": f"wandb sync {folder}/wandb/offline-run-*",
    }
