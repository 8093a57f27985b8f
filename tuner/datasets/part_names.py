"""Recognises the names of folders that are parts of a data set: training, validation, test, or without labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from tuner.datasets.raw_samples import PartName

Role = PartName | Literal["unlabelled"]

_ROLES: dict[str, Role] = {
    **dict.fromkeys(("train", "training", "trn", "traindata", "trainset"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "validating", "dev", "devel"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "eval", "evaluation", "holdout", "testdata", "testset"), "test"),
    **dict.fromkeys(
        (
            *("pred", "predict", "prediction", "predictions", "inference"),
            *("unlabeled", "unlabelled", "unlabel", "unsup", "unsupervised"),
        ),
        "unlabelled",
    ),
}
_FILLERS = {
    *("set", "sets", "data", "dataset", "datasets", "split", "folder", "folders", "dir", "part", "subset", "samples"),
    *("image", "images", "img", "imgs", "pic", "pics", "picture", "pictures", "photo", "photos", "file", "files"),
    *("to", "for", "the", "of", "be", "on", "x", "my", "new", "final", "all", "original", "raw", "labeled", "labelled"),
}


def roles(names: Sequence[str], parent: str = "") -> list[Role | None]:
    """Return the part that each name of sibling folders means; None for names that mean none.

    Case and separators do not matter. Beside the word of the part, such as `valid`, a name may only have words that say
    nothing (`images`, `set`), a number, words of the folder above, or words that the name of another part shares:
    `asl_alphabet_train` is a part beside `asl_alphabet_test`, `test_tube` is none.
    """
    words = [_words(name) for name in names]
    found = [_role(one) for one in words]
    above = set(_words(parent))
    rests = [frozenset(one) - {word for word in one if word in _ROLES} - _FILLERS - above for one in words]
    rests = [frozenset(word for word in rest if not word.isdigit()) for rest in rests]
    shared = Counter((rest, role) for rest, role in zip(rests, found, strict=True) if role is not None)
    roles_of = {rest: {role for of, role in shared if of == rest} for rest, _ in shared}
    return [
        role if role is not None and (not rest or len(roles_of[rest]) > 1) else None
        for role, rest in zip(found, rests, strict=True)
    ]


def folded(name: str) -> str:
    """Return a name without differences of case and separators."""
    return " ".join(_words(name)) or name


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    return [word for word in re.split(r"[\W_]+", spaced.casefold()) if word]


def _role(words: Sequence[str]) -> Role | None:
    """The role of the words; `test unlabelled` has no labels, `train test` has no role."""
    found = {_ROLES[word] for word in words if word in _ROLES}
    if "unlabelled" in found:
        return "unlabelled"
    return found.pop() if len(found) == 1 else None
