"""Converts a raw sample to the input of a saved model, from what the model's metadata says.

The command line and the HTTP API predict with it. `name` is what messages call the sample, such as `inputs[3]`;
`preprocessing` is the field of that name in `metadata.json`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tuner.data import Array
from tuner.datasets.image_file import FORMATS, ImageConversion, pixels
from tuner.datasets.image_size import resized_array
from tuner.datasets.text import MAX_LENGTH
from tuner.errors import FixInputError

MAX_PIXELS = 16_000_000
"""Largest image file, in pixels, before it is scaled to the model's input."""
GREATEST_WORD = 2**31 - 1


def image_shape(preprocessing: dict[str, Any]) -> tuple[int, int, int]:
    """Return height, width and channels of a model's images."""
    _, height, width, channels = preprocessing["shape"]
    return height, width, channels


def resizes(preprocessing: dict[str, Any]) -> bool:
    """Whether the model takes images of any size; models of earlier versions take one size."""
    return "image_fit" in preprocessing


def image_input(value: Any, name: str, preprocessing: dict[str, Any]) -> Array:
    """Return pixels, given as an array or nested lists, as float32 of the model's shape (height, width, channels).

    Raises FixInputError for values that are not finite numbers, or of another shape.
    """
    shape = image_shape(preprocessing)
    try:
        given = np.array(value)
    except (TypeError, ValueError):  # rows of different lengths
        given = np.array(None)
    if given.dtype.kind not in "iufb":
        raise FixInputError(f"{name} is not an array of numbers: {value!r:.60}", remedy=f"give pixels of shape {shape}")
    with np.errstate(over="ignore"):  # values too large for float32 become infinite, and are refused below
        numbers = given.astype(np.float32)
    if numbers.ndim == 2 and shape[2] == 1:
        numbers = numbers[..., np.newaxis]
    wanted: tuple[int | str, ...] = ("height", "width", shape[2]) if resizes(preprocessing) else shape
    fits = numbers.ndim == 3 and numbers.shape[2] == shape[2] and 0 < numbers[..., 0].size <= MAX_PIXELS
    if not fits or (numbers.shape != shape and not resizes(preprocessing)):
        described = f"({', '.join(map(str, wanted))})"
        raise FixInputError(f"{name} has the shape {given.shape}", remedy=f"give pixels of shape {described}")
    if not np.isfinite(numbers).all():
        raise FixInputError(f"{name} has a pixel that is not finite", remedy="give finite numbers")
    if numbers.shape == shape:
        return numbers
    resized = resized_array(numbers[np.newaxis], shape[:2], preprocessing["image_fit"], preprocessing["fill"])
    return np.asarray(resized[0])


def image_file_input(content: bytes, name: str, preprocessing: dict[str, Any]) -> Array:
    """Return an image file as float32 pixels of the model's shape (height, width, channels).

    Raises FixInputError if it is not readable or larger than MAX_PIXELS, or if the model's images have no colours.
    """
    pixel_count(content, name)
    height, width, channels = image_shape(preprocessing)
    if channels not in (1, 3):
        raise FixInputError(
            f"{name} is an image file, but the model's images have {channels} channels",
            remedy=f"give pixels of shape {(height, width, channels)}",
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
    with _readable(name):
        shown, _ = pixels(io.BytesIO(content), conversion)
    low, high = preprocessing["raw_range"]
    return np.asarray(low + shown.astype(np.float32) * ((high - low) / 255), np.float32)


def pixel_count(content: bytes, name: str) -> int:
    """Return the number of pixels of an image file, which is not decoded.

    Raises FixInputError if its header is not readable, or it has more than MAX_PIXELS.
    """
    from PIL import Image

    with _readable(name), Image.open(io.BytesIO(content), formats=FORMATS) as image:
        count = image.width * image.height
    if count > MAX_PIXELS:
        raise FixInputError(f"{name} has {count:,} pixels", remedy=f"use at most {MAX_PIXELS:,}")
    return count


@contextmanager
def _readable(name: str) -> Iterator[None]:
    from PIL import Image

    try:
        yield
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # all that Pillow raises
        raise FixInputError(f"{name} is not a readable image", remedy=f"use {', '.join(FORMATS)}") from None


def text_input(value: Any, name: str) -> str:
    """Return a text that the saved model can read. Raises FixInputError for anything but a string."""
    if not isinstance(value, str):
        raise FixInputError(f"{name} is not a text: {value!r:.60}", remedy="give strings")
    # Half a surrogate pair is valid JSON but not valid UTF-8, which the saved model needs.
    return value.encode("utf-8", "replace").decode()


def word_indices_input(value: Any, name: str) -> list[int]:
    """Return word indices without padding, at most MAX_LENGTH: no model reads more. Raises FixInputError for others."""
    if not isinstance(value, list) or not all(type(word) is int and 0 <= word <= GREATEST_WORD for word in value):
        raise FixInputError(
            f"{name} is not a row of word indices: {value!r:.60}",
            remedy=f"give whole numbers from 0 to {GREATEST_WORD}",
        )
    return [word for word in value if word][:MAX_LENGTH]


def _fill_of_files(preprocessing: dict[str, Any]) -> float:
    """The value around padded images, from the model's range of pixels to that of files."""
    low, high = preprocessing["raw_range"]
    return float((preprocessing.get("fill", low) - low) / (high - low) * 255) if high > low else 0.0
