"""Compresses JSON values: a request to a remote worker must be smaller than 1 KB."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

KEY = "packed"
LARGEST_BYTES = 64 * 1024
"""Largest unpacked size. Without a limit a few bytes could unpack to gigabytes."""


def packed(values: dict[str, Any]) -> dict[str, Any]:
    """Returns the values as one compressed text in base 85."""
    text = json.dumps(values, separators=(",", ":"), allow_nan=False)
    return {KEY: base64.b85encode(zlib.compress(text.encode(), 9)).decode()}


def unpacked(values: Any) -> Any:
    """Returns the values that `packed` compressed; any other value unchanged.

    Raises:
        ValueError: the text is damaged or too large.
    """
    if not isinstance(values, dict) or set(values) != {KEY}:
        return values
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(base64.b85decode(values[KEY]), LARGEST_BYTES)
    except (zlib.error, TypeError) as error:
        raise ValueError(f"the packed request is damaged: {error}") from None
    if not unpacking.eof:
        raise ValueError(f"the packed request is damaged, or larger than {LARGEST_BYTES:,} bytes")
    return json.loads(text)
