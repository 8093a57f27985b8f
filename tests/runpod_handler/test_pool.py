"""Processes that train: kept warm, never too many, replaced when they die. With a process that only plays training."""

from __future__ import annotations

import asyncio
import sys

import pytest

from runpod_handler import pool as module
from runpod_handler.pool import Pool, TrialError
from tests.runpod_handler.samples import trial
from tuner.remote_protocol import WorkRequest

PLAYS = """
import json, os, sys, threading
for line in sys.stdin:
    message = json.loads(line)
    if "stop" in message:
        print(json.dumps({"idle": True}), flush=True)
        continue
    study = message["request"]["trial"]["study"]
    if study == "dies":
        os.kill(os.getpid(), 9)
    if study == "refused":
        print(json.dumps({"refused": "no such data"}), flush=True)
    print(json.dumps({"value": {"pid": os.getpid(), "environment": dict(os.environ)}}), flush=True)
    if study != "endless":
        print(json.dumps({"idle": True}), flush=True)
"""


@pytest.fixture(autouse=True)
def plays(monkeypatch):
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", PLAYS))


def request(study="plays", threads=1):
    return WorkRequest(trial=trial(threads=threads).model_copy(update={"study": study}))


async def values_of(run):
    return [value async for value in run.values()]


async def pid_of(run):
    (value,) = await values_of(run)
    return value["pid"]


def played(scene, size=1):
    """Run a scene with a pool, and end its processes."""

    async def whole():
        pool = Pool(size)
        try:
            return await scene(pool)
        finally:
            await pool.close()

    return asyncio.run(whole())


def test_a_warm_process_trains_the_next_trial():
    async def scene(pool):
        return [await pid_of(pool.begin(request())) for _ in range(3)]

    assert len(set(played(scene))) == 1


def test_a_trial_of_other_threads_gets_a_process_of_its_own_and_there_are_never_too_many():
    async def scene(pool):
        first = await pid_of(pool.begin(request(threads=1)))
        second = await pid_of(pool.begin(request(threads=2)))
        return first, second, await pid_of(pool.begin(request(threads=2))), await pid_of(pool.begin(request(threads=1)))

    one, two, two_again, one_anew = played(scene)
    assert two == two_again
    assert len({one, two, one_anew}) == 3

    one, two, two_again, one_again = played(scene, size=2)
    assert (one, two) == (one_again, two_again)


def test_a_trial_waits_for_a_process_and_can_be_stopped_while_it_waits():
    async def scene(pool):
        first = pool.begin(request("endless"))
        await anext(first.values())
        waiting, unwanted = pool.begin(request()), pool.begin(request())
        unwanted.stop()
        first.stop()
        await pid_of(waiting)
        return True

    assert played(scene)


def test_a_process_that_dies_is_told_and_replaced():
    async def scene(pool):
        with pytest.raises(TrialError, match=r"the process of the trial died \(signal 9, out of memory\?\)"):
            await values_of(pool.begin(request("dies")))
        return await pid_of(pool.begin(request()))

    assert played(scene)


def test_what_is_refused_leaves_the_process_to_the_next_trial():
    async def scene(pool):
        before = await pid_of(pool.begin(request()))
        with pytest.raises(TrialError, match="no such data"):
            await values_of(pool.begin(request("refused")))
        return before, await pid_of(pool.begin(request()))

    before, after = played(scene)
    assert before == after


def test_a_training_that_does_not_stop_loses_its_process(monkeypatch):
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.1)
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", PLAYS.replace('"stop" in message', "False")))

    async def scene(pool):
        endless = pool.begin(request("endless"))
        await anext(endless.values())
        endless.stop()
        await pid_of(pool.begin(request()))

    played(scene)


def test_no_process_is_a_reason_and_not_a_hang(monkeypatch):
    monkeypatch.setattr(module, "COMMAND", ("/no/such/python",))

    async def scene(pool):
        with pytest.raises(TrialError, match="no process for the trial: No such file"):
            await values_of(pool.begin(request()))

    played(scene)


def test_a_process_that_trains_has_not_the_keys_of_the_service(monkeypatch):
    for name in module.KEYS:
        monkeypatch.setenv(name, "secret")

    async def scene(pool):
        return await values_of(pool.begin(request()))

    ((value),) = played(scene)
    assert "secret" not in value["environment"].values()
