"""`tuner export`: copies a model to a folder, as it is or converted to ONNX or LiteRT."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from rich.console import Console

from tuner.console.best import BestTrial
from tuner.console.formatting import clean
from tuner.console.output import print_line, stdout_reserved
from tuner.errors import FixInputError
from tuner.settings import Settings
from tuner.study.converted import FILES, TITLES, Conversion, Format, check_packages
from tuner.study.paths import METADATA_FILE, MODEL_FILE
from tuner.study.saved_model import CHECKSUM

ModelFormat = Literal["keras", "onnx", "litert"]
VOCABULARY_FILE = "vocabulary.json"
SAMPLES = 32
"""Number of test samples that a converted file must predict like the Keras model."""


def export(
    best: BestTrial,
    folder: Path,
    settings: Settings,
    out: Console,
    *,
    form: ModelFormat = "keras",
    force: bool,
) -> None:
    """Write a trial's model and its metadata.json to `folder`; `force` overwrites what is in it.

    Raises:
        FixInputError: there is no model, `folder` cannot be written, or the format cannot hold the network.
    """
    model = best.usable_model
    if form != "keras":
        check_packages(form)
    with _errors_of(folder):
        _check_folder(folder, force=force)
        if form == "keras":
            _put(folder, model.parent, MODEL_FILE, METADATA_FILE)
            print_line(out, f"copied {MODEL_FILE} and {METADATA_FILE} to {folder}")
            return
        with TemporaryDirectory(prefix="tuner-") as temporary:
            made, shown = Path(temporary), FILES[form]
            done = _converted(best, model, settings, made / shown, form)
            (made / METADATA_FILE).write_text(json.dumps(_metadata(best, done, form), indent=2) + "\n")
            names = [shown, METADATA_FILE]
            if done.vocabulary is not None:
                (made / VOCABULARY_FILE).write_text(json.dumps(list(done.vocabulary), ensure_ascii=False) + "\n")
                names.insert(1, VOCABULARY_FILE)
            _put(folder, made, *names)
    print_line(out, f"wrote {', '.join(names[:-1])} and {names[-1]} to {clean(str(folder))}")
    print_line(
        out,
        f"checked with {done.samples} test samples: no probability differs from the Keras model's by more than "
        f"{done.largest_difference:.1g}",
    )
    print_line(out, f"input {done.input_name}: {done.dtype}, shape ({_shape_text(done)}); {METADATA_FILE} describes it")


def _converted(best: BestTrial, file: Path, settings: Settings, converted: Path, form: Format) -> Conversion:
    """Convert the model and check it with samples of the study's test data."""
    from tuner.models.keras_settings import without_banners
    from tuner.study.converted import convert
    from tuner.study.plan import load_data
    from tuner.study.prediction import load_model

    try:
        _, test = load_data(best.study.spec, settings)
    except FixInputError as error:
        raise FixInputError(
            f"the study's data, with which the {TITLES[form]} file is checked, cannot be read: {error.message}",
            remedy=error.remedy,
        ) from error
    with stdout_reserved(), without_banners():  # TensorFlow and the converters write to both
        model = load_model(file, best.study.spec.model, os.cpu_count() or 1)
        return convert(model, test.x[:SAMPLES], converted, form)


def _metadata(best: BestTrial, done: Conversion, form: Format) -> dict[str, Any]:
    """The model's metadata, whose preprocessing is that of the converted file."""
    known = best.metadata["preprocessing"]
    takes = {"input": "tokens" if done.vocabulary is not None else known["input"], "dtype": done.dtype}
    takes["shape"] = ["samples" if side is None else side for side in done.shape]
    if done.vocabulary is None:
        kept = {name: value for name, value in known.items() if name not in ("input", "shape")}
        takes |= kept | {"other_sizes": "resize images to this shape first, as image_fit says"}
    else:
        takes |= {
            "vocabulary": f"the token of a word is its position in {VOCABULARY_FILE}",
            "text": _how_to_split(known),
            "length": f"the first {done.shape[1]} tokens, padded with 0 at the end; a text without a word: 1, then 0",
            "output": known["output"],
        }
    check = {"samples": done.samples, "largest_difference": done.largest_difference}
    of_keras = {name: value for name, value in best.metadata.items() if name != CHECKSUM}
    return of_keras | {"preprocessing": takes, "format": form, "format_check": check}


def _how_to_split(preprocessing: dict[str, Any]) -> str:
    unknown = "a word that is not in the vocabulary: 1"
    if preprocessing["input"] != "strings":
        return f"word indices without padding, each replaced by its token; {unknown}"
    parts = "characters" if preprocessing.get("split") == "characters" else "words at ASCII white space"
    return f"ASCII letters in lower case, without ASCII punctuation, split into {parts}; {unknown}"


def _shape_text(done: Conversion) -> str:
    return ", ".join("samples" if side is None else str(side) for side in done.shape)


@contextmanager
def _errors_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FixInputError(
            f"cannot write the model to {folder}: {error.strerror or error}", remedy="choose another folder"
        ) from None


def _check_folder(folder: Path, *, force: bool) -> None:
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not force)):
        if folder.is_file():
            raise FixInputError(f"{folder} is a file", remedy="choose a folder")
        raise FixInputError(f"{folder} already exists", remedy="choose another folder, or add --force")


def _put(folder: Path, source: Path, *names: str) -> None:
    """Copy files into a folder, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (folder / name).exists() and (folder / name).samefile(source / name):
            raise FixInputError(f"{folder} already holds this model", remedy="choose another folder")
        unfinished = folder / f".{name}.unfinished"
        shutil.copyfile(source / name, unfinished)
        os.replace(unfinished, folder / name)  # noqa: PTH105 - atomic
