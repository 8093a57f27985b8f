"""`tuner cancel`, and a study whose process is gone, as users see them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import Tuner
from tests.store.samples import spec
from tuner.events import StudyStatus
from tuner.store import Lease, Store


@pytest.fixture
def interrupted(store: Store, running: str, lease: Lease) -> str:
    """The name of a study whose process is gone."""
    store.release_lease(running, lease)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    store.take_lease(running, Lease(f"{lease.driver.rpartition(':')[0]}:{process.pid}", lease.token))
    return running


def test_a_running_study_is_stopped_and_waited_for(
    tuner: Tuner, store: Store, running: str, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_other_process_ends(_: float) -> None:
        assert store.cancel_requested("a", lease)
        store.append("a", StudyStatus(status="cancelled", reason="cancelled on request"))
        store.release_lease("a", lease)

    monkeypatch.setattr("tuner.study.cancellation.time.sleep", the_other_process_ends)
    code, out, err = tuner("cancel", "a")
    assert (code, err) == (0, "")
    host, _, process = lease.driver.rpartition(":")
    assert out.splitlines() == [
        f"stopping process {process} on host {host}; it saves the best model first ...",
        "study a cancelled: cancelled on request; to continue: tuner resume a",
    ]


def test_ctrl_c_while_waiting_leaves_the_request(
    tuner: Tuner, store: Store, running: str, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ctrl_c(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tuner.study.cancellation.time.sleep", ctrl_c)
    code, out, err = tuner("cancel", "a")
    assert (code, err) == (130, "")
    assert out.splitlines()[-1] == "no longer waiting, but the study will stop: tuner show a"
    assert store.cancel_requested("a", lease)
    assert "running: stop requested" in tuner("show", "a").out


def test_a_study_that_does_not_end_in_time(tuner: Tuner, running: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner.console.cancel.wait_for_end", lambda store, name, wait_s: store.study(name))
    code, out, err = tuner("cancel", "a")
    assert (code, err) == (1, "")
    assert out.splitlines()[-1] == "study a is still stopping after 120 s: tuner show a"


def test_a_study_whose_process_is_gone_is_cancelled_at_once_and_can_be_resumed(
    tuner: Tuner, store: Store, interrupted: str
) -> None:
    code, out, err = tuner("cancel", "a")
    assert (code, err) == (0, "")
    assert out == "study a cancelled: cancelled on request; to continue: tuner resume a\n"
    assert (store.study("a").status, store.study("a").driver) == ("cancelled", None)


def test_a_study_that_no_process_has_begun_is_cancelled_at_once(tuner: Tuner, store: Store) -> None:
    store.create_study(spec("a"), folder="/results/a")
    assert tuner("cancel", "a") == (
        0, "study a cancelled: cancelled before it started; to continue: tuner resume a\n", ""
    )  # fmt: skip


def test_a_study_that_is_not_running_is_one_line(tuner: Tuner, finished: str) -> None:
    assert tuner("cancel", "a") == (
        2, "", "error: study 'a' is not running: it is completed - see `tuner show a`\n"
    )  # fmt: skip


def test_an_unknown_study(tuner: Tuner, finished: str) -> None:
    assert tuner("cancel", "b").code == 2


def test_an_interrupted_study_is_shown_with_the_command_that_continues_it(tuner: Tuner, interrupted: str) -> None:
    _, line = tuner("list").out.splitlines()
    assert line.split()[:2] == ["a", "interrupted"]
    assert "interrupted: its process ended unexpectedly; to continue: tuner resume a" in tuner("show", "a").out
    (row,) = json.loads(tuner("list", "--json").out)
    assert (row["status"], row["alive"]) == ("running", False)


def test_a_running_study_is_refused_before_anything_is_loaded(tuner: Tuner, running: str, lease: Lease) -> None:
    host, _, process = lease.driver.rpartition(":")
    code, out, err = tuner("resume", "a", "trials=20")
    assert (code, out) == (2, "")
    assert err == f"error: study 'a' is already running on host {host}, process {process} - `tuner cancel a` stops it\n"
