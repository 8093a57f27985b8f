"""`tuner best` and `tuner export`: the best trial, its model, how to use it, and the front it was chosen from."""

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
from tuner.console.formatting import clean, duration, scalar, score
from tuner.console.front import front_table
from tuner.console.health import print_health
from tuner.console.output import table
from tuner.console.show import facts
from tuner.errors import FixInputError
from tuner.store import Store, StudyRow, TrialRow
from tuner.study.paths import METADATA_FILE, MODEL_FILE, StudyPaths
from tuner.study.result import view


@dataclass(frozen=True)
class BestTrial:
    """A study's best trial, and the model that is saved of it."""

    study: StudyRow
    trial: TrialRow
    model: Path | None
    """None: not saved yet, or moved away."""
    metadata: dict[str, Any]
    """What stands beside the model; empty without one."""
    front: Sequence[TrialRow]
    """The Pareto front of several objectives; of one: the best trial."""


def find_best(store: Store, name: str) -> BestTrial:
    """The best trial of a study.

    Raises:
        FixInputError: no trial has given a result yet.
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
    """The trial's fields, with the study, the test scores, the model's path and how to use it."""
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
        "code": None if best.model is None else code(best),
        "front": [
            {"trial_number": trial.trial_number, "values": trial.values, "hyperparameters": trial.hyperparameters}
            for trial in best.front
        ],
    }


def print_best(best: BestTrial, out: Console) -> None:
    """The best trial in detail, with its model in three lines of Python."""
    trial, performance = best.trial, best.trial.performance
    size = "-" if trial.architecture is None else f"{trial.architecture.total_parameters:,} parameters"
    kind = "" if trial.architecture is None else f"{trial.architecture.type}, "
    out.print(
        facts(
            ("study", best.study.name),
            ("best", Text(f"trial {trial.trial_number}", "bold")),
            ("network", kind + size),
            (
                "trained",
                f"{trial.epochs_trained} epochs, best after {trial.best_epoch}, {duration(trial.duration_seconds)}",
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
    out.print(facts(*((f"  {clean(key)}", scalar(value)) for key, value in trial.hyperparameters.items())))
    print_devices(trial, out)
    if best.study.spec.mode != "simple":
        print_health(trial, best.study.spec, out)
    objectives = best.study.spec.objectives
    if len(objectives) > 1 and best.front:
        out.print(Text(f"\nFront: nothing else is better in one of {', '.join(objectives)} and worse in none"))
        out.print(front_table(objectives, best.front))
    if best.model is None:
        out.print(Text(f"\n{_why_no_model(best)}"), soft_wrap=True)
        return
    out.print(Text(f"\nModel: {clean(str(best.model))}\n"), soft_wrap=True)
    for line in code(best):
        out.print(Text(f"  {line}", "cyan"), soft_wrap=True)


def code(best: BestTrial) -> list[str]:
    """Three lines of Python that load the model and use it."""
    facts_of = best.metadata.get("preprocessing", {})
    shape = facts_of.get("shape", [])
    if facts_of.get("input") == "strings":
        use, what = 'keras.ops.convert_to_tensor(["some text"])', ""
    elif facts_of.get("input") == "pixels":
        low, high = (f"{value:g}" for value in facts_of["raw_range"])
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
    """Copy the best model (model.keras, metadata.json) into `folder`, which is made.

    Raises:
        FixInputError: there is no model, or the folder holds something and `force` is not given.
    """
    if best.model is None:
        raise FixInputError(f"study {best.study.name!r} has no saved model", remedy=_why_no_model(best))
    source = best.model.parent
    try:
        if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not force)):
            if folder.is_file():
                raise FixInputError(f"{folder} is a file", remedy="name a folder")
            raise FixInputError(f"{folder} already exists", remedy="name another folder, or add --force")
        folder.mkdir(parents=True, exist_ok=True)
        for name in (MODEL_FILE, METADATA_FILE):
            if (folder / name).exists() and (folder / name).samefile(source / name):
                raise FixInputError(f"{folder} is where the model is already", remedy="name another folder")
            unfinished = folder / f".{name}.unfinished"
            shutil.copyfile(source / name, unfinished)
            os.replace(unfinished, folder / name)  # noqa: PTH105 - whole or not at all
    except OSError as error:
        raise FixInputError(
            f"cannot copy the model to {folder}: {error.strerror}", remedy="name another folder"
        ) from None


def _why_no_model(best: BestTrial) -> str:
    if best.study.current_status == "running":
        return "its model is saved when the study ends"
    if best.study.current_status in ("cancelled", "failed", "interrupted"):
        return f"`tuner resume {best.study.name}` goes on and saves it at the end"
    return f"its folder {best.study.folder} was moved or deleted"
