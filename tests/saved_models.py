"""Saved models without a network: files that look like those of Keras, with the metadata that the exporter writes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

METADATA: dict[str, Any] = {
    "study": "a",
    "trial_number": 1,
    "val_accuracy": 0.9,
    "test_accuracy": 0.875,
    "labels": [str(digit) for digit in range(10)],
    "preprocessing": {
        "input": "pixels",
        "shape": ["samples", 8, 8, 1],
        "raw_range": [0.0, 255.0],
        "output": "probabilities, one per label",
    },
    "spec": {"dataset": "digits"},
    "versions": {"tensorflow": "2.21.0", "keras": "3.15.1"},
}


def keras_file(content: str = "a model") -> bytes:
    """The bytes of a file with the parts of Keras's; equal for equal contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            parts.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def save(folder: Path, study: str, content: str = "a model", **changes: Any) -> None:
    """Save a model into a new or an existing folder, with METADATA and these changes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.keras").write_bytes(keras_file(content))
    (folder / "metadata.json").write_text(json.dumps(METADATA | {"study": study} | changes))


def change(folder: Path, **changes: Any) -> None:
    """Change the metadata of a saved model."""
    file = folder / "metadata.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def _unreadable(folder: Path) -> None:
    (folder / "metadata.json").unlink()
    (folder / "metadata.json").mkdir()


def _text(text: str | bytes) -> Callable[[Path], object]:
    content = text if isinstance(text, bytes) else text.encode()
    return lambda folder: (folder / "metadata.json").write_bytes(content)


def _without(name: str) -> Callable[[Path], object]:
    def remove(folder: Path) -> None:
        known = json.loads((folder / "metadata.json").read_text())
        del known[name]
        (folder / "metadata.json").write_text(json.dumps(known))

    return remove


def _cut_short(folder: Path) -> None:
    content = (folder / "model.keras").read_bytes()
    (folder / "model.keras").write_bytes(content[: len(content) // 2])


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (_text(""), "metadata.json is empty"),
    "no JSON": (_text("{"), "metadata.json is not valid JSON"),
    "no text": (_text(b"\xff\xfe"), "metadata.json is not valid JSON"),
    "no finite number": (lambda folder: change(folder, test_accuracy=float("nan")), "metadata.json is not valid JSON"),
    "nested": (_text("[" * 100_000), "metadata.json is not valid JSON"),
    "no object": (_text("[]"), "metadata.json: must be names with values"),
    "wrong type": (lambda folder: change(folder, labels="0123"), "metadata.json: labels: must be a valid"),
    "wrong number": (lambda folder: change(folder, trial_number="1"), "metadata.json: trial_number: must be a valid"),
    "wrong shape": (
        lambda folder: change(folder, preprocessing={"input": "pixels", "shape": [8], "raw_range": [0, 1]}),
        "metadata.json: preprocessing: shape must be samples, height, width and channels",
    ),
    "missing key": (_without("preprocessing"), "metadata.json: preprocessing"),
    "missing score": (_without("test_accuracy"), "metadata.json: test_accuracy is missing"),
    "of another study": (lambda folder: change(folder, study="other"), "metadata.json is of study 'other'"),
    "unreadable": (_unreadable, "metadata.json cannot be read: Is a directory"),
    "cut short": (_cut_short, "model.keras is incomplete, or no Keras model"),
    "no model": (
        lambda folder: (folder / "model.keras").write_bytes(b"weights"),
        "model.keras is incomplete, or no Keras model",
    ),
}
"""What can happen to a saved model, by name: the change of its folder, and how the message begins that names it."""
