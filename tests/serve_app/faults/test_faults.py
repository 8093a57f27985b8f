"""Whatever happens to a server: no event is lost or doubled, no answer is false, and no process stays.

TUNER_FAULTS=50 (`make faults`) asks for so many rounds, each with one fault; without it there are two, which is what
a test run can afford.
"""

from __future__ import annotations

import os
import random
import socket
import sys
from pathlib import Path

import pytest

from tests.serve_app.faults.faults import Place, drawn, small_disk
from tests.serve_app.faults.rounds import STUDY, Round, World, table
from tests.serve_app.served import WITHIN_S

ROUNDS = int(os.environ.get("TUNER_FAULTS", "2"))
SEED = 21

pytestmark = [
    pytest.mark.slow,
    pytest.mark.ray,
    pytest.mark.tensorflow,
    pytest.mark.timeout((ROUNDS + 2) * 3 * WITHIN_S),
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc"),
]


def test_a_server_that_is_hit_again_and_again_says_the_truth_and_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, rounds = random.Random(SEED), list[Round]()
    results = tmp_path / "results"
    results.mkdir()
    with small_disk(results) as small:
        place = Place(results, results / "tuner.db")
        with World(place, free_port(), rng) as world:
            try:
                for number, fault in enumerate(drawn(ROUNDS, rng, small_disk=small), 1):
                    with capsys.disabled():
                        print(f"\nround {number} of {ROUNDS}: {fault.name}", end="", flush=True)
                    rounds.append(world.run(fault, number))
            except BaseException:
                log = results / STUDY / "study.log"
                with capsys.disabled():
                    print(f"\nthe study's log ended with\n{log.read_text()[-3_000:]}" if log.is_file() else "\nno log")
                raise
            finally:
                if rounds:
                    with capsys.disabled():
                        print(f"\n{table(rounds)}")
    wrong = {
        f"{number} {one.fault}": [*one.lost, *one.doubled, *one.false, *one.left]
        for number, one in enumerate(rounds, 1)
        if one.lost or one.doubled or one.false or one.left
    }
    assert wrong == {}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
