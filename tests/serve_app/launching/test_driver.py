"""A study's driver process, with something else in the place of the run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tuner.study
from serve_app.launching.driver import drive, main
from serve_app.launching.handover import Handover
from tests.permissions import mode
from tests.serve_app.launching.conftest import ELSEWHERE
from tuner.errors import ClusterLostError, FixInputError, LeaseLostError, StudyFailedError
from tuner.events import StudyStatus
from tuner.import_time import IMPORTED_AT
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.start import add

Resume = Callable[[Callable[[], None]], list[dict[str, Any]]]


@pytest.fixture
def study(store: Store, settings: Settings, spec: StudySpec) -> str:
    return add(store, spec, settings)


@pytest.fixture
def resume(monkeypatch: pytest.MonkeyPatch) -> Resume:
    """Has the run do something, and tells with what it was called."""
    calls: list[dict[str, Any]] = []

    def does(action: Callable[[], None]) -> list[dict[str, Any]]:
        def run(name: str, **arguments: Any) -> None:
            calls.append({"name": name, **arguments})
            action()

        monkeypatch.setattr(tuner.study, "resume", run)
        return calls

    return does


def raises(error: Exception) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


def test_the_study_is_run_as_it_was_asked_for(study: str, settings: Settings, resume: Resume) -> None:
    calls = resume(lambda: None)
    assert drive(study, 0, settings) == 0
    assert calls == [{"name": "s", "after": 0, "settings": settings, "began": IMPORTED_AT}]


def test_one_that_was_cancelled_before_it_began_does_not_begin(
    study: str, store: Store, settings: Settings, resume: Resume
) -> None:
    calls = resume(lambda: None)
    store.append(study, StudyStatus(status="cancelled"))
    assert drive(study, 0, settings) == 0
    assert calls == []


def test_a_database_file_that_is_away_while_the_driver_starts_is_waited_for_and_not_created(
    study: str, store: Store, settings: Settings, resume: Resume
) -> None:
    calls = resume(lambda: None)
    file = settings.results_dir / "tuner.db"
    store.close()  # the last connection removes the write-ahead log
    threading.Timer(0.3, file.rename(settings.results_dir / "elsewhere").rename, (file,)).start()
    assert drive(study, 0, settings) == 0
    assert len(calls) == 1
    assert [row.name for row in store.studies()] == ["s"]


def test_one_that_was_cancelled_earlier_goes_on(study: str, store: Store, settings: Settings, resume: Resume) -> None:
    calls = resume(lambda: None)
    store.append(study, StudyStatus(status="cancelled"))
    assert drive(study, 1, settings) == 0
    assert len(calls) == 1


def test_what_keeps_it_from_starting_is_the_reason_of_its_failure_and_in_its_log(
    study: str, store: Store, settings: Settings, resume: Resume
) -> None:
    resume(raises(FixInputError("no file digits.npz", remedy="put it there")))
    assert drive(study, 0, settings) == 1
    row = store.study(study)
    assert (row.status, row.reason, row.alive) == ("failed", "no file digits.npz - put it there", False)
    log = (settings.results_dir / "s" / "study.log").read_text()
    assert log.endswith("Z ERROR the study failed: no file digits.npz - put it there\n")


@pytest.mark.usefixtures("usual_umask")
def test_only_the_owner_can_read_its_logs(
    study: str, settings: Settings, resume: Resume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rays = tmp_path / "rays.log"

    @contextmanager
    def cluster() -> Iterator[None]:
        rays.touch()
        yield

    resume(raises(FixInputError("no file digits.npz")))
    monkeypatch.setattr("tuner.runners.cluster.ray_cluster", cluster)
    monkeypatch.setenv("RAY_ADDRESS", "")
    monkeypatch.chdir(tmp_path)
    handover = Handover.of(settings, tmp_path)
    given = ["s", "--cluster", "127.0.0.1:6379", "--after", "0", "--settings", handover.model_dump_json()]
    assert main(given) == 1
    assert mode(rays) == "0o600"
    assert mode(settings.results_dir / "s" / "study.log") == "0o600"


def test_an_unexpected_error_is_called_a_bug(study: str, store: Store, settings: Settings, resume: Resume) -> None:
    resume(raises(KeyError("x")))
    assert drive(study, 0, settings) == 1
    assert store.study(study).reason == "KeyError: 'x' - this is a bug in tuner"


def test_a_failure_that_the_run_has_written_is_not_written_again(
    study: str, store: Store, settings: Settings, resume: Resume
) -> None:
    def fails() -> None:
        store.append(study, StudyStatus(status="failed", reason="all trials failed"))
        raise StudyFailedError("study 's' failed: all trials failed")

    resume(fails)
    assert drive(study, 0, settings) == 1
    assert store.study(study).reason == "all trials failed"
    assert not (settings.results_dir / "s" / "study.log").exists()


@pytest.mark.parametrize(
    "error",
    [
        FixInputError("study 's' is already running"),
        LeaseLostError("silent for too long"),
        ClusterLostError("the Ray cluster ended"),
    ],
)
def test_a_study_that_another_process_runs_is_left_to_it(
    study: str, store: Store, settings: Settings, resume: Resume, error: Exception
) -> None:
    store.take_lease(study, ELSEWHERE)
    resume(raises(error))
    assert drive(study, 0, settings) == 1
    assert store.study(study).status == "created"
