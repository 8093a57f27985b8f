"""Writes a study's trials and epochs as tables for other programs, and reads them back without a loss.

    csv, parquet   a folder with trials.csv and epochs.csv, or trials.parquet and epochs.parquet
    json           one document with the keys study, trials and epochs

The names are those of the API and of the database: `TrialRow`, `EpochRow`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tuner.errors import CannotWriteError, FixInputError
from tuner.store import EpochRow, Store, StudyRow, TrialRow
from tuner.study.export_tables import (
    Table,
    as_json,
    read_csv,
    read_parquet,
    rows_of,
    table_of,
    write_csv,
    write_parquet,
)

Format = Literal["csv", "json", "parquet"]
DOCUMENT = "study.json"
_WRITE: Mapping[str, Callable[[Table, Path], None]] = {"csv": write_csv, "parquet": write_parquet}
_READ: Mapping[str, Callable[[Path], Table]] = {"csv": read_csv, "parquet": read_parquet}


@dataclass(frozen=True)
class ExportedStudy:
    """What is exported of a study: its trials and their epochs, by number."""

    trials: list[TrialRow]
    epochs: list[EpochRow]
    study: StudyRow | None = None
    """None: read from tables, which do not hold it."""


def exported(store: Store, name: str) -> ExportedStudy:
    """Return what is exported of a study; it may still run."""
    study = store.study(name)
    epochs = store.epochs(name)
    return ExportedStudy(store.trials(name), epochs, study)


def files_of(form: Format, place: Path) -> list[Path]:
    """Return the files that an export to `place` writes.

    Args:
        place: A folder; with `json` also the file itself, whose name then ends in .json.

    Raises FixInputError if `place` is no folder where one is needed.
    """
    if form == "json":
        return [place if place.suffix == ".json" and not place.is_dir() else place / DOCUMENT]
    if place.suffix == f".{form}" or place.is_file():
        raise FixInputError(f"{place} is no folder, and {form} makes two files", remedy="name a folder")
    return [place / f"trials.{form}", place / f"epochs.{form}"]


def write_export(export: ExportedStudy, form: Format, place: Path, *, force: bool = False) -> list[Path]:
    """Write the export, each file whole or not at all, and return its files.

    Args:
        force: Whether it replaces files that exist.

    Raises FixInputError if a file exists, CannotWriteError if one cannot be written.
    """
    files = files_of(form, place)
    for file in files:
        if file.exists() and not force:
            raise FixInputError(f"{file} already exists", remedy="choose another place with --output, or add --force")
    try:
        if form == "json":
            _write_whole(files[0], lambda file: file.write_text(_document(export), encoding="utf-8"))
            return files
        tables = table_of(export.trials, TrialRow), table_of(export.epochs, EpochRow)
        for file, table in zip(files, tables, strict=True):
            _write_whole(file, lambda unfinished, table=table: _WRITE[form](table, unfinished))  # type: ignore[misc]
    except OSError as error:
        raise CannotWriteError(
            f"cannot write to {place}: {error.strerror or error}", remedy="choose another place with --output"
        ) from None
    return files


def read_export(form: Format, place: Path) -> ExportedStudy:
    """Return what `write_export` has written to `place`."""
    files = files_of(form, place)
    if form == "json":
        document = json.loads(files[0].read_text(encoding="utf-8"))
        return ExportedStudy(
            [TrialRow.model_validate(row) for row in document["trials"]],
            [EpochRow.model_validate(row) for row in document["epochs"]],
            StudyRow.model_validate(document["study"]),
        )
    trials, epochs = map(_READ[form], files)
    return ExportedStudy(rows_of(trials, TrialRow), rows_of(epochs, EpochRow))


def _document(export: ExportedStudy) -> str:
    content: dict[str, Any] = {
        "study": None if export.study is None else export.study.model_dump(mode="json"),
        "trials": [row.model_dump(mode="json") for row in export.trials],
        "epochs": [row.model_dump(mode="json") for row in export.epochs],
    }
    return as_json(content, indent=1) + "\n"


def _write_whole(file: Path, write: Callable[[Path], object]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        write(unfinished)
        unfinished.replace(file)
    except BaseException:  # also an interrupt must leave no unfinished file
        unfinished.unlink(missing_ok=True)
        raise
