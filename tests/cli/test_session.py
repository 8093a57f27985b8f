"""Running a study from the console; a fake in Ray's place appends the events."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import Tuner, events_of_a_study, last_events
from tests.permissions import mode
from tests.store.samples import GOOD, complete, epoch, start
from tests.store.samples import spec as make_spec
from tuner.console.snapshot import Snapshot
from tuner.console.watcher import BatchReader, Watcher
from tuner.errors import FixInputError, StudyFailedError
from tuner.events import DurableEvent, Repeat, StudyStatus, TrialRepeated, now
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store

Fake = Callable[[Store, StudySpec, Any], None]


class FakeSignal:
    stop: Any = None


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fake], None]:
    """Puts a function in the place of `tuner.study.run` and `resume`."""
    import tuner.study

    def install(fake: Fake) -> None:
        def run(spec: StudySpec, *, settings: Settings, signal: Any, on_dashboard: Any, began: float) -> None:
            assert began < time.monotonic()
            on_dashboard("http://127.0.0.1:8265")
            with Store.open(settings.store_url()) as store:
                fake(store, spec, signal)

        def resume(name: str, *, trials: int | None, settings: Settings, signal: Any, **_: Any) -> None:
            with Store.open(settings.store_url()) as store:
                asked = store.study(name).spec
                fake(store, asked if trials is None else asked.model_copy(update={"trials": trials}), signal)

        monkeypatch.setattr(tuner.study, "run", run, raising=False)
        monkeypatch.setattr(tuner.study, "resume", resume, raising=False)
        monkeypatch.setattr(tuner.study, "StopSignal", FakeSignal, raising=False)

    return install


def trains(store: Store, spec: StudySpec, signal: Any) -> None:
    folder = Settings().results_dir / "a"
    store.create_study(spec, folder=str(folder))
    for event in [*events_of_a_study(folder), *last_events(folder)]:
        store.append("a", event)


def told(out: str) -> list[str]:
    """The lines that tell of events."""
    return [line[9:] for line in out.splitlines() if line[2:3] == ":" and " ..." not in line]


class TestRun:
    def test_every_event_once_in_order_and_a_summary(self, tuner: Tuner, study: Any) -> None:
        study(trains)
        code, out, err = tuner("run", "dataset=digits", "trials=8", "run_name=a")
        assert (code, err) == (0, "")
        lines = told(out)
        assert (lines[0], lines[-1], len(lines)) == ("study running", "study completed: all trials done", 16)
        assert "Ray's dashboard: http://127.0.0.1:8265\n" in out
        assert "study a completed after" in out
        assert "trial 2: val_accuracy 0.8750, test_accuracy 0.8125" in out
        for command in ("tuner show a", "tuner best a", "tuner predict a PATH"):
            assert command in out

    @pytest.mark.usefixtures("usual_umask")
    def test_only_the_owner_can_read_its_results(self, tuner: Tuner, study: Any, results: Path) -> None:
        study(trains)
        assert tuner("run", "dataset=digits", "trials=8", "run_name=a").code == 0
        assert (mode(results), mode(results / "tuner.db")) == ("0o700", "0o600")

    def test_a_reader_of_the_output_that_has_ended_is_told_and_does_not_change_the_exit_code(
        self, tuner: Tuner, study: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        study(trains)
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as stream:
            monkeypatch.setattr(sys, "stdout", stream)
            code, _, err = tuner("run", "dataset=digits", "trials=8", "run_name=a")
        said = "the output is read no more; the study goes on: `tuner show a`, `tuner cancel a`"
        assert (code, err) == (0, f"{said}\n")
        assert [record.message for record in caplog.records if record.name == "tuner.console"] == [said]

    def test_with_json_stdout_holds_one_document(self, tuner: Tuner, study: Any) -> None:
        def noisy(store: Store, spec: StudySpec, signal: Any) -> None:
            print("a library that prints")
            trains(store, spec, signal)

        study(noisy)
        code, out, err = tuner("run", "dataset=digits", "trials=8", "run_name=a", "--json")
        assert code == 0
        assert json.loads(out) == json.loads(tuner("show", "a", "--json").out)
        assert len(told(err)) == 16

    def test_a_study_without_name_gets_one(self, tuner: Tuner, study: Any) -> None:
        names = []

        def named(store: Store, spec: StudySpec, signal: Any) -> None:
            names.append(spec.run_name)
            store.create_study(spec, folder="/")
            store.append(str(spec.run_name), StudyStatus(status="completed"))

        study(named)
        assert tuner("run", "dataset=digits").code == 0
        assert names[0].startswith("digits-")

    def test_an_existing_name_is_refused_at_once(self, tuner: Tuner, study: Any, finished: str) -> None:
        study(trains)
        code, out, err = tuner("run", "run_name=a")
        assert (code, out) == (2, "")
        assert err == "error: study 'a' already exists - choose another run_name, or `tuner resume a`\n"

    def test_wrong_input_is_one_line(self, tuner: Tuner, study: Any) -> None:
        def refuses(*_: Any) -> None:
            raise FixInputError("no such thing", remedy="bring it")

        study(refuses)
        code, _, err = tuner("run", "dataset=digits")
        assert (code, err) == (2, "error: no such thing - bring it\n")

    def test_a_failed_study_says_how_and_exits_with_1(self, tuner: Tuner, study: Any) -> None:
        def fails(store: Store, spec: StudySpec, signal: Any) -> None:
            trains(store, spec, signal)
            store.append("a", StudyStatus(status="failed", reason="every trial failed"))
            raise StudyFailedError("study 'a' failed", remedy="see")

        study(fails)
        code, out, err = tuner("run", "run_name=a", "dataset=digits")
        assert (code, err) == (1, "error: study 'a' failed - see\n")
        assert "study a failed after" in out
        assert "tuner resume a" in out

    def test_a_cancelled_study_exits_with_130_and_shows_how_to_continue(self, tuner: Tuner, study: Any) -> None:
        def cancelled(store: Store, spec: StudySpec, signal: Any) -> None:
            trains(store, spec, signal)
            signal.stop = SimpleNamespace(status="cancelled", reason="stopped by Ctrl-C")
            store.append("a", StudyStatus(status="cancelled", reason="stopped by Ctrl-C"))

        study(cancelled)
        code, out, err = tuner("run", "run_name=a", "dataset=digits", "--json")
        assert code == 130
        assert json.loads(out)["status"] == "cancelled"
        assert "tuner resume a" in err

    @pytest.mark.parametrize("begun", [False, True])
    def test_ctrl_c_before_the_first_trial(self, tuner: Tuner, study: Any, begun: bool) -> None:
        def interrupted(store: Store, spec: StudySpec, signal: Any) -> None:
            if begun:
                store.create_study(spec, folder="/")
            raise KeyboardInterrupt

        study(interrupted)
        code, out, err = tuner("run", "run_name=a", "dataset=digits")
        assert (code, err) == (130, "")
        said = (
            "cancelled; to continue: tuner resume a"
            if begun
            else "cancelled before the study began: nothing was written"
        )
        assert out.splitlines()[-1] == said

    def test_an_internal_error_is_one_line_with_the_log(
        self, tuner: Tuner, study: Any, monkeypatch: pytest.MonkeyPatch, results: Path
    ) -> None:
        def broken(store: Store, spec: StudySpec, signal: Any) -> None:
            if "a" not in [row.name for row in store.studies()]:
                trains(store, spec, signal)
            raise RuntimeError("two\nlines")

        study(broken)
        code, _, err = tuner("run", "run_name=a", "dataset=digits")
        assert code == 1
        assert err == (
            "error: RuntimeError: two lines - internal error of tuner; please report it with the log "
            f"{results / 'a' / 'study.log'}\n"
        )
        monkeypatch.setenv("TUNER_DEBUG", "1")
        assert "Traceback" in tuner("resume", "a").err


class TestResume:
    def test_only_new_events_are_shown(self, tuner: Tuner, study: Any, finished: str) -> None:
        totals = []

        def goes_on(store: Store, spec: StudySpec, signal: Any) -> None:
            totals.append(spec.trials)
            store.append("a", StudyStatus(status="running"))
            store.append("a", StudyStatus(status="completed", reason="again"))

        study(goes_on)
        code, out, _ = tuner("resume", "a", "trials=+4")
        assert (code, totals) == (0, [12])
        assert told(out) == ["study running", "study completed: again"]

    def test_wrong_arguments(self, tuner: Tuner, finished: str) -> None:
        assert tuner("resume", "a", "seed=3").err.startswith("error: seed cannot change after a study has started")


class RecordingDisplay:
    """Keeps the events and snapshots that it is shown, and fails on request."""

    def __init__(self, fails: bool = False) -> None:
        self.events: list[DurableEvent] = []
        self.snapshots: list[Snapshot] = []
        self.fails = fails

    def show_event(self, event: DurableEvent) -> None:
        self.events.append(event)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        if self.fails:
            raise RuntimeError


class TestWatcher:
    def test_events_of_another_process_come_once_in_order(self, store: Store, results: Path) -> None:
        asked = make_spec("a", trials=8)
        store.create_study(asked, folder="/")
        display, sent = RecordingDisplay(), [*events_of_a_study(results), *last_events(results)]

        def write() -> None:
            for event in sent:
                store.append("a", event)

        with Watcher(store, asked, display, lambda: None) as watcher:
            watcher.watch(asked)
            writer = threading.Thread(target=write)
            writer.start()
            writer.join()
        assert display.events == sent
        last = display.snapshots[-1]
        assert (last.status, last.busy, last.best.trial_number, len(last.trials)) == ("completed", False, 2, 5)

    def test_errors_of_the_display_and_a_closed_store_do_no_harm(self, store: Store) -> None:
        asked = make_spec("a")
        with Watcher(store, asked, RecordingDisplay(fails=True), lambda: None) as watcher:
            watcher.watch(asked)
            store.close()
        watcher.close()

    def test_its_activity(self, store: Store, running: str, results: Path) -> None:
        asked = store.study("a").spec.model_copy(update={"trials": 4})

        def status(stopping: str | None = None) -> tuple[str, bool]:
            display = RecordingDisplay()
            with Watcher(store, asked, display, lambda: stopping) as watcher:
                watcher.watch(asked)
            return display.snapshots[-1].status, display.snapshots[-1].busy

        assert status() == ("running", False)
        assert status("Ctrl-C") == ("stopping: Ctrl-C", True)
        ends, saves, _ = last_events(results)
        store.append("a", ends)
        assert status("Ctrl-C") == ("saving and testing the best model", True)
        store.append("a", saves)
        assert status("Ctrl-C") == ("drawing the figures", True)
        store.append("a", StudyStatus(status="cancelled", time=now()))
        assert status("Ctrl-C") == ("cancelled", False)

    @pytest.mark.parametrize(
        ("remote", "told"), [(False, "loading TensorFlow in the workers"), (True, "waiting for RunPod")]
    )
    def test_its_activity_before_the_first_trial(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, remote: bool, told: str
    ) -> None:
        monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: True))
        asked = make_spec("b", use_runpod_service=remote)
        store.create_study(asked, folder="/")
        store.append("b", StudyStatus(status="running", time=now()))
        display = RecordingDisplay()
        with Watcher(store, asked, display, lambda: None) as watcher:
            watcher.ray_imported()
            watcher.watch(asked)
        assert display.snapshots[-1].status == told

    def test_it_shows_that_trials_of_runpod_are_trained_again_locally(self, store: Store, results: Path) -> None:
        asked = make_spec("b", trials=1, use_runpod_service=True, runpod_parity_trials=1)
        store.create_study(asked, folder=str(results / "b"))
        saved = last_events(results / "b")[1].model_copy(update={"trial_number": 1})
        began = StudyStatus(status="running", time=now())
        for event in (began, start(place="runpod"), epoch(), complete(performance=GOOD), saved):
            store.append("b", event)

        def status() -> str:
            display = RecordingDisplay()
            with Watcher(store, asked, display, lambda: None) as watcher:
                watcher.watch(asked)
            return display.snapshots[-1].status

        assert status() == "training trials of RunPod again locally, to compare"
        repeat = Repeat(epochs=1, accuracy=0.5, accuracy_gap=0.0, largest_difference=0.0)
        store.append("b", TrialRepeated(trial_number=1, repeat=repeat, time=now()))
        assert status() == "drawing the figures"


class TestBatchReader:
    def ray(self, **functions: Any) -> Any:
        return SimpleNamespace(
            **({"is_initialized": lambda: True, "wait": lambda refs, timeout: (refs, []), "get": lambda ref: ref}
            | functions)
        )  # fmt: skip

    def use(self, monkeypatch: pytest.MonkeyPatch, find: Any, **functions: Any) -> None:
        """Installs a running fake Ray whose live progress is found by `find`."""
        monkeypatch.setitem(sys.modules, "ray", self.ray(**functions))
        monkeypatch.setitem(sys.modules, "tuner.runners.live_progress", SimpleNamespace(find_live_progress=find))

    def test_without_ray_it_is_empty(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "ray", raising=False)
        assert BatchReader("a").latest() == {}

    def test_it_never_starts_ray(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "ray", self.ray(is_initialized=lambda: False))
        assert BatchReader("a").latest() == {}

    def test_the_latest_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names: list[str] = []
        handle = SimpleNamespace(latest=SimpleNamespace(remote=lambda: {1: {"batch": 3}}))

        def find(study: str) -> Any:
            names.append(study)
            return handle

        self.use(monkeypatch, find)
        reader = BatchReader("a")
        assert [reader.latest(), reader.latest()] == [{1: {"batch": 3}}] * 2
        assert names == ["a"]

    def test_an_unavailable_actor_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def find(study: str) -> Any:
            raise ValueError

        self.use(monkeypatch, find)
        reader = BatchReader("a")
        assert [reader.latest(), reader.latest()] == [{}, {}]

    def test_it_does_not_wait_for_a_slow_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        handle = SimpleNamespace(latest=SimpleNamespace(remote=lambda: "pending"))
        self.use(monkeypatch, lambda study: handle, wait=lambda refs, timeout: ([], refs))
        assert BatchReader("a").latest() == {}
