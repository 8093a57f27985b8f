"""A study held by this process: signs of life, an ear for `tuner cancel`, and an end to both. No Ray, no training."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.store.samples import epoch, spec
from tests.study.conftest import replace_training
from tuner.devices.capacity import Node
from tuner.errors import FixInputError, LeaseLostError, StudyFailedError, TryAgainError
from tuner.events import StudyStatus
from tuner.settings import Settings
from tuner.store import DriverStore, Lease, Store
from tuner.study import StopSignal, cancel, resume
from tuner.study import lease as lease_module
from tuner.study.cluster_capacity import ClusterCapacity
from tuner.study.driver import _Clock, _drive
from tuner.study.lease import brief_lease, hold_lease
from tuner.study.paths import StudyPaths
from tuner.study.study_log import StudyLog

ELSEWHERE = Lease("elsewhere:17", "another-machine/1")


class Signal(StopSignal):
    """Tells when it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.is_set = threading.Event()

    def request(self, status: Any, reason: str) -> None:
        super().request(status, reason)
        self.is_set.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "POLL_S", 0.01)
    monkeypatch.setattr(lease_module, "RENEW_S", 0.02)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        opened.create_study(spec("s"), folder=str(settings.results_dir / "s"))
        yield opened


@pytest.fixture
def signal() -> Signal:
    return Signal()


def pulses() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("tuner-lease")]


def test_it_is_held_within_and_given_back_at_the_end(store: Store, settings: Settings, signal: Signal) -> None:
    with hold_lease("s", settings.store_url(), signal):
        assert store.study("s").alive
        assert len(pulses()) == 1
        with pytest.raises(FixInputError, match="study 's' is already running"):
            resume("s", settings=settings)
    assert (store.study("s").driver, pulses()) == (None, [])


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_it_is_given_back_when_the_run_breaks(
    store: Store, settings: Settings, signal: Signal, error: type[BaseException]
) -> None:
    with pytest.raises(error), hold_lease("s", settings.store_url(), signal):
        raise error
    assert (store.study("s").driver, pulses()) == (None, [])


def test_a_brief_lease_excludes_others_and_is_given_back_if_the_database_answers(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with brief_lease(store, "s"):
        with pytest.raises(FixInputError, match="is already running"), brief_lease(store, "s"):
            pass
        assert store.study("s").alive
    assert not store.study("s").alive

    def away(self: Store, name: str, lease: Lease) -> None:
        raise TryAgainError("away")

    monkeypatch.setattr(Store, "release_lease", away)
    with brief_lease(store, "s"):
        pass
    assert "the lease cannot be released" in caplog.text, "what was done stays done"


def test_signs_of_life_come_whatever_the_run_waits_for(store: Store, settings: Settings, signal: Signal) -> None:
    renewed = threading.Event()

    class Watched(Store):
        def renew_lease(self, name: str, lease: Lease) -> None:
            super().renew_lease(name, lease)
            renewed.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease_module, "Store", Watched)
        with hold_lease("s", settings.store_url(), signal):
            assert renewed.wait(10)


def test_a_request_from_another_process_sets_the_signal(store: Store, settings: Settings, signal: Signal) -> None:
    with hold_lease("s", settings.store_url(), signal):
        assert store.request_cancel("s")
        assert signal.is_set.wait(10)
    assert signal.stop is not None
    assert (signal.stop.status, signal.stop.reason) == ("cancelled", "cancelled on request")


def test_a_database_that_is_away_for_the_pulse_ends_nothing(store: Store, settings: Settings, signal: Signal) -> None:
    away, asked = [True, True, True], threading.Event()

    class Away(Store):
        def cancel_requested(self, name: str, lease: Lease) -> bool:
            if away:
                away.pop()
                raise TryAgainError("away")
            asked.set()
            return super().cancel_requested(name, lease)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease_module, "Store", Away)
        with hold_lease("s", settings.store_url(), signal):
            assert asked.wait(10)
    assert signal.stop is None


