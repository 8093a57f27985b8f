"""What is sent to the endpoint: a whole trial in less than 1 KB."""

from __future__ import annotations

import json
from typing import Any

from tuner.compression import packed
from tuner.runners.runpod.errors import ServiceFaultError
from tuner.spec import TrialSpec

LARGEST = 1_000
"""Bytes of a request."""

TTL_MARGIN_S = 60.0


def request_of(trial: TrialSpec, weights_above: float | None, queue_timeout_s: float, timeout_s: float) -> bytes:
    """The body of /run: the trial without what is its default, and without this machine's folder of data. One that is
    longer than usual (many blocks, health, a long name) is packed.

    Args:
        weights_above: The best value so far of the study's first objective: weights that do not beat it are not wanted.
        queue_timeout_s, timeout_s: How long it may wait and train.

    Raises:
        ServiceFaultError: it is larger than a request may be.
    """
    job: dict[str, Any] = {"trial": travelling(trial).model_dump(mode="json", exclude_defaults=True)}
    if weights_above is not None:
        job["weights_above"] = weights_above
    ttl_s = queue_timeout_s + timeout_s + TTL_MARGIN_S
    policy = {"executionTimeout": round(1e3 * timeout_s), "ttl": round(1e3 * ttl_s)}
    body = _json({"input": job, "policy": policy})
    if len(body) >= LARGEST:
        body = _json({"input": packed(job), "policy": policy})
    if len(body) >= LARGEST:
        raise ServiceFaultError(f"the trial's spec is too long to be sent: {len(body):,} of {LARGEST:,} bytes")
    return body


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode()


def travelling(trial: TrialSpec) -> TrialSpec:
    """The trial as another machine has to read it: it looks for the data set in its own folders."""
    return trial.model_copy(update={"data": trial.data.model_copy(update={"data_dir": None})})
