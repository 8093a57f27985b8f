"""A database that an older tuner wrote is upgraded when it is opened, and nothing of it is lost."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests import postgres
from tests.store import samples
from tests.store.earlier import databases
from tuner.errors import FixInputError
from tuner.store import Store, StoreQueries, StudyRow, tables, upgrade
from tuner.store.engine import open_engine
from tuner.study.driver import spec_to_resume
from tuner.study.result import view

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Upgraded:
    """A database that an earlier commit wrote, after its upgrade."""

    url: str
    before: dict[str, list[dict[str, Any]]]
    after: dict[str, list[dict[str, Any]]]
    """All its rows."""


@pytest.fixture(scope="module", params=databases.STATES)
def state(request: pytest.FixtureRequest) -> str:
    """A state of the tables in an earlier commit."""
    return str(request.param)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def upgraded(
    state: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    """The same database for all tests: only the last one of them writes to it."""
    with ExitStack() as closing_it:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('earlier')}/tuner.db"
        else:
            url = closing_it.enter_context(postgres.schema(request.getfixturevalue("postgres_server")))
        databases.write(url, state)
        before = databases.rows(url)
        Store.open(url).close()
        yield Upgraded(url, before, databases.rows(url))


@pytest.fixture
def oldest(tmp_path: Path) -> str:
    """The address of a SQLite file with the very first tables."""
    url = f"sqlite:///{tmp_path}/tuner.db"
    databases.write(url, "1_first")
    return url


def differences(url: str) -> list[object]:
    """What alembic would change to make our tables of a database those of this commit."""
    engine = open_engine(url)
    with engine.connect() as connection:
        ours = {
            "version_table": upgrade.VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or name.startswith("tuner_"),
        }
        found = compare_metadata(MigrationContext.configure(connection, opts=ours), tables.metadata)
    engine.dispose()
    return found


def copies(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if ".before-" in file.name]


def test_every_row_is_there_afterwards_with_all_that_it_held(upgraded: Upgraded) -> None:
    before, after = deepcopy(upgraded.before), upgraded.after
    logged = [row.pop("event") for row in before["tuner_events"]]
    kept = [row["event"] for row in after["tuner_events"]]
    before.pop(upgrade.VERSION_TABLE, None)
    for table in ("tuner_trials", "tuner_tallies"):  # best scores that were derived from other columns
        for row in before.get(table, ()):
            row.pop("accuracy", None), row.pop("total_score", None)
    assert [known | event for known, event in zip(kept, logged, strict=True)] == kept
    for table, earlier in before.items():
        assert [row | old for row, old in zip(after[table], earlier, strict=True)] == after[table]


def test_it_has_the_tables_that_a_new_one_has(upgraded: Upgraded) -> None:
    assert differences(upgraded.url) == []


def test_its_studies_are_listed_and_shown_and_its_trials_are_counted(upgraded: Upgraded) -> None:
    with Store.open(upgraded.url) as store:
        assert names_of(StoreQueries(store).studies()) == names_of(store.studies())
        for study in store.studies():
            assert view(store, study.name).study.name == study.name
            trials = store.trials(study.name)
            totals = StoreQueries(store).totals([study.name])[study.name]
            assert totals.counts == Counter(trial.status for trial in trials)
            assert sum(totals.seconds.values()) == sum(trial.duration_seconds or 0.0 for trial in trials)
            best = next((trial for trial in trials if trial.trial_number == study.best_trial_number), None)
            assert study.best_performance == (best and best.performance)


def test_its_studies_are_read_resumed_written_on_and_deleted(upgraded: Upgraded) -> None:
    with Store.open(upgraded.url) as store:
        assert names_of(store.studies()) == ["killed", "old"]
        old, killed = store.study("old"), store.study("killed")
        assert (old.status, old.spec.dataset, old.active_seconds) == ("completed", "mnist", 100.0)
        assert (killed.status, killed.current_status, killed.running_since) == ("running", "interrupted", samples.T0)
        trials = store.trials("old")
        assert [trial.cause for trial in trials] == ["all_epochs", "diverged", "error", "too_large"]
        told = {"val_accuracy": 0.9, "val_loss": 0.3, "parameter_count": 650.0}
        assert told.items() <= trials[0].values.items()
        assert [trial.values for trial in trials[1:]] == [{}, {}, {}]
        assert [epoch.epoch for epoch in store.epochs("old")] == [1, 2]
        assert store.read("old")[0][0] == 1
        assert store.study_snapshot("killed").study == killed

        for study in (old, killed):
            spec = spec_to_resume(store, view(store, study.name).study, trials=100)
            assert (spec.run_name, spec.trials, spec.dataset) == (study.name, 100, study.spec.dataset)
            store.update_spec(study.name, spec)
            assert store.study(study.name).spec == spec
            assert store.append(study.name, samples.epoch(3)) > 1
        store.create_study(samples.spec("new"), folder="/new")
        assert store.studies()[0].name == "new"
        store.delete_study("new")

        before = databases.rows(upgraded.url)
        store.delete_study("old")
        left = databases.rows(upgraded.url)
        for table in ("tuner_trials", "tuner_epochs", "tuner_events"):
            assert left[table] == [row for row in before[table] if row["study_id"] == 2] != []
            assert len(before[table]) > len(left[table])
        assert store.read("killed")
        with pytest.raises(FixInputError, match="already exists"):
            store.create_study(samples.spec("killed"), folder="/")


def names_of(studies: Sequence[StudyRow]) -> list[str]:
    return [study.name for study in studies]


def test_a_new_one_has_the_tables_that_this_commit_knows(store_url: str) -> None:
    Store.open(store_url).close()
    assert differences(store_url) == []


OPEN = """
import sys
from alembic import command
from tuner.store import Store
print("ready", flush=True)
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    print(len(store.studies()), flush=True)
"""


@pytest.mark.parametrize("state", [None, "1_first"])
def test_of_processes_that_open_it_at_once_one_makes_or_upgrades_it(state: str | None, store_url: str) -> None:
    if state is not None:
        databases.write(store_url, state)
    opening = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, store_url],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    for process in opening:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in opening:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate() for process in opening]

    assert [out for out, _ in said] == ["0\n" if state is None else "2\n"] * 3, said
    upgraded = [error for _, error in said if "is now upgraded" in error]
    assert len(upgraded) == (0 if state is None else 1)
    assert differences(store_url) == []


WITHOUT_ALEMBIC = """
import sys
from tuner.store import Store
Store.open(sys.argv[1]).close()
assert "alembic" not in sys.modules
"""


def test_one_that_is_up_to_date_is_opened_without_alembic_and_while_another_process_writes(store_url: str) -> None:
    Store.open(store_url).close()
    engine = open_engine(store_url)
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as writing:
        writing.execute(sa.update(tables.studies).values(reason="in the middle"))
        subprocess.run([sys.executable, "-c", WITHOUT_ALEMBIC, store_url], cwd=ROOT, check=True, timeout=60)
    engine.dispose()


def test_a_new_one_is_made_without_alembic(store_url: str) -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_ALEMBIC, store_url], cwd=ROOT, check=True, timeout=60)


def test_one_of_a_newer_tuner_is_refused_with_a_remedy_and_left_as_it_is(store_url: str) -> None:
    Store.open(store_url).close()
    engine = open_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {upgrade.VERSION_TABLE} SET version_num = '9999'")
    engine.dispose()
    before = databases.rows(store_url)

    with pytest.raises(FixInputError) as caught:
        Store.open(store_url)
    assert "was written by a newer tuner: its tables have revision 9999" in str(caught.value)
    assert f"this tuner knows revisions up to {upgrade.NEWEST}" in str(caught.value)
    assert "install the newer tuner" in caught.value.remedy
    assert databases.rows(store_url) == before


def test_optuna_has_its_own_versions_in_the_same_database(store_url: str) -> None:
    optuna = pytest.importorskip("optuna")
    databases.write(store_url, "5_leases_and_values")
    unpooled = {"poolclass": sa.NullPool}
    storage = optuna.storages.RDBStorage(store_url, engine_kwargs=unpooled)
    storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], "theirs")
    Store.open(store_url).close()
    storage = optuna.storages.RDBStorage(store_url, engine_kwargs=unpooled)
    assert [study.study_name for study in storage.get_all_studies()] == ["theirs"]
    assert differences(store_url) == []


def test_a_file_is_copied_before_it_is_changed(oldest: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "tuner.db"
    file.chmod(0o600)
    before = databases.rows(oldest)
    Store.open(oldest).close()

    [copy] = copies(tmp_path)
    assert databases.rows(f"sqlite:///{copy}") == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    [line] = caplog.messages
    assert (
        line == f"database {file} was written by an older tuner and is now upgraded; a copy of the old file is {copy}"
    )
    Store.open(f"sqlite:///{copy}").close()  # it is a database like any other


def test_a_file_of_this_tuner_is_not_copied(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        Store.open(f"sqlite:///{tmp_path}/tuner.db").close()
    assert copies(tmp_path) == []
    assert caplog.messages == []


def test_what_another_process_has_just_written_is_in_the_copy(oldest: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "tuner.db")) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("UPDATE tuner_studies SET reason = 'in the log'")
        writer.commit()
        Store.open(oldest).close()
    [copy] = copies(tmp_path)
    assert {row["reason"] for row in databases.rows(f"sqlite:///{copy}")["tuner_studies"]} == {"in the log"}


def test_a_file_that_cannot_be_copied_is_not_upgraded(
    oldest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = databases.rows(oldest)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tuner.store.upgrade.shutil.copymode", full)
    with pytest.raises(FixInputError, match=r"cannot be copied before its upgrade: .*No space left") as caught:
        Store.open(oldest)
    assert caught.value.remedy == "free disk space in its folder"
    assert databases.rows(oldest) == before
    assert [file.name for file in tmp_path.iterdir() if not file.name.endswith(("-wal", "-shm"))] == ["tuner.db"]


def test_an_upgrade_that_is_cut_short_leaves_it_as_it_was(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    databases.write(store_url, "1_first")
    before = databases.rows(store_url)
    run = upgrade._run_revisions

    def and_then_ctrl_c(connection: sa.Connection) -> None:
        run(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(upgrade, "_run_revisions", and_then_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            Store.open(store_url)
    assert databases.rows(store_url) == before
    Store.open(store_url).close()
    assert differences(store_url) == []


def test_the_seconds_that_earlier_prunings_saved_are_computed(store_url: str) -> None:
    databases.write(store_url, "17_requests")
    engine = sa.create_engine(store_url)
    columns = "study_id, trial_number, trial_id, status, hyperparameters, epochs_trained, duration_seconds"
    with engine.begin() as connection:
        for number, (status, hyperparameters) in enumerate(
            [
                ("pruned", '{"epochs": 10}'),
                ("pruned", '{"epochs": 4}'),
                ("pruned", "{}"),
                ("completed", '{"epochs": 10}'),
            ],
            start=21,
        ):
            row = f"1, {number}, 'x', '{status}', '{hyperparameters}', 2, 30.0, '{{}}'"
            connection.execute(
                sa.text(f'INSERT INTO tuner_trials ({columns}, "values") VALUES ({row})'.replace(":", "\\:"))
            )
        connection.execute(sa.text("INSERT INTO tuner_tallies VALUES (1, 'pruned', 3, 3, 90.0)"))
    engine.dispose()
    with Store.open(store_url) as store:
        saved = [trial.saved_s for trial in store.trials("old") if trial.trial_number > 20]
        assert saved == [120.0, 30.0, None, None]
        assert StoreQueries(store).totals(["old"])["old"].saved_s["pruned"] == 150.0
    assert differences(store_url) == []


def test_the_first_causes_are_told_from_what_was_said_to_people(oldest: str, tmp_path: Path) -> None:
    said = {
        ("completed", "early stopping: no better val_accuracy since epoch 3"): "early_stopping",
        ("completed", "trained all 10 epochs"): "all_epochs",
        ("pruned", "pruned by asha at epoch 2"): "pruned",
        ("failed", "its worker was lost again and again"): "worker_lost",
        ("failed", "ValueError: time budget"): "error",
        ("cancelled", "the study stopped: time budget of 60 s used up"): "time_budget",
        ("cancelled", "the study stopped: target reached: val_accuracy 0.9900"): "target_reached",
        ("cancelled", "the study stopped: stopped by Ctrl-C"): "cancelled",
    }
    with closing(sqlite3.connect(tmp_path / "tuner.db")) as file:
        for number, (status, reason) in enumerate(said, 11):
            told = {"time": "2026-01-02T03:04:05Z", "trial_number": number, "type": "trial_complete"}
            told |= {"trial_id": "x", "status": status, "reason": reason, "hyperparameters": {}, "performance": None}
            file.execute("INSERT INTO tuner_events VALUES (1, ?, ?)", (number + 10, json.dumps(told)))
            row = (1, number, "x", status, "{}", reason, 0)
            columns = "study_id, trial_number, trial_id, status, hyperparameters, reason, epochs_trained"
            file.execute(f"INSERT INTO tuner_trials ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        file.commit()
    with Store.open(oldest) as store:
        assert [trial.cause for trial in store.trials("old")[4:]] == list(said.values())
        assert [event.cause for _, event in store.read("old", after=20)] == list(said.values())


def test_the_revisions_are_one_line_from_the_first_to_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", "tuner.store:migrations")
    found = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in found)[::-1] == upgrade.REVISIONS


def test_the_revisions_travel_with_the_package(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    without_dashboard = os.environ | {"HATCH_BUILD_NO_HOOKS": "true"}
    subprocess.run(build, cwd=ROOT, env=without_dashboard, check=True, capture_output=True, timeout=120)
    [wheel] = tmp_path.glob("*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("tuner/store/migrations/")}
    here = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tuner/store/migrations").rglob("*.py")}
    assert inside == here
