"""Brings arrays into the layout of this product: recognises flat rows, channels first and samples last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tuner.data import Array
from tuner.data_report import Note
from tuner.datasets import flat_images
from tuner.datasets.raw_samples import RawSamples, key_of

_CHANNELS = (1, 3, 4)


def arranged(found: RawSamples) -> RawSamples:
    """Return the samples with images as (N, H, W) or (N, H, W, C), and a note on each change. Texts are unchanged."""
    if found.x.dtype.kind not in "buif":
        return found
    return _channels_last(_samples_first(_unflattened(found)))


def _unflattened(found: RawSamples) -> RawSamples:
    x = found.x
    if x.ndim != 2 or not x.size:
        return found
    widths = {part.shape[1:] for part, _ in found.parts.values()}
    kind = flat_images.kind_of_rows(x, key_of("x", "train", found.parts), found.origin)
    if len(widths) > 1 and kind == "images":
        return found  # refused with both shapes later
    if kind == "word_indices":
        return _noted(found, f"rows of up to {x.shape[1]:,} whole numbers as word indices, with 0 as padding")
    planes = flat_images.channels_in_planes(x)
    return _noted(_each(found, lambda part: flat_images.as_images(part, planes)), flat_images.read_as(x, planes))


def _samples_first(found: RawSamples) -> RawSamples:
    """Move the last axis to the front if it is the one with as many samples as labels, as in files of Matlab."""
    parts = found.parts.values()
    if not all(y.ndim and x.ndim in (3, 4) and x.shape[0] != len(y) == x.shape[-1] for x, y in parts):
        return found
    return _noted(_each(found, lambda x: np.moveaxis(x, -1, 0)), f"shape {found.x.shape} with the samples last")


def _channels_last(found: RawSamples) -> RawSamples:
    shapes = [x.shape for x, _ in found.parts.values()]
    first = all(len(shape) == 4 and shape[1] in _CHANNELS and shape[3] not in _CHANNELS for shape in shapes)
    if not first:
        return found
    return _noted(_each(found, lambda x: x.transpose(0, 2, 3, 1)), f"shape {found.x.shape} with channels first")


def _each(found: RawSamples, change: Callable[[Array], Array]) -> RawSamples:
    x_val, x_test = (None if x is None else change(x) for x in (found.x_val, found.x_test))
    return replace(found, x=change(found.x), x_val=x_val, x_test=x_test)


def _noted(found: RawSamples, text: str) -> RawSamples:
    return replace(found, notes=(*found.notes, Note(kind="read", text=text)))
