"""The entry point of RunPod's worker: `python -m runpod_handler.handler`.

A job is one trial. Its values are streamed as they are produced, in order (see tuner.remote_protocol). An invalid
request fails the job with one line; a network that crashes is a `TrialComplete` with its traceback. When a job is
cancelled or times out, the SDK cancels the asyncio task that iterates over `handler`, and the training ends within a
batch. Training runs in separate processes (see runpod_handler.pool), so the worker's event loop is never blocked.

Environment: CONCURRENT_TRIALS, BUCKET_* (see runpod_handler.bucket), TUNER_DATA_DIR (files searched before a download).
Without RunPod's own variables it trains the request in a file, test_input.json by default, and prints the values: the
SDK's local test cannot run a generator.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runpod_handler.pool import Pool, TrialError
from tuner.datasets import dataset_names
from tuner.errors import FixInputError, nearest
from tuner.remote_protocol import WorkRequest
from tuner.spec_parts import one_line

MOST_CONCURRENT_TRIALS = 6


@cache
def concurrent_trials() -> int:
    """Return how many trials the worker trains at once, 1 to 6; raise FixInputError for another CONCURRENT_TRIALS."""
    given = os.environ.get("CONCURRENT_TRIALS", "1")
    if given not in [str(number) for number in range(1, MOST_CONCURRENT_TRIALS + 1)]:
        raise FixInputError(
            f"CONCURRENT_TRIALS={given}: must be a number from 1 to {MOST_CONCURRENT_TRIALS}",
            remedy="set such a number",
        )
    return int(given)


@cache
def _pool() -> Pool:
    return Pool(concurrent_trials())


async def handler(job: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Yield the values of one trial; or `{"error": line}`, with which the SDK fails the job."""
    try:
        run = _pool().begin(parsed_request(job.get("input")))
    except FixInputError as error:
        yield {"error": str(error)}
        return
    task = asyncio.current_task()
    assert task is not None
    # A task that is cancelled while a value is being sent leaves this generator to the garbage collector.
    task.add_done_callback(lambda _: run.stop())
    try:
        async for value in run.values():
            yield value
    except TrialError as error:
        yield {"error": str(error)}
    finally:
        run.stop()


def parsed_request(job_input: Any) -> WorkRequest:
    """Return the request in a job; FixInputError if it is invalid, or names what only the sender's machine has."""
    try:
        request = WorkRequest.model_validate(job_input)
    except ValidationError as error:
        raise FixInputError("; ".join(one_line(e) for e in error.errors()), remedy="correct the request") from None
    trial = request.trial
    if trial.model is not None:
        raise FixInputError(
            f"model={trial.model}: a remote worker does not have your own networks", remedy="train it locally"
        )
    if trial.data.dataset not in dataset_names():
        raise FixInputError(
            f"dataset={trial.data.dataset}: a remote worker only has the named data sets",
            remedy=f"{nearest(trial.data.dataset, dataset_names())}, or train it locally",
        )
    if trial.data.data_dir is not None:
        raise FixInputError(
            f"data_dir={trial.data.data_dir}: a remote worker uses its own folder", remedy="leave it out"
        )
    return request


def main() -> None:
    """Serve RunPod's jobs; without RunPod's environment, train the request in a file."""
    try:
        concurrency = concurrent_trials()
    except FixInputError as error:
        sys.exit(str(error))
    if "RUNPOD_WEBHOOK_GET_JOB" not in os.environ:
        asyncio.run(_train_file(Path(sys.argv[1] if len(sys.argv) > 1 else "test_input.json")))
        return
    # The SDK's own level writes every value into the log: megabytes of weights, and addresses that open the bucket.
    os.environ.setdefault("RUNPOD_DEBUG_LEVEL", "INFO")
    import runpod

    runpod.serverless.start(
        {
            "handler": handler,
            # A constant: the SDK drains the worker before it changes its concurrency.
            "concurrency_modifier": lambda current: concurrency,
            # The output repeats the streamed values, for a client that lost some with its connection.
            "return_aggregate_stream": True,
        }
    )


async def _train_file(file: Path) -> None:
    async for value in handler(json.loads(file.read_text())):
        print(json.dumps(value), flush=True)
    await _pool().close()


if __name__ == "__main__":
    main()
