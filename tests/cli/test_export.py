"""`tuner export --format`: a real model as a file of another format, with what a caller must know beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import Tuner
from tests.models.samples import CNN, TEXT, trial
from tests.store.samples import spec
from tuner.data import ImageInput, TextInput
from tuner.store import Store

pytestmark = pytest.mark.tensorflow

IMAGES = ImageInput(8, 8, 1, 1 / 16, 0.0)
TEXTS = TextInput("strings", ("fine", "bad", "the", "film"), 6)


def save(folder: Path, data_input: ImageInput | TextInput, classes: int) -> None:
    """Saves a small network with random weights as the best model of a study."""
    from tuner.models import build, with_raw_input

    one = trial("cnn", {**CNN, **({} if isinstance(data_input, ImageInput) else {**TEXT, "sequence_length": 5})})
    with_raw_input(build(one, data_input, classes), one, data_input).save(folder / "model.keras")


def test_images_as_litert(tuner: Tuner, finished: str, results: Path, tmp_path: Path) -> None:
    import tensorflow as tf

    save(results / "a" / "best_model", IMAGES, 10)
    code, out, _ = tuner("export", "a", "phone", "--format", "litert")
    lines = out.splitlines()
    assert (code, lines[0]) == (0, "wrote model.tflite and metadata.json to phone")
    assert lines[1].startswith("checked with 32 test samples: no probability differs from the Keras model's by more")
    assert lines[2] == "input pixels: float32, shape (1, 8, 8, 1); metadata.json describes it"
    described = json.loads((tmp_path / "phone" / "metadata.json").read_text())
    assert described["preprocessing"]["shape"] == [1, 8, 8, 1]
    assert described["preprocessing"]["raw_range"] == [0.0, 16.0]
    assert (described["format"], described["test_accuracy"]) == ("litert", 0.8125)
    assert described["format_check"]["largest_difference"] < 1e-5
    with pytest.warns(UserWarning, match="deprecated"):
        interpreter = tf.lite.Interpreter(model_path=str(tmp_path / "phone" / "model.tflite"))
    assert interpreter.get_input_details()[0]["shape"].tolist() == [1, 8, 8, 1]


@pytest.fixture
def of_texts(store: Store, finished: str, results: Path, tmp_path: Path) -> Path:
    """The folder of the best model of a study on four texts of two classes."""
    rows = [f"{text},{label}" for text, label in (("fine film", 1), ("the bad film", 0)) for _ in range(20)]
    (tmp_path / "films.csv").write_text("\n".join(["text,label", *rows]))
    store.update_spec("a", spec("a", dataset=str(tmp_path / "films.csv"), trials=8), folder=str(results / "a"))
    folder = results / "a" / "best_model"
    save(folder, TEXTS, 2)
    metadata = json.loads((folder / "metadata.json").read_text())
    metadata["preprocessing"] = {"input": "strings", "shape": ["samples"], "split": "words", "output": "probabilities"}
    (folder / "metadata.json").write_text(json.dumps(metadata))
    return folder


def test_texts_as_onnx_with_their_vocabulary(tuner: Tuner, of_texts: Path, tmp_path: Path) -> None:
    import keras
    import onnxruntime

    code, out, err = tuner("export", "a", "onnx", "--format", "onnx")
    assert (code, err) == (0, "")
    assert out.startswith("wrote model.onnx, vocabulary.json and metadata.json to onnx\n")
    described = json.loads((tmp_path / "onnx" / "metadata.json").read_text())["preprocessing"]
    assert (described["input"], described["dtype"], described["shape"]) == ("tokens", "int32", ["samples", 5])
    words = json.loads((tmp_path / "onnx" / "vocabulary.json").read_text())
    assert words == ["", "[UNK]", "fine", "bad", "the", "film"]

    def tokens(text: str) -> list[int]:
        """What metadata.json says."""
        found = [words.index(word) if word in words else 1 for word in text.lower().split()][:5] or [1]
        return found + [0] * (5 - len(found))

    texts = ["the film", "Bad never seen", "", "fine fine fine fine fine bad"]
    session = onnxruntime.InferenceSession(tmp_path / "onnx" / "model.onnx")
    (found,) = session.run(None, {"tokens": np.array([tokens(text) for text in texts], np.int32)})
    model: Any = keras.saving.load_model(of_texts / "model.keras")
    assert np.allclose(found, model.predict(np.array(texts, object), verbose=0), atol=1e-5)


def test_data_that_are_gone_are_one_line_and_nothing_is_written(tuner: Tuner, of_texts: Path, tmp_path: Path) -> None:
    (tmp_path / "films.csv").unlink()
    code, out, err = tuner("export", "a", "onnx", "--format", "onnx")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: the study's data, with which the ONNX file is checked, cannot be read: ")
    assert not (tmp_path / "onnx").exists()
