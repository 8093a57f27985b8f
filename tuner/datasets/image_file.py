"""Opens single image files: their headers, and their pixels as 8 bits, of one size and with one background.

The content decides what a file is, not its suffix. Training and predictions use the same functions.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tuner.data import Background
from tuner.datasets.image_size import resized
from tuner.spec_parts import ImageFit

if TYPE_CHECKING:  # Pillow is needed for image files only
    from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF", "JPEG2000")
"""Pillow's formats that are read; its other ones need programs that are not here, or are recognised by chance."""
_MPO = "MPO"
"""Pillow's name of a camera's JPEG file with a preview."""
_EXIF_ORIENTATION, _QUARTER_TURNS = 0x0112, (5, 6, 7, 8)
_INTEGER_WHITES = (1.0, 255.0, 1_023.0, 4_095.0, 16_383.0, 65_535.0)


@functools.cache
def image_suffixes() -> frozenset[str]:
    """Return the file suffixes of FORMATS, such as `.png`."""
    from PIL import Image

    return frozenset(suffix for suffix, kind in Image.registered_extensions().items() if kind in (*FORMATS, _MPO))


@dataclass(frozen=True)
class ImageHeader:
    """What the header of an image file says."""

    height: int
    width: int
    grey: bool
    deep: bool
    """Whether a pixel has more than 8 bits: 16-bit or floating-point greyscale."""
    transparent: bool
    """Whether pixels may be transparent."""
    frames: bool
    """Whether there are several frames or pages."""


@dataclass(frozen=True)
class ImageConversion:
    """How an image file becomes pixels of shape (height, width, 1 or 3), uint8."""

    height: int
    width: int
    grey: bool
    fit: ImageFit = "stretch"
    background: Background | None = None
    """What is put behind transparent pixels; None is white."""
    white: float | None = None
    """Value of white in files with more than 8 bits; None: by the file's own largest value."""
    fill: float = 0.0
    """Pixel value, 0 to 255, around an image that is resized with fit="pad"."""


def image_header(file: Path | IO[bytes]) -> ImageHeader:
    """Return an image's header, its size after the rotation that a camera noted; raises Pillow's errors."""
    with _opened(file) as image:
        height, width = image.height, image.width
        if image.getexif().get(_EXIF_ORIENTATION) in _QUARTER_TURNS:
            height, width = width, height
        deep = _is_deep(image)
        return ImageHeader(
            height=height,
            width=width,
            grey=deep or image.mode in ("1", "L", "LA", "La") or _has_grey_palette(image),
            deep=deep,
            transparent=not deep and image.has_transparency_data,
            # The second picture of a camera's MPO file is a preview.
            frames=bool(getattr(image, "is_animated", False)) and image.format != _MPO,
        )


def pixels(file: Path | IO[bytes], conversion: ImageConversion) -> tuple[npt.NDArray[np.uint8], bool]:
    """Return one image and whether it has transparent pixels; raises Pillow's errors.

    Of an animation or a file with several pages, it is the first one.
    """
    from PIL import ImageOps

    transparent = False
    mode = "L" if conversion.grey else "RGB"
    with _opened(file) as opened:
        ImageOps.exif_transpose(opened, in_place=True)
        opened.load()
        image: Image.Image = opened
        if _is_deep(image):
            image = _eight_bits(image, conversion.white)
        elif image.has_transparency_data:
            layer = image.convert("RGBA")
            transparent = _is_transparent(layer)
            image = _on_background(layer, conversion.background or "white")
        if image.mode != mode:  # converting copies, also to the same mode
            image = image.convert(mode)
        size = (conversion.height, conversion.width)
        made = resized(image, size, conversion.fit, conversion.fill)
        return np.asarray(made, np.uint8).reshape(*size, 1 if conversion.grey else 3), transparent


def largest_value(file: Path | IO[bytes]) -> float:
    """Return the largest pixel of a file with more than 8 bits; raises Pillow's errors and ValueError."""
    with _opened(file) as image:
        return float(_numbers(image).max())


def white_of(largest: float) -> float:
    """Return the value of white in files with more than 8 bits, from the largest pixel: 1, or the top of a bit depth.

    A scanner of 12 bits writes values up to 4,095 into files of 16 bits.
    """
    return next((white for white in _INTEGER_WHITES if largest <= white), largest)


def opaque_brightness(file: Path | IO[bytes]) -> float | None:
    """Return the mean brightness, 0 to 255, of what is not transparent in an image; None if all of it is opaque."""
    with _opened(file) as opened:
        image = opened.convert("RGBA")
    if not _is_transparent(image):
        return None
    opacity = np.asarray(image.getchannel("A"), np.float64)
    brightness = np.asarray(image.convert("L"), np.float64)
    return float((brightness * opacity).sum() / max(opacity.sum(), 1.0))


def _opened(file: Path | IO[bytes]) -> Image.Image:
    from PIL import Image

    try:
        return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ValueError(f"too large: {error}") from error


def _is_deep(image: Image.Image) -> bool:
    return image.mode == "F" or image.mode.startswith("I")


def _has_grey_palette(image: Image.Image) -> bool:
    if image.mode not in ("P", "PA"):
        return False
    colours = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _numbers(image: Image.Image) -> npt.NDArray[np.float64]:
    values = np.asarray(image, np.float64)
    if not np.isfinite(values).all():
        raise ValueError("it has pixels that are not finite")
    if values.min() < 0:
        raise ValueError(f"it has pixels below 0, down to {values.min():g}; save it with 8 or 16 bits")
    return values


def _eight_bits(image: Image.Image, white: float | None) -> Image.Image:
    """Return the image with 8 bits per pixel; Pillow would clip larger values at 255 instead of scaling them."""
    from PIL import Image

    values = _numbers(image)
    scale = white_of(float(values.max())) if white is None else white
    return Image.fromarray(np.rint(np.clip(values / scale, 0, 1) * 255).astype(np.uint8))


def _is_transparent(layer: Image.Image) -> bool:
    return bool(np.asarray(layer.getchannel("A")).min() < 255)


def _on_background(layer: Image.Image, background: Background) -> Image.Image:
    from PIL import Image

    behind = Image.new("RGBA", layer.size, background)
    behind.alpha_composite(layer)
    return behind
