"""Finds samples, labels and parts among the named arrays of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tuner.datasets.raw_samples import PartName

Role = Literal["x", "y"]

_X = (
    *("x", "images", "image", "imgs", "img", "pixels", "texts", "text", "sentences", "reviews"),
    *("samples", "inputs", "input", "data", "features"),
)
_Y = ("y", "labels", "label", "targets", "target", "classes", "class", "outputs", "output")
"""Words that mean samples and labels; where an archive has several, the first one is used."""
_PARTS: dict[str, PartName] = {
    **dict.fromkeys(("train", "training", "trn", "tr"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "te"), "test"),
}
_FILLERS = {"set", "arr", "array", "orig"}
CLASS_NAMES = ("target_names", "class_names", "label_names", "classnames", "list_classes", "names")
"""Names of arrays that hold the names of the labels 0, 1, ..."""


@dataclass
class FoundNames:
    """The names of the arrays to use, by part, and of the arrays that are not used."""

    parts: dict[PartName, dict[Role, str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    names_train: bool = False
    """Whether an array is named as a training array, as `x_train` is and `x` is not."""

    @property
    def missing(self) -> list[str]:
        """What is missing, in the names that Keras uses."""
        suffixes = {"train": "_train" if self.names_train else "", "validation": "_val", "test": "_test"}
        parts: dict[PartName, Mapping[Role, str]] = {"train": {}, **self.parts}
        roles: tuple[Role, Role] = ("x", "y")
        return [role + suffixes[part] for part, found in parts.items() for role in roles if role not in found]


def found_names(names: Sequence[str]) -> FoundNames:
    """Return the arrays that hold samples and labels; arrays without a part are training arrays if no others are."""
    meanings = {name: meaning for name in names if (meaning := _meaning(name)) is not None}
    has_train = any(part == "train" for part, _ in meanings.values())
    found = FoundNames(names_train=has_train)
    for name in sorted(meanings, key=_rank):
        part, role = meanings[name]
        if part is None and has_train:
            continue
        found.parts.setdefault(part or "train", {}).setdefault(role, name)
    used = {name for roles in found.parts.values() for name in roles.values()}
    found.others = [name for name in names if name not in used]
    return found


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    words = []
    for word in re.findall(r"[a-z]+", spaced):
        glued = [part for part in _PARTS if word not in _PARTS and (word.startswith(part) or word.endswith(part))]
        split = next(
            (
                [part, rest]
                for part in sorted(glued, key=len, reverse=True)
                for rest in (word.removeprefix(part), word.removesuffix(part))
                if rest in _X or rest in _Y
            ),
            [word],
        )
        words += split
    return [word for word in words if word not in _FILLERS]


def _meaning(name: str) -> tuple[PartName | None, Role] | None:
    """Return the part and the role of an array, such as ("train", "x") for `train_images`; None if unknown."""
    words = _words(name)
    parts = {_PARTS[word] for word in words if word in _PARTS}
    kinds = [word for word in words if word in _X or word in _Y]
    if name.lower() in CLASS_NAMES or len(parts) > 1 or not kinds or len(kinds) + len(parts) < len(words):
        return None
    role: Role = "y" if any(word in _Y for word in kinds) else "x"
    return (parts.pop() if parts else None), role


def _rank(name: str) -> int:
    ranks = [words.index(word) for words in (_X, _Y) for word in _words(name) if word in words]
    return min(ranks, default=0)
