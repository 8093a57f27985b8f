"""`tuner run --dry-run` shows the study that would run, and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tuner


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))


@pytest.mark.parametrize("columns", ["60", "120"])
def test_what_the_spec_derives_is_shown_and_nothing_is_written(
    tuner: Tuner, results: Path, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = tuner("run", "mode=health", "space.batch_size=[32,64]", "space.filters_1=8..64", "--dry-run")
    assert (code, err, results.exists()) == (0, "", False)
    for line in ("total_score (maximised)", "hopeless", "  filters_1 ", " 8..64 (log)", " 32, 64", "searcher   auto"):
        assert line in out
    assert "a range is written 32..64" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= int(columns)


def test_the_document_holds_data_space_networks_and_resources(tuner: Tuner) -> None:
    code, out, _ = tuner("run", "trials=3", "max_epochs_per_trial=2", "space.conv_layers=1", "--dry-run", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["spec"]["trials"] == 3
    assert (shown["data"]["name"], shown["data"]["shape"], len(shown["data"]["classes"])) == ("digits", [8, 8, 1], 10)
    ranges = {row["name"]: row["range"] for row in shown["search_space"]}
    assert (ranges["conv_layers"], ranges["filters_1"], ranges["epochs"]) == ("1", "16..256 (log)", "2")
    assert "filters_2" not in ranges, "a network of one block has no second one"
    drawn = shown["networks"]["drawn"]
    assert drawn["smallest_parameters"] <= drawn["median_parameters"] <= drawn["largest_parameters"]
    assert shown["resources"]["place"] == "this machine"
    assert 1 <= shown["resources"]["at_once"] <= 3


def test_networks_that_would_be_rejected_are_counted(tuner: Tuner) -> None:
    few = ("run", "dataset=digits", "max_parameters=2000", "--dry-run")
    drawn = json.loads(tuner(*few, "--json").out)["networks"]["drawn"]
    assert drawn["rejected"] == drawn["networks"]
    assert "Most suggestions would be rejected" in " ".join(tuner(*few).out.split())


def test_a_limit_that_no_network_meets_is_refused(tuner: Tuner) -> None:
    code, out, err = tuner("run", "dataset=digits", "max_parameters=1", "--dry-run")
    assert (code, out) == (2, "")
    assert err.startswith("error: max_parameters=1: the smallest network of the search space has 330 parameters")


@pytest.mark.parametrize("asked", ["cpus_per_trial=1000", "gpus_per_trial=1"])
def test_a_trial_that_this_machine_cannot_hold_is_reported(
    tuner: Tuner, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuner.console.dry_run.memory_of_gpus", lambda most: [])
    shown = " ".join(tuner("run", asked, "--dry-run").out.split())
    assert "more than this machine has, so the study cannot start" in shown
    assert "a share of a GPU" not in shown


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("space.filter=3", "error: space.filter: no such parameter here"),
        ("dataset=nowhere.npz", "error: "),
        ("run_name=taken", "error: the folder "),
    ],
)
def test_what_could_not_run_is_refused(tuner: Tuner, results: Path, argument: str, line: str) -> None:
    (results / "taken").mkdir(parents=True)
    code, out, err = tuner("run", argument, "--dry-run")
    assert (code, out, err.startswith(line)) == (2, "", True)
