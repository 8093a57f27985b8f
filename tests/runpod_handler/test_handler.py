"""How the handler behaves under the SDK: what it yields, and that a cancelled task ends its training."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys

import pytest

from runpod_handler import pool as pool_module
from runpod_handler.pool import Pool
from tests.runpod_handler.samples import job_input, trial

module = importlib.import_module("runpod_handler.handler")

PLAYS = """
import json, sys, time
for line in sys.stdin:
    message = json.loads(line)
    if "stop" in message:
        print(json.dumps({"idle": True}), flush=True)
    else:
        for number in range(3):
            print(json.dumps({"value": {"number": number}}), flush=True)
        if message["request"]["trial"]["epochs"] == 1:
            print(json.dumps({"idle": True}), flush=True)
"""


@pytest.fixture
def pool(monkeypatch):
    """A pool of one process that only plays training: three values; with more than one epoch it then waits."""
    monkeypatch.setattr(pool_module, "COMMAND", (sys.executable, "-c", PLAYS))
    pool = Pool(1)
    monkeypatch.setattr(module, "_pool", lambda: pool)
    return pool


def job(epochs=1):
    return {"id": "1", "input": job_input(trial(epochs=epochs))}


async def values_of(given):
    return [value async for value in module.handler(given)]


def test_the_values_of_a_trial_are_yielded_in_order(pool):
    async def scene():
        values = await values_of(job())
        await pool.close()
        return values

    assert asyncio.run(scene()) == [{"number": 0}, {"number": 1}, {"number": 2}]


@pytest.mark.parametrize("given", [{}, {"input": None}, {"input": {"trial": 1}}])
def test_a_bad_job_yields_one_error_in_one_line(pool, given):
    ((value),) = asyncio.run(values_of(given))
    assert list(value) == ["error"]
    assert "\n" not in value["error"]


@pytest.mark.parametrize("waits_for_values", [True, False], ids=["waiting for a value", "sending a value"])
def test_a_cancelled_task_ends_its_training_wherever_it_was(pool, waits_for_values):
    async def scene():
        came = asyncio.Event()
        kept = []  # as the SDK's frames do: the generator is not collected

        async def consume():
            values = module.handler(job(epochs=9))
            kept.append(values)
            async for value in values:
                if value["number"] == (2 if waits_for_values else 0):
                    came.set()
                    if not waits_for_values:
                        await asyncio.sleep(60)

        task = asyncio.create_task(consume())
        await came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        next_one = await asyncio.wait_for(values_of(job()), 30)
        await pool.close()
        return next_one

    assert len(asyncio.run(scene())) == 3


def test_without_runpod_it_trains_the_request_of_a_file_and_prints_the_values(pool, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("RUNPOD_WEBHOOK_GET_JOB", raising=False)
    monkeypatch.delenv("CONCURRENT_TRIALS", raising=False)
    file = tmp_path / "input.json"
    file.write_text(json.dumps(job()))
    monkeypatch.setattr(sys, "argv", ["handler", str(file)])
    module.main()
    assert [json.loads(line)["number"] for line in capsys.readouterr().out.splitlines()] == [0, 1, 2]
