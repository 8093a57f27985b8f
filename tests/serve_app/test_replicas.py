"""Two replicas on one database behave as one: each has its own connections and its own feed, and no state."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from serve_app.feed import Feed
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tests import postgres
from tests.serve_app import studies
from tests.serve_app.conftest import ScriptedLauncher
from tests.serve_app.replicas import WAIT_S, Replica, ScriptedBoards, listening
from tests.store.samples import epoch
from tuner.events import BatchProgress, StudyStatus
from tuner.store import Store

BATCH = BatchProgress(trial_number=2, epoch=2, epochs=3, batch=6, batches=24, loss=0.4, accuracy=0.8)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, settings: ServeSettings) -> Iterator[ServeSettings]:
    """A file, which processes of one machine share, and a server, which machines share."""
    if request.param == "sqlite":
        yield settings
        return
    with postgres.schema(request.getfixturevalue("postgres_server")) as url:
        yield ServeSettings.model_validate(settings.model_dump() | {"database_url": url})


@pytest.fixture
def replicas(services: Services, boards: ScriptedBoards) -> Iterator[tuple[Replica, Replica]]:
    with ExitStack() as stack:

        def start() -> Replica:
            store = stack.enter_context(Store.open(services.settings.store_url()))
            launcher = ScriptedLauncher(store, services.settings)
            one = replace(services, store=store, launcher=launcher, feed=Feed(store, boards))
            return stack.enter_context(listening(one))

        yield start(), start()


def test_a_study_may_be_begun_at_one_and_watched_stopped_and_removed_at_the_other(
    replicas: tuple[Replica, Replica], store: Store
) -> None:
    async def test() -> None:
        one, other = replicas
        async with (
            httpx.AsyncClient(base_url=one.address, timeout=WAIT_S) as here,
            httpx.AsyncClient(base_url=other.address, timeout=WAIT_S) as there,
            other.connect("/ws") as of_all,
        ):
            assert (await of_all.next())["studies"] == []
            created = await here.post("/jobs", json={"run_name": "a"})
            assert created.json() == {"id": "a"}
            assert (await there.get("/jobs/a")).json()["status"] == "created"
            store.append("a", StudyStatus(status="running"))
            assert (await of_all.next("study_status"))["study"] == "a"
            async with one.connect("/ws/jobs/a") as of_one:
                assert (await of_one.next())["sequence"] == 1
                assert (await there.post("/jobs/a/cancel")).status_code == 202
                told = [await client.next("study_status") for client in (of_one, of_all)]
                assert told[0] == told[1]
                assert (told[0]["status"], told[0]["sequence"]) == ("cancelled", 2)
                assert (await here.delete("/jobs/a")).status_code == 204
                assert {(await client.next("study_deleted"))["study"] for client in (of_one, of_all)} == {"a"}
            assert (await there.get("/jobs/a")).status_code == 404

    asyncio.run(test())


def test_both_answer_and_tell_alike(
    replicas: tuple[Replica, Replica], services: Services, store: Store, boards: ScriptedBoards
) -> None:
    studies.running(store, services.settings.results_dir)
    studies.ended(store, services.settings.results_dir)
    boards.put("running", BATCH)
    paths = ["/jobs", "/jobs/running", "/jobs/ended", "/jobs/running/trials", "/jobs/ended/best-model", "/metrics"]
    with httpx.Client(timeout=WAIT_S) as client:
        for path in paths:
            answers = [client.get(replica.address + path) for replica in replicas]
            one, other = (answer.text for answer in answers)
            if path in ("/jobs", "/jobs/running"):  # the clock runs on
                one, other = (_without_clock(answer.json()) for answer in answers)
            assert one == other
        etag = client.get(f"{replicas[0].address}/jobs/running/trials").headers["etag"]
        again = client.get(f"{replicas[1].address}/jobs/running/trials", headers={"If-None-Match": etag})
        assert again.status_code == 304

    async def test() -> None:
        one, other = replicas
        async with one.connect("/ws/jobs/running") as first, other.connect("/ws/jobs/running") as second:
            snapshots = [_without_clock(await client.next("snapshot")) for client in (first, second)]
            # Where the running batch stands is a sample: a snapshot may be without it.
            assert snapshots[0]["trials"] == snapshots[1]["trials"]
            assert snapshots[0]["cursor"] == snapshots[1]["cursor"]
            batches = [await client.next("batch_progress") for client in (first, second)]
            assert batches[0] == batches[1]
            store.append("running", epoch(2, 2, epochs=3))
            assert await first.next("epoch_progress") == await second.next("epoch_progress")

    asyncio.run(test())


def _without_clock(answer: dict) -> dict:
    for job in answer.get("items", [answer]):
        for name in ("elapsed_time", "eta"):
            job["progress"].pop(name)
    return answer
