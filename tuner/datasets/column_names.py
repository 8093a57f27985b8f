"""Well-known names of the columns of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tuner.datasets.raw_samples import PartName

TEXTS = (
    *("text", "texts", "review", "reviews", "sentence", "sentences", "content", "contents", "message", "messages"),
    *("tweet", "tweets", "comment", "comments", "sms", "email", "document", "article", "body", "post", "statement"),
    *("question", "query", "utterance", "headline", "headlines", "description", "abstract", "summary", "title", "v2"),
)
LABELS = (
    *("label", "labels", "class", "classes", "category", "categories", "target", "sentiment", "emotion", "emotions"),
    *("polarity", "intent", "topic", "genre", "rating", "stars", "spam", "language", "species", "v1", "y"),
)
IMAGES = ("image", "img", "picture", "photo", "pixels", "pixel", "filename", "file", "path", "filepath")
SPLITS = ("split", "usage", "partition", "subset", "set", "part")
INDICES = ("", "index", "id", "idx", "no", "number", "row")
_NUMBER = re.compile(r"\s*[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")
_PARTS: dict[str, PartName] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "publictest"), "validation"),
    **dict.fromkeys(("test", "testing", "privatetest"), "test"),
}


def words(name: object) -> list[str]:
    """Return the words of a column's name in lower case."""
    return re.findall(r"[a-z]+\d*|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name)).lower())


def rank(name: object, known: tuple[str, ...]) -> int | None:
    """Return how well a column's name fits: its place in `known`, later if it has further words; None if not."""
    found = words(name)
    joined = "".join(found)
    if joined in known:
        return known.index(joined)
    places = [known.index(word) for word in found if word in known]
    return len(known) + min(places) if places else None


def is_known(name: str) -> bool:
    """Whether a cell of the first row is a well-known name of a column."""
    joined = "".join(words(name))
    return len(name) < 40 and joined != "" and joined in {*TEXTS, *LABELS, *IMAGES, *SPLITS, *INDICES} - {"spam", "y"}


def is_index(name: object) -> bool:
    """Whether a column is named as one that numbers the rows."""
    found = words(name)
    return str(name).startswith("Unnamed:") or "".join(found) in INDICES or found[-1:] == ["id"]


def is_number(cell: object) -> bool:
    """Whether a cell holds a number."""
    return _NUMBER.fullmatch(str(cell)) is not None


def parts_of(values: Iterable[object]) -> list[PartName] | None:
    """Return the part of each row by the values of a column such as `split`; None unless all values are parts."""
    names = [_PARTS.get("".join(words(value))) for value in values]
    known = [name for name in names if name is not None]
    return known if len(known) == len(names) and "train" in known and len(set(known)) > 1 else None
