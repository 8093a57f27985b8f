"""Exports of a study read back equal, in every format; other programs read them too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.store.samples import (
    CNN,
    DEVICES,
    GOOD,
    STOPPED_BY,
    any_event,
    at,
    complete,
    epoch,
    finding,
    health,
    start,
    vital_signs,
)
from tests.store.samples import spec as study_spec
from tuner.console.export_study import export_study
from tuner.errors import CannotWriteError, FixInputError, UnknownStudyError
from tuner.settings import Settings
from tuner.store import Store
from tuner.study.study_export import Format, exported, files_of, read_export, write_export

FORMATS: tuple[Format, ...] = get_args(Format)
VALUES = {"learning_rate": 0.1 + 0.2, "optimizer": "adam", "batch_size": 32, "augmentation": True, "width": 1.5}
LIKE_OTHERS = {"optimizer": "7", "batch_size": 64, "note": "", "width": 2, "own.name": "true", "mixed": False}
"""Texts that read as numbers, an empty one, a whole number among others, a name with a dot, another kind."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A study with a complete trial, one that ended early, a failed one and one that trains."""
    opened = Store.open(f"sqlite:///{tmp_path}/tuner.db")
    opened.create_study(study_spec("a", trials=4), folder=str(tmp_path / "a"))
    events = [
        start(1, hyperparameters=VALUES, devices=DEVICES, suggested_by="portfolio", queued_s=0.5),
        epoch(1, 1, loss=1 / 3, health_metrics=health("convergence_quality"), vital_signs=vital_signs()),
        epoch(2, 1, findings=(finding(),), val_macro_f1=0.25),
        complete(1, hyperparameters=VALUES, performance=GOOD, objective=0.9, best_epoch=2, epochs_trained=2,
                 values={"val_accuracy": 0.9, "val_loss": 0.3}, health_metrics=health(), vital_signs=vital_signs(),
                 findings=(finding(),), duration_seconds=12.5),
        start(2, hyperparameters=LIKE_OTHERS),
        epoch(1, 2),
        complete(2, hyperparameters=LIKE_OTHERS, status="pruned", cause="pruned", stopped_by=STOPPED_BY),
        complete(3, hyperparameters={"mixed": 3}, status="failed", cause="error", reason='a "quoted", line',
                 error="Traceback:\r\n  ä, \ud800\n"),
        start(4, hyperparameters={}, architecture=CNN),
    ]  # fmt: skip
    for event in events:
        opened.append("a", event)
    return opened


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_reads_back_equal(store, tmp_path, form):
    before = exported(store, "a")
    write_export(before, form, tmp_path / "out")
    after = read_export(form, tmp_path / "out")
    assert after.trials == store.trials("a") == before.trials
    assert after.epochs == store.epochs("a") == before.epochs
    assert after.study in (store.study("a"), None)
    assert len(after.trials) == 4
    assert len(after.epochs) == 3


@pytest.mark.parametrize("form", FORMATS)
def test_a_study_without_trials_reads_back_empty(tmp_path, form):
    with Store.open(f"sqlite:///{tmp_path}/tuner.db") as store:
        store.create_study(study_spec("a"), folder=str(tmp_path))
        write_export(exported(store, "a"), form, tmp_path / "out")
    after = read_export(form, tmp_path / "out")
    assert (after.trials, after.epochs) == ([], [])


@given(events=st.lists(any_event, max_size=12))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_study_reads_back_equal(tmp_path_factory, events):
    folder = tmp_path_factory.mktemp("any")
    with Store.open(f"sqlite:///{folder}/tuner.db") as store:
        store.create_study(study_spec("a"), folder=str(folder))
        for event in events:
            store.append("a", event)
        before = exported(store, "a")
    for form in FORMATS:
        write_export(before, form, folder / form)
        after = read_export(form, folder / form)
        assert after.trials == before.trials
        assert after.epochs == before.epochs


