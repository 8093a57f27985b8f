"""A saved model as an ONNX or LiteRT file, which predicts what the Keras model predicts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.models.samples import CLASSES, CNN, INPUTS, LSTM, TEXT, raw_samples, trial
from tuner.errors import FixInputError
from tuner.models import build, with_raw_input
from tuner.study import converted
from tuner.study.converted import FILES, TOLERANCE, Format, check_packages, convert

formats = pytest.mark.parametrize("form", ["onnx", "litert"])
TRIALS = {
    "images by a cnn": (trial("cnn", {**CNN, "batch_normalization": True}), "5x7x3"),
    "images by an lstm": (trial("lstm", LSTM), "5x7x3"),
    "texts by a cnn": (trial("cnn", {**TEXT, **CNN}), "strings"),
    "texts by an lstm": (trial("lstm", {**TEXT, **LSTM}), "strings"),
    "word indices by a cnn": (trial("cnn", {**TEXT, **CNN}), "word_indices"),
}


def model_of(name: str) -> tuple[Any, Any]:
    """The saved form of a small network with random weights, and six raw samples for it; of texts, one is empty."""
    one, form = TRIALS[name]
    samples: Any = raw_samples(INPUTS[form], 6)
    if form == "strings":
        samples = np.array(["word1 Word2, other!", "", "word29 " * 40, "word3", "word4 word5", "never seen"], object)
    elif form == "word_indices":
        samples = np.array([[101, 130, 999], [0, 0, 102], [0, 0, 0], [103, 0, 0], [104, 105, 0], [7, 7, 7]], np.int32)
    return with_raw_input(build(one, INPUTS[form], CLASSES), one, INPUTS[form]), samples


@pytest.mark.tensorflow
@formats
@pytest.mark.parametrize("name", TRIALS)
def test_the_file_predicts_what_the_keras_model_predicts(form: Format, name: str, tmp_path: Any) -> None:
    model, samples = model_of(name)
    done = convert(model, samples, tmp_path / FILES[form], form)
    assert (tmp_path / FILES[form]).stat().st_size > 1_000
    assert done.samples == 6
    assert done.largest_difference < 1e-5
    assert done.shape[0] == (None if form == "onnx" else 1)
    assert done.input_name == ("pixels" if name.startswith("images") else "tokens")
    words = None if done.vocabulary is None else json.loads(json.dumps(done.vocabulary[:4]))
    assert words == {"strings": ["", "[UNK]", "word0", "word1"], "word_indices": [0, -1, 101, 102]}.get(TRIALS[name][1])


@pytest.mark.tensorflow
@formats
def test_a_file_that_predicts_something_else_is_an_error(
    form: Format, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, samples = model_of("images by a cnn")
    honest = getattr(converted, f"_predict_{form}")

    def wrong(*arguments: Any) -> Any:
        return honest(*arguments) + 2 * TOLERANCE

    monkeypatch.setattr(converted, f"_predict_{form}", wrong)
    with pytest.raises(FixInputError, match=r"predicts other probabilities .* differ by up to 0\.002"):
        convert(model, samples, tmp_path / FILES[form], form)
    monkeypatch.setattr(converted, f"_predict_{form}", lambda *arguments: honest(*arguments) * np.nan)
    with pytest.raises(FixInputError, match="differ by up to nan"):
        convert(model, samples, tmp_path / FILES[form], form)


@pytest.mark.tensorflow
@formats
def test_a_layer_that_the_format_lacks_is_named_with_the_remedy(form: Format, tmp_path: Any) -> None:
    import keras

    inputs = keras.Input((8, 8, 1), name="pixels")
    whole = keras.layers.Flatten()(keras.ops.real(keras.ops.fft2((inputs[..., 0], inputs[..., 0]))[0]))
    network = keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(whole))
    model = with_raw_input(network, trial("cnn", CNN), INPUTS["8x8x1"])
    with pytest.raises(FixInputError, match=r"cannot hold this network: .+ - export with --format keras") as error:
        convert(model, raw_samples(INPUTS["8x8x1"], 2), tmp_path / FILES[form], form)
    assert "\n" not in str(error.value)


def test_missing_packages_are_named_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    check_packages("onnx")
    check_packages("litert")
    monkeypatch.setattr(converted, "find_spec", lambda name: None if name == "tf2onnx" else object())
    with pytest.raises(FixInputError) as error:
        check_packages("onnx")
    assert str(error.value) == "--format onnx needs tf2onnx - install with: pip install 'tuner[onnx]'"
