"""The command line that starts a study with a given spec."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from types import NoneType
from typing import Any, get_args

from tuner.errors import FixInputError
from tuner.spec import StudySpec, parse_study_spec
from tuner.spec_parts import ParameterOverride

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
"""Texts that YAML reads as themselves, except for its words below."""
_NULLS = ("none", "null")
_WORDS = ("true", "false", *_NULLS)


def command_of(spec: StudySpec) -> str:
    """Return `tuner run ...` with the data set, the trials, and each field that is not at its default.

    Pasted into a shell, it starts an equal study.
    """
    fields = dict.fromkeys(("dataset", "trials", *_given(spec)))
    assignments = (f"{name}={text}" for field in fields for name, text in _texts(field, getattr(spec, field)))
    return shlex.join(["tuner", "run", *assignments])


def _given(spec: StudySpec) -> list[str]:
    """The fields without which a spec of the others would differ: defaults of some depend on others."""
    plain = StudySpec()
    given = [name for name in StudySpec.model_fields if getattr(spec, name) != getattr(plain, name)]
    made = _made(spec, given)
    given = [name for name in StudySpec.model_fields if name in given or _differs(made, spec, name)]
    return [name for name in given if _differs(_made(spec, [other for other in given if other != name]), spec, name)]


def _made(spec: StudySpec, given: list[str]) -> StudySpec | None:
    """The spec that these fields alone make; None if they contradict each other without the rest."""
    try:
        return parse_study_spec({name: getattr(spec, name) for name in given})
    except FixInputError:
        return None


def _differs(made: StudySpec | None, spec: StudySpec, name: str) -> bool:
    return made is None or getattr(made, name) != getattr(spec, name)


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """The keys and texts of a field, as `tuner.console.arguments` reads them."""
    match field, value:
        case "space", _:
            for name, override in value.items():
                yield from _override(f"space.{name}", override)
        case "health_weights", _:
            for name, weight in value.shares.items():
                yield f"{field}.{name}", _value(weight)
        case "objective" | "loggers", tuple():
            yield field, ",".join(value) if value else "[]"
        case _, str():
            optional = NoneType in get_args(StudySpec.model_fields[field].annotation)
            quoted = value[:1] in ("'", '"') or (optional and value.lower() in _NULLS)
            yield field, json.dumps(value, ensure_ascii=False) if quoted else value
        case _, float() if value.is_integer():
            yield field, _value(int(value))
        case _:
            yield field, _value(value)


def _override(name: str, override: ParameterOverride) -> Iterator[tuple[str, str]]:
    low, high = override.low, override.high
    if override.choices is not None:
        first, *others = map(_value, override.choices)
        # In a list a text such as 1..2 is no range.
        yield name, first if not others and not first.startswith('"') else f"[{', '.join([first, *others])}]"
    elif low is not None and high is not None:
        yield name, f"{_value(low)}..{_value(high)}"
    else:
        ends = {f"{name}.low": low, f"{name}.high": high}
        yield from ((end, _value(value)) for end, value in ends.items() if value is not None)
    if override.log is not None:
        yield f"{name}.log", _value(override.log)
    if override.prior is not None:
        yield f"{name}.prior", _value(override.prior)


def _value(value: Any) -> str:
    """A value as YAML in one line."""
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
