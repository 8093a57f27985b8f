"""`tuner serve` as far as it goes without Ray: what it refuses, and what it offers."""

from __future__ import annotations

import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from serve_app import serving
from serve_app.browser import open_in_browser
from serve_app.launching.jobs import Job
from serve_app.serving import Terminal, free_port, interrupted, read_settings, resume_interrupted, running_here
from serve_app.settings import ServeSettings
from tests.serve_app.conftest import ScriptedLauncher
from tests.serve_app.launching.fakes import AwayJobs, FakeJobs
from tuner.cli import main
from tuner.errors import FixInputError
from tuner.events import StudyStatus
from tuner.spec import parse_study_spec
from tuner.store import Lease, Store
from tuner.study.start import add


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATA_DIR", "API_TOKEN", "HOST", "PORT", "DEBUG"):
        monkeypatch.delenv(f"TUNER_{name}", raising=False)
    monkeypatch.setenv("TUNER_RESULTS_DIR", str(tmp_path / "results"))


class TestSettings:
    def test_are_those_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNER_PORT", "8123")
        settings = read_settings(None, None)
        assert (settings.host, settings.port) == ("127.0.0.1", 8123)

    def test_what_is_said_on_the_command_line_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNER_PORT", "8123")
        settings = read_settings("localhost", 8124)
        assert (settings.host, settings.port) == ("localhost", 8124)

    def test_other_machines_are_not_let_in_without_a_token(self) -> None:
        with pytest.raises(FixInputError, match="set TUNER_API_TOKEN"):
            read_settings("0.0.0.0", None)

    def test_but_are_with_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNER_API_TOKEN", "secret")
        assert read_settings("0.0.0.0", None).host == "0.0.0.0"

    def test_a_wrong_one_is_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNER_PORT", "http")
        with pytest.raises(FixInputError, match="port"):
            read_settings(None, None)

    @pytest.mark.parametrize("token", ["two secret words", "secret\x7f", "s\u00e9cret"])
    def test_an_invalid_token_is_not_repeated(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], token: str
    ) -> None:
        monkeypatch.setenv("TUNER_API_TOKEN", token)
        assert main(["serve"]) == 2
        said = capfd.readouterr()
        assert "TUNER_API_TOKEN: must be one word of printable ASCII characters" in said.err
        assert token not in said.out + said.err
        assert "cret" not in said.out + said.err

    def test_the_command_line_ends_with_it(self, capfd: pytest.CaptureFixture[str]) -> None:
        assert main(["serve", "--host", "0.0.0.0"]) == 2
        assert "set TUNER_API_TOKEN" in capfd.readouterr().err


class Said:
    """A terminal whose user gives the same answer to everything; None: there is no user."""

    def __init__(self, answer: bool | None) -> None:
        self.lines: list[str] = []
        self.asked: list[str] = []
        self.errors: list[str] = []

        def ask(question: str) -> bool:
            self.asked.append(question)
            assert answer is not None
            return answer

        self.terminal = Terminal(self.lines.append, None if answer is None else ask, self.errors.append)


class TestPort:
    def test_one_that_is_free_stays(self) -> None:
        terminal = Said(None).terminal
        free = free_port("127.0.0.1", 0, terminal)
        assert free_port("127.0.0.1", free, terminal) == free

    @pytest.mark.parametrize("shared", [False, True])
    def test_one_that_is_taken_is_one_line(self, shared: bool) -> None:
        with socket.create_server(("127.0.0.1", 0), reuse_port=shared) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(FixInputError, match=f"cannot listen at 127.0.0.1:{port}"):
                free_port("127.0.0.1", port, Said(None).terminal, wait_s=0)

    def test_one_that_becomes_free_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """After `kill -9` of a server its proxy listens until it has noticed."""
        said = Said(None)
        with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
            port = taken.getsockname()[1]
            monkeypatch.setattr(serving.time, "sleep", lambda _: taken.close())
            assert free_port("127.0.0.1", port, said.terminal) == port
        assert said.lines == [f"port {port} is in use: waiting up to 15 s for its end ..."]

    def test_connections_of_a_server_that_has_ended_do_not_keep_it(self) -> None:
        """They stay in the system for a minute; Serve's proxy sets the same options as here."""
        with socket.create_server(("127.0.0.1", 0), reuse_port=True) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)) as client:
                server.accept()[0].close()
                assert client.recv(1) == b""
        assert free_port("127.0.0.1", port, Said(None).terminal, wait_s=0) == port

    def test_so_is_an_address_of_another_machine(self) -> None:
        with pytest.raises(FixInputError, match=r"cannot listen at 192\.0\.2\.1:0"):
            free_port("192.0.2.1", 0, Said(None).terminal)


