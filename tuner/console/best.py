"""`tuner best` and `tuner export`: the best trial, its model and how to use it, and the Pareto front."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.devices import print_devices
from tuner.console.formatting import clean, counted, duration, scalar, score
from tuner.console.front import front_table
from tuner.console.health import print_health
from tuner.console.output import print_line, table
from tuner.console.show import field_table, trial_label
from tuner.errors import FixInputError
from tuner.store import Store, StudyRow, TrialRow
from tuner.study.paths import METADATA_FILE, MODEL_FILE, StudyPaths
from tuner.study.result import view


@dataclass(frozen=True)
class BestTrial:
    """A study's best trial and its saved model."""

    study: StudyRow
    trial: TrialRow
    model: Path | None
    """None: not saved yet, or moved."""
    metadata: dict[str, Any]
    """The content of the model's metadata.json; empty without a model."""
    front: Sequence[TrialRow]
    """The Pareto front; with one objective, the best trial."""


def find_best(store: Store, name: str) -> BestTrial:
    """The best trial of a study.

    Raises:
        UnknownStudyError: no study has this name.
        FixInputError: no trial has a result yet.
    """
    shown = view(store, name)
    if shown.best is None:
        raise FixInputError(f"study {name!r} has no best trial yet", remedy=f"see `tuner show {name}`")
    paths = StudyPaths(Path(shown.study.folder))
    try:
        metadata = json.loads(paths.metadata.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return BestTrial(shown.study, shown.best, None, {}, shown.front_trials)
    current = metadata.get("trial_number") == shown.best.trial_number and paths.model.exists()
    model = paths.model if current else None
    return BestTrial(shown.study, shown.best, model, metadata if current else {}, shown.front_trials)


def best_json(best: BestTrial) -> dict[str, Any]:
    """The best trial as JSON, with its study, test scores, the model's path and the code that uses it."""
    measured = best.trial.health_metrics is not None
    return {
        "study": best.study.name,
        **best.trial.model_dump(mode="json"),
        "health_weights": best.study.spec.health_weights.shares if measured else None,
        "test_accuracy": best.metadata.get("test_accuracy"),
        "test_loss": best.metadata.get("test_loss"),
        "model_path": None if best.model is None else str(best.model),
        "labels": best.metadata.get("labels"),
        "preprocessing": best.metadata.get("preprocessing"),
        "code": None if best.model is None else usage_code(best),
        "front": [
            {"trial_number": trial.trial_number, "values": trial.values, "hyperparameters": trial.hyperparameters}
            for trial in best.front
        ],
    }


def print_best(best: BestTrial, out: Console) -> None:
    """Print the best trial in detail, and three lines of Python that use its model."""
    trial, performance = best.trial, best.trial.performance
    size = "-" if trial.architecture is None else f"{trial.architecture.total_parameters:,} parameters"
    kind = "" if trial.architecture is None else f"{trial.architecture.type}, "
    out.print(
        field_table(
            ("study", best.study.name),
            ("best", Text(trial_label(trial), "bold")),
            ("network", kind + size),
            (
                "trained",
                f"{counted(trial.epochs_trained, 'epoch')} in {duration(trial.duration_seconds)}, "
                f"best epoch {trial.best_epoch or '-'}",
            ),
        )
    )
    scores = table("", ">validation", ">test")
    scores.add_row(
        "accuracy",
        score(None if performance is None else performance.accuracy),
        score(best.metadata.get("test_accuracy")),
    )
    scores.add_row(
        "loss", score(None if performance is None else performance.loss), score(best.metadata.get("test_loss"))
    )
    out.print()
    out.print(scores)
    out.print("\nHyperparameters")
    out.print(field_table(*((f"  {clean(key)}", scalar(value)) for key, value in trial.hyperparameters.items())))
    print_devices(trial, out)
    if best.study.spec.mode != "simple":
        print_health(trial, best.study.spec, out)
    objectives = best.study.spec.objectives
    if len(objectives) > 1 and best.front:
        print_line(
            out, f"\nPareto front: no other trial improves one of {', '.join(objectives)} without losing in another"
        )
        out.print(front_table(objectives, best.front))
    if best.model is None:
        print_line(out, f"\nNo saved model: {_why_no_model(best)}")
        return
    print_line(out, f"\nModel: {clean(str(best.model))}\n")
    for line in usage_code(best):
        print_line(out, f"  {line}", "cyan")


def usage_code(best: BestTrial) -> list[str]:
    """Three lines of Python that load the model and use it."""
    preprocessing = best.metadata.get("preprocessing", {})
    shape = preprocessing.get("shape", [])
    if preprocessing.get("input") == "strings":
        use, what = 'keras.ops.convert_to_tensor(["some text"])', ""
    elif preprocessing.get("input") == "pixels":
        low, high = (f"{value:g}" for value in preprocessing["raw_range"])
        size = ", ".join(map(str, shape[1:]))
        use, what = "images", f"  # shape (samples, {size}), pixels from {low} to {high}"
    else:
        use, what = "words", "  # int32, shape (samples, any): word indices, padded with 0"
    return [
        "import keras",
        f"model = keras.saving.load_model({str(best.model)!r})",
        f"classes = model.predict({use}).argmax(axis=1){what}",
    ]


def export(best: BestTrial, folder: Path, *, force: bool) -> None:
    """Copy the best model (model.keras, metadata.json) to `folder`, which is created.

    Raises:
        FixInputError: there is no model, or the folder is not empty and `force` is false.
    """
    if best.model is None:
        raise FixInputError(f"study {best.study.name!r} has no saved model", remedy=_why_no_model(best))
    source = best.model.parent
    try:
        if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not force)):
            if folder.is_file():
                raise FixInputError(f"{folder} is a file", remedy="choose a folder")
            raise FixInputError(f"{folder} already exists", remedy="choose another folder, or add --force")
        folder.mkdir(parents=True, exist_ok=True)
        for name in (MODEL_FILE, METADATA_FILE):
            if (folder / name).exists() and (folder / name).samefile(source / name):
                raise FixInputError(f"{folder} already holds this model", remedy="choose another folder")
            unfinished = folder / f".{name}.unfinished"
            shutil.copyfile(source / name, unfinished)
            os.replace(unfinished, folder / name)  # noqa: PTH105 - atomic
    except OSError as error:
        raise FixInputError(
            f"cannot copy the model to {folder}: {error.strerror}", remedy="choose another folder"
        ) from None


def _why_no_model(best: BestTrial) -> str:
    if best.study.current_status == "running":
        return "it is saved when the study ends"
    if best.study.current_status in ("cancelled", "failed", "interrupted"):
        return f"`tuner resume {best.study.name}` continues the study and saves it at the end"
    return f"the folder {best.study.folder} was moved or deleted"
