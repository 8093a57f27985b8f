"""Converts the inputs of a prediction from JSON values to the array that the saved model takes.

Each error names the invalid input. The memory that one request can use is bounded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.datasets.image_file import FORMATS
from tuner.datasets.model_input import (
    GREATEST_WORD,
    image_file_input,
    image_input,
    image_shape,
    resizes,
    text_input,
    word_indices_input,
)
from tuner.datasets.text import padded
from tuner.errors import FixInputError


def describe(preprocessing: dict[str, Any]) -> dict[str, Any]:
    """JSON schema of one input, from the metadata of a saved model."""
    if preprocessing["input"] == "pixels":
        height, width, channels = image_shape(preprocessing)
        low, high = preprocessing["raw_range"]
        sides: tuple[int | None, int | None] = (height, width)
        if resizes(preprocessing):
            sides = (None, None)
        row = _array_of(_array_of({"type": "number"}, channels), sides[1])
        taken = [_array_of(row, sides[0]) | {"title": f"pixels, {low:g} to {high:g}: rows of columns of channels"}]
        if channels == 1:
            flat = _array_of(_array_of({"type": "number"}, sides[1]), sides[0])
            taken.append(flat | {"title": f"pixels, {low:g} to {high:g}: rows of columns"})
        if channels in (1, 3):
            title = f"an image file ({', '.join(FORMATS)}) in base64; it is scaled to {width} x {height} pixels"
            taken.append({"type": "string", "contentEncoding": "base64", "title": title})
        return {"anyOf": taken}
    if preprocessing["input"] == "strings":
        return {"type": "string", "title": "a text"}
    index = {"type": "integer", "minimum": 0, "maximum": GREATEST_WORD}
    return {"type": "array", "items": index, "title": "word indices, as in the data set's file; 0 is padding"}


def read(preprocessing: dict[str, Any], inputs: Sequence[Any]) -> Array:
    """The inputs as one array for the saved model. Raises FixInputError that names the first input which is wrong."""
    if preprocessing["input"] == "pixels":
        return np.stack([_image(value, f"inputs[{i}]", preprocessing) for i, value in enumerate(inputs)])
    if preprocessing["input"] == "strings":
        texts = np.empty(len(inputs), object)
        for i, value in enumerate(inputs):
            texts[i] = text_input(value, f"inputs[{i}]")
        return texts
    return padded([word_indices_input(value, f"inputs[{i}]") for i, value in enumerate(inputs)])


def stack(requests: Sequence[Array]) -> Array:
    """The samples of several requests as one array; rows of word indices are padded to the longest one."""
    if requests[0].ndim == 2:
        return padded([row for samples in requests for row in samples.tolist()])
    return np.concatenate(requests)


def _array_of(items: dict[str, Any], length: int | None) -> dict[str, Any]:
    if length is None:
        return {"type": "array", "items": items, "minItems": 1}
    return {"type": "array", "items": items, "minItems": length, "maxItems": length}


def _image(value: Any, name: str, preprocessing: dict[str, Any]) -> Array:
    if not isinstance(value, str):
        return image_input(value, name, preprocessing)
    head, _, rest = value.partition(",")
    encoded = rest if head.startswith("data:") else value
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)  # `base64 FILE` breaks lines
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise FixInputError(
            f"{name} is not valid base64", remedy=f"give pixels of shape {image_shape(preprocessing)}"
        ) from None
    return image_file_input(content, name, preprocessing)