class TestSignals:
    def test_sigterm_interrupts_also_after_ray_has_set_its_handler(self) -> None:
        """`ray.init` sets one that aborts this process and leaves others."""
        before = signal.getsignal(signal.SIGTERM)
        with serving._interrupted_by_signals() as again:
            signal.signal(signal.SIGTERM, lambda *_: pytest.fail("Ray's handler was called"))
            again()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) == before


LEASE = Lease.new()


class TestStudiesThatRun:
    """What is said of them when the application ends."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """Studies `here`, `there` and `over`; the first two run, the first and the last by jobs of this cluster."""
        settings = ServeSettings()
        with Store.open(settings.store_url()) as store:
            for name in ("here", "there", "over"):
                add(store, parse_study_spec({"run_name": name, "dataset": "digits"}), settings)
            for name in ("here", "there"):
                store.take_lease(name, LEASE)
            yield store

    def test_are_those_that_jobs_of_this_cluster_drive(self, store: Store) -> None:
        cluster = FakeJobs()
        for name in ("here", "over"):
            cluster.submit(Job.first(name, after=0))
        assert running_here(store, cluster) == ["here"]

    def test_are_none_if_ray_has_ended(self, store: Store) -> None:
        assert running_here(store, AwayJobs()) == []

    def test_are_none_if_the_database_is_away_and_are_not_waited_for(self, store: Store) -> None:
        file = ServeSettings().results_dir / "tuner.db"
        file.rename(file.with_name("elsewhere"))
        found = running_here(store, FakeJobs())
        serving.wait_for_end(store, found)
        assert found == []

    def test_have_ended_before_it_does(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        naps: list[float] = []

        def sleep(seconds: float) -> None:
            naps.append(seconds)
            if len(naps) == 3:
                store.release_lease("here", LEASE)

        monkeypatch.setattr(serving, "time", SimpleNamespace(monotonic=lambda: sum(naps), sleep=sleep))
        serving.wait_for_end(store, ["here"])
        assert len(naps) == 3
        assert [study.name for study in store.studies() if study.alive] == ["there"]

    def test_that_do_not_end_keep_it_for_half_a_minute(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        naps: list[float] = []
        monkeypatch.setattr(serving, "time", SimpleNamespace(monotonic=lambda: sum(naps), sleep=naps.append))
        serving.wait_for_end(store, ["here"])
        assert sum(naps) == pytest.approx(serving.STUDIES_END_WITHIN_S, abs=2 * serving.LOOK_S)


class TestInterruptedStudies:
    @pytest.fixture
    def settings(self) -> ServeSettings:
        return ServeSettings()

    @pytest.fixture
    def store(self, settings: ServeSettings) -> Iterator[Store]:
        """Studies in all states; `waiting` and `lost` were interrupted."""
        with Store.open(settings.store_url()) as store:
            for name in ("waiting", "lost", "runs", "done"):
                add(store, parse_study_spec({"run_name": name, "dataset": "digits"}), settings)
                if name != "waiting":
                    store.append(name, StudyStatus(status="running"))
            store.take_lease("runs", Lease("elsewhere:17", "another-machine/1"))
            store.append("done", StudyStatus(status="completed"))
            yield store

    @pytest.fixture
    def launcher(self, store: Store, settings: ServeSettings) -> ScriptedLauncher:
        return ScriptedLauncher(store, settings)

    def test_are_those_whose_process_went_away(self, store: Store) -> None:
        assert interrupted(store) == ["waiting", "lost"]

    def test_go_on_when_the_user_says_so(self, store: Store, launcher: ScriptedLauncher) -> None:
        said = Said(True)
        resume_interrupted(interrupted(store), launcher, said.terminal, None)
        assert launcher.asked == [("resume", "waiting", None), ("resume", "lost", None)]
        assert said.asked[0] == "study waiting was interrupted. Resume it?"
        assert said.lines == ["resuming study waiting", "resuming study lost"]

    def test_are_left_alone_when_the_user_says_no(self, store: Store, launcher: ScriptedLauncher) -> None:
        said = Said(False)
        resume_interrupted(interrupted(store), launcher, said.terminal, None)
        assert launcher.asked == []
        assert said.lines[0] == "study waiting was interrupted; to resume it: POST /jobs/waiting/resume"

    def test_are_told_where_nobody_can_be_asked(self, store: Store, launcher: ScriptedLauncher) -> None:
        said = Said(None)
        resume_interrupted(interrupted(store), launcher, said.terminal, None)
        assert launcher.asked == []
        assert len(said.lines) == 2

    def test_go_on_unasked_when_the_command_line_said_so(self, store: Store, launcher: ScriptedLauncher) -> None:
        resume_interrupted(interrupted(store), launcher, Said(None).terminal, True)
        assert launcher.asked == [("resume", "waiting", None), ("resume", "lost", None)]

    def test_one_that_cannot_be_resumed_does_not_hinder_the_others(self, store: Store, settings: ServeSettings) -> None:
        class Broken(ScriptedLauncher):
            def resume(self, name: str, trials: int | None) -> None:
                if name == "waiting":
                    raise FixInputError("its data is gone")
                super().resume(name, trials)

        launcher, said = Broken(store, settings), Said(None)
        resume_interrupted(interrupted(store), launcher, said.terminal, True)
        assert said.lines == ["study waiting cannot be resumed: its data is gone", "resuming study lost"]
        assert launcher.asked == [("resume", "lost", None)]


class TestAddress:
    @pytest.fixture
    def static(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "static"
        folder.mkdir()
        monkeypatch.setattr(serving, "STATIC", folder)
        return folder

    def say(self, opens: Callable[[str], bool] | None = None) -> list[str]:
        lines: list[str] = []
        serving._say_address("http://127.0.0.1:8000", Terminal(lines.append, None, lines.append, opens))
        return lines

    def test_is_the_one_of_the_dashboard(self, static: Path) -> None:
        (static / "index.html").write_text("")
        assert self.say() == [
            "The dashboard and the HTTP API are at http://127.0.0.1:8000 (Ctrl-C stops the server)",
        ]

    def test_where_it_is_not_built_the_command_is_told(self, static: Path) -> None:
        assert self.say() == [
            "The dashboard is not built: `make dashboard` builds it",
            "The HTTP API is at http://127.0.0.1:8000 (Ctrl-C stops the server)",
        ]

    def test_is_opened_in_the_browser_when_that_is_wanted(self, static: Path) -> None:
        opened: list[str] = []
        assert len(self.say(lambda address: opened.append(address) is None)) == 2
        assert opened == ["http://127.0.0.1:8000"]

    def test_without_a_browser_the_user_is_told(self, static: Path) -> None:
        assert self.say(lambda _: False)[-1] == "there is no browser to open; open the address yourself"

    def test_a_browser_of_the_terminal_is_not_started(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It would hold up the server and its output."""
        asked: list[str] = []

        class Window(webbrowser.BackgroundBrowser):
            def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
                asked.append(url)
                return True

        monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser("lynx"))
        assert not open_in_browser("http://x")
        monkeypatch.setattr(webbrowser, "get", lambda: Window("firefox"))
        assert open_in_browser("http://x")
        assert asked == ["http://x"]

    def test_a_machine_without_browsers_is_no_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def none() -> None:
            raise webbrowser.Error("could not locate runnable browser")

        monkeypatch.setattr(webbrowser, "get", none)
        assert not open_in_browser("http://x")
