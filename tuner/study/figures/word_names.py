"""The words behind the word indices of Keras's data sets imdb and reuters.

Their .npz files hold numbers only. Keras has the words in a second file, which is read if it is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

DATASETS = ("imdb", "reuters")
START, UNKNOWN, OFFSET = 1, 2, 3
"""Keras's index of the start of a text, of a word that was left out, and what is added to the index of a word."""
LAST_MARK = UNKNOWN
"""The highest index that stands for no word."""


def word_names(dataset: str, folders: Iterable[Path]) -> Mapping[int, str]:
    """The text of each word index of a data set, as far as it is known; empty for other data sets.

    Args:
        folders: Where `imdb_word_index.json` or `reuters_word_index.json` may be; the first one counts.
    """
    if dataset not in DATASETS:
        return {}
    names = {START: "[start]", UNKNOWN: "[…]"}
    for folder in folders:
        try:
            found = json.loads((folder / f"{dataset}_word_index.json").read_text(encoding="utf-8"))
            return names | {int(index) + OFFSET: str(word) for word, index in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            continue
    return names
