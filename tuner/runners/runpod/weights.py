"""The best weights of a trial, received in parts or downloaded from a temporary address."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from tuner.data import Array
from tuner.remote_protocol import Weights, WeightsAddress, WeightsPart, WeightsUnavailable, digest, joined, unpack

LARGEST_BYTES = 2 * 2**30


class NoWeightsError(Exception):
    """The weights are not available, for the reason in its text, which is one line."""


def received(weights: Sequence[Weights]) -> list[Array]:
    """Return the arrays of the best weights, in the order of Keras's `get_weights`, or raise NoWeightsError.

    `weights` is everything that the worker sent of them, at least one value.
    """
    try:
        match weights[0]:
            case WeightsUnavailable(unavailable=why):
                raise NoWeightsError(" ".join(why.split())[:200])
            case WeightsAddress() as address:
                return unpack(_fetched(address))
            case WeightsPart():
                return unpack(joined([part for part in weights if isinstance(part, WeightsPart)]))
    except ValueError as error:
        raise NoWeightsError(" ".join(str(error).split())[:200]) from None


def _fetched(address: WeightsAddress) -> bytes:
    """Download without the key, which is for RunPod only. The address contains a signature, so it is never shown."""
    parts: list[bytes] = []
    size = 0
    try:
        with httpx.stream("GET", address.url, timeout=60.0, follow_redirects=False) as answer:
            if not answer.is_success:
                raise NoWeightsError(f"the bucket answers with HTTP {answer.status_code}")
            for part in answer.iter_bytes():
                size += len(part)
                if size > min(address.bytes, LARGEST_BYTES):
                    raise NoWeightsError("the bucket has more bytes than announced")
                parts.append(part)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoWeightsError(f"the bucket cannot be reached: {type(error).__name__}") from None
    packed = b"".join(parts)
    if digest(packed) != address.sha256:
        raise NoWeightsError("the bucket has other bytes than announced")
    return packed
