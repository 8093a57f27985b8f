"""`tuner datasets` and `tuner datasets add`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.output import cut, table
from tuner.datasets.catalogue import DatasetInfo, catalogue
from tuner.datasets.inspection import inspect
from tuner.datasets.registry import Registry
from tuner.settings import Settings


def own_datasets(settings: Settings) -> list[DatasetInfo]:
    """Those that were uploaded, or given a name by `tuner datasets add`."""
    return [
        DatasetInfo(own.name, own.kind, own.samples, own.classes, f"{own.source}: {own.path}", None)
        for own in Registry(settings.results_dir).entries()
    ]


def add_dataset(settings: Settings, name: str, path: Path, out: Console) -> None:
    """Read a file or folder whole, and give it a name.

    Raises:
        FixInputError: it is no data set, or the name is taken or none.
    """
    registry = Registry(settings.results_dir)
    registry.check_free(name)
    found = inspect(path.expanduser().absolute())
    registry.register(name, path.expanduser(), found.kind, found.samples, found.classes)
    what = f"{found.samples:,} {found.kind}s of {found.classes} classes"
    out.print(Text(f"added {name}: {what}. Begin with: tuner run dataset={name}"), soft_wrap=True)


def datasets_json(own: Sequence[DatasetInfo] = ()) -> list[dict[str, Any]]:
    """The catalogue of data sets, then own ones."""
    return [asdict(info) for info in (*catalogue(), *own)]


def print_datasets(out: Console, own: Sequence[DatasetInfo] = ()) -> None:
    """The catalogue and own data sets as a table, and what else a data set may be."""

    shown = table("data set", "kind", ">samples", ">classes", "~source", "~file in data_dir")
    for info in (*catalogue(), *own):
        shown.add_row(
            Text(info.name, "bold"),
            Text(info.kind),
            Text(f"{info.samples:,}"),
            Text(str(info.classes)),
            cut(info.source),
            cut(info.file or "-"),
        )
    out.print(shown)
    out.print(
        "\nAlso a path: dataset=file.npz, .csv, .jsonl, .parquet, or a folder of images by class.", soft_wrap=True
    )
