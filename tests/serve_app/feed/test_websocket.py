"""The feed as a WebSocket client meets it, through a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.typing import Subprotocol

from serve_app.feed import log_follower, subscription
from serve_app.socket_protocol import CLOSED, SUBPROTOCOL, VERSION
from tests.serve_app.feed.conftest import end_trial, running_study, train
from tests.serve_app.replicas import Client, Replica, ScriptedBoards
from tests.serve_app.studies import BUILT
from tests.store.samples import BASELINE, GOOD, complete, epoch, finding, health, spec, start
from tuner.events import BaselineFitted, StudyStatus
from tuner.store import Lease, Store


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    return [message["sequence"] for message in messages]


def test_a_client_of_a_study_begins_with_a_snapshot_and_gets_what_happens_after_it(
    replica: Replica, store: Store, study: str
) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            first = await client.next()
            assert (first["type"], first["protocol"], first["study"], first["sequence"]) == (
                "snapshot",
                VERSION,
                "a",
                4,
            )
            assert (first["status"], first["progress"]["running_trials"]) == ("running", 2)
            assert [trial["trial_number"] for trial in first["trials"]] == [1, 2]
            assert (first["mode"], first["objectives"]) == ("simple", ["val_accuracy"])
            assert "/results" not in json.dumps(first), "no path of this machine is told"

            train(store, study, range(2, 4))
            end_trial(store, study)
            told = await client.until(7)
            assert numbers(told) == [5, 6, 7]
            assert [message["type"] for message in told] == ["epoch_progress", "epoch_progress", "trial_complete"]
            assert (told[0]["study"], told[0]["trial_number"], told[0]["epoch"]) == ("a", 1, 2)

    run(test())


@pytest.mark.parametrize(("asked", "shown"), [("", [1, 2, 3]), ("?trials=running", [2, 3])])
def test_a_snapshot_has_all_trials_or_only_those_that_run(
    replica: Replica, store: Store, study: str, asked: str, shown: list[int]
) -> None:
    measured = {"health_metrics": health(), "findings": [finding()], "reason": "wrote /home/ann/model"}
    store.append(study, complete(1, performance=GOOD, **measured))
    store.append(study, start(3, hyperparameters={"units": 3}, architecture=BUILT, suggested_by="tpe"))
    store.append(study, BaselineFitted(baseline=BASELINE))

    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}{asked}") as client:
            first = await client.next("snapshot")
            assert [trial["trial_number"] for trial in first["trials"]] == shown
            assert (first["progress"]["completed_trials"], first["progress"]["running_trials"]) == (1, 2)
            assert (first["baseline"]["name"], first["cancel_requested_at"]) == (BASELINE.name, None)
            last = first["trials"][-1]
            assert (last["hyperparameters"], last["suggested_by"], last["place"]) == ({"units": 3}, "tpe", "local")
            assert (last["architecture"]["type"], len(last["outline"]), last["findings"]) == ("cnn", 5, [])
            if not asked:
                ended = first["trials"][0]
                assert ended["overall_health"] == ended["health_metrics"]["overall_health"]
                assert ended["findings"][0]["name"] == "dying_units"
                assert ended["reason"] == "wrote model", "no folder of the server"
            train(store, study, range(2, 3), trial=2)
            assert numbers(await client.until(8)) == [8]

    run(test())


def test_a_requested_cancel_is_in_the_next_progress(replica: Replica, store: Store, study: str) -> None:
    async def test() -> None:
        async with replica.connect("/ws") as client:
            (brief,) = (await client.next("studies"))["studies"]
            assert brief["cancel_requested_at"] is None
            assert (await client.next("progress"))["cancel_requested_at"] is None
            store.request_cancel(study)
            while (await client.next("progress"))["cancel_requested_at"] is None:
                pass

    run(test())


@pytest.mark.parametrize("with_log", [True, False])
def test_a_client_that_comes_back_with_its_last_number_gets_what_it_missed_and_no_snapshot(
    replica: Replica, store: Store, study: str, with_log: bool
) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            await client.next("snapshot")
            train(store, study, range(2, 4))
            last = (await client.until(6))[-1]
        train(store, study, range(4, 9))
        after = last["cursor"] if with_log else last["sequence"]
        async with replica.connect(f"/ws/jobs/{study}?after={after}") as client:
            assert numbers(await client.until(11)) == [7, 8, 9, 10, 11]
            train(store, study, range(9, 10))
            assert numbers(await client.until(12)) == [12]
            assert "snapshot" not in [message["type"] for message in client.told]

    run(test())


def test_another_replica_goes_on_where_the_first_one_was_killed(
    listen: Callable[..., Replica], store: Store, study: str
) -> None:
    async def test() -> None:
        one, other = listen(), listen()
        async with one.connect(f"/ws/jobs/{study}") as client:
            cursor = (await client.next("snapshot"))["cursor"]
        train(store, study, range(2, 6))
        async with other.connect(f"/ws/jobs/{study}?after={cursor}") as client:
            assert numbers(await client.until(8)) == [5, 6, 7, 8]

    run(test())


@pytest.mark.parametrize("after", [99, "2:abc"])
def test_a_number_that_this_log_never_had_requires_a_resync_which_comes_at_once(
    replica: Replica, store: Store, study: str, after: object
) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}?after={after}") as client:
            first = await client.next()
            assert (first["type"], first["study"]) == ("resync_required", study)
            assert (await client.next())["sequence"] == 4
            train(store, study, range(2, 3))
            assert numbers(await client.until(5)) == [5]

    run(test())


def test_who_missed_too_much_is_resynced(
    replica: Replica, store: Store, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "MISSED", 3)

    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}?after=1") as client:
            assert numbers(await client.until(4)) == [2, 3, 4]
        async with replica.connect(f"/ws/jobs/{study}?after=0") as client:
            assert "4 events were missed" in (await client.next())["reason"]
            assert (await client.next())["type"] == "snapshot"

    run(test())


def test_a_study_that_was_deleted_is_said_to_be_so_and_the_connection_closed(
    replica: Replica, store: Store, study: str
) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            await client.next("snapshot")
            store.delete_study(study)
            await client.next("study_deleted")
            assert await closed(client) == 4404

    run(test())


@pytest.mark.parametrize("path", ["/ws/jobs/a", "/ws"])
def test_a_study_that_was_deleted_before_the_logs_were_first_looked_at_is_said_to_be_so_too(
    replica: Replica, store: Store, study: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_follower, "LOOK_S", 0.3)

    async def test() -> None:
        async with replica.connect(path) as client:
            await client.next("snapshot", "studies")
            store.delete_study(study)
            assert (await client.next("study_deleted"))["study"] == study

    run(test())


def test_a_study_that_is_made_again_under_the_name_is_another_one(replica: Replica, store: Store, study: str) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            cursor = (await client.next("snapshot"))["cursor"]
        store.delete_study(study)
        running_study(store, study)
        train(store, study, range(2, 6))
        async with replica.connect(f"/ws/jobs/{study}?after={cursor}") as client:
            assert "created again" in (await client.next())["reason"]
            assert (await client.next("snapshot"))["sequence"] == 8

    run(test())


def test_samples_come_as_the_latest_of_each_trial(
    replica: Replica, store: Store, study: str, boards: ScriptedBoards
) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            await client.next("snapshot")
            boards.batch(study, 2, 7)
            boards.resources(study, 2, 150.0)
            batch = await client.next("batch_progress")
            assert (batch["study"], batch["trial_number"], batch["batch"]) == (study, 2, 7)
            assert "sequence" not in batch
            assert (await client.next("resource_sample"))["cpu_percent"] == 150.0
            progress = await client.next("progress")
            assert progress["progress"]["running"][1]["batch"] == 7

    run(test())


def test_a_client_of_all_studies_begins_with_a_list_and_gets_the_news_of_each(
    replica: Replica, store: Store, study: str, boards: ScriptedBoards
) -> None:
    async def test() -> None:
        async with replica.connect("/ws") as client:
            first = await client.next()
            assert first["type"] == "studies"
            assert [(one["name"], one["status"], one["sequence"]) for one in first["studies"]] == [("a", "running", 4)]

            boards.batch("a", 2, 3)
            assert (await client.next("batch_progress"))["study"] == "a"
            running_study(store, "b")
            new = [await client.next("study_status", "trial_start", "epoch_progress") for _ in range(4)]
            assert [(one["study"], one["sequence"]) for one in new] == [("b", n) for n in range(1, 5)]
            boards.batch("b", 2, 4)
            assert (await client.next("batch_progress"))["study"] == "b"
            train(store, "a", range(2, 3))
            assert (await client.next("epoch_progress"))["cursor"].startswith("5:")
            store.delete_study("b")
            assert (await client.next("study_deleted"))["study"] == "b"

    run(test())


def test_a_study_that_begins_before_the_logs_were_first_looked_at_is_watched_too(
    replica: Replica, store: Store, boards: ScriptedBoards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_follower, "LOOK_S", 0.3)
    store.create_study(spec("old"), folder="/results/old")

    async def test() -> None:
        async with replica.connect("/ws") as client:
            assert len((await client.next("studies"))["studies"]) == 1
            running_study(store, "b")
            boards.batch("b", 2, 4)
            assert (await client.next("batch_progress"))["study"] == "b"
            assert boards.shown.keys() == {"b"}

    run(test())


def test_a_client_of_all_studies_resumes_each_where_it_was(replica: Replica, store: Store, study: str) -> None:
    running_study(store, "b")

    async def test() -> None:
        async with replica.connect("/ws") as client:
            after = {one["name"]: one["cursor"] for one in (await client.next())["studies"]}
        train(store, "a", range(2, 4))
        running_study(store, "c")
        store.delete_study("b")
        async with replica.connect("/ws?resume=true") as client:
            await client.socket.send(json.dumps({"type": "resume", "after": after}))
            told = [
                await client.next("study_deleted", "epoch_progress", "trial_start", "study_status") for _ in range(7)
            ]
            assert told[0] == {"type": "study_deleted", "study": "b"}
            assert sorted((one["study"], one["sequence"]) for one in told[1:]) == [
                *(("a", 5), ("a", 6)),
                *(("c", number) for number in range(1, 5)),
            ]

    run(test())


def test_a_client_of_all_studies_that_resumes_is_told_which_were_interrupted_meanwhile(
    replica: Replica, store: Store
) -> None:
    """A killed server ends the processes of its studies. That is no event; the lease may be lost before the resume."""
    lease = Lease.new()
    store.create_study(spec("a"), folder="/results/a")
    store.take_lease("a", lease)
    store.append("a", StudyStatus(status="running"))

    async def test() -> None:
        async with replica.connect("/ws") as client:
            first = await client.next("studies")
            assert [one["status"] for one in first["studies"]] == ["running"]
            after = {one["name"]: one["cursor"] for one in first["studies"]}
        store.release_lease("a", lease)
        for _ in range(2):  # each client that resumes is told, not only the first one
            async with replica.connect("/ws?resume=true") as client:
                await client.socket.send(json.dumps({"type": "resume", "after": after}))
                told = await client.next("progress")
                assert (told["study"], told["status"]) == ("a", "interrupted")

    run(test())


def test_a_client_of_all_studies_whose_place_is_lost_in_one_is_told_how_all_stand(
    replica: Replica, store: Store, study: str
) -> None:
    async def test() -> None:
        async with replica.connect("/ws?resume=true") as client:
            await client.socket.send(json.dumps({"type": "resume", "after": {study: "77"}}))
            assert (await client.next())["study"] == study
            assert (await client.next())["type"] == "studies"

    run(test())


@pytest.mark.parametrize("said", ["{}", "no JSON", '{"type": "resume", "after": {"a": "x"}}', b"\x00"])
def test_who_says_nothing_sensible_when_resuming_is_told_what_to_say(replica: Replica, said: str | bytes) -> None:
    async def test() -> None:
        async with replica.connect("/ws?resume=true") as client:
            await client.socket.send(said)
            assert await closed(client) == 4400

    run(test())


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/ws/jobs/nobody", 4404),
        ("/ws/jobs/nobody?after=3", 4404),
        ("/ws/jobs/a%00b", 4404),
        ("/ws/jobs/" + "a" * 2_000, 4404),
        ("/ws/jobs/a?after=x", 4400),
        ("/ws/jobs/a?aftr=3", 4400),
        ("/ws/jobs/a?trials=all", 4400),
        ("/ws?trials=running", 4400),
        ("/ws?resum=true", 4400),
    ],
)
def test_what_cannot_be_watched_is_refused_with_a_code_that_says_why(
    replica: Replica, study: str, path: str, code: int
) -> None:
    async def test() -> None:
        async with replica.connect(path) as client:
            assert await closed(client) == code
            assert code in CLOSED

    run(test())


def test_a_client_of_this_version_is_told_so(replica: Replica) -> None:
    async def test() -> None:
        for offered in ([SUBPROTOCOL], [Subprotocol("tuner.feed.v99"), SUBPROTOCOL]):
            async with replica.connect("/ws", subprotocols=offered) as client:
                assert (await client.next())["type"] == "studies"
                assert client.socket.subprotocol == SUBPROTOCOL

    run(test())


def test_a_client_of_another_version_is_told_so_in_its_own(replica: Replica) -> None:
    async def test() -> None:
        async with replica.connect("/ws", subprotocols=[Subprotocol("tuner.feed.v99")]) as client:
            assert client.socket.subprotocol == "tuner.feed.v99", "else a browser drops the connection unheard"
            assert await closed(client) == 4406

    run(test())


def test_whatever_a_client_says_later_means_nothing(replica: Replica, store: Store, study: str) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            await client.next("snapshot")
            await client.socket.send("hello")
            await client.socket.send(b"\x00\xff")
            train(store, study, range(2, 3))
            assert numbers(await client.until(5)) == [5]

    run(test())


def test_the_end_of_a_study_is_told_and_shown(replica: Replica, store: Store, study: str) -> None:
    async def test() -> None:
        async with replica.connect(f"/ws/jobs/{study}") as client:
            await client.next("snapshot")
            for event in (complete(1), complete(2), StudyStatus(status="completed")):
                store.append(study, event)
            assert (await client.next("study_status"))["status"] == "completed"
            while (await client.next("progress"))["status"] != "completed":
                pass
        async with replica.connect(f"/ws/jobs/{study}") as client:
            assert (await client.next("snapshot"))["status"] == "completed"

    run(test())


def test_a_finished_study_that_goes_on_is_told_too(replica: Replica, store: Store, boards: ScriptedBoards) -> None:
    store.create_study(spec("a"), folder="/results/a")
    store.append("a", StudyStatus(status="completed"))

    async def test() -> None:
        async with replica.connect("/ws/jobs/a") as client:
            await client.next("snapshot")
            store.delete_study("a")
            await client.next("study_deleted")
        running_study(store, "a")
        async with replica.connect("/ws/jobs/a") as client:
            await client.next("snapshot")
            store.append("a", StudyStatus(status="cancelled"))
            store.append("a", StudyStatus(status="running"))
            store.append("a", start(3))
            store.append("a", epoch(1, number=3))
            await client.until(8)
            boards.batch("a", 3, 5, epoch=2)
            assert (await client.next("batch_progress"))["trial_number"] == 3

    run(test())


async def closed(client: Client) -> int | None:
    """The code that the server closes with, and nothing else comes."""
    with pytest.raises(ConnectionClosed) as info:
        await client.next()
    assert info.value.rcvd is not None
    return info.value.rcvd.code


def test_all_are_closed_with_the_promised_code_when_the_server_ends(listen: Callable[..., Replica], study: str) -> None:
    async def test() -> None:
        replica = listen()
        async with replica.connect("/ws") as of_all, replica.connect(f"/ws/jobs/{study}") as of_one:
            for client in (of_all, of_one):
                await client.next()
            replica.end()
            for client in (of_all, of_one):
                with pytest.raises(ConnectionClosed) as closed:
                    await client.next("none")
                assert closed.value.rcvd == Close(1012, "the server shuts down")
        async with replica.connect("/ws") as late:
            with pytest.raises(ConnectionClosed, match="1012"):
                await late.next("none")
        assert replica.feed.clients == 0

    asyncio.run(test())
