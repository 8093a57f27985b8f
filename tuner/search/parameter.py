"""One hyperparameter of a search space: its range or choices, its condition, and how a user may narrow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from random import Random
from typing import Any, Protocol, TypeGuard

from tuner.errors import FixInputError, nearest
from tuner.events import Scalar
from tuner.spec_parts import ParameterOverride

Hyperparameters = dict[str, Scalar]
Condition = Callable[[Mapping[str, Scalar]], bool]

DIGITS = 6
"""Significant digits of a suggested number."""


class Suggester(Protocol):
    """The methods of an Optuna trial that a space uses."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...
    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...
    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


def is_number(value: object) -> TypeGuard[int | float]:
    """Returns whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter. Numbers have `low` and `high` (both included), all others have `choices`.

    `key` tells variants of one name apart, which exist under different conditions with different bounds: samplers see
    the key, networks the name.
    """

    name: str
    meaning: str
    low: float | None = None
    high: float | None = None
    integer: bool = False
    log: bool = False
    choices: tuple[Scalar, ...] | None = None
    limits: tuple[float, float] | None = None
    allowed: tuple[Scalar, ...] | None = None
    when: Condition = lambda _: True
    key: str = ""

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", self.name)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value of a number, both included."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    @property
    def size(self) -> float:
        """Number of possible values; infinite for a range of real numbers."""
        if self.choices is not None:
            return len(self.choices)
        low, high = self.bounds
        return high - low + 1 if self.integer or low == high else inf

    @cached_property
    def only_value(self) -> Scalar | None:
        """The only possible value; None if there are several."""
        if self.size != 1:
            return None
        if self.choices is not None:
            return self.choices[0]
        return int(self.bounds[0]) if self.integer else self.bounds[0]

    @property
    def values(self) -> Sequence[Scalar]:
        """All possible values, in order; a range of real numbers has too many."""
        assert self.size < inf
        if self.choices is not None:
            return tuple(dict.fromkeys(self.choices))
        low, high = self.bounds
        return range(int(low), int(high) + 1) if self.integer else (low,)

    def suggest(self, trial: Suggester) -> Scalar:
        """Returns a value from the trial's sampler."""
        if self.choices is not None:
            return trial.suggest_categorical(self.key, self.choices)  # type: ignore[no-any-return]
        low, high = self.bounds
        if self.integer:
            return trial.suggest_int(self.key, int(low), int(high), log=self.log)
        return trial.suggest_float(self.key, low, high, log=self.log)

    def drawn(self, rng: Random) -> Scalar:
        """Returns a random value."""
        if self.choices is not None:
            return rng.choice(self.choices)
        low, high = self.bounds
        share = rng.random()
        value = low ** (1 - share) * high**share if self.log else low + share * (high - low)
        return round(value) if self.integer else value

    def rounded(self, value: Any) -> Scalar:
        """Returns the value, a real number with 6 digits: more decide nothing, and a TrialSpec must be small."""
        if self.choices is not None or self.integer:
            return value  # type: ignore[no-any-return]
        low, high = self.bounds
        return min(max(float(f"{value:.{DIGITS}g}"), low), high)

    def narrowed(self, override: ParameterOverride) -> Parameter:
        """Returns this parameter, narrowed by the override. A prior alone narrows nothing.

        Raises:
            FixInputError: the override does not fit the parameter.
        """
        if override.beliefs_only:
            return self
        if self.choices is not None:
            return replace(self, choices=self._chosen(override))
        if override.choices is not None:
            hint = range_hint(override)
            chosen = tuple(self._number(value, hint) for value in override.choices)
            return replace(self, choices=chosen, low=None, high=None)
        low = self._number(self.low if override.low is None else override.low)
        high = self._number(self.high if override.high is None else override.high)
        field = f"space.{self.name}"
        if low > high:
            raise FixInputError(f"{field}: low {low:g} is above high {high:g}", remedy="swap or widen the bounds")
        log = self.log if override.log is None else override.log
        if log and low <= 0:
            raise FixInputError(f"{field}: a logarithmic range cannot start at {low:g}", remedy="start above 0")
        return replace(self, low=low, high=high, log=log)

    def holds(self, value: Scalar) -> bool:
        """Returns whether this is one of the possible values."""
        if self.choices is not None:
            return any(value == one and type(value) is type(one) for one in self.choices)
        low, high = self.bounds
        return is_number(value) and low <= value <= high

    def _chosen(self, override: ParameterOverride) -> tuple[Scalar, ...]:
        allowed = self.allowed or self.choices or ()
        if override.choices is not None:
            chosen = override.choices
        else:
            low, high = override.low, override.high
            chosen = tuple(
                value
                for value in allowed
                if isinstance(value, (int, float)) and (low is None or value >= low) and (high is None or value <= high)
            )
        wrong = [value for value in chosen if not any(value == one and type(value) is type(one) for one in allowed)]
        if wrong or not chosen:
            shown = f"={wrong[0]!r}" if wrong else ""
            names = [str(one) for one in allowed]
            remedy = nearest(str(wrong[0]), names) if wrong else f"known are: {', '.join(names)}"
            remedy += range_hint(override) if isinstance(allowed[0], int) and allowed[0] is not True else ""
            raise FixInputError(f"space.{self.name}{shown} is not one of its choices", remedy=remedy)
        return tuple(dict.fromkeys(chosen))

    def _number(self, value: Any, hint: str = "") -> float:
        low, high = self.limits or self.bounds
        kind = "a whole number" if self.integer else "a number"
        remedy = f"write {kind} from {low:g} to {high:g}{hint}"
        if not is_number(value):
            range_too = f", or a range such as space.{self.name}={low:g}..{high:g}"
            raise FixInputError(f"space.{self.name}={value!r} is not a number", remedy=remedy + range_too)
        if not low <= value <= high:
            raise FixInputError(f"space.{self.name}={value:g} is out of range", remedy=remedy)
        if self.integer and value != int(value):
            raise FixInputError(f"space.{self.name}={value:g} is not a whole number", remedy=remedy)
        return int(value) if self.integer else float(value)

    def __str__(self) -> str:
        if self.choices is not None:
            return ", ".join(map(str, self.choices))
        if self.only_value is not None:
            return f"{self.low:g}"
        return f"{self.low:g}..{self.high:g}" + (" (log)" if self.log else "")


def range_hint(override: ParameterOverride) -> str:
    """Returns how a range is written if the override lists two numbers, which may have been meant as one; else ''."""
    match override.choices:
        case (low, high) if is_number(low) and is_number(high) and low < high:
            return f"; a list names choices, a range is written {low:g}..{high:g}"
    return ""
