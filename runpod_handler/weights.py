"""Sends a network's weights to the study: in the answer, through a bucket, or not at all, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runpod_handler.bucket import Bucket, BucketError
from tuner.data import Array
from tuner.remote_protocol import Weights, WeightsAddress, WeightsUnavailable, digest, pack, parts_of

INLINE_BYTES = 8_000_000
"""Largest output of a job with weights, in base64; RunPod's limit is 20 MB, its clients' 10 MB."""


def send(weights: Sequence[Array], name: str, *, sent_bytes: int) -> Iterator[Weights]:
    """Yield the values that carry the weights; `sent_bytes` were streamed before."""
    packed = pack(weights)
    if sent_bytes + len(packed) * 4 // 3 < INLINE_BYTES:
        yield from parts_of(packed)
        return
    size = f"{len(packed) / 1e6:.1f} MB of weights are too large for an answer"
    try:
        bucket = Bucket.of_environment()
        if bucket is None:
            yield WeightsUnavailable(unavailable=f"{size}, and the worker has no bucket: set BUCKET_ENDPOINT_URL there")
            return
        address = bucket.put(f"{name}-{digest(packed)[:8]}.npz", packed)
    except BucketError as error:
        yield WeightsUnavailable(unavailable=f"{size}, and {error}")
        return
    yield WeightsAddress(url=address, sha256=digest(packed), bytes=len(packed))
