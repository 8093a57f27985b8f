"""Offline runs of Weights & Biases: their files exist and hold what was logged."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.study.loggers.scripted_study import AFTER, BEFORE, NAME, WEIGHTS, ScriptedStudy, best_model
from tuner.study.loggers import logged
from tuner.study.stop_signal import StopSignal

pytestmark = pytest.mark.skipif(find_spec("wandb") is None, reason="needs wandb")
"""Without the import, which takes seconds and which every process that collects tests would pay for."""
BLOCK, HEADER = 32_768, 7
WHOLE, FIRST, MIDDLE, LAST = 1, 2, 3, 4


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedStudy:
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_PROJECT", "WANDB_ENTITY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no_netrc"))
    return ScriptedStudy(tmp_path, "wandb")


def log_all(study: ScriptedStudy) -> None:
    with logged(study.store, NAME, study.paths, StopSignal()):
        pass


def records(file: Path) -> Iterator[Any]:
    """The records of a .wandb file: LevelDB's log format, with an own header of 7 bytes."""
    from wandb.proto.wandb_internal_pb2 import Record

    content = file.read_bytes()
    assert content[:4] == b":W&B"
    place, whole = HEADER, b""
    while place < len(content):
        if BLOCK - place % BLOCK < HEADER:
            place += BLOCK - place % BLOCK
            continue
        _, length, kind = struct.unpack("<IHB", content[place : place + HEADER])
        if kind not in (WHOLE, FIRST, MIDDLE, LAST):
            return
        whole += content[place + HEADER : place + HEADER + length]
        place += HEADER + length
        if kind in (WHOLE, LAST):
            yield Record.FromString(whole)
            whole = b""


def files(study: ScriptedStudy) -> list[Path]:
    return sorted((study.paths.folder / "wandb").glob("offline-run-*/run-*.wandb"))


def run_of(file: Path) -> Any:
    return next(record.run for record in records(file) if record.HasField("run"))


def history(file: Path, name: str) -> list[tuple[int, Any]]:
    """The steps and values of one name; a value of several parts as a dict."""
    found = []
    for record in records(file):
        row: dict[str, Any] = {}
        for item in record.history.item:
            first, *below = item.nested_key or [item.key]
            value = json.loads(item.value_json)
            row[first] = row.get(first, {}) | {below[0]: value} if below else value
        if name in row:
            found.append((record.history.step.num, row[name]))
    return found


def summary(file: Path) -> dict[str, Any]:
    return {
        item.key or ".".join(item.nested_key): json.loads(item.value_json)
        for record in records(file)
        if record.HasField("summary")
        for item in record.summary.update
    }


def named(study: ScriptedStudy, name: str) -> list[Path]:
    return [file for file in files(study) if file.stem.endswith(name)]


def test_without_a_key_each_trial_is_an_offline_run_of_the_study_s_group(study, capfd):
    study.append(*BEFORE, best_model(study.paths.folder))
    log_all(study)
    assert len(files(study)) == 3  # two trials and the study
    [trial], [whole] = named(study, "trial-00001"), named(study, "study")
    shown = run_of(trial)
    assert (shown.run_group, shown.job_type, shown.project) == (NAME, "trial", "tuner")
    assert shown.display_name == f"{NAME} trial-00001"
    assert history(trial, "accuracy/validation") == [(1, 0.5), (2, 0.75)]
    weights = history(trial, "weights/block1_conv")[0][1]
    assert weights["_type"] == "histogram"
    assert weights["bins"] == list(WEIGHTS)
    assert weights["values"] == pytest.approx([50, 200, 250, 250, 200, 50])
    assert summary(trial)["result/val_accuracy"] == 0.75
    assert summary(trial)["status"] == "completed"
    assert history(whole, "best/val_accuracy") == [(1, 0.75), (2, 0.75)]
    assert summary(whole)["best_model/test_accuracy"] == 0.8
    out, err = capfd.readouterr()
    assert out == ""
    assert "wandb" not in err.lower()


def test_hyperparameters_are_the_run_s_config(study):
    study.append(*BEFORE)
    log_all(study)
    [trial] = named(study, "trial-00001")
    config = {
        item.key or item.nested_key[0]: json.loads(item.value_json)
        for record in records(trial)
        for update in ([record.config.update] if record.HasField("config") else [record.run.config.update])
        for item in update
    }
    assert config["learning_rate"] == 0.001
    assert (config["optimizer"], config["batch_size"], config["augmentation"]) == ("adam", 32, True)


def test_a_resume_continues_a_run_at_its_next_epoch(study):
    study.append(*BEFORE)
    log_all(study)
    study.append(*AFTER)
    log_all(study)
    parts = named(study, "trial-00003")
    assert len(parts) == 2  # `wandb sync` joins the parts of an id
    assert len({run_of(part).run_id for part in parts}) == 1
    steps = [history(part, "accuracy/validation") for part in parts]
    assert sorted(steps) == [[(1, 0.25), (2, 0.5)], [(3, 0.875)]]


def test_the_mode_and_the_project_of_the_environment_are_respected(study, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_PROJECT", "other")
    study.append(*BEFORE[:8])
    log_all(study)
    assert run_of(named(study, "trial-00001")[0]).project == "other"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    count = len(files(study))
    study.append(*BEFORE[8:])
    log_all(study)
    assert len(files(study)) == count
