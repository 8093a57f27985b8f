"""What RunPod calls: `python -m runpod_handler.handler`.

A job is one trial. Its values are streamed as they come, in order (see tuner.remote_protocol); a bad request fails
the job with one clear line; a network that crashes does not: that is a `TrialComplete` with its traceback. The SDK
tells of a cancelled or timed-out job by cancelling the asyncio task that iterates over `handler`; the training then
ends within a batch. Training runs in processes of their own (see runpod_handler.pool): the worker's loop is never
blocked.

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

from runpod_handler.job import parse
from runpod_handler.pool import Pool, TrialError
from tuner.errors import FixInputError

MOST_CONCURRENT_TRIALS = 6


@cache
def concurrent_trials() -> int:
    """How many trials a worker trains at once, 1 (the default) to 6, for as long as it lives.

    Raises:
        FixInputError: CONCURRENT_TRIALS is something else.
    """
    given = os.environ.get("CONCURRENT_TRIALS", "1")
    if given not in [str(number) for number in range(1, MOST_CONCURRENT_TRIALS + 1)]:
        raise FixInputError(
            f"CONCURRENT_TRIALS={given}: must be a number from 1 to {MOST_CONCURRENT_TRIALS}", remedy="correct it"
        )
    return int(given)


@cache
def _pool() -> Pool:
    return Pool(concurrent_trials())


async def handler(job: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """The values of one trial; `{"error": line}`, which the SDK makes the job's failure of, if there is none."""
    try:
        run = _pool().begin(parse(job.get("input")))
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


def main() -> None:
    """Work for RunPod; or, where it is not, train what a file asks for."""
    try:
        concurrency = concurrent_trials()
    except FixInputError as error:
        sys.exit(str(error))
    if "RUNPOD_WEBHOOK_GET_JOB" not in os.environ:
        asyncio.run(_try_out(Path(sys.argv[1] if len(sys.argv) > 1 else "test_input.json")))
        return
    # The SDK's own level writes every value into the log: megabytes of weights, and addresses that open the bucket.
    os.environ.setdefault("RUNPOD_DEBUG_LEVEL", "INFO")
    import runpod

    runpod.serverless.start(
        {
            "handler": handler,
            # A constant: the SDK drains the worker before it changes its concurrency.
            "concurrency_modifier": lambda current: concurrency,
            # The output repeats what was streamed: a client whose connection broke finds there what it missed.
            "return_aggregate_stream": True,
        }
    )


async def _try_out(file: Path) -> None:
    async for value in handler(json.loads(file.read_text())):
        print(json.dumps(value), flush=True)
    await _pool().close()


if __name__ == "__main__":
    main()
