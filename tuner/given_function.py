"""An own network that was given as a function in Python, beside the name that a stored spec keeps of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GivenFunction:
    """An own network that was given as a function in Python. It is no part of a stored spec."""

    function: Callable[..., Any]
    space: dict[str, Any]
    """Its search space as the user wrote it, completed by `space=` of the study."""

    @property
    def name(self) -> str:
        """The function as module:function."""
        named = getattr(self.function, "func", self.function)  # functools.partial
        name = getattr(named, "__name__", type(named).__name__)
        return f"{getattr(named, '__module__', None) or '__main__'}:{re.sub(r'[^A-Za-z0-9_]', '', name)}"

    @staticmethod
    def space_of(function: Callable[..., Any]) -> Any:
        """Return the search space in the function's attribute `space`, else in its module; {} if there is none."""
        found = getattr(function, "space", None)
        return getattr(function, "__globals__", {}).get("space", {}) if found is None else found
