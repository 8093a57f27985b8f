"""Converts a saved Keras model to ONNX or LiteRT, and checks that the new file predicts the same.

Neither format has the layers that split texts or resize images of any size. So the new file holds the trained network
alone, from pixels of one size or from tokens; what it takes is in the `Conversion`.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tuner.data import Array
from tuner.errors import FixInputError, in_one_line, shortened

Format = Literal["onnx", "litert"]
FILES: dict[Format, str] = {"onnx": "model.onnx", "litert": "model.tflite"}
TITLES: dict[Format, str] = {"onnx": "ONNX", "litert": "LiteRT"}
TOLERANCE = 1e-3
"""Largest difference of a probability. Rounding to float32 gives about 1e-7, and up to 1e-4 on a GPU with TF32."""
_NEEDED: dict[Format, tuple[str, ...]] = {"onnx": ("tf2onnx", "onnx", "onnxruntime"), "litert": ()}
_MISSING_OPS = re.compile(r"(?:TF Select|Flex|Custom) ops: ([^\n]+)")
_KEPT = "export with --format keras instead"


@dataclass(frozen=True)
class Conversion:
    """What the converted file takes and how well it agrees with the Keras model."""

    input_name: str
    dtype: str
    shape: tuple[int | None, ...]
    """Shape of the input; None as the first number: any number of samples."""
    samples: int
    """Number of samples of the comparison."""
    largest_difference: float
    """Largest absolute difference of any probability."""
    vocabulary: Sequence[Any] | None
    """The word of each token, from token 0; None: the network takes pixels."""


def check_packages(form: Format) -> None:
    """Raise FixInputError, with the command that installs them, if packages that this format needs are missing."""
    missing = [name for name in _NEEDED[form] if find_spec(name) is None]
    if missing:
        raise FixInputError(
            f"--format {form} needs {', '.join(missing)}", remedy=f"install with: pip install 'tuner[{form}]'"
        )


def convert(model: Any, samples: Array, file: Path, form: Format) -> Conversion:
    """Write the network of a saved model to `file`, and predict the same samples with the file and the Keras model.

    Args:
        model: A model with raw input, as `with_raw_input` returns it and Keras loads it.
        samples: Raw samples that the model takes, at least one.
        file: Its name ends as `FILES` says.

    Raises:
        FixInputError: the format has no operation for a layer, or the file's probabilities differ by more than
            TOLERANCE.
    """
    import keras

    network, prepared = model, samples
    if hasattr(model.layers[-1], "layers"):  # not in a model of an early version, which takes pixels of one size
        network = model.layers[-1]
        # `layers` would leave out the last operation before the network, which is no layer where texts are prepared.
        prepared = keras.Model(model.inputs, model.operations[-2].output).predict(samples, verbose=0)
    tensor = network.inputs[0]
    prepared = np.asarray(prepared, tensor.dtype)
    prepared = prepared.reshape(len(prepared), *tensor.shape[1:])
    expected = model.predict(samples, verbose=0)
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # what it cannot convert becomes one error below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporters' own use of NumPy and TensorFlow
            shape = _export_onnx(network, file) if form == "onnx" else _export_litert(network, file)
            found = _predict_onnx(file, prepared) if form == "onnx" else _predict_litert(file, prepared)
    except Exception as error:  # exporters raise anything
        what = _MISSING_OPS.search(str(error))
        why = f"it has no {what[1]}" if what else shortened(in_one_line(error), 200)
        raise FixInputError(f"{TITLES[form]} cannot hold this network: {why}", remedy=_KEPT) from error
    difference = float(np.abs(found.astype(np.float64) - expected).max())
    if not difference <= TOLERANCE:  # also if it is not a number
        raise FixInputError(
            f"the converted {TITLES[form]} file predicts other probabilities than the Keras model: "
            f"they differ by up to {difference:.2g}",
            remedy=_KEPT,
        )
    words = next((layer.get_vocabulary() for layer in model.layers if hasattr(layer, "get_vocabulary")), None)
    if words is not None:  # word indices are NumPy's numbers, which are no JSON
        words = np.asarray(words).tolist()
    return Conversion(tensor.name, str(tensor.dtype), shape, len(prepared), difference, words)


def _export_onnx(network: Any, file: Path) -> tuple[int | None, ...]:
    network.export(str(file), format="onnx", verbose=False)
    return (None, *network.inputs[0].shape[1:])


def _export_litert(network: Any, file: Path) -> tuple[int | None, ...]:
    """Export with one sample as input: recurrent layers need operations that LiteRT lacks for any other number."""
    import tensorflow as tf

    tensor = network.inputs[0]
    shape = (1, *tensor.shape[1:])
    # Without TensorFlow's own operations, which few devices have.
    built_in = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    signature = [tf.TensorSpec(shape, tensor.dtype, name=tensor.name)]
    network.export(str(file), format="litert", verbose=False, input_signature=signature, target_spec=built_in)
    return shape


def _predict_onnx(file: Path, samples: Array) -> Array:
    import onnxruntime

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: samples})[0])


def _predict_litert(file: Path, samples: Array) -> Array:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=str(file))
    interpreter.allocate_tensors()
    into, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for sample in samples:
        interpreter.set_tensor(into, sample[np.newaxis])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(out)[0])
    return np.stack(rows)
