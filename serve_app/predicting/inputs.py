"""Converts the inputs of a prediction from JSON values to the array that the saved model takes.

Each error names the invalid input. The memory that one request can use is bounded.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.datasets.image_file import FORMATS, ImageConversion, pixels
from tuner.datasets.image_size import resized_array
from tuner.datasets.text import MAX_LENGTH, padded
from tuner.errors import FixInputError

MAX_PIXELS = 16_000_000
"""Largest image file, in pixels, before it is scaled to the model's input."""
_GREATEST = 2**31 - 1


def describe(preprocessing: dict[str, Any]) -> dict[str, Any]:
    """JSON schema of one input, from the metadata of a saved model."""
    if preprocessing["input"] == "pixels":
        height, width, channels = _shape(preprocessing)
        low, high = preprocessing["raw_range"]
        sides: tuple[int | None, int | None] = (height, width)
        if _resizes(preprocessing):
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
    index = {"type": "integer", "minimum": 0, "maximum": _GREATEST}
    return {"type": "array", "items": index, "title": "word indices, as in the data set's file; 0 is padding"}


def read(preprocessing: dict[str, Any], inputs: Sequence[Any]) -> Array:
    """The inputs as one array for the saved model. Raises FixInputError that names the first input which is wrong."""
    if preprocessing["input"] == "pixels":
        return np.stack([_image(value, i, preprocessing) for i, value in enumerate(inputs)])
    if preprocessing["input"] == "strings":
        texts = np.empty(len(inputs), object)
        for i, value in enumerate(inputs):
            texts[i] = _text(value, i)
        return texts
    return padded([_word_indices(value, i) for i, value in enumerate(inputs)])


def stack(requests: Sequence[Array]) -> Array:
    """The samples of several requests as one array; rows of word indices are padded to the longest one."""
    if requests[0].ndim == 2:
        return padded([row for samples in requests for row in samples.tolist()])
    return np.concatenate(requests)


def _array_of(items: dict[str, Any], length: int | None) -> dict[str, Any]:
    if length is None:
        return {"type": "array", "items": items, "minItems": 1}
    return {"type": "array", "items": items, "minItems": length, "maxItems": length}


def _resizes(preprocessing: dict[str, Any]) -> bool:
    """Whether the model takes images of any size; models of earlier versions take one size."""
    return "image_fit" in preprocessing


def _shape(preprocessing: dict[str, Any]) -> tuple[int, int, int]:
    _, height, width, channels = preprocessing["shape"]
    return height, width, channels


def _image(value: Any, i: int, preprocessing: dict[str, Any]) -> Array:
    shape = _shape(preprocessing)
    if isinstance(value, str):
        return _image_file(value, i, shape, preprocessing)
    try:
        given = np.array(value)
    except (TypeError, ValueError):  # rows of different lengths
        given = np.array(None)
    if given.dtype.kind not in "iufb":
        raise FixInputError(
            f"inputs[{i}] is not an array of numbers: {value!r:.60}", remedy=f"give pixels of shape {shape}"
        )
    with np.errstate(over="ignore"):  # values too large for float32 become infinite, and are refused below
        numbers = given.astype(np.float32)
    if numbers.ndim == 2 and shape[2] == 1:
        numbers = numbers[..., np.newaxis]
    wanted: tuple[int | str, ...] = ("height", "width", shape[2]) if _resizes(preprocessing) else shape
    fits = numbers.ndim == 3 and numbers.shape[2] == shape[2] and 0 < numbers[..., 0].size <= MAX_PIXELS
    if not fits or (numbers.shape != shape and not _resizes(preprocessing)):
        described = f"({', '.join(map(str, wanted))})"
        raise FixInputError(f"inputs[{i}] has the shape {given.shape}", remedy=f"give pixels of shape {described}")
    if not np.isfinite(numbers).all():
        raise FixInputError(f"inputs[{i}] has a pixel that is not finite", remedy="give finite numbers")
    if numbers.shape == shape:
        return numbers
    resized = resized_array(numbers[np.newaxis], shape[:2], preprocessing["image_fit"], preprocessing["fill"])
    return np.asarray(resized[0])


def _image_file(text: str, i: int, shape: tuple[int, int, int], preprocessing: dict[str, Any]) -> Array:
    from PIL import Image

    height, width, channels = shape
    if channels not in (1, 3):
        raise FixInputError(
            f"inputs[{i}] is an image file, but the model's images have {channels} channels",
            remedy=f"give pixels of shape {shape}",
        )
    conversion = ImageConversion(
        height,
        width,
        grey=channels == 1,
        fit=preprocessing.get("image_fit", "stretch"),
        background=preprocessing.get("background"),
        white=preprocessing.get("white"),
        fill=_fill_of_files(preprocessing),
    )
    head, _, rest = text.partition(",")
    try:
        file = base64.b64decode(rest if head.startswith("data:") else text, validate=True)
        with Image.open(io.BytesIO(file), formats=FORMATS) as image:
            size = image.width * image.height
        if size > MAX_PIXELS:
            raise FixInputError(f"inputs[{i}] has {size:,} pixels", remedy=f"send at most {MAX_PIXELS:,}")
        shown, _ = pixels(io.BytesIO(file), conversion)
    except binascii.Error:
        raise FixInputError(f"inputs[{i}] is not valid base64", remedy=f"give pixels of shape {shape}") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # all that Pillow raises
        raise FixInputError(f"inputs[{i}] is not a readable image", remedy=f"send {', '.join(FORMATS)}") from None
    low, high = preprocessing["raw_range"]
    return np.asarray(low + shown.astype(np.float32) * ((high - low) / 255), np.float32)


def _fill_of_files(preprocessing: dict[str, Any]) -> float:
    """The value around padded images, from the model's range of pixels to that of files."""
    low, high = preprocessing["raw_range"]
    return float((preprocessing.get("fill", low) - low) / (high - low) * 255) if high > low else 0.0


def _text(value: Any, i: int) -> str:
    if not isinstance(value, str):
        raise FixInputError(f"inputs[{i}] is not a text: {value!r:.60}", remedy="give strings")
    # Half a surrogate pair is valid JSON but not valid UTF-8, which the saved model needs.
    return value.encode("utf-8", "replace").decode()


def _word_indices(value: Any, i: int) -> list[int]:
    if not isinstance(value, list) or not all(type(word) is int and 0 <= word <= _GREATEST for word in value):
        raise FixInputError(
            f"inputs[{i}] is not a row of word indices: {value!r:.60}",
            remedy=f"give whole numbers from 0 to {_GREATEST}",
        )
    # No model reads further words, and padding changes nothing.
    return [word for word in value if word][:MAX_LENGTH]
