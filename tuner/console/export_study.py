"""`tuner export-study`: writes the trials and epochs of a study as CSV, JSON or Parquet."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from tuner.console.formatting import clean
from tuner.console.output import print_line
from tuner.settings import Settings
from tuner.store import Store
from tuner.study.study_export import Format, exported, write_export

FOLDER = "export"
"""The folder of the study's files that is written to without --output, and always replaced."""


def export_study(
    settings: Settings, name: str, out: Console, *, form: Format, output: Path | None, force: bool = False
) -> None:
    """Write a study's trials and epochs, and print where they are.

    Args:
        output: A folder, or with `json` a file; None: in the study's folder.
        force: Whether files there are replaced.

    Raises FixInputError as `write_export`, UnknownStudyError.
    """
    with Store.open(settings.store_url(), create=False) as store:
        export = exported(store, name)
        folder = Path(store.study(name).folder) / FOLDER
    files = write_export(export, form, output or folder, force=force or output is None)
    names = " and ".join(file.name for file in files)
    counted = f"{_counted(len(export.trials), 'trial')}, {_counted(len(export.epochs), 'epoch')}"
    print_line(out, f"wrote {clean(names)} to {clean(str(files[0].parent))}: {counted}")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
