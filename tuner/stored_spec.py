"""Reads the StudySpec in a database's JSON document, written by this or any earlier version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, get_args

from tuner.objectives import Constraint
from tuner.spec import AUTOMATIC, LoggerName, StudySpec
from tuner.spec_parts import HealthWeights, ParameterOverride


def stored_spec(document: Mapping[str, Any]) -> StudySpec:
    """Returns the StudySpec in the document; never raises for a mapping.

    Today's input rules do not apply, so a rule that gets stricter later never makes a stored study unreadable. Earlier
    forms are translated, unknown keys are ignored, missing fields have today's defaults.
    """
    values = {name: _stored(name, value) for name, value in document.items() if name in StudySpec.model_fields}
    if document.get("cost_aware") and values.get("searcher") == "tpe":
        values["searcher"] = "auto"
    return StudySpec.model_construct(**values)


def _stored(name: str, value: Any) -> Any:
    match name:
        case "objective" if isinstance(value, list):
            return tuple(value)
        case "constraints":
            return tuple(_readable(value if isinstance(value, (list, tuple)) else ()))
        case "loggers":
            given = value if isinstance(value, (list, tuple)) else ()
            return tuple(one for one in given if one in get_args(LoggerName))
        case "health_weights":
            return HealthWeights.model_construct(**value) if isinstance(value, Mapping) else HealthWeights()
        case "space":
            return {of: _override(form) for of, form in value.items()} if isinstance(value, Mapping) else {}
        case "plot_generation" if isinstance(value, bool):
            return "best" if value else "none"
        case _ if value is None and name in ("activation", *AUTOMATIC):
            return "auto"
    return value


def _readable(constraints: Iterable[Any]) -> Iterator[str]:
    for text in constraints:
        with suppress(ValueError, TypeError):
            yield str(Constraint.parse(text))


def _override(form: Any) -> ParameterOverride:
    stored = form if isinstance(form, Mapping) else {"choices": form if isinstance(form, list) else [form]}
    parts: dict[str, Any] = {part: stored.get(part) for part in ParameterOverride.model_fields}
    if isinstance(parts["choices"], list):
        parts["choices"] = tuple(parts["choices"])
    return ParameterOverride.model_construct(**parts)
