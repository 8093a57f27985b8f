"""Rows of numbers: recognises the pixels of images and word indices, and refuses measurements."""

from __future__ import annotations

from math import isqrt
from typing import Literal

import numpy as np

from tuner.data import Array
from tuner.errors import FixInputError

LEAST_SIDE = 7
"""Fewest pixels in height and width of an image in a row of numbers; shorter rows are taken for measurements."""
ONLY = "tuner learns from images and texts, not from tables of measurements"
_LOOKED_AT = 500
_LONG_ROW = 10


def image_shape(width: int) -> tuple[int, int, int] | None:
    """Return height, width and channels of a square image of `width` numbers; None if there is none."""
    for channels in (1, 3):
        side = isqrt(width // channels)
        if side >= LEAST_SIDE and side * side * channels == width:
            return side, side, channels
    return None


def kind_of_rows(x: Array, key: str, origin: str) -> Literal["images", "word_indices"]:
    """Return what numbers of shape (N, width) are.

    Word indices are whole numbers with 0 at one end of the rows only, as padding. Pixels are as many as a square image
    has, and from -1 to 1 or from 0 to 65,535.
    """
    if _are_word_indices(x):
        return "word_indices"
    low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)
    if image_shape(x.shape[1]) is None:
        remedy = f"{ONLY}; images need shape (N, height, width) or a square number of pixels"
    elif (low >= 0 and high <= 65_535) or (low >= -1 and high <= 1):
        return "images"
    else:
        side, _, channels = image_shape(x.shape[1]) or (0, 0, 1)
        rgb = ", 3" if channels == 3 else ""
        remedy = f"{ONLY}; for images store {key}.reshape(-1, {side}, {side}{rgb})"
    raise FixInputError(f"{key} of {origin} has {x.shape[1]:,} numbers per sample", remedy=remedy)


def _are_word_indices(x: Array) -> bool:
    if x.dtype.kind not in "iu" or not x.size or x.min() < 0:
        return False
    width = x.shape[1]
    words = x != 0
    counts = words.sum(axis=1)
    padded_after = np.where(words.all(axis=1), width, words.argmin(axis=1)) == counts
    padded_before = np.where(words.all(axis=1), width, words[:, ::-1].argmin(axis=1)) == counts
    if max(padded_after.mean(), padded_before.mean()) < 0.95:
        return False
    if (counts < width).mean() > 0.05:
        return True
    # Rows without padding: more different values than a pixel has, or as many numbers as no image has.
    return bool(x.max() > 255) or (image_shape(width) is None and width >= _LONG_ROW)


def as_images(x: Array, planes: bool) -> Array:
    """Return rows of pixels as images (N, H, W, C); with `planes`, one channel comes after the other."""
    shape = image_shape(x.shape[1])
    assert shape is not None
    height, width, channels = shape
    if planes:
        return x.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    return x.reshape(-1, height, width, channels)


def channels_in_planes(x: Array) -> bool:
    """Whether rows of colour pixels hold one channel after the other: so read, neighbouring pixels are more alike."""
    if image_shape(x.shape[1]) is None or (image_shape(x.shape[1]) or (0, 0, 1))[2] == 1:
        return False
    some = x[:_LOOKED_AT].astype(np.float64)
    differences = [float(np.abs(np.diff(as_images(some, planes), axis=2)).mean()) for planes in (True, False)]
    return differences[0] < differences[1]


def read_as(x: Array, planes: bool) -> str:
    """Return how rows were read, for a note."""
    height, width, channels = image_shape(x.shape[1]) or (0, 0, 1)
    colours = "" if channels == 1 else ", RGB" + (", one channel after the other" if planes else "")
    return f"{x.shape[1]:,} numbers per sample as {height} x {width} pixels{colours}"
