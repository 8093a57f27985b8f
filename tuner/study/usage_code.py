"""Python code that loads a saved model and uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def usage_code(model: str, metadata: Mapping[str, Any]) -> list[str]:
    """Three lines of Python that load the model in this file, which has these metadata, and use it."""
    preprocessing = metadata.get("preprocessing", {})
    shape = preprocessing.get("shape", [])
    if preprocessing.get("input") == "strings":
        use, what = 'keras.ops.convert_to_tensor(["some text"])', ""
    elif preprocessing.get("input") == "pixels":
        low, high = (f"{value:g}" for value in preprocessing["raw_range"])
        size = ", ".join(map(str, shape[1:]))
        resized = ""
        if "image_fit" in preprocessing:  # models of earlier versions take one size only
            size, resized = f"any height, any width, {shape[-1]}", f", resized to {shape[1]} x {shape[2]} by the model"
        use, what = "images", f"  # shape (samples, {size}), pixels from {low} to {high}{resized}"
    else:
        use, what = "words", "  # int32, shape (samples, any): word indices, padded with 0"
    return [
        "import keras",
        f"model = keras.saving.load_model({model!r})",
        f"classes = model.predict({use}).argmax(axis=1){what}",
    ]
