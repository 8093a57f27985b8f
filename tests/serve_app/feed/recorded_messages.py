"""Records what the application tells a page while a study runs, for the tests of the dashboard in TypeScript.

`python -m tests.serve_app.feed.recorded_messages` writes serve_app/dashboard/src/live/recorded.json: messages of
`WS /ws` before and after a lost connection, and what the HTTP API answers in between. A test fails if a message is
outdated.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import httpx

from serve_app.feed import Feed
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tests.serve_app import studies
from tests.serve_app.conftest import ScriptedLauncher
from tests.serve_app.replicas import Replica, ScriptedBoards, listening
from tests.store.samples import complete, epoch, start
from tuner.events import BestModel, StudyStatus
from tuner.store import Store

FILE = Path(__file__).parents[3] / "serve_app" / "dashboard" / "src" / "live" / "recorded.json"
NAME = "running"


async def record(replica: Replica, store: Store, boards: ScriptedBoards) -> dict[str, Any]:
    """What a page is told: the list, an epoch, samples; then, after a break, the end of the study."""
    async with replica.connect("/ws", subprotocols=["tuner.feed.v1"]) as client:
        first = [await client.next("studies")]
        async with httpx.AsyncClient(base_url=replica.address) as http:
            job = (await http.get(f"/jobs/{NAME}")).json()
            page = (await http.get(f"/jobs/{NAME}/trials", params={"format": "columns"})).json()
        boards.batch(NAME, 2, 40, epoch=2)
        boards.resources(NAME, 2, 55.0)
        first += [await client.next("batch_progress"), await client.next("resource_sample")]
        store.append(NAME, epoch(2, 2, epochs=3))
        first += [await client.next("epoch_progress"), await client.next("progress")]
    boards.shown.clear()
    studies.leads(store, NAME, 2, 0.95)
    store.append(NAME, complete(2))
    store.append(NAME, start(3, trial_id=f"{NAME}-00003", architecture=studies.BUILT))
    store.append(NAME, BestModel(trial_number=2, val_accuracy=0.95, test_accuracy=0.9, test_loss=0.4, folder=""))
    store.append(NAME, StudyStatus(status="cancelled", reason="cancelled"))
    cursor = first[-2]["cursor"]
    async with replica.connect("/ws?resume=true", subprotocols=["tuner.feed.v1"]) as client:
        await client.socket.send(json.dumps({"type": "resume", "after": {NAME: cursor}}))
        later = [await client.next() for _ in range(5)]
    return {"job": job, "page": page, "first": first, "later": later}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = ServeSettings(results_dir=Path(folder), data_dir=None, database_url=None, api_token=None)
        with Store.open(settings.store_url()) as store:
            studies.running(store, settings.results_dir, NAME)
            boards = ScriptedBoards()
            services = Services(settings, store, ScriptedLauncher(store, settings), Feed(store, boards))
            with listening(services) as replica:
                recorded = asyncio.run(record(replica, store, boards))
    FILE.write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