def test_a_database_that_is_away_when_the_run_begins_is_waited_for(
    store: Store, settings: Settings, signal: Signal
) -> None:
    file = settings.results_dir / "tuner.db"
    away = file.rename(settings.results_dir / "elsewhere")
    threading.Timer(0.3, away.rename, (file,)).start()
    with hold_lease("s", settings.store_url(), signal):
        assert store.study("s").alive
    assert signal.stop is None


def test_a_lease_that_cannot_be_written_when_the_run_begins_is_waited_for(
    store: Store, settings: Settings, signal: Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = [True, True]

    class Locked(Store):
        def take_lease(self, name: str, lease: Lease) -> None:
            if refused:
                refused.pop()
                raise TryAgainError("database is locked")
            super().take_lease(name, lease)

    monkeypatch.setattr(lease_module, "Store", Locked)
    with hold_lease("s", settings.store_url(), signal):
        assert store.study("s").alive


def test_an_unexpected_error_of_the_heartbeat_is_logged_once_and_the_heartbeat_continues(
    store: Store, settings: Settings, signal: Signal, caplog: pytest.LogCaptureFixture
) -> None:
    failures, renewed = [True, True, True], threading.Event()

    class Broken(Store):
        def renew_lease(self, name: str, lease: Lease) -> None:
            if failures:
                failures.pop()
                raise ValueError("a defect")
            super().renew_lease(name, lease)
            renewed.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease_module, "Store", Broken)
        with hold_lease("s", settings.store_url(), signal):
            assert renewed.wait(10)
    assert signal.stop is None
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "heartbeat failed" in record.message
    assert record.exc_info is not None


def test_a_run_whose_study_was_taken_over_ends(store: Store, settings: Settings, signal: Signal) -> None:
    with hold_lease("s", settings.store_url(), signal) as driven:
        store.release_lease("s", driven._lease)
        store.take_lease("s", ELSEWHERE)
        assert signal.is_set.wait(10)
        with pytest.raises(LeaseLostError):
            driven.append("s", StudyStatus(status="running"))
    assert signal.stop is not None
    assert signal.stop.status == "failed"
    assert store.study("s").driver == "elsewhere:17"


class TestCancel:
    """`tuner.cancel`, with something else in the place of the run."""

    def test_a_study_that_runs_is_asked_and_waited_for(self, store: Store, settings: Settings, signal: Signal) -> None:
        began = threading.Event()

        def run() -> None:
            with hold_lease("s", settings.store_url(), signal) as driven:
                driven.append("s", StudyStatus(status="running"))
                began.set()
                assert signal.is_set.wait(10)
                assert signal.stop is not None
                driven.append("s", StudyStatus(status=signal.stop.status, reason=signal.stop.reason))

        driver = threading.Thread(target=run)
        driver.start()
        assert began.wait(10)
        result = cancel("s", settings=settings)
        driver.join()
        assert (result.status, result.view.study.reason) == ("cancelled", "cancelled on request")
        assert not result.view.study.alive

    def test_one_that_takes_long_to_end_is_not_waited_for_for_ever(self, store: Store, settings: Settings) -> None:
        store.take_lease("s", ELSEWHERE)
        store.append("s", StudyStatus(status="running"))
        result = cancel("s", settings=settings, wait_s=0)
        assert (result.status, result.view.study.alive) == ("running", True)
        assert result.view.study.cancel_requested_at is not None

    def test_one_whose_process_is_gone_is_cancelled_at_once(self, store: Store, settings: Settings) -> None:
        store.append("s", StudyStatus(status="running"))
        result = cancel("s", settings=settings)
        assert (result.status, result.view.study.reason) == ("cancelled", "cancelled on request")
        assert result.view.study.driver is None

    @pytest.mark.parametrize(
        ("status", "remedy"),
        [("completed", "see `tuner show s`"), ("cancelled", "`tuner resume s` continues it")],
    )
    def test_one_that_does_not_run_is_one_line(
        self, store: Store, settings: Settings, status: Any, remedy: str
    ) -> None:
        store.append("s", StudyStatus(status=status))
        with pytest.raises(FixInputError) as error:
            cancel("s", settings=settings)
        assert str(error.value) == f"study 's' is not running: it is {status} - {remedy}"


