"""Measures the age of news at a WebSocket client, from the worker's time stamp to the client.

Goals, through Ray Serve: 95 % of trial starts within 150 ms, 95 % of batches within 300 ms. A start travels from the
worker through Ray Tune's driver and the database; a batch travels as a live sample.

    python tests/benchmarks/bench_feed_latency.py [--trials 40]
    python tests/benchmarks/bench_feed_latency.py --address ws://127.0.0.1:8000 --study NAME     (through Serve)
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import serving
from bench_feed_disconnects import summary
from websockets.asyncio.client import connect

GOALS_MS = {"trial_start": 150, "batch_progress": 300}


def main() -> None:
    parser = serving.arguments(__doc__)
    parser.add_argument("--trials", type=int, default=40, help="that start before it ends")
    parser.add_argument("--study", default=serving.NAME, help="a running study of the application at the address")
    options = parser.parse_args()
    if options.scripted:
        raise SystemExit("this measures workers that train")
    with ExitStack() as stack:
        address = options.address
        if address is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            environment = stack.enter_context(serving.cluster())
            stack.enter_context(serving.study(folder, environment, trials=5000, max_epochs_per_trial=5))
            (address,) = stack.enter_context(serving.replicas(folder, 1, environment))
        ages_ms = asyncio.run(watch(f"{address}/ws/jobs/{options.study}", options.trials))
    row: dict[str, Any] = {kind: summary(ages) | {"messages": len(ages)} for kind, ages in sorted(ages_ms.items())}
    print(json.dumps(row, indent=2))
    serving.keep("feed_latency", serving.about() | {"goals_ms": GOALS_MS, "through_serve": bool(options.address)} | row)
    passed = all(row[kind]["p95"] < goal for kind, goal in GOALS_MS.items())
    print("passed" if passed else "FAILED")


async def watch(address: str, trials: int) -> dict[str, list[float]]:
    """Ages of what came until so many trials have started, in milliseconds."""
    ages_ms: dict[str, list[float]] = defaultdict(list)
    async with connect(address, max_size=None) as socket:
        while len(ages_ms["trial_start"]) < trials:
            message = json.loads(await socket.recv())
            if "time" in message:
                age = datetime.now(UTC) - datetime.fromisoformat(message["time"])
                ages_ms[message["type"]].append(age.total_seconds() * 1000)
    return ages_ms


if __name__ == "__main__":
    main()
