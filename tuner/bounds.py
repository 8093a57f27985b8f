"""Bounds of the contract: how long its texts, lists and maps may be.

A list or map is measured before its parts are validated: a million wrong parts would take minutes and gigabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sized
from itertools import islice
from typing import Any

from pydantic import BaseModel, BeforeValidator

MOST_ERRORS = 20
"""Invalid fields that a message or an answer names at most."""
LONGEST_PATH = 4_096
"""Characters of a path or an address."""
LONGEST_NAME = 100
"""Characters of a name that has no pattern, such as that of a hyperparameter."""
LONGEST_TEXT = 200
"""Characters of a choice, of a constraint, and of an own model as module:function."""
GREATEST_INTEGER = 2**63 - 1
"""As databases store them; a greater one is no number of anything."""
MOST_CONSTRAINTS = 50
MOST_PARAMETERS = 500
"""Hyperparameters that `space` narrows, or that an own model has."""
MOST_HYPERPARAMETERS = 10_000
"""Hyperparameters of a trial: those of its study, also of one from an earlier version without these bounds."""
MOST_CHOICES = 1_000
"""Choices of one hyperparameter."""
MOST_CHOICES_TOGETHER = 5_000
"""Choices of all hyperparameters of a study, whose lists are read whenever the study is."""


def at_most(most: int, what: str) -> BeforeValidator:
    """A validator that refuses a text, list or map with more than `most` of what it consists of, such as `choices`."""

    def check(value: Any) -> Any:
        if isinstance(value, Sized) and len(value) > most:
            raise ValueError(f"must have at most {most:,} {what}, not {len(value):,}")
        return value

    return BeforeValidator(check)


def without_surplus(model: type[BaseModel], values: Any) -> Any:
    """The values without those unknown keys that no message names: each of them would cost time and memory."""
    known = model.model_fields
    if not isinstance(values, Mapping) or len(values) <= len(known) + MOST_ERRORS:
        return values
    named = set(islice((key for key in values if key not in known), MOST_ERRORS + 1))
    return {key: value for key, value in values.items() if key in known or key in named}
