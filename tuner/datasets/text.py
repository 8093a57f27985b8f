"""Converts texts to int32 tokens: words, the vocabulary of the training texts, padding.

Strings are split exactly like Keras's TextVectorization (standardize="lower_and_strip_punctuation",
split="whitespace"), which works on UTF-8 bytes: only ASCII letters are lower-cased, only ASCII punctuation is removed,
and only ASCII white space separates words. The exported model contains that layer, so a difference would test a model
on other words than it was trained on.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tuner.data import FIRST_WORD, PADDING, UNKNOWN
from tuner.errors import FixInputError

MAX_VOCABULARY = 20_000
"""Maximum number of words; tokens are below this plus 2."""
MAX_LENGTH = 512
"""Maximum number of tokens per text; the rest is cut off."""

_PUNCTUATION = string.punctuation.encode()

Word = TypeVar("Word", str, int)


def words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    plain = text.encode().translate(None, _PUNCTUATION).lower()
    return [word.decode() for word in plain.split()]


def vocabulary_of(rows: Iterable[Sequence[Word]], origin: str) -> tuple[Word, ...]:
    """Return the MAX_VOCABULARY most frequent words of `rows`, most frequent first, ties in ascending order."""
    counts: Counter[Word] = Counter()
    for row in rows:
        counts.update(row)
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
