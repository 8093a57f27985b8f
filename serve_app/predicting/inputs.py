"""Converts the inputs of a prediction from JSON values to the array that the saved model takes.

Each error names the invalid input. The memory that one request can use is bounded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.datasets.image_file import FORMATS
from tuner.datasets.model_input import (
    GREATEST_WORD,
    image_file_input,
    image_input,
    image_shape,
    pixel_count,
    resizes,
    text_input,
    word_indices_input,
)
from tuner.datasets.text import padded
from tuner.errors import FixInputError

MAX_INPUTS = 256
"""Largest number of inputs in one request."""
MOST_NUMBERS = 16_000_000
"""Most pixels, times channels, of all inputs of a request in the size of the model: 64 MB."""
MOST_PROBABILITIES = 100_000
"""Most probabilities in an answer: about 4 MB of JSON."""
MOST_FILE_PIXELS = 64_000_000
"""Most pixels of all image files of a request, which take seconds to decode."""


def most_inputs(preprocessing: dict[str, Any], classes: int) -> int:
    """Largest number of inputs in one request: fewer than MAX_INPUTS for large images or many classes."""
    numbers = prod(image_shape(preprocessing)) if preprocessing["input"] == "pixels" else 1
    return max(1, min(MAX_INPUTS, MOST_NUMBERS // numbers, MOST_PROBABILITIES // classes))


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
        contents = _contents(preprocessing, inputs)
        named = ((f"inputs[{i}]", value) for i, value in enumerate(inputs))
        return np.stack(
            [
                image_file_input(contents[name], name, preprocessing)
                if name in contents
                else image_input(value, name, preprocessing)
                for name, value in named
            ]
        )
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


def _contents(preprocessing: dict[str, Any], inputs: Sequence[Any]) -> dict[str, bytes]:
    """The image files among the inputs, by the names of these. Raises FixInputError for too many pixels together."""
    files = {f"inputs[{i}]": value for i, value in enumerate(inputs) if isinstance(value, str)}
    contents = {name: _content(value, name, preprocessing) for name, value in files.items()}
    together = 0
    for name, content in contents.items():
        together += pixel_count(content, name)
        if together > MOST_FILE_PIXELS:
            raise FixInputError(
                f"the image files up to {name} have {together:,} pixels",
                remedy=f"send at most {MOST_FILE_PIXELS:,} together, in several requests or as smaller images",
            )
    return contents


def _content(value: str, name: str, preprocessing: dict[str, Any]) -> bytes:
    head, _, rest = value.partition(",")
    encoded = rest if head.startswith("data:") else value
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)  # `base64 FILE` breaks lines
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise FixInputError(
            f"{name} is not valid base64", remedy=f"give pixels of shape {image_shape(preprocessing)}"
        ) from None
