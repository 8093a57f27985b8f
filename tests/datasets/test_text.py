"""Texts into tokens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuner.data_spec import DataSpec
from tuner.datasets import load, text
from tuner.errors import FixInputError

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


CHINESE = ["这部电影真好看。", "故事无聊令人失望", "值得推荐给朋友、画面优美", "很好"]
THAI = ["ฉันชอบหนังเรื่องนี้มาก", "หนังเรื่องนี้น่าเบื่อมาก ไม่ชอบเลย"]


@pytest.mark.parametrize(
    ("texts", "split"),
    [
        (CHINESE * 5, "characters"),
        (["面白かった", "つまらない", "とても良い"] * 5, "characters"),
        (THAI * 5, "characters"),
        (["ខ្ញុំចូលចិត្តរឿងនេះណាស់", "រឿងនេះគួរឱ្យធុញ"] * 5, "characters"),
        (["今天 天气 很 好", "我 不 喜欢 下雨 天"] * 5, "words"),  # a tool separated the words already
        (["이 영화 정말 재미있어요", "정말 지루한 영화였다"] * 5, "words"),
        (["Ein sehr guter Film", "Donaudampfschifffahrtsgesellschaft"] * 5, "words"),
        (["really good", "bad", "", "never again"] * 5, "words"),
        ([f"name{i}" for i in range(20)], "words"),
        (["red", "blue", "green"] * 10, "words"),
        (["ACGTTGCA" * 6 + "ACG" * i for i in range(20)], "characters"),
        (["", " ", "?!"], "words"),
    ],
)
def test_texts_without_spaces_are_split_into_characters(texts, split):
    assert text.suitable_split(texts) == split


def test_characters_follow_the_rules_of_words_and_keep_white_space():
    assert text.characters("Ab, É日\n!") == ["a", "b", " ", "É", "日", "\n"]


def test_the_report_says_that_texts_are_split_into_characters(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.array(CHINESE * 10), y=np.arange(40) % 2)
    data, test = load(DataSpec(dataset=str(tmp_path / "own.npz")))
    assert data.input.split == "characters"
    assert data.input.max_length == 12
    assert {"电", "影", "、"} <= set(data.input.vocabulary)
    assert set(test.x) <= set(CHINESE)
    assert data.report.samples == f"up to 12 characters each, {len(data.input.vocabulary)} known"
    texts = [note.text for note in data.report.notes if note.kind == "read"]
    assert "texts without spaces are split into characters, not into words" in texts


def test_words_that_a_saved_model_cannot_hold_are_unknown():
    rows = [["a", "a\0", "\0", "x" * 101, "x" * 100, "b\0c"]]
    assert text.vocabulary_of(rows, "x") == ("a", "b\0c", "x" * 100)
    with pytest.raises(FixInputError, match="have no words"):
        text.vocabulary_of([["\0"]], "x")


@pytest.mark.tensorflow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("split", ["words", "characters"])
def test_tokens_of_any_text_equal_those_of_the_saved_model(split, tmp_path):
    """The vocabulary of all odd characters is saved and loaded, then any text is split as in training."""
    import keras

    odd = "\0\n\r\x1c\x85\u00a0\u2028\u2029\ufeff\ue000\ufffd\u0301\u200d🙂😀日本aAÉéß[UNK]"
    rows = text.split_texts([*NASTY, odd, " ".join(odd), "a\0 \0 \0b\0"], split)
    vocabulary = text.vocabulary_of(rows, "test")
    inputs = keras.Input((), dtype="string")
    layer = keras.layers.TextVectorization(
        standardize="lower_and_strip_punctuation",
        split="whitespace" if split == "words" else "character",
        output_sequence_length=16,
        vocabulary=list(vocabulary),
    )
    keras.Model(inputs, layer(inputs)).save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    assert tuple(loaded.get_vocabulary(include_special_tokens=False)) == vocabulary

    alphabet = st.one_of(st.sampled_from(odd + " \t,.!"), st.characters(exclude_categories=["Cs"]))

    @given(st.lists(st.text(alphabet, max_size=20), min_size=1, max_size=20))
    def tokens_are_equal(texts):
        expected = np.asarray(loaded(np.array(texts, object)))
        tokens = text.encode(text.split_texts(texts, split), vocabulary, 16)
        tokens[~expected.any(axis=1)] = 0  # the saved model gives an empty text its one unknown word later
        assert np.array_equal(tokens, expected)

    tokens_are_equal()


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
