"""Warnings of data from which nothing useful can be learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.conftest import Load
from tuner.data import Data

Y = np.arange(60) % 3


def pixels(count: int = 60) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 7, 5), np.uint8)


def notes(data: Data, kind: str = "warning") -> list[str]:
    return [note.text for note in data.report.notes if note.kind == kind]


@pytest.fixture
def csv(tmp_path: Path) -> Callable[[list[tuple[str, str]]], Path]:
    def write(rows: list[tuple[str, str]]) -> Path:
        (tmp_path / "own.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
        return tmp_path / "own.csv"

    return write


def test_sound_data_have_no_notes_at_all(loads: Load, npz, images):
    x, y = images
    assert loads(npz(x=x, y=y))[0].report.notes == ()


def test_identical_samples_are_told(loads: Load, npz):
    data, _ = loads(npz(x=np.tile(pixels(1), (60, 1, 1)), y=Y))
    assert "all 38 training samples are identical, so nothing can be learned" in notes(data)


def test_many_copies_of_a_few_samples_are_told_with_their_number(loads: Load, npz):
    few, y = pixels(3), np.arange(900) % 3
    data, _ = loads(npz(x=few[y], y=y))
    assert "the 576 training samples are copies of only 3 different ones" in notes(data)
    assert "copies of training samples: 144 of 144 validation samples (100.0%)" in notes(data)
    assert "copies of training samples: 180 of 180 test samples (100.0%)" in notes(data)


def test_copies_across_the_split_are_counted_and_a_warning_above_one_percent(loads: Load, npz):
    x, y = pixels(600), np.arange(600) % 3
    x_test, y_test = pixels(601)[:400].copy(), np.arange(400) % 3
    train = loads(npz(x_train=x, y_train=y, x_test=x_test, y_test=y_test))[0].train.x[..., 0]
    x_test[0] = train[0]
    few, _ = loads(npz(x_train=x, y_train=y, x_test=x_test, y_test=y_test))
    assert notes(few, "read") == ["copies of training samples: 1 of 400 test samples (0.2%)"]
    x_test[:40] = train[:40]
    many, _ = loads(npz(x_train=x, y_train=y, x_test=x_test, y_test=y_test))
    assert notes(many) == ["copies of training samples: 40 of 400 test samples (10.0%)"]


def test_copies_with_different_classes_are_told(loads: Load, npz):
    x = pixels(60)
    x[:20] = x[0]
    assert any(
        "training samples are copies of each other with different classes" in text
        for text in notes(loads(npz(x=x, y=Y))[0])
    )


def test_images_of_a_single_colour_are_told(loads: Load, npz):
    flat = np.arange(60, dtype=np.uint8)[:, None, None] * np.ones((1, 7, 5), np.uint8)
    assert "38 training images have a single colour" in notes(loads(npz(x=flat, y=Y))[0])


def test_a_rare_class_is_told_and_so_is_what_answering_the_other_gives(loads: Load, npz):
    x, y = pixels(600), np.array([0] * 594 + [1] * 6)
    found = notes(loads(npz(x=x, y=y))[0])
    assert "1 class has fewer than 10 training samples: '1' (4)" in found
    assert (
        "380 of 384 training samples are of class '0': always answering it gives an accuracy of 0.990, "
        "so set objective=val_macro_f1, which counts every class alike"
    ) in found


def test_a_class_without_samples_in_an_official_part_is_told(loads: Load, npz, images):
    x, y = images
    data, _ = loads(npz(x_train=x, y_train=y, x_test=x[y < 2], y_test=y[y < 2]))
    assert "no test sample of 1 of 3 classes: '2'" in notes(data)


def test_texts_of_one_word_are_told(loads: Load, csv):
    rows = [(f"word{i}", "ab"[i % 2]) for i in range(100)]
    assert any("is one word" in text for text in notes(loads(csv(rows))[0]))


def test_empty_texts_of_an_array_are_told(loads: Load, npz):
    texts = np.array(["" if i < 20 else f"some words {i}" for i in range(100)])
    assert any("training texts are empty" in text for text in notes(loads(npz(x=texts, y=np.arange(100) % 2))[0]))
