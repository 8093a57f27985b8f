"""Word indices of Keras's data sets are shown as words where Keras's file of words is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tuner.data import TextInput
from tuner.study.figures.samples import ValidationSamples
from tuner.study.figures.word_names import word_names


def test_words_come_from_the_first_folder_with_keras_s_file(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "imdb_word_index.json").write_text(json.dumps({"the": 1, "film": 17}))
    names = word_names("imdb", [tmp_path / "none", tmp_path / "one"])
    assert names == {1: "[start]", 2: "[…]", 4: "the", 20: "film"}
    assert word_names("imdb", []) == {1: "[start]", 2: "[…]"}
    assert word_names("own", [tmp_path / "one"]) == {}


@pytest.mark.parametrize("content", ["", "[]", '{"the": "first"}', '{"the": null}'])
def test_a_damaged_file_is_left_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "reuters_word_index.json").write_text(content)
    assert set(word_names("reuters", [tmp_path])) == {1, 2}


def test_texts_of_word_indices_are_shown_by_words_or_by_numbers() -> None:
    vocabulary = (4, 1, 20, 300)
    x, y = np.array([[2, 3, 4, 1, 5, 0]], np.int32), np.zeros(1, np.int32)
    named = {1: "[start]", 2: "[…]", 4: "the", 20: "film"}
    samples = ValidationSamples(TextInput("word_indices", vocabulary, 6), ("a", "b"), x, y, named)
    assert samples.shown([0]) == ("the [start] film […] #300",)
    assert not samples.shows_numbers
    unnamed = ValidationSamples(TextInput("word_indices", vocabulary, 6), ("a", "b"), x, y, word_names("imdb", []))
    assert unnamed.shown([0]) == ("#4 [start] #20 […] #300",)
    assert unnamed.shows_numbers
    strings = ValidationSamples(TextInput("strings", ("the", "film"), 6), ("a", "b"), x[:, :2], y, {})
    assert strings.shown([0]) == ("the film",)
    assert not strings.shows_numbers
