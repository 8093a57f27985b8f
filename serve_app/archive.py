"""A study's best model as one zip file with all that is needed to use it elsewhere."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serve_app.winner import Winner, on_this_machine
from tuner.errors import TryAgainError
from tuner.study.paths import METADATA_FILE, MODEL_FILE, StudyPaths

_PLOTS = (".png", ".svg", ".pdf", ".gif")


def pack(winner: Winner) -> Path:
    """A new temporary zip file, which the caller removes.

    Raises:
        DamagedModelError: the model cannot be used.
        TryAgainError: it was just replaced.
    """
    paths, metadata = StudyPaths(on_this_machine(winner).parent), winner.metadata
    with tempfile.NamedTemporaryFile(prefix="tuner-archive-", suffix=".zip", delete=False) as file:
        target = Path(file.name)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(paths.model, MODEL_FILE, zipfile.ZIP_STORED)  # a zip file itself
                archive.writestr(METADATA_FILE, json.dumps(metadata, indent=2) + "\n")
                archive.writestr("README.md", readme(metadata))
                for plot in _figures(paths, metadata["trial_number"]):
                    archive.write(plot, plot.relative_to(paths.folder), zipfile.ZIP_STORED)
        except BaseException as error:
            target.unlink()
            if isinstance(error, FileNotFoundError):
                raise TryAgainError(f"study {winner.study!r} is saving another model", remedy="try again") from None
            raise
    return target


def _figures(paths: StudyPaths, trial: int) -> list[Path]:
    """The figures of the study and of its best trial."""
    folders = [folder for folder in (paths.plots, paths.trial_plots(trial)) if folder.is_dir()]
    files = [file for folder in folders for file in sorted(folder.iterdir())]
    return [file for file in files if file.suffix in _PLOTS and file.is_file()]


def readme(metadata: Mapping[str, Any]) -> str:
    """The README of the zip file: how to load the model, its inputs and its outputs."""
    takes = metadata["preprocessing"]
    versions = metadata["versions"]
    shape = ", ".join(map(str, takes["shape"]))
    what, example = _input(takes)
    resized = ", or of any other height and width" if "image_fit" in takes else ""
    labels = ", ".join(f"{place}: {label}" for place, label in enumerate(metadata["labels"][:20]))
    more = "" if len(metadata["labels"]) <= 20 else f", ... ({len(metadata['labels'])} in {METADATA_FILE})"
    return f"""# Best model of study {metadata["study"]}

Trial {metadata["trial_number"]}: accuracy {metadata["val_accuracy"]:.4f} on validation data, \
{metadata["test_accuracy"]:.4f} on test data.

    pip install tensorflow=={versions["tensorflow"]} keras=={versions["keras"]}

    import json
    import keras
    import numpy as np

    model = keras.saving.load_model("{MODEL_FILE}")
    labels = json.load(open("{METADATA_FILE}"))["labels"]
    inputs = {example}
    probabilities = model.predict(inputs)          # (samples, {len(metadata["labels"])}), each row sums to 1
    print([labels[best] for best in probabilities.argmax(axis=1)])

Input: {what}, of shape ({shape}){resized}. The model itself resizes, scales or vectorises them.
Labels: {labels}{more}.

`{METADATA_FILE}` has the hyperparameters, the scores and the study's spec; \
`plots/` the figures of the study and of this trial.
"""


def _input(takes: Mapping[str, Any]) -> tuple[str, str]:
    match takes["input"]:
        case "pixels":
            low, high = takes["raw_range"]
            shape = ", ".join(map(str, takes["shape"][1:]))
            return f"pixels from {low:g} to {high:g}", f'np.zeros((1, {shape}), "float32")  # your images'
        case "strings":
            return "texts", 'keras.ops.convert_to_tensor(["a text"])  # your texts'
        case other:
            return str(other), 'np.array([[1, 2, 3]], "int32")  # your word indices'
