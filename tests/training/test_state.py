"""What a training needs to go on, on disk."""

import json

import numpy as np

from tuner.training import TrainingState

STATE = TrainingState(
    epoch=3,
    variables=[
        np.arange(6, dtype=np.float32).reshape(2, 3) / 7,
        np.array(12, np.int64),
        np.array([1, 2**32 - 1], np.uint32),
        np.zeros((0, 4), np.float32),
    ],
    best_weights=[np.full((2, 2), -0.0, np.float32)],
    history=[{"epoch": 1, "objective": 0.1 + 0.2, "text": "Ä\n"}],
)


def same(one, other):
    return len(one) == len(other) and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(one, other, strict=True)
    )


def test_a_state_is_the_same_after_a_journey_through_a_file(tmp_path):
    STATE.save(tmp_path / "state.npz")
    again = TrainingState.load(tmp_path / "state.npz")
    assert again.epoch == 3
    assert same(again.variables, STATE.variables)
    assert same(again.best_weights, STATE.best_weights)
    assert again.history == STATE.history


def test_a_state_without_a_best_epoch_is_kept_too(tmp_path):
    TrainingState(0, [], [], []).save(tmp_path / "state.npz")
    assert TrainingState.load(tmp_path / "state.npz") == TrainingState(0, [], [], [])


def test_more_than_ten_arrays_keep_their_order(tmp_path):
    many = [np.array(number) for number in range(25)]
    TrainingState(1, many, many[::-1], []).save(tmp_path / "state.npz")
    again = TrainingState.load(tmp_path / "state.npz")
    assert [int(array) for array in again.variables] == list(range(25))
    assert [int(array) for array in again.best_weights] == list(range(24, -1, -1))


def test_nothing_in_the_file_is_pickled(tmp_path):
    STATE.save(tmp_path / "state.npz")
    with np.load(tmp_path / "state.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    assert json.loads(str(arrays["header"]))["epoch"] == 3
    assert not any(array.dtype.hasobject for array in arrays.values())


def test_the_file_has_the_name_that_was_asked_for(tmp_path):
    STATE.save(tmp_path / "state")
    assert [file.name for file in tmp_path.iterdir()] == ["state"]
