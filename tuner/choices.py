"""Turns the choices of a search space into values that JSON, Optuna, the database and CSV files can hold.

Numbers, texts, true and false stand for themselves. Every other choice, such as None, a tuple or a function, has a
label: `none`, `[3, 3]`, the function's name. Equal choices have equal labels, different ones have different labels, and
the labels of a list are the same in every process. `originals` returns the objects that labels stand for.
"""

from __future__ import annotations

import json
from collections.abc import KeysView, Mapping, Sequence, ValuesView
from enum import Enum
from math import isfinite
from typing import Any

from tuner.events import Scalar

LONGEST_LABEL = 40
"""Characters of a label at most: a TrialSpec must be small."""


def listed(value: Any) -> list[Any] | None:
    """Return the elements of a list, tuple, set, range or array; None for anything else. A set is sorted."""
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers, pandas' series
        value = value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return list(value) if isinstance(value, (list, tuple, range, KeysView, ValuesView)) else None


def single_value(value: Any) -> list[Scalar] | None:
    """Return a number, a text, true or false as the only element of a list; None for anything else."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [value] if isinstance(value, (bool, int, float, str)) else None


def labels(choices: Sequence[Any]) -> list[Scalar]:
    """Return the label of each choice, in order."""
    found: list[Scalar] = []
    first: dict[Scalar, Any] = {}
    """The first choice of each label; all others of that label are the same."""
    for place, choice in enumerate(choices, start=1):
        label = _label(choice)
        # Also 1, 1.0 and true, which Python takes for equal.
        if label in first and not _same(choice, first[label]):
            label = f"{label} #{place}"
        first.setdefault(label, choice)
        found.append(label)
    return found


def originals(space: Mapping[str, Any], hyperparameters: Mapping[str, Scalar]) -> dict[str, Any]:
    """Return the hyperparameters with the objects that are listed in a space in place of their labels."""
    values: dict[str, Any] = dict(hyperparameters)
    for name, form in space.items():
        given = form.get("choices") if isinstance(form, Mapping) else form
        choices = [None] if given is None else listed(given)
        if choices is None or name not in values:
            continue
        for label, choice in zip(labels(choices), choices, strict=True):
            if isinstance(label, str) and label == values[name]:
                values[name] = choice
                break
    return values


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and repr(one) == repr(other))


def _label(choice: Any) -> Scalar:
    if hasattr(choice, "tolist"):
        choice = choice.tolist()
    if type(choice) in (bool, int, str) or (type(choice) is float and isfinite(choice)):
        return choice  # type: ignore[no-any-return]
    if isinstance(choice, Mapping) or listed(choice) is not None:
        text = json.dumps(choice, default=_within, ensure_ascii=False, skipkeys=True)
    else:
        text = _named(choice)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 3] + "..."


def _within(value: Any) -> Any:
    """Return what stands in a label for a part of a choice."""
    elements = listed(value)
    return _named(value) if elements is None else elements


def _named(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Enum):
        return value.name
    if isinstance(name := getattr(value, "__name__", None), str):
        return name.strip("<>")
    text = repr(value)
    return type(value).__name__ if " at 0x" in text else text  # an address differs in each process
