"""Texts into tokens."""

import numpy as np
import pytest

from tuner.datasets import load, text
from tuner.spec import DataSpec

NASTY = [
    "Hello, World!",
    "  tabs\tand\nlines\r\nand\x0bodd\x0cones  ",
    "no\u00a0break\u2003spaces are no white\u200bspace",
    "ÄÖÜ Straße İstanbul ΣΑΣ stay as they are; ASCII does NOT",
    "it's a low_case-word (in [all] {brackets}) ~`@#$%^&*+=|\\/<>?:;\"",
    "\u201ccurly\u201d \u2014 quotes\u2026 are no ASCII",
    "日本語 テキスト 🙂🙂 e\u0301",
    "nul\x00inside \x1c\x1d\x1e\x1f separators",
    "[UNK] 0 -1 1.5",
]


def test_words_are_lowered_and_freed_of_punctuation_by_ascii_rules():
    assert text.words("Don't STOP -- me_now!  ÄB") == ["dont", "stop", "menow", "Äb"]
    assert text.words("a\u00a0b c\td") == ["a\u00a0b", "c", "d"]
    assert text.words(" ?! ") == []


def test_the_vocabulary_is_ranked_by_frequency_then_alphabet():
    assert text.vocabulary_of([["b", "a"], ["b", "c"]], "x") == ("b", "a", "c")
    assert text.vocabulary_of([[30, 4], [30, 5]], "x") == (30, 4, 5)


def test_the_vocabulary_is_bounded():
    assert text.vocabulary_of([list(range(1, 30_000))], "x") == tuple(range(1, 20_001))


def test_tokens_are_padded_at_the_end_cut_and_never_empty():
    tokens = text.encode([["a"], ["b", "?", "a", "a"], []], ("a", "b"), 3)
    assert tokens.tolist() == [[2, 0, 0], [3, 1, 2], [1, 0, 0]]
    assert tokens.dtype == np.int32


def test_the_length_is_that_of_the_longest_text_up_to_512():
    assert text.length_of([["a"] * 7, []]) == 7
    assert text.length_of([["a"] * 513]) == 512
    assert text.length_of([[]]) == 1


def test_the_vocabulary_knows_training_texts_only(tmp_path):
    rows = [f"common word{i}" for i in range(40)]
    np.savez(tmp_path / "own.npz", x=np.array(rows), y=np.arange(40) % 2)
    data, test = load(DataSpec(dataset=str(tmp_path / "own.npz")))
    assert data.input.vocabulary[0] == "common"
    trained = {f"word{row[1]}" for row in data.train.x}
    assert len(data.input.vocabulary) == len(trained) + 1 == len(data.train) + 1
    assert np.all(data.validation.x == [2, 1])
    assert not {line.split()[1] for line in test.x} & set(data.input.vocabulary)


@pytest.mark.tensorflow
@pytest.mark.filterwarnings("ignore")
def test_tokens_equal_those_of_keras():
    import keras

    data, test = load(DataSpec(dataset="stdlib_docs"))
    train_texts = NASTY + [str(line) for line in test.x]
    rows = [text.words(line) for line in train_texts]
    for vocabulary in (data.input.vocabulary, text.vocabulary_of(rows, "test")):
        layer = keras.layers.TextVectorization(
            standardize="lower_and_strip_punctuation",
            split="whitespace",
            output_sequence_length=64,
            vocabulary=list(vocabulary),
        )
        expected = np.asarray(layer(np.array(train_texts, object)))
        assert np.array_equal(text.encode(rows, vocabulary, 64), expected)
    empty = np.asarray(layer(np.array(["", " \t", "?!"], object)))
    assert not empty.any(), (
        "Keras gives padding only where we give one unknown word: the exported model has to mend that"
    )


def test_image_options_for_texts_have_no_effect_and_say_so(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.array([f"text {i}" for i in range(20)]), y=np.arange(20) % 2)
    data, _ = load(DataSpec(dataset=str(tmp_path / "own.npz"), image_size=64, image_fit="pad"))
    assert "warning: image_size and image_fit have no effect on texts" in data.report.lines()
