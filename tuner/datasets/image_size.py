"""The size of a data set's images, and how images are resized to it: in the same way as the saved model does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tuner.data import Array
from tuner.spec_parts import ImageFit

if TYPE_CHECKING:
    from PIL import Image

Size = tuple[int, int]
"""Height and width in pixels."""
LONGEST_SIDE = 128
"""Longer side of images with image_size=auto, in pixels: a search trains dozens of networks on them."""


def automatic_size(sizes: Sequence[Size]) -> Size:
    """Return the median height and width, scaled down so that the longer side is at most LONGEST_SIDE."""
    height, width = (int(np.median(sides)) for sides in zip(*sizes, strict=True))
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))


def shown(size: Size) -> str:
    """Return a size in words: height x width, as in the shape of an array."""
    return f"{size[0]} x {size[1]}"


def resizing_text(sizes: Sequence[Size], size: Size, fit: ImageFit) -> str | None:
    """Return how many images are resized, from which sizes to which; None if all have that size."""
    others = sorted({one for one in sizes if one != size}, key=lambda one: (one[0] * one[1], one))
    count = sum(one != size for one in sizes)
    if not count:
        return None
    between = shown(others[0]) if len(others) == 1 else f"{shown(others[0])} to {shown(others[-1])}"
    images = "1 image" if count == 1 else f"{count:,} images"
    return f"{images} of {between} pixels (height x width) resized to {shown(size)} ({fit})"


def resized(image: Image.Image, size: Size, fit: ImageFit, fill: float) -> Image.Image:
    """Return the image in that size; pixels are averaged where it gets smaller. An image of that size is unchanged.

    Keras's Resizing layer, which the saved model has, crops and pads by the same rounding.
    """
    from PIL import Image

    height, width = size
    if image.size == (width, height):
        return image
    # The part of the image with the proportions of `size`, or the image within such a frame.
    framed_height, framed_width = int(image.width * height / width), int(image.height * width / height)
    if fit == "crop":
        framed = (max(min(image.width, framed_width), 1), max(min(image.height, framed_height), 1))
        left, top = (image.width - framed[0]) // 2, (image.height - framed[1]) // 2
        image = image.crop((left, top, left + framed[0], top + framed[1]))
    elif fit == "pad":
        framed = (max(image.width, framed_width), max(image.height, framed_height))
        colour = fill if image.mode == "F" else int(fill)
        behind = Image.new(image.mode, framed, (colour,) * 3 if image.mode == "RGB" else colour)
        behind.paste(image, ((framed[0] - image.width) // 2, (framed[1] - image.height) // 2))
        image = behind
    return image.resize((width, height), Image.Resampling.BILINEAR)


def resized_array(x: Array, size: Size, fit: ImageFit, fill: float) -> Array:
    """Return images of shape (N, H, W, C), uint8 or float32, in that size and of the same type."""
    from PIL import Image

    made = np.empty((len(x), *size, x.shape[3]), x.dtype)
    for target, picture in zip(made, x, strict=True):
        for channel in range(x.shape[3]):
            plane = Image.fromarray(np.ascontiguousarray(picture[..., channel]))
            target[..., channel] = np.asarray(resized(plane, size, fit, fill))
    return made
