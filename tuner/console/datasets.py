"""`tuner datasets` and `tuner datasets add`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.output import print_line, table, truncated
from tuner.datasets.catalogue import DatasetInfo, catalogue
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.registry import Registry
from tuner.settings import Settings


def own_datasets(settings: Settings) -> list[DatasetInfo]:
    """The user's own data sets: uploaded ones and those of `tuner datasets add`."""
    return [
        DatasetInfo(own.name, own.kind, own.samples, own.classes, f"{own.source}: {own.path}", None)
        for own in Registry(settings.results_dir).entries()
    ]


def add_dataset(settings: Settings, name: str, path: Path, out: Console) -> None:
    """Read a whole file or folder and register it under a name.

    Raises:
        FixInputError: it is not a data set, or the name is taken or not valid.
    """
    registry = Registry(settings.results_dir)
    registry.check_name(name)
    found = inspect_dataset(path.expanduser().absolute())
    registry.register(name, path.expanduser(), found)
    what = f"{found.samples:,} {found.kind}s of {found.classes} classes"
    print_line(out, f"added {name}: {what}. To use it: tuner run dataset={name}")


def datasets_json(own: Sequence[DatasetInfo] = ()) -> list[dict[str, Any]]:
    """The built-in and downloadable data sets, then the user's own, as JSON."""
    return [asdict(info) for info in (*catalogue(), *own)]


def print_datasets(out: Console, own: Sequence[DatasetInfo] = ()) -> None:
    """Print all data sets as a table, and which paths can be used as well."""
    shown = table("data set", "kind", ">samples", ">classes", "~source", "~file")
    for info in (*catalogue(), *own):
        shown.add_row(
            Text(info.name, "bold"),
            Text(info.kind),
            Text(f"{info.samples:,}"),
            Text(str(info.classes)),
            truncated(info.source),
            truncated(info.file or "-"),
        )
    out.print(shown)
    print_line(out, "\nOr use a path: dataset=file.npz, .csv, .jsonl, .parquet, or a folder of images by class.")
