"""Reads the image files of a data set: all in one size, with one background and one value of white.

A few unreadable images are left out; many of them, or all of a class, are an error.
"""

from __future__ import annotations

import struct
import warnings
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO

import numpy as np

from tuner.data import Array, Background
from tuner.data_report import Note
from tuner.datasets.image_file import (
    ImageConversion,
    ImageHeader,
    image_header,
    largest_value,
    opaque_brightness,
    pixels,
    white_of,
)
from tuner.datasets.image_size import Size, automatic_size, resizing_text
from tuner.datasets.raw_samples import EncodedImages, ImageSample, PartName, RawSamples
from tuner.datasets.report import named
from tuner.errors import FixInputError
from tuner.spec_parts import ImageFit

UNREADABLE_SHARE = 0.1
"""Largest share of unreadable images that are left out."""
BRIGHT = 170
"""Mean brightness, of 255, above which drawings on a transparent background get a black one."""
LOOKED_AT = 200
"""About as many images with an alpha channel decide on the background."""
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, OverflowError, struct.error)
"""What Pillow raises for damaged files."""


def decoded(found: EncodedImages, size: Size | None, fit: ImageFit) -> RawSamples:
    """Return the images as uint8 arrays of shape (N, H, W, 1 or 3), with notes on what was changed or left out.

    Args:
        found: The image files.
        size: Height and width; None: by `automatic_size` of the training images.
        fit: How images of other proportions are resized.
    """
    readable = _Readable(found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on large or oddly written files
        headers = {part: readable.headers(part) for part in found.parts}
        readable.check()
        every = [image for images in headers.values() for image in images]
        size = size or automatic_size([(image.header.height, image.header.width) for image in headers["train"]])
        background = _background(every)
        conversion = ImageConversion(
            *size,
            grey=all(image.header.grey for image in every),
            fit=fit,
            background=background,
            white=_white(every),
            fill=255.0 if background == "white" else 0.0,
        )
        arrays = {part: readable.pixels(part, images, conversion) for part, images in headers.items()}
    readable.check()
    if readable.transparent:  # perhaps in images that `_background` did not look at
        conversion = replace(conversion, background=background or "white")
    x, y = arrays["train"]
    raw = RawSamples(found.origin, x, y, label_names=found.label_names, conversion=conversion)
    if "test" in arrays:
        raw = replace(raw, x_test=arrays["test"][0], y_test=arrays["test"][1])
    if "validation" in arrays:
        raw = replace(raw, x_val=arrays["validation"][0], y_val=arrays["validation"][1])
    return replace(raw, notes=(*found.notes, *readable.notes(), *_changes(every, conversion, readable.transparent)))


@dataclass(frozen=True)
class _Image:
    sample: ImageSample
    header: ImageHeader

    def open(self) -> IO[bytes]:
        return self.sample.source.open("rb")


class _Readable:
    """Reads headers and pixels of the images, and remembers which ones could not be read."""

    def __init__(self, found: EncodedImages) -> None:
        self._found = found
        self._reasons: dict[tuple[PartName, int], str] = {}
        self.transparent = 0
        """Number of images with transparent pixels."""

    def headers(self, part: PartName) -> list[_Image]:
        """Return the readable images of a part with their headers."""
        images = []
        for number, sample in enumerate(self._found.parts[part]):
            with self._noted(part, number):
                header = sample.header
                if header is None:
                    with sample.source.open("rb") as file:
                        header = image_header(file)
                images.append(_Image(sample, header))
        return images

    def pixels(self, part: PartName, images: Sequence[_Image], conversion: ImageConversion) -> tuple[Array, Array]:
        """Return the pixels and labels of the images of a part that can be read."""
        channels = 1 if conversion.grey else 3
        try:
            x = np.empty((len(images), conversion.height, conversion.width, channels), np.uint8)
        except MemoryError:
            raise FixInputError(
                f"{len(images):,} images of {conversion.height} x {conversion.width} pixels do not fit into memory",
                remedy="choose a smaller image_size",
            ) from None
        places = {id(sample): number for number, sample in enumerate(self._found.parts[part])}
        kept = np.zeros(len(images), bool)
        transparent = np.zeros(len(images), bool)

        def read(i: int) -> None:
            with self._noted(part, places[id(images[i].sample)]), images[i].open() as file:
                x[i], transparent[i] = pixels(file, conversion)
                kept[i] = True

        with ThreadPoolExecutor() as pool:  # Pillow decodes and resizes without Python's lock
            deque(pool.map(read, range(len(images))), maxlen=0)
        self.transparent += int(transparent.sum())
        y = np.array([image.sample.label for image in images])
        y = y if y.dtype.kind == "i" else y.astype(object)
        return (x, y) if kept.all() else (x[kept], y[kept])

    @contextmanager
    def _noted(self, part: PartName, number: int) -> Iterator[None]:
        try:
            yield
        except _UNREADABLE as error:
            # The system's own text, without the path of the file: clients see the report.
            of_system = error.strerror if isinstance(error, OSError) else None
            line = (of_system or str(error)).strip().splitlines()
            self._reasons[part, number] = line[0][:120] if line else type(error).__name__

    def _texts(self) -> list[str]:
        return [
            f"{self._found.parts[part][number].name}: {_reason(text)}"
            for (part, number), text in sorted(self._reasons.items())
        ]

    def check(self) -> None:
        """Raise if too many images, or all of a class, cannot be read."""
        if not self._reasons:
            return
        total = sum(map(len, self._found.parts.values()))
        origin, count = self._found.origin, len(self._reasons)
        if count > UNREADABLE_SHARE * total:
            raise FixInputError(
                f"{origin} has {count:,} unreadable images of {total:,} ({named(self._texts(), '; ')})",
                remedy="replace or remove them",
            )
        for part, samples in self._found.parts.items():
            broken = Counter(samples[number].label for of, number in self._reasons if of == part)
            whole = Counter(sample.label for sample in samples)
            lost = [str(label) for label, number in broken.items() if number == whole[label]]
            if lost:
                raise FixInputError(
                    f"{origin} has no readable image of class {named(lost)} ({named(self._texts(), '; ')})",
                    remedy="replace or remove them",
                )

    def notes(self) -> list[Note]:
        """Return the note on unreadable images, if there are any."""
        count = len(self._reasons)
        if not count:
            return []
        images = "1 unreadable image" if count == 1 else f"{count:,} unreadable images"
        return [Note(kind="left_out", text=f"{images} ({named(self._texts(), '; ')})")]


def _reason(text: str) -> str:
    if text.startswith("cannot identify image file"):
        return "not an image"
    return "no permission" if "Permission denied" in text else text


def _background(images: Sequence[_Image]) -> Background | None:
    """Return the background on which drawings are seen: black if most of what is not transparent is bright.

    None if no image that was looked at has transparent pixels.
    """
    candidates = [image for image in images if image.header.transparent]
    brightness = []
    for image in candidates[:: max(1, len(candidates) // LOOKED_AT)]:
        with suppress(*_UNREADABLE), image.open() as file:  # `pixels` says what is wrong with it
            brightness.append(opaque_brightness(file))
    known = [value for value in brightness if value is not None]
    if not known:
        return None
    return "black" if float(np.mean(known)) > BRIGHT else "white"


def _white(images: Sequence[_Image]) -> float | None:
    """Return the value of white in images with more than 8 bits; None if there are none."""
    largest = []
    for image in images:
        if image.header.deep:
            with suppress(*_UNREADABLE), image.open() as file:
                largest.append(largest_value(file))
    return white_of(max(largest)) if largest else None


def _changes(images: Sequence[_Image], conversion: ImageConversion, transparent: int) -> list[Note]:
    headers = [image.header for image in images]
    size = (conversion.height, conversion.width)
    texts = [resizing_text([(one.height, one.width) for one in headers], size, conversion.fit)]
    if conversion.background is not None:
        texts.append(f"{_counted(transparent, 'image')} with transparency put on a {conversion.background} background")
    if conversion.white is not None:
        count = _counted(sum(one.deep for one in headers), "image")
        texts.append(f"{count} of more than 8 bits per pixel converted to 8 bits ({conversion.white:,g} became 255)")
    if several := sum(one.frames for one in headers):
        texts.append(f"{_counted(several, 'image')} with several frames or pages: only the first one is used")
    colour = sum(not one.grey for one in headers)
    if 0 < colour < len(headers):
        texts.append(f"{_counted(len(headers) - colour, 'greyscale image')} converted to RGB like the others")
    return [Note(kind="changed", text=text) for text in texts if text is not None]


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
