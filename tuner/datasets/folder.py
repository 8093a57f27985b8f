"""Reads folders of images by class, and single images for other readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tuner.datasets.raw_samples import RawSamples, read_errors
from tuner.errors import FixInputError

if TYPE_CHECKING:  # Pillow is needed for folders and GTSRB only
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
MAX_SIDE = 64
"""Images are scaled down to this height and width in pixels, because a search trains hundreds of networks on them."""

_TRAINING, _TEST = ("train", "training", "val", "valid", "validation"), ("test",)
_LAYOUT = "put the images of each class into a subfolder of its name"
_EXIF_ORIENTATION, _QUARTER_TURNS = 0x0112, (5, 6, 7, 8)


@dataclass(frozen=True)
class ImageHeader:
    """Size and colour of an image, read from its header."""

    height: int
    width: int
    grey: bool


def read_folder(folder: Path) -> RawSamples:
    """Return the images of `folder`, whose subfolders are the classes; nested folders belong to their class.

    If all subfolders are named train, val, validation or test, they contain the classes: test is the official test
    split, and validation images are added to the training images, since `validation_split` selects the validation
    samples. Hidden folders, folders that start with "__", and other files are skipped.

    All images are resized to the median height and width of the training images, at most MAX_SIDE each. They are uint8,
    greyscale (N, H, W, 1) if all of them are, else RGB (N, H, W, 3). Of an animation, the first frame is used.
    """
    with read_errors(folder, "a folder of images by class"):
        tops = _subfolders(folder)
        names = {top.name.lower() for top in tops}
        split = bool(names & {"train", "training"}) and names <= {*_TRAINING, *_TEST}
        train = [top for top in tops if top.name.lower() in _TRAINING] if split else [folder]
        test = [top for top in tops if top.name.lower() in _TEST] if split else []
        files = [image for part in train for image in _by_class(part)]
        test_files = [image for part in test for image in _by_class(part)]
    pictures = [_header(file) for file, _ in files]
    grey = all(picture.grey for picture in pictures) and all(_header(file).grey for file, _ in test_files)
    size = common_size(pictures)
    x = _load([file for file, _ in files], size, grey)
    y = np.array([label for _, label in files], object)
    if not test_files:
        return RawSamples(str(folder), x, y)
    x_test = _load([file for file, _ in test_files], size, grey)
    return RawSamples(str(folder), x, y, x_test, np.array([label for _, label in test_files], object))


def common_size(pictures: Sequence[ImageHeader]) -> tuple[int, int]:
    """Return the median height and width in pixels, at most MAX_SIDE."""
    height, width = (int(np.median([getattr(p, side) for p in pictures])) for side in ("height", "width"))
    return min(height, MAX_SIDE), min(width, MAX_SIDE)


def image_header(file: Path | IO[bytes]) -> ImageHeader:
    """Return an image's size after its EXIF rotation, and whether it is greyscale; raises Pillow's errors."""
    from PIL import Image

    with Image.open(file) as image:
        height, width = image.height, image.width
        if image.getexif().get(_EXIF_ORIENTATION) in _QUARTER_TURNS:
            height, width = width, height
        return ImageHeader(height, width, image.mode in ("1", "L", "LA", "F") or image.mode.startswith("I"))


def pixels(file: Path | IO[bytes], size: tuple[int, int], *, grey: bool) -> npt.NDArray[np.uint8]:
    """Return one image as uint8 of shape (height, width, 1 or 3); raises Pillow's errors."""
    from PIL import Image, ImageOps

    with Image.open(file) as opened:
        image = _eight_bits(ImageOps.exif_transpose(opened)).convert("L" if grey else "RGB")
    height, width = size
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(height, width, 1 if grey else 3)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return the image with 8 bits per channel; Pillow would clip 16-bit values at 255 instead of scaling them."""
    from PIL import Image

    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.clip(np.asarray(image, np.int64), 0, 65_535) // 256).astype(np.uint8))


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))


def _by_class(folder: Path) -> list[tuple[Path, str]]:
    """Return images and their classes, in path order."""
    classes = _subfolders(folder)
    if not classes:
        loose = any(path.suffix.lower() in SUFFIXES for path in folder.iterdir())
        raise FixInputError(
            f"{folder} has {'images but no class subfolders' if loose else 'no class subfolders'}", remedy=_LAYOUT
        )
    found = []
    for label in classes:
        images = sorted(path for path in label.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not images:
            raise FixInputError(
                f"class folder {label} has no images ({', '.join(SUFFIXES)})", remedy="add images or remove the folder"
            )
        found += [(image, label.name) for image in images]
    return found


def _header(file: Path) -> ImageHeader:
    from PIL import Image

    with read_errors(file, "an image"):
        try:
            return image_header(file)
        except Image.DecompressionBombError as error:
            raise ValueError(f"too large: {error}") from error


def _load(files: Sequence[Path], size: tuple[int, int], grey: bool) -> npt.NDArray[np.uint8]:
    x = np.empty((len(files), *size, 1 if grey else 3), np.uint8)
    for target, file in zip(x, files, strict=True):
        with read_errors(file, "an image"):
            target[:] = pixels(file, size, grey=grey)
    return x
