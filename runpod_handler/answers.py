"""Trains one trial and yields the numbered values that its job streams (see tuner.remote_protocol).

Batch progress is limited to one value a second, later to one per thousandth of the training time: a job's output
repeats all its values, and a day of batches would exceed its size limit. All other events are sent.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

from pydantic import BaseModel

from runpod_handler.bucket import Bucket, BucketError
from tuner.data import Array, Data
from tuner.events import BatchProgress, EpochProgress, TrialComplete
from tuner.objectives import better
from tuner.remote_protocol import (
    Weights,
    WeightsAddress,
    WeightsUnavailable,
    WorkRequest,
    digest,
    pack,
    parts_of,
)
from tuner.training import TrainingState, run_trial

PROGRESS_INTERVAL_S, PROGRESS_SHARE = 1.0, 1e-3
WORTH_KEEPING = ("completed", "pruned")
"""Statuses of trials whose weights may be the study's best. Weights of a cancelled trial could not be received."""


INLINE_BYTES = 8_000_000
"""Largest output of a job with weights, in base64; RunPod's limit is 20 MB, its clients' 10 MB."""


def answers(
    request: WorkRequest, data: Data, clock: Callable[[], float] = time.monotonic
) -> Generator[dict[str, Any], None, None]:
    """Train the trial and yield its values, ready for JSON. Closing the generator ends the training."""
    started = clock()
    reported = started - PROGRESS_INTERVAL_S
    numbered = _Numbered()
    latest: Callable[[], TrainingState] | None = None
    with closing(run_trial(request.trial, data)) as events:
        for event in events:
            now = clock()
            match event:
                case BatchProgress():
                    if now - reported < max(PROGRESS_INTERVAL_S, PROGRESS_SHARE * (now - started)):
                        continue
                    reported = now
                case EpochProgress():
                    latest = event.snapshot
                case TrialComplete() if latest is not None and _wanted(request, event):
                    for weights in weights_values(
                        latest().best_weights, event.trial_id, sent_bytes=numbered.sent_bytes
                    ):
                        yield numbered.value("weights", weights)
            yield numbered.value("event", event)
        latest = None  # it holds the network


def _wanted(request: WorkRequest, end: TrialComplete) -> bool:
    if end.status not in WORTH_KEEPING or end.objective is None:
        return False
    return better(request.trial.objective, end.objective, request.weights_above)


class _Numbered:
    """Numbers the values of one delivery and counts their bytes."""

    def __init__(self) -> None:
        self._delivery = uuid.uuid4().hex[:8]
        self._number = 0
        self.sent_bytes = 0

    def value(self, name: str, content: BaseModel) -> dict[str, Any]:
        value = {"delivery": self._delivery, "number": self._number, name: content.model_dump(mode="json")}
        self._number += 1
        self.sent_bytes += len(json.dumps(value))
        return value


def weights_values(weights: Sequence[Array], name: str, *, sent_bytes: int) -> Iterator[Weights]:
    """Yield the weights in parts, their address in a bucket, or why not; `sent_bytes` were streamed before."""
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
