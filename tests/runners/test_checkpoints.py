"""A trial's state survives whatever ends its worker."""

from __future__ import annotations

import numpy as np
import pytest

from tuner.errors import TryAgainError
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.state_files import state_file
from tuner.training import TrainingState


def state(epoch: int) -> TrainingState:
    return TrainingState(epoch, [np.full(3, epoch)], [np.full(2, epoch)], [{"epoch": epoch}])


def test_the_latest_state_is_kept_for_whoever_comes_next(tmp_path):
    keeper = Checkpoints(tmp_path / "states")
    for epoch in (1, 2, 3):
        keeper.keep(7, state(epoch))
    keeper.wait()
    found = Checkpoints(tmp_path / "states").load(7)
    assert found is not None
    assert found.epoch == 3
    assert found.variables[0].tolist() == [3, 3, 3]


def test_each_trial_has_its_own(tmp_path):
    keeper = Checkpoints(tmp_path)
    keeper.keep(1, state(1))
    keeper.keep(2, state(5))
    keeper.wait()
    assert [keeper.load(number).epoch for number in (1, 2)] == [1, 5]
    assert keeper.load(3) is None


def test_a_write_that_breaks_off_leaves_the_state_before(tmp_path, monkeypatch):
    keeper = Checkpoints(tmp_path)
    keeper.keep(1, state(1))
    keeper.wait()

    def full(self, file):
        file.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TrainingState, "save", full)
    keeper.keep(1, state(2))
    with pytest.raises(TryAgainError, match=r"cannot be written to .*: No space left on device - make room there"):
        keeper.wait()
    assert [file.name for file in tmp_path.iterdir()] == [state_file(1)]
    assert keeper.load(1).epoch == 1
