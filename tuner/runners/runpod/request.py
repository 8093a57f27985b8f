"""The request that submits a trial to the endpoint, in less than 1 KB."""

from __future__ import annotations

import json
from typing import Any

from tuner.remote_protocol import packed_request
from tuner.runners.runpod.errors import ServiceFaultError
from tuner.spec import TrialSpec

LARGEST = 1_000
"""Bytes of a request, exclusive."""

TTL_MARGIN_S = 60.0


def request_of(trial: TrialSpec, weights_above: float | None, queue_timeout_s: float, timeout_s: float) -> bytes:
    """Return the body of /run: the trial without default values and without this machine's data folder.

    A long one (many blocks, health, a long name) is compressed.

    Args:
        weights_above: The study's best objective so far; the worker does not return weights that are not better.
        queue_timeout_s: Longest wait for a worker.
        timeout_s: Longest training.

    Raises:
        ServiceFaultError: the request is too large.
    """
    job: dict[str, Any] = {"trial": without_local_paths(trial).model_dump(mode="json", exclude_defaults=True)}
    if weights_above is not None:
        job["weights_above"] = weights_above
    ttl_s = queue_timeout_s + timeout_s + TTL_MARGIN_S
    policy = {"executionTimeout": round(1e3 * timeout_s), "ttl": round(1e3 * ttl_s)}
    body = _json({"input": job, "policy": policy})
    if len(body) >= LARGEST:
        body = _json({"input": packed_request(job), "policy": policy})
    if len(body) >= LARGEST:
        raise ServiceFaultError(f"the trial's spec is too long to be sent: {len(body):,} of {LARGEST:,} bytes")
    return body


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode()


def without_local_paths(trial: TrialSpec) -> TrialSpec:
    """Return the trial for another machine, which looks for the data set in its own folders."""
    return trial.model_copy(update={"data": trial.data.model_copy(update={"data_dir": None})})
