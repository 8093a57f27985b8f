"""`tuner datasets` and `tuner datasets add`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tuner.console.output import print_json, print_line, table, truncated
from tuner.datasets.catalogue import DatasetInfo, catalogue
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.registry import Registry
from tuner.settings import Settings


def add_dataset(settings: Settings, name: str, path: Path, out: Console) -> None:
    """Read a whole file or folder and register it under a name."""
    registry = Registry(settings.results_dir)
    registry.check_name(name)
    found = inspect_dataset(path.expanduser().absolute())
    registry.register(name, path.expanduser(), found.kind, found.samples, found.classes)
    what = f"{found.samples:,} {found.kind}s of {found.classes} classes"
    print_line(out, f"added {name}: {what}. To use it: tuner run dataset={name}")


def print_datasets(settings: Settings, out: Console, *, as_json: bool = False) -> None:
    """Print the built-in and downloadable data sets, then the user's own, as a table or as JSON."""
    own = [
        DatasetInfo(own.name, own.kind, own.samples, own.classes, f"{own.source}: {own.path}", None)
        for own in Registry(settings.results_dir).entries()
    ]
    if as_json:
        print_json([asdict(info) for info in (*catalogue(), *own)])
        return
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
