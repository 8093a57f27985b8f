"""What trials are given on a cluster of two nodes with 1 and 4 GPUs, which this machine pretends to have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("gpus")
    file = folder / "told.json"
    command = [sys.executable, "-m", "tests.study.pretended_gpus", str(file), str(folder)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr[-3_000:]
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.fixture(scope="module")
def placed(told: dict[str, Any]) -> dict[str, Any]:
    placement: dict[str, Any] = told["placement"]
    return placement


def at_once(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["began"] < other["ended"] and other["began"] < one["ended"])


def test_the_nodes_tell_their_gpus(placed: dict[str, Any]) -> None:
    assert sorted((node["cpus"], node["gpus"]) for node in placed["nodes"]) == [(4, 1), (8, 4)]
    assert all("A100" in node["known"] for node in placed["nodes"])


def test_small_networks_share_gpus_and_no_gpu_has_more_of_them_than_it_holds(placed: dict[str, Any]) -> None:
    trials = placed["shares"]
    shares = {trial["asked"]["gpus"] for trial in trials}
    assert shares <= {0.5, 0.25, 0.125}
    for trial in trials:
        assert len(trial["gpus"]) == 1
        assert trial["visible"] == trial["gpus"][0], "a trial sees the GPU that it was given and no other"
        beside = [t for t in trials if t["node"] == trial["node"] and t["gpus"] == trial["gpus"] and at_once(t, trial)]
        started_before = [t for t in beside if t["began"] <= trial["began"]]
        assert sum(t["asked"]["gpus"] for t in started_before) <= 1 + 1e-6
    together = Counter((trial["node"], trial["gpus"][0]) for trial in trials)
    assert max(together.values()) > 1, "some GPU was shared"


def test_a_process_trains_many_trials_one_after_the_other(placed: dict[str, Any]) -> None:
    assert len({trial["process"] for trial in placed["shares"]}) < len(placed["shares"])


def test_a_large_network_that_is_alone_gets_all_gpus_of_the_larger_node(placed: dict[str, Any]) -> None:
    (alone,) = placed["several"]
    assert sorted(alone["gpus"]) == ["0", "1", "2", "3"]
    assert sorted(alone["visible"].split(",")) == ["0", "1", "2", "3"]


def test_trials_that_are_to_have_two_gpus_have_two_of_their_own(placed: dict[str, Any]) -> None:
    one, other = placed["pairs"]
    assert len(one["gpus"]) == len(other["gpus"]) == 2
    assert not (at_once(one, other) and set(one["gpus"]) & set(other["gpus"]))


def test_a_trial_without_gpus_sees_none(placed: dict[str, Any]) -> None:
    (trial,) = placed["none"]
    assert (trial["gpus"], trial["visible"]) == ([], "")


def test_a_trial_that_runs_out_of_memory_is_trained_with_twice_the_share(told: dict[str, Any]) -> None:
    """The first attempt asks TensorFlow for 4 petabytes; a CPU stands in for its quarter of a GPU."""
    memory = told["memory"]
    trial = memory["trial"]
    assert trial["status"] == "completed"
    assert (trial["devices"]["gpus"], trial["devices"]["retried"]) == (0.5, True)
    assert trial["devices"]["why"][0].startswith("out of memory with 0.25 of a GPU, so twice that")
    assert "trial 1 cancelled: ResourceExhaustedError" in memory["log"]
    assert "it starts again with twice the share of a GPU" in memory["log"]
