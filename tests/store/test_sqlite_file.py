"""A SQLite file that is moved or deleted while processes use it: it is away, never created anew, never mistaken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.store.samples import epoch, spec
from tuner.errors import TryAgainError
from tuner.store import DriverStore, Lease, Retry, Store
from tuner.store import sqlite_file as sqlite_file_module

LEASE = Lease("elsewhere:17", "another-machine/1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "tuner.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        opened.create_study(spec("a"), folder="/results/a")
        yield opened


def moved(file: Path) -> Path:
    """The file alone is moved, as `mv tuner.db elsewhere` does; its write-ahead log stays."""
    return file.rename(file.with_name("elsewhere"))


def test_a_file_that_was_deleted_is_away_and_never_created_anew(store: Store, file: Path) -> None:
    for name in file.parent.glob("tuner.db*"):
        name.unlink()
    for _ in range(2):
        with pytest.raises(TryAgainError, match=r"tuner\.db is gone: it was deleted or moved - put the file back"):
            store.append("a", epoch(1))
    assert not file.exists()


def test_a_file_that_was_replaced_is_not_written_to(store: Store, file: Path) -> None:
    moved(file)
    file.touch()
    with pytest.raises(TryAgainError, match="was replaced by another file"):
        store.studies()
    assert file.stat().st_size == 0


def test_a_file_that_is_back_in_time_has_every_event(store: Store, file: Path) -> None:
    store.take_lease("a", LEASE)
    driver = DriverStore(store, Retry(), LEASE, lambda error: None)
    driver.append("a", epoch(1))
    threading.Timer(0.3, moved(file).rename, (file,)).start()
    driver.append("a", epoch(2))
    assert [event.epoch for _, event in store.read("a")] == [1, 2]


def test_a_folder_that_was_moved_or_replaced_by_a_file_is_away(store: Store, file: Path) -> None:
    folder = file.parent.rename(file.parent.with_name("moved"))
    with pytest.raises(TryAgainError, match="is gone"):
        store.studies()
    file.parent.touch()
    with pytest.raises(TryAgainError, match="is gone"):
        store.studies()
    file.parent.unlink()
    folder.rename(file.parent)
    assert [study.name for study in store.studies()] == ["a"]


def test_a_file_on_a_disk_that_does_not_answer_is_away(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(_: Path) -> None:
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", stale)
        with pytest.raises(TryAgainError, match="cannot be reached: Stale file handle"):
            store.studies()
    assert len(store.studies()) == 1


def test_who_needs_what_is_in_the_file_creates_neither_file_nor_folder(file: Path, url: str) -> None:
    with pytest.raises(TryAgainError, match=r"tuner\.db does not exist - put the file back, or set TUNER_RESULTS_DIR"):
        Store.open(url, create=False)
    assert not file.parent.exists()


def test_who_needs_what_is_in_the_file_reads_it(store: Store, url: str) -> None:
    with Store.open(url, create=False) as other:
        assert [study.name for study in other.studies()] == ["a"]


def test_no_process_creates_a_file_beside_the_write_ahead_log_of_a_moved_one(
    store: Store, file: Path, url: str
) -> None:
    """SQLite would delete that log, and with it what was written last."""
    store.append("a", epoch(1))
    away = moved(file)
    for create in (True, False):
        with pytest.raises(TryAgainError, match="put the file back"):
            Store.open(url, create=create)
    assert not file.exists()
    away.rename(file)
    with Store.open(url) as other:
        assert len(other.read("a")) == 1


def test_a_library_with_the_store_s_address_creates_no_file(store: Store, file: Path) -> None:
    engine = sa.create_engine(store.url)
    with engine.connect() as connection:
        assert sa.inspect(connection).has_table("tuner_studies")
    engine.dispose()
    moved(file)
    with pytest.raises(sa.exc.OperationalError, match="unable to open"):
        engine.connect()
    assert not file.exists()


def test_a_name_with_special_characters_is_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "50% of #2" / "my db"
    with Store.open(f"sqlite:///{file}") as store:
        store.create_study(spec("a"), folder="/")
        store._transactions.engine.dispose()
        assert len(store.studies()) == 1, "a new connection"
    engine = sa.create_engine(store.url)
    with engine.connect() as connection:
        assert sa.inspect(connection).has_table("tuner_studies")
    engine.dispose()


def test_a_file_that_is_moved_between_the_check_and_the_opening_is_away(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = sqlite_file_module._watch_of(store._transactions.engine)
    assert watch is not None
    known, checks = watch._identity(), iter([True])
    identity = watch._identity
    monkeypatch.setattr(watch, "_identity", lambda: known if next(checks, False) else identity())
    store._transactions.engine.dispose()
    moved(file)
    with pytest.raises(TryAgainError, match="is gone"):
        store.studies()
    assert not file.exists()


def test_who_follows_the_log_learns_that_the_file_is_away_and_goes_on_when_it_is_back(store: Store, file: Path) -> None:
    with closing(store.watch_logs()) as watch:
        watch.poll()
        away = moved(file)
        for _ in range(2):
            with pytest.raises(TryAgainError, match="is gone"):
                watch.poll()
        away.rename(file)
        store.append("a", epoch(1))
        assert {name: end.sequence for name, end in (watch.poll() or {}).items()} == {"a": 1}