def test_pandas_reads_csv_and_parquet_with_the_values_of_the_store(store, tmp_path):
    write_export(exported(store, "a"), "csv", tmp_path / "out")
    write_export(exported(store, "a"), "parquet", tmp_path / "out")
    for read in (
        pd.read_csv(tmp_path / "out" / "epochs.csv"),
        pd.read_parquet(tmp_path / "out" / "epochs.parquet"),
    ):
        assert read["train_loss"].tolist() == [1 / 3, 0.5, 0.5]
        assert read["epoch"].tolist() == [1, 2, 1]
        assert pd.to_datetime(read["time"])[0] == at(1)
    for read in (pd.read_csv(tmp_path / "out" / "trials.csv"), pd.read_parquet(tmp_path / "out" / "trials.parquet")):
        assert read["trial_number"].tolist() == [1, 2, 3, 4]
        assert read["performance.accuracy"][0] == 0.9
        assert read["hyperparameters.learning_rate"][0] == 0.1 + 0.2
        assert read["architecture.total_parameters"][3] == 650
        assert read["status"].tolist() == ["completed", "pruned", "failed", "running"]


def test_json_is_one_document(store, tmp_path):
    [file] = write_export(exported(store, "a"), "json", tmp_path / "all.json")
    document = json.loads(file.read_text())
    assert file == tmp_path / "all.json"
    assert list(document) == ["study", "trials", "epochs"]
    assert document["study"]["spec"]["trials"] == 4
    assert document["trials"][0]["hyperparameters"] == VALUES
    assert document["epochs"][0]["train_loss"] == 1 / 3


def test_files_are_not_replaced_without_force(store, tmp_path):
    write_export(exported(store, "a"), "csv", tmp_path / "out")
    with pytest.raises(FixInputError, match=r"trials\.csv already exists - choose another place"):
        write_export(exported(store, "a"), "csv", tmp_path / "out")
    store.append("a", complete(4))
    write_export(exported(store, "a"), "csv", tmp_path / "out", force=True)
    assert read_export("csv", tmp_path / "out").trials == store.trials("a")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["epochs.csv", "trials.csv"]


@pytest.mark.parametrize(
    ("form", "place", "names"),
    [
        ("csv", "out", ["out/trials.csv", "out/epochs.csv"]),
        ("parquet", "out", ["out/trials.parquet", "out/epochs.parquet"]),
        ("json", "out", ["out/study.json"]),
        ("json", "a.json", ["a.json"]),
    ],
)
def test_where_files_are_written(form, place, names):
    assert files_of(form, Path(place)) == [Path(name) for name in names]


def test_two_tables_need_a_folder(store, tmp_path):
    with pytest.raises(FixInputError, match="is no folder, and csv makes two files - name a folder"):
        write_export(exported(store, "a"), "csv", tmp_path / "a.csv")
    (tmp_path / "file").touch()
    with pytest.raises(FixInputError, match="is no folder"):
        write_export(exported(store, "a"), "parquet", tmp_path / "file")
    with pytest.raises(CannotWriteError, match="cannot write to"):
        write_export(exported(store, "a"), "json", tmp_path / "file" / "below")


def run(store: Store, tmp_path: Path, form: Format, **given: Any) -> str:
    out = Console(width=400)
    with out.capture() as shown:
        export_study(
            Settings(results_dir=tmp_path, database_url=None), "a", out, **({"form": form, "output": None} | given)
        )
    return shown.get()


def test_the_command_writes_into_the_study_s_folder_and_says_where(store, tmp_path):
    assert (
        run(store, tmp_path, "csv") == f"wrote trials.csv and epochs.csv to {tmp_path}/a/export: 4 trials, 3 epochs\n"
    )
    run(store, tmp_path, "csv")  # replaces its own files
    assert run(store, tmp_path, "json", output=tmp_path / "b.json").startswith(f"wrote b.json to {tmp_path}: ")
    assert read_export("csv", tmp_path / "a" / "export").trials == store.trials("a")
    with pytest.raises(UnknownStudyError):
        export_study(Settings(results_dir=tmp_path, database_url=None), "b", Console(), form="csv", output=None)
