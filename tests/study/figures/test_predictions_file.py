"""Predictions that are kept in a file name the same classes as the model did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tuner.study.predictions_file import load_predictions, save_predictions


def test_what_was_saved_is_read_and_names_the_same_classes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    scores = random.normal(0, 0.01, (2_000, 10))  # nearly equal: 16 bits make many classes exactly equal
    probabilities = (np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)).astype(np.float32)
    y = random.integers(0, 10, 2_000)
    assert (probabilities.astype(np.float16).argmax(axis=1) != probabilities.argmax(axis=1)).any()
    file = tmp_path / "test_predictions.npz"
    save_predictions(file, y, probabilities)
    found = load_predictions(file)
    assert found is not None
    assert np.array_equal(found[0], y)
    assert np.array_equal(found[1].argmax(axis=1), probabilities.argmax(axis=1))
    assert found[1] == pytest.approx(probabilities, abs=1e-3)
    assert file.stat().st_size < 50_000


def test_a_file_without_samples(tmp_path: Path) -> None:
    save_predictions(tmp_path / "a.npz", np.zeros(0, np.int32), np.zeros((0, 3), np.float32))
    found = load_predictions(tmp_path / "a.npz")
    assert found is not None
    assert (found[0].shape, found[1].shape) == ((0,), (0, 3))


def test_a_missing_or_damaged_file_is_no_predictions(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    assert load_predictions(file) is None
    save_predictions(file, np.zeros(5, np.int32), np.eye(5, dtype=np.float32))
    whole = file.read_bytes()
    for content in (b"", b"no zip", whole[:100], whole[:-30]):
        file.write_bytes(content)
        assert load_predictions(file) is None
    np.savez(file, y=np.zeros(3), probabilities=np.zeros((2, 3)), predicted=np.zeros(3))
    assert load_predictions(file) is None
    np.savez(file, other=np.zeros(3))
    assert load_predictions(file) is None