class TestHowARunEnds:
    """The driver with something else in the place of the search."""

    @pytest.fixture
    def run(self, store: Store, settings: Settings, signal: Signal, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Runs a study whose training does what it is told."""
        from tuner.study.plan import make_plan

        plan = make_plan(spec("s", dataset="digits", plot_generation="none"), settings)
        paths = StudyPaths(settings.results_dir / "s")
        paths.folder.mkdir(parents=True)

        clock = _Clock(None)
        clock.mark()
        clock.mark()

        def of(search: Any) -> Any:
            replace_training(monkeypatch, lambda study_log, signal: search(study_log.store, study_log))
            with hold_lease("s", settings.store_url(), signal) as driven:
                return _drive(driven, plan, paths, ClusterCapacity(plan, lambda: (Node(2.0),), ()), signal, clock)

        return of

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_a_database_that_stays_away_fails_it_in_one_line_whatever_ray_makes_of_the_error(
        self, run: Any, store: Store, monkeypatch: pytest.MonkeyPatch, wrapped: bool
    ) -> None:
        monkeypatch.setattr(lease_module, "Retry", lambda hurried: lambda action: action())

        def search(driven: DriverStore, study_log: StudyLog) -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("tuner.store.store.project", away)
                try:
                    study_log.append(epoch(1))
                except TryAgainError:
                    if wrapped:
                        raise RuntimeError("Traceback\n many lines") from None
                    raise

        def away(*_: object) -> None:
            raise TryAgainError("database there: connection refused", remedy="start it")

        with pytest.raises(StudyFailedError) as error:
            run(search)
        assert str(error.value) == (
            "study 's' failed: database there: connection refused - start it; `tuner resume s` continues it"
        )
        row = store.study("s")
        assert (row.status, row.reason) == ("failed", "database there: connection refused - start it")
        assert row.driver is None

    def test_a_stop_during_an_outage_ends_it_as_cancelled(
        self, run: Any, store: Store, signal: Signal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tuner.store.transactions.HURRIED_S", 0.0)

        def search(driven: DriverStore, study_log: StudyLog) -> None:
            def away(*_: object) -> None:
                signal.request("cancelled", "stopped by Ctrl-C")
                raise TryAgainError("away")

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("tuner.store.store.project", away)
                study_log.append(epoch(1))

        with pytest.raises(StudyFailedError):
            run(search)
        assert (store.study("s").status, store.study("s").reason) == ("cancelled", "stopped by Ctrl-C")

    def test_a_second_ctrl_c_waits_for_no_database(self, run: Any, store: Store) -> None:
        with pytest.MonkeyPatch.context() as patch:

            def search(driven: DriverStore, study_log: StudyLog) -> None:
                def away(*_: object) -> None:
                    raise TryAgainError("away")

                patch.setattr("tuner.store.store.project", away)
                raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                run(search)
        assert store.study("s").current_status == "interrupted", "nobody could write more"

    def test_a_run_whose_study_was_taken_over_says_so_and_writes_nothing(self, run: Any, store: Store) -> None:
        def search(driven: DriverStore, study_log: StudyLog) -> None:
            store.release_lease("s", driven._lease)
            store.take_lease("s", ELSEWHERE)
            study_log.append(epoch(1))

        with pytest.raises(LeaseLostError, match="is now running on host elsewhere, process 17"):
            run(search)
        assert [event.type for _, event in store.read("s")] == ["study_status", "data_read"]
        assert store.study("s").status == "running"
