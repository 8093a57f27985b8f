"""`tuner predict`: classifies files with the best model of a study."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track

from tuner.console.best import BestTrial
from tuner.console.formatting import clean, counted
from tuner.console.output import console, print_json, print_line, stdout_reserved, table, truncated
from tuner.data import Array
from tuner.datasets.unlabelled import ModelTakes, Unlabelled, read_lines, read_unlabelled
from tuner.errors import FixInputError

MOST_ROWS = 50
"""Predictions that are printed to a terminal; a file or a pipe gets all."""
_COLUMNS = ["input", "class", "probability"]


def predict(best: BestTrial, path: str, output: Path | None, out: Console, *, as_json: bool = False) -> None:
    """Classify what `path` holds (`-`: lines of the standard input) and print it, or write it to a .csv file.

    Raises FixInputError if there is no saved model, or if it cannot classify what `path` holds.
    """
    model = best.usable_model
    _check_output(output, Path(path))
    labels: list[str] = best.metadata["labels"]
    takes = ModelTakes(best.study.name, best.metadata["preprocessing"], labels)
    samples = read_lines(sys.stdin.buffer, takes) if path == "-" else read_unlabelled(Path(path), takes)
    for note in samples.notes:
        print_line(console(stderr=True), f"{note.kind.replace('_', ' ')}: {clean(note.text)}")
    with stdout_reserved():  # TensorFlow may write there
        probabilities = _classified(model, best.study.spec.model, samples)
    chosen = [labels[i] for i in probabilities.argmax(axis=1)]
    if output is not None:
        _write(output, samples.names, chosen, labels, probabilities)
        print_line(out, f"wrote {counted(len(chosen), 'prediction')} to {clean(str(output))}{_counts(chosen)}")
    elif as_json:
        print_json(_document(best, samples.names, chosen, labels, probabilities))
    else:
        _print_table(samples.names, chosen, labels, probabilities, out)


def _check_output(output: Path | None, path: Path) -> None:
    """Raise FixInputError before the work is done, not after it."""
    if output is not None and output.is_dir():
        raise FixInputError(f"--output {output} is a folder", remedy=f"write --output {output / 'predictions.csv'}")
    if output is not None and output.exists() and path.exists() and output.samefile(path):
        raise FixInputError(f"--output {output} is the input", remedy="choose another file")
    if output is not None and not output.absolute().parent.is_dir():
        raise FixInputError(f"--output {output}: {output.parent} does not exist", remedy="create the folder first")


def _classified(model: Path, own_model: str | None, samples: Unlabelled) -> Array:
    from tuner.models.keras_settings import without_banners
    from tuner.study.prediction import BATCH, classify

    batches = classify(samples, model, own_model, os.cpu_count() or 1)
    with without_banners():
        found = [next(batches)]
    more = ceil(len(samples.names) / BATCH) - 1
    errors = console(stderr=True)
    for batch in track(batches, "predicting", more, console=errors, transient=True, disable=not errors.is_terminal):
        found.append(batch)
    return np.concatenate(found)


def _print_table(
    names: Sequence[str], chosen: Sequence[str], labels: Sequence[str], probabilities: Array, out: Console
) -> None:
    shown = MOST_ROWS if out.is_terminal else len(names)
    rows = table("~input", "class", ">probability", "next", ">probability")
    for name, label, row in zip(names[:shown], chosen[:shown], probabilities[:shown], strict=True):
        first, second = row.argsort()[::-1][:2]
        rows.add_row(truncated(name), clean(label), f"{row[first]:.3f}", clean(labels[second]), f"{row[second]:.3f}")
    out.print(rows)
    if shown < len(names):
        more = len(names) - shown
        print_line(out, f"and {more:,} more: --output FILE.csv writes all{_counts(chosen)}")


def _counts(chosen: Sequence[str]) -> str:
    """How often the most frequent classes were predicted, such as `; cat 12, dog 3`."""
    counts = {label: chosen.count(label) for label in dict.fromkeys(chosen)}
    ranked = sorted(counts, key=lambda label: -counts[label])
    listed = ", ".join(f"{clean(label)} {counts[label]:,}" for label in ranked[:10])
    return f"; {listed}" + (f" and {len(ranked) - 10} more classes" if len(ranked) > 10 else "")


def _document(
    best: BestTrial, names: Sequence[str], chosen: Sequence[str], labels: Sequence[str], probabilities: Array
) -> dict[str, Any]:
    return {
        "study": best.study.name,
        "trial_number": best.trial.trial_number,
        "predictions": [
            {
                "input": name,
                "class": label,
                "probability": float(row.max()),
                "probabilities": dict(zip(labels, row.tolist(), strict=True)),
            }
            for name, label, row in zip(names, chosen, probabilities, strict=True)
        ],
    }


def _write(
    output: Path, names: Sequence[str], chosen: Sequence[str], labels: Sequence[str], probabilities: Array
) -> None:
    """Write one row for each sample: its name or text, the class, and the probability of each class."""
    unfinished = output.with_name(f".{output.name}.unfinished")
    try:
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow([*_COLUMNS, *(f"probability of {label}" for label in labels)])
            for name, label, row in zip(names, chosen, probabilities, strict=True):
                rows.writerow([name, label, f"{row.max():.6g}", *(f"{value:.6g}" for value in row)])
        unfinished.replace(output)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise FixInputError(f"cannot write {output}: {error.strerror}", remedy="choose another file") from None
