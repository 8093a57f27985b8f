"""Converts texts to int32 tokens: words or characters, the vocabulary of the training texts, padding.

Strings are split exactly like Keras's TextVectorization (standardize="lower_and_strip_punctuation", split="whitespace"
or "character"), which works on UTF-8 bytes: only ASCII letters are lower-cased, only ASCII punctuation is removed, and
only ASCII white space separates words. The exported model contains that layer, so a difference would test a model on
other words than it was trained on.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tuner.data import FIRST_WORD, PADDING, UNKNOWN, TextSplit
from tuner.errors import FixInputError

MAX_VOCABULARY = 20_000
"""Maximum number of words; tokens are below this plus 2."""
MAX_LENGTH = 512
"""Maximum number of tokens per text; the rest is cut off."""

MAX_WORD_LENGTH = 100
"""Maximum number of characters of a word in the vocabulary: Keras stores all words in the width of the longest."""

_PUNCTUATION = string.punctuation.encode()
# Chinese, Japanese, Thai, Lao, Tibetan, Burmese, Khmer and Tai scripts: their words are not separated by spaces.
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_LOOKED_AT = 2_000

Word = TypeVar("Word", str, int)


def words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return [word.decode() for word in _plain(text).split()]


def characters(text: str) -> list[str]:
    """Return the characters (Unicode code points) of a text, in order, with its white space."""
    return list(_plain(text).decode())


def _plain(text: str) -> bytes:
    return text.encode().translate(None, _PUNCTUATION).lower()


def split_texts(texts: Iterable[str], split: TextSplit) -> list[list[str]]:
    """Return the words or characters of each text."""
    split_one = words if split == "words" else characters
    return [split_one(text) for text in texts]


def suitable_split(texts: Sequence[str]) -> TextSplit:
    """Return "characters" if most texts have hardly any white space for their length, as in Chinese or Thai."""
    rows = [row for text in texts[:: max(1, len(texts) // _LOOKED_AT)] if (row := words(text))]
    if not rows:
        return "words"
    joined = "".join(word for row in rows for word in row)
    word_length = len(joined) / sum(map(len, rows))
    if len(_WITHOUT_SPACES.findall(joined)) * 3 > len(joined):
        mostly_single = sum(len(row) == 1 for row in rows) * 2 > len(rows)
        return "characters" if mostly_single or word_length > 5 else "words"
    return "characters" if word_length > 25 else "words"  # as in the sequence of a gene


def vocabulary_of(rows: Iterable[Sequence[Word]], origin: str) -> tuple[Word, ...]:
    """Return the MAX_VOCABULARY most frequent words of `rows`, most frequent first, ties in ascending order.

    Words that a saved model cannot hold are no part of it: too long ones, and those that end with a NUL character,
    which numpy drops.
    """
    counts: Counter[Word] = Counter()
    for row in rows:
        counts.update(row)
    unknown = [
        word for word in counts if isinstance(word, str) and (len(word) > MAX_WORD_LENGTH or word.endswith("\0"))
    ]
    for word in unknown:
        del counts[word]
    if not counts:
        raise FixInputError(
            f"the training texts of {origin} have no words", remedy="check that the texts are not empty"
        )
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(ranked[:MAX_VOCABULARY])


def length_of(rows: Iterable[Sequence[Word]]) -> int:
    """Return the length in tokens to which texts are padded or cut: that of the longest row, 1 to MAX_LENGTH."""
    return min(MAX_LENGTH, max(1, max(len(row) for row in rows)))


def encode(rows: Sequence[Sequence[Word]], vocabulary: tuple[Word, ...], max_length: int) -> npt.NDArray[np.int32]:
    """Return tokens of shape (rows, max_length), padded with 0 at the end; an empty text becomes one unknown word."""
    token_of = {word: token for token, word in enumerate(vocabulary, FIRST_WORD)}
    tokens = np.full((len(rows), max_length), PADDING, np.int32)
    for row, target in zip(rows, tokens, strict=True):
        known = [token_of.get(word, UNKNOWN) for word in row[:max_length]] or [UNKNOWN]
        target[: len(known)] = known
    return tokens


def padded(rows: Sequence[Sequence[int]]) -> npt.NDArray[np.int32]:
    """Return word indices of shape (len(rows), longest row), padded with 0 at the end and not cut."""
    result = np.zeros((len(rows), max((len(row) for row in rows), default=0) or 1), np.int32)
    for row, target in zip(rows, result, strict=True):
        target[: len(row)] = row
    return result
