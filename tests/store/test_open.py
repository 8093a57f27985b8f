"""Addresses that do not work: one line that names the place and the remedy, and never a password."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

import tuner.store.store
from tests.store.samples import epoch, spec
from tuner.errors import FixInputError, TryAgainError
from tuner.store import Store

ROOT = Path(tuner.store.store.__file__).parents[2]
SECRET = "s3cret-word"


def refused(url: str, *, passes: bool = False) -> str:
    """What the user reads when `url` cannot be opened; `passes`: whether it may be opened later as it is."""
    with pytest.raises(TryAgainError if passes else FixInputError) as caught:
        Store.open(url)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown.replace(repr(url), "")
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "the database address cannot be read - write sqlite:////folder/tuner.db or postgresql://"),
        ("results/tuner.db", "the database address cannot be read"),
        (f"postgresql:/tuner:{SECRET}@host/name", "the database address cannot be read"),
        (f"postgresql://tuner:{SECRET}@host:port/name", "the database address cannot be read"),
        (f"nosuch://tuner:{SECRET}@host/name", "unknown kind of database: nosuch - write sqlite:"),
        (f"postgresql+nosuch://tuner:{SECRET}@host/name", "unknown kind of database: postgresql+nosuch"),
        ("sqlite://results/tuner.db", "unknown kind of database"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///file:x?mode=memory&uri=true", "in memory"),
    ],
)
def test_a_wrong_address(url: str, message: str) -> None:
    assert message in refused(url)


def test_an_unknown_option(tmp_path: Path) -> None:
    message = refused(f"sqlite:///{tmp_path}/tuner.db?jurnal=wal")
    assert f"{tmp_path}/tuner.db: unknown option after '?': jurnal" in message


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    message = refused(f"postgresql://tuner:{SECRET}@host:5432/name?sslpassword={SECRET}")
    assert "the driver of database postgresql+psycopg://tuner:***@host:5432/name is missing" in message
    assert "pip install 'tuner[postgres]'" in message


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 1000)
    assert f"database {path}: file is not a database - choose another file" in refused(f"sqlite:///{path}")
    assert path.read_text() == "Dear diary, " * 1000


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    assert f"database {tmp_path}: unable to open database file" in refused(f"sqlite:///{tmp_path}")


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert f"cannot create the folder {tmp_path}/taken" in refused(f"sqlite:///{tmp_path}/taken/tuner.db")


def test_a_place_that_cannot_be_written() -> None:
    message = refused("sqlite:////proc/tuner/tuner.db")
    assert "/proc/tuner" in message


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as store:
        store.create_study(spec("a"), folder="/")
    with Store.open(f"sqlite:///file:{tmp_path}/tuner.db?mode=ro&uri=true") as store:
        assert store.read("a") == []
        with pytest.raises(FixInputError, match="readonly database - make the file and its folder writable"):
            store.append("a", epoch(1))


def test_a_file_that_another_process_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner.store.engine.BUSY_TIMEOUT_S", 0.05)
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as store:
        store.create_study(spec("a"), folder="/")
        holder = sqlite3.connect(tmp_path / "tuner.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")

        Store.open(f"sqlite:///{tmp_path}/tuner.db").close()  # which only reads
        with pytest.raises(TryAgainError, match="locked - another process is writing"):
            store.append("a", epoch(1))
        assert store.read("a") == []
        holder.execute("ROLLBACK")
        holder.close()
        assert store.append("a", epoch(1)) == 1


def test_a_new_file_that_another_process_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuner.store.engine.BUSY_TIMEOUT_S", 0.05)
    holder = sqlite3.connect(tmp_path / "tuner.db", isolation_level=None)
    holder.execute("PRAGMA journal_mode=WAL")
    holder.execute("BEGIN IMMEDIATE")
    assert "locked - another process is writing" in refused(f"sqlite:///{tmp_path}/tuner.db", passes=True)
    holder.close()


FILL = """
import resource, sys
from tests.store.samples import epoch
from tuner.errors import FixInputError, TryAgainError
from tuner.store import Store
with Store.open(sys.argv[1]) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    written = 0
    try:
        while True:
            written = store.append("a", epoch(1))
    except TryAgainError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    assert len(store.read("a")) == written > 0
"""


def test_a_disk_that_fills_up_loses_nothing_that_was_written(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    url = f"sqlite:///{tmp_path}/tuner.db"
    with Store.open(url) as store:
        store.create_study(spec("a"), folder="/")
    done = subprocess.run([sys.executable, "-c", FILL, url], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert f"database {tmp_path}/tuner.db: " in done.stdout
    assert "disk" in done.stdout
    assert done.stdout.count("\n") == 1
    with Store.open(url) as store:
        numbers = [number for number, _ in store.read("a")]
        assert store.append("a", epoch(1)) == len(numbers) + 1


def test_a_server_that_does_not_answer() -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        message = refused(f"postgresql://tuner:{SECRET}@127.0.0.1:{port}/name?sslpassword={SECRET}", passes=True)
    assert f"database postgresql+psycopg://tuner:***@127.0.0.1:{port}/name" in message
    assert "check that the server runs" in message


def test_a_password_that_a_server_refuses(store_url: str) -> None:
    url = sa.make_url(store_url)
    if url.get_backend_name() == "sqlite":
        pytest.skip("a file has no password")
    message = refused(url.set(username="nobody-here", password=SECRET).render_as_string(hide_password=False))
    assert "address, user and password are right" in message


def test_a_relative_file_and_its_folder_are_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Store.open("sqlite:///new/folder/tuner.db").close()
    assert (tmp_path / "new/folder/tuner.db").is_file()


def test_sqlite_lets_readers_read_while_one_writes(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/tuner.db"):
        look = sqlite3.connect(tmp_path / "tuner.db")
        assert look.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        look.close()


def test_a_file_that_is_not_yet_write_ahead_is_waited_for(tmp_path: Path) -> None:
    # SQLite itself answers "locked" at once here, whatever its timeout.
    holder = sqlite3.connect(tmp_path / "tuner.db", isolation_level=None, check_same_thread=False)
    holder.execute("CREATE TABLE other (x)")
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, holder.execute, ["COMMIT"])
    release.start()
    Store.open(f"sqlite:///{tmp_path}/tuner.db").close()
    release.join()
    holder.close()


def test_other_tables_of_the_database_are_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "tuner.db")
    other.execute("CREATE TABLE studies (study_id INTEGER)")
    other.close()
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as store:
        assert store.studies() == []
    other = sqlite3.connect(tmp_path / "tuner.db")
    names = {name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    other.close()
    ours = {"studies", "trials", "tallies", "epochs", "events", "jobs", "requests", "alembic_version"}
    assert names == {"studies"} | {f"tuner_{name}" for name in ours}


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/tuner.db")
    store.close()
    store.close()
