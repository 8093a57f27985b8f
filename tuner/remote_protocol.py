"""The messages between a study and a remote worker, as JSON values.

A request is `WorkRequest`. The worker answers with values in this order: `TrialStart`, any number of `BatchProgress`
and `EpochProgress`, the parts of the best weights if they were asked for (`Weights`), at last `TrialComplete`, which
ends the trial whatever becomes of the job that carried it. Each value is an `Answer`:

    {"delivery": "9f0c12ab", "number": 0, "event": {"type": "trial_start", ...}}
    {"delivery": "9f0c12ab", "number": 7, "weights": {"part": 1, "parts": 3, "sha256": "...", "data": "..."}}

An event is never the value itself: the RunPod SDK treats a value with a key `error` as a failed job, and a
`TrialComplete` has such a key. `number` counts from 0 within a delivery, so duplicate and missing values are detected.
A service may deliver one job to two workers; each delivery has its own `delivery` id.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from tuner.data import Array
from tuner.events import TrialEvent
from tuner.spec_parts import Contract
from tuner.trial_spec import TrialSpec

PACKED = "packed"
LARGEST_REQUEST_BYTES = 64 * 1024
"""Largest unpacked size. Without a limit a few bytes could unpack to gigabytes."""
PART_BYTES = 700_000
"""Bytes of weights in one value, 933,336 in base64: RunPod takes up to 1 MB per streamed value."""


def packed_request(values: dict[str, Any]) -> dict[str, Any]:
    """Returns a request as one compressed text in base 85, so that it is smaller than 1 KB."""
    text = json.dumps(values, separators=(",", ":"), allow_nan=False)
    return {PACKED: base64.b85encode(zlib.compress(text.encode(), 9)).decode()}


def unpacked_request(values: Any) -> Any:
    """Returns the values that `packed_request` compressed; any other value unchanged.

    Raises:
        ValueError: the text is damaged or too large.
    """
    if not isinstance(values, dict) or set(values) != {PACKED}:
        return values
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(base64.b85decode(values[PACKED]), LARGEST_REQUEST_BYTES)
    except (zlib.error, TypeError) as error:
        raise ValueError(f"the packed request is damaged: {error}") from None
    if not unpacking.eof:
        raise ValueError(f"the packed request is damaged, or larger than {LARGEST_REQUEST_BYTES:,} bytes")
    return json.loads(text)


class WorkRequest(Contract):
    """Request to train one trial."""

    trial: TrialSpec
    weights_above: float | None = Field(
        default=None,
        description="The trial's best weights come back only if its objective is better than this (above it, or below "
        "it where the objective is minimised); null: whatever it is.",
    )

    @model_validator(mode="before")
    @classmethod
    def _unpacked(cls, values: Any) -> Any:
        return unpacked_request(values)


class WeightsPart(Contract):
    """One of the `parts` pieces of the packed weights, numbered from 1."""

    part: int = Field(ge=1)
    parts: int = Field(ge=1)
    sha256: str = Field(description="Of all parts together.")
    data: str = Field(description="Base64.")


class WeightsAddress(Contract):
    """Temporary URL of the packed weights."""

    url: str
    sha256: str
    bytes: int


class WeightsUnavailable(Contract):
    """The reason why the weights are not sent. The trial must be trained again to get them."""

    unavailable: str


Weights = WeightsPart | WeightsAddress | WeightsUnavailable


class Answer(Contract):
    """One message of a worker: an event or weights."""

    delivery: str
    number: int = Field(ge=0)
    event: TrialEvent | None = None
    weights: Weights | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.event is None) == (self.weights is None):
            raise ValueError("must hold an event or weights")
        return self


def pack(weights: Sequence[Array]) -> bytes:
    """Returns the arrays in their order, without loss, as a compressed .npz file."""
    packed = io.BytesIO()
    arrays = {f"w{number:05d}": array for number, array in enumerate(weights)}
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    return packed.getvalue()


def unpack(packed: bytes) -> list[Array]:
    """Returns the arrays that `pack` was given. Does not unpickle anything.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
            return [stored[name] for name in sorted(stored.files)]
    except Exception as error:
        # A damaged archive raises whatever the layer that notices it has: zipfile, zlib, NumPy's header parser.
        raise ValueError(f"the weights are damaged: {error}") from error


def digest(packed: bytes) -> str:
    """Returns the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(packed).hexdigest()


def parts_of(packed: bytes) -> Iterator[WeightsPart]:
    """Yields the packed weights in parts that are small enough for the service."""
    pieces = [packed[start : start + PART_BYTES] for start in range(0, len(packed), PART_BYTES)]
    whole = digest(packed)
    for number, piece in enumerate(pieces, 1):
        yield WeightsPart(part=number, parts=len(pieces), sha256=whole, data=base64.b64encode(piece).decode())


def joined(parts: Sequence[WeightsPart]) -> bytes:
    """Returns the packed weights that `parts_of` split. The parts may come in any order.

    Raises:
        ValueError: parts are missing or damaged.
    """
    by_number = {part.part: part for part in parts}
    if not parts or sorted(by_number) != list(range(1, parts[0].parts + 1)):
        raise ValueError(f"parts {sorted(by_number)} of the weights came, of {parts[0].parts if parts else 'none'}")
    packed = b"".join(base64.b64decode(by_number[number].data, validate=True) for number in sorted(by_number))
    if digest(packed) != parts[0].sha256:
        raise ValueError("the weights are not those that were sent: their SHA-256 differs")
    return packed
