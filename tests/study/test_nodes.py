"""Studies on several nodes: spread, lost, announced to go, added; three studies at once; a head that starts again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from tests import redis

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.timeout(900)]

TRIALS, EPOCHS = 20, 20
LEFT_WITHIN_S = 4.0
"""A worker looks once a second whether its node goes, and ends an epoch of half a second before it leaves."""

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("nodes")
    file = folder / "told.json"
    with redis.server(folder) as address:
        command = [sys.executable, "-m", "tests.study.nodes", str(file), str(folder), *filter(None, [address])]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr[-5_000:]
    told: dict[str, Any] = json.loads(file.read_text())
    return told


@pytest.fixture(scope="module")
def one(told: dict[str, Any]) -> dict[str, Any]:
    study: dict[str, Any] = told["one"]
    return study


def of_kind(events: Events, kind: str, trial: int | None = None) -> Events:
    return [event for event in events if event["type"] == kind and trial in (None, event["trial"])]


def began_after(events: Events, number: int, trial: int) -> dict[str, Any]:
    """How a trial went on after an event."""
    return next(event for event in of_kind(events, "trial_start", trial) if event["number"] > number)


def epochs_before(events: Events, number: int, trial: int) -> int:
    done = [event["epoch"] for event in of_kind(events, "epoch_progress", trial) if event["number"] < number]
    return max(done, default=0)


def assert_all_done(events: Events, trials: int, epochs: int) -> None:
    """Every trial ended once, and has all of its epochs."""
    ends = Counter(event["trial"] for event in of_kind(events, "trial_complete") if event["status"] == "completed")
    assert ends == dict.fromkeys(range(1, trials + 1), 1)
    for trial in range(1, trials + 1):
        assert {event["epoch"] for event in of_kind(events, "epoch_progress", trial)} == set(range(1, epochs + 1))


def most_at_once(events: Events) -> int:
    """Trials that ran together, by the clocks of their workers."""
    changes = [(event["time"], 1) for event in of_kind(events, "trial_start")]
    changes += [(event["time"], -1) for event in of_kind(events, "trial_complete")]
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most


# --- one study ---


def test_a_study_has_trials_on_every_node_as_many_as_have_devices_there(one: dict[str, Any]) -> None:
    first_on = {
        event["node"] for event in of_kind(one["events"], "trial_start") if event["number"] < one["lost"]["after"]
    }
    assert first_on == set(one["places"])
    assert all(len(event["gpus"]) == 1 for event in of_kind(one["events"], "trial_start"))


def test_it_ends_well_with_every_trial_once_and_all_epochs_whatever_became_of_nodes(one: dict[str, Any]) -> None:
    assert one["status"] == "completed"
    assert_all_done(one["events"], TRIALS, EPOCHS)


def test_the_trials_of_a_node_that_is_lost_go_on_elsewhere_after_an_epoch_that_was_kept(one: dict[str, Any]) -> None:
    lost = one["lost"]
    assert len(lost["trials"]) == 2
    for trial in lost["trials"]:
        again = began_after(one["events"], lost["after"], trial)
        assert again["node"] != lost["node"]
        # The last one was being written, or about to be told.
        assert abs(epochs_before(one["events"], again["number"], trial) - again["after"]) <= 1


def test_the_trials_of_a_node_that_is_announced_to_go_leave_it_and_lose_nothing(one: dict[str, Any]) -> None:
    announced = one["announced"]
    assert announced["trials"]
    for trial in announced["trials"]:
        again = began_after(one["events"], announced["after"], trial)
        assert again["node"] != announced["node"]
        assert again["after"] == epochs_before(one["events"], again["number"], trial)
        told_there = [
            event["time"]
            for event in of_kind(one["events"], "epoch_progress", trial)
            if announced["after"] < event["number"] < again["number"]
        ]
        assert max(told_there, default=0.0) < announced["at"] + LEFT_WITHIN_S


def test_nothing_new_begins_on_a_node_that_is_announced_to_go(one: dict[str, Any]) -> None:
    announced = one["announced"]
    late = [
        event
        for event in of_kind(one["events"], "trial_start")
        if event["node"] == announced["node"] and event["time"] > announced["at"] + LEFT_WITHIN_S
    ]
    assert late == []


def test_a_node_that_is_added_in_the_middle_gets_trials(one: dict[str, Any]) -> None:
    assert one["added"] in {event["node"] for event in of_kind(one["events"], "trial_start")}


# --- its head ---


@pytest.fixture
def restarted(one: dict[str, Any]) -> dict[str, int]:
    """Numbers of the last events before the head's memory was lost, and before the head was."""
    if one["restarted"] is None:
        pytest.skip(redis.REMEDY)
    numbers: dict[str, int] = one["restarted"]
    return numbers


def test_a_study_goes_on_while_the_memory_of_its_head_starts_again(
    one: dict[str, Any], restarted: dict[str, int]
) -> None:
    first, last = restarted["memory_after"], restarted["head_after"]
    starts = [event for event in of_kind(one["events"], "trial_start") if first < event["number"] <= last]
    assert len(starts) >= 2
    assert all(event["after"] == 0 for event in starts), "nothing was begun again"


def test_a_study_whose_head_was_lost_with_its_driver_is_resumed_on_the_nodes_that_stayed(
    one: dict[str, Any], restarted: dict[str, int]
) -> None:
    resumed = [event for event in of_kind(one["events"], "trial_start") if event["number"] > restarted["head_after"]]
    assert one["added"] in {event["node"] for event in resumed}
    assert one["status"] == "completed"


# --- several studies ---


def test_studies_at_once_share_the_cluster_whoever_came_first(told: dict[str, Any]) -> None:
    shares = told["three"]["shares"]
    assert shares["capped"] == 1
    assert sorted((shares["first"], shares["second"])) == [1, 2]
    assert most_at_once(told["three"]["events"]["first"]) == 4, "it had all of it before"


def test_none_of_them_waits_for_ever(told: dict[str, Any]) -> None:
    assert set(told["three"]["status"].values()) == {"completed"}
    for name, trials in (("first", 32), ("second", 12), ("capped", 10)):
        assert_all_done(told["three"]["events"][name], trials, EPOCHS)


def test_one_that_is_capped_never_has_more_trials_at_once(told: dict[str, Any]) -> None:
    assert most_at_once(told["three"]["events"]["capped"]) == 1
