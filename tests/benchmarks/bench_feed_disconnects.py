"""Measures a client of a running study whose connection breaks 100 times at random, at either of two replicas.

It reports durable events that were lost or repeated (there must be none) and how long the client needed after each
new connection until it had every earlier event (goal: under 2 s), and the latency of durable events.

    python tests/benchmarks/bench_feed_disconnects.py [--scripted] [--disconnects 100]
    python tests/benchmarks/bench_feed_disconnects.py --address ws://127.0.0.1:8000 --folder results --study NAME
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import serving
from websockets.asyncio.client import ClientConnection, connect

from tuner.store import Store

GOAL_S = 2.0
LIFE_S, PAUSE_S = 1.0, 1.5
"""Longest time that a connection lives, and that the client stays away."""


@dataclass
class Client:
    """What it knows."""

    cursor: str | None = None
    known: int = 0
    lost: int = 0
    doubled: int = 0
    resyncs: int = 0
    latencies_ms: list[float] = field(default_factory=list)

    async def take(self, socket: ClientConnection) -> None:
        message: dict[str, Any] = json.loads(await socket.recv())
        at = datetime.now(UTC)
        self.resyncs += message["type"] == "resync_required"
        if "sequence" not in message:
            return
        if message["type"] != "snapshot":
            self.lost += max(0, message["sequence"] - self.known - 1)
            self.doubled += message["sequence"] <= self.known
            if message["sequence"] > self.missed_up_to:
                self.latencies_ms.append((at - datetime.fromisoformat(message["time"])).total_seconds() * 1000)
        self.known, self.cursor = message["sequence"], message["cursor"]

    missed_up_to: int = 0
    """Events up to this one happened while it was away: their age says nothing of the feed."""


def main() -> None:
    parser = serving.arguments(__doc__)
    parser.add_argument("--disconnects", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="results folder of the running application")
    parser.add_argument("--study", default=serving.NAME, help="a running study there")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {} if options.scripted or options.address else stack.enter_context(serving.cluster())
        if options.address:
            store = stack.enter_context(Store.open(serving.url(folder)))
        elif options.scripted:
            store = stack.enter_context(serving.scripted(folder, events_per_s=20))
        else:
            store = stack.enter_context(serving.study(folder, environment, trials=5000, max_epochs_per_trial=5))
        addresses = (
            [options.address] if options.address else stack.enter_context(serving.replicas(folder, 2, environment))
        )
        client, caught_up_s = asyncio.run(watch(addresses, store, options.study, options.disconnects))
    row = {
        "disconnects": options.disconnects,
        "events": client.known,
        "lost": client.lost,
        "doubled": client.doubled,
        "resyncs": client.resyncs,
        "caught_up_s": summary(caught_up_s),
        "latency_ms": summary(client.latencies_ms),
    }
    print(json.dumps(row, indent=2))
    if not options.scripted:
        serving.keep("feed_disconnects", serving.about() | {"goal_s": GOAL_S} | row)
    passed = client.lost == client.doubled == 0 and max(caught_up_s) < GOAL_S
    print("passed" if passed else "FAILED")


async def watch(addresses: list[str], store: Store, study: str, disconnects: int) -> tuple[Client, list[float]]:
    chance = random.Random(1)
    client, caught_up_s = Client(), []
    for _ in range(disconnects + 1):
        head = store.log_ends([study])[study].sequence
        client.missed_up_to = head
        after = "" if client.cursor is None else f"?after={client.cursor}"
        began_s = time.monotonic()
        async with connect(f"{chance.choice(addresses)}/ws/jobs/{study}{after}", max_size=None) as socket:
            while client.known < head:
                await client.take(socket)
            caught_up_s.append(time.monotonic() - began_s)
            try:
                async with asyncio.timeout(chance.uniform(0, LIFE_S)):
                    while True:
                        await client.take(socket)
            except TimeoutError:
                socket.transport.abort()
        await asyncio.sleep(chance.uniform(0, PAUSE_S))
    return client, caught_up_s


def summary(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum."""
    if len(values) < 2:
        return {}
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 4),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 4),
        "max": round(ordered[-1], 4),
    }


if __name__ == "__main__":
    main()
