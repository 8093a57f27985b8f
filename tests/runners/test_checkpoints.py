"""A trial's state survives whatever ends its worker."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tuner.errors import TryAgainError
from tuner.runners import shared_folder
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.shared_folder import state_file
from tuner.training import TrainingState


def state(epoch: int) -> TrainingState:
    return TrainingState(epoch, [np.full(3, epoch)], [np.full(2, epoch)], [{"epoch": epoch}])


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "states")


def test_another_worker_loads_the_latest_state(checkpoints, tmp_path):
    for epoch in (1, 2, 3):
        checkpoints.save(7, state(epoch))
    checkpoints.wait()
    found = Checkpoints(tmp_path / "states").load(7)
    assert found is not None
    assert found.epoch == 3
    assert found.variables[0].tolist() == [3, 3, 3]


def test_each_trial_has_its_own(checkpoints):
    checkpoints.save(1, state(1))
    checkpoints.save(2, state(5))
    checkpoints.wait()
    assert [checkpoints.load(number).epoch for number in (1, 2)] == [1, 5]
    assert checkpoints.load(3) is None


def test_a_write_that_fails_leaves_the_previous_state(checkpoints, tmp_path, monkeypatch):
    checkpoints.save(1, state(1))
    checkpoints.wait()

    def full(self, file):
        file.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TrainingState, "save", full)
    checkpoints.save(1, state(2))
    with pytest.raises(TryAgainError, match=r"cannot be written to .*: No space left on device - free some space"):
        checkpoints.wait()
    assert [file.name for file in (tmp_path / "states").iterdir()] == [state_file(1)]
    assert checkpoints.load(1).epoch == 1


@pytest.mark.parametrize("size", [0, 1, 100, -1])
def test_a_truncated_state_starts_the_trial_again(checkpoints, tmp_path, size, caplog):
    checkpoints.save(1, state(1))
    checkpoints.wait()
    file = tmp_path / "states" / state_file(1)
    os.truncate(file, size if size >= 0 else file.stat().st_size + size)
    assert checkpoints.load(1) is None
    assert "trial 1 starts again: its saved state is damaged: trial-00001.npz: " in caplog.text


def test_a_state_is_on_the_disk_before_it_replaces_the_previous_one(checkpoints, tmp_path, monkeypatch):
    done = []
    replace = os.replace
    monkeypatch.setattr(shared_folder, "sync", lambda path: done.append(str(path)))
    monkeypatch.setattr(os, "replace", lambda old, new: (done.append(str(new)), replace(old, new)))
    checkpoints.save(1, state(1))
    checkpoints.wait()
    file = tmp_path / "states" / state_file(1)
    assert done == [f"{file}.unfinished", str(file), str(file.parent)]
