"""`tuner datasets` and its commands."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import clean
from tuner.console.output import print_json, print_line, table, truncated
from tuner.data_report import NOTE_TITLES, DataReport
from tuner.datasets.catalogue import DatasetInfo, catalogue
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.registry import Registry
from tuner.settings import Settings, private_files
from tuner.spec import StudySpec
from tuner.study.plan import complete, load_data


def add_dataset(settings: Settings, name: str, path: Path, out: Console) -> None:
    """Read a whole file or folder, register it under a name, and print the report on it."""
    registry = Registry(settings.results_dir)
    registry.check_name(name)
    report = inspect_dataset(path.expanduser().absolute())
    with private_files(settings):
        registry.register(name, path.expanduser(), report)
    what = f"{report.size:,} {report.kind}s of {len(report.classes)} classes"
    print_line(out, f"added {name}: {what}. To use it: tuner run dataset={name}")
    _print_notes(report, out)


def remove_dataset(settings: Settings, name: str, out: Console) -> None:
    """Remove a data set that was added; a registered file or folder itself stays."""
    entry = Registry(settings.results_dir).remove(name)
    kept = f"; {entry.path} stays" if entry.source == "registered" else ""
    print_line(out, f"removed {name}{kept}")


def check_dataset(settings: Settings, spec: StudySpec, out: Console, *, as_json: bool) -> None:
    """Read a data set as a study with this spec would, and print the report on it."""
    data, _ = load_data(complete(spec, settings), settings)
    if as_json:
        print_json(data.report.model_dump(mode="json"))
        return
    size, *_ = data.report.lines()
    print_line(out, f"{clean(spec.dataset)}: {clean(size)}", "bold")
    shown = table("~class", ">training", ">validation", ">test")
    for count in data.report.classes:
        numbers = (Text(f"{number:,}") for number in (count.train, count.validation, count.test))
        shown.add_row(truncated(clean(count.label)), *numbers)
    out.print(shown)
    _print_notes(data.report, out)


def _print_notes(report: DataReport, out: Console) -> None:
    for note in report.notes:
        print_line(out, f"{NOTE_TITLES[note.kind]}: {clean(note.text)}", "yellow" if note.kind == "warning" else "")


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
    print_line(
        out,
        "\nOr use a path: dataset=file.npz, .csv, .tsv, .json, .jsonl, .parquet, or a folder with a subfolder of "
        "images or .txt files per class.",
    )
