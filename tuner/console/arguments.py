"""From `key=value` arguments and a YAML file to a StudySpec.

The type of a field decides how its text is read: texts are taken as they are (`run_name=007`), all others as YAML.
Where a field may be null, `none` and `null` mean that; quotes make them text again (`run_name='"none"'`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import ValidationError

from tuner.console.yaml_values import construct, is_null, parse, plain_value
from tuner.errors import FixInputError, nearest
from tuner.spec import StudySpec, parse_study_spec
from tuner.spec_parts import HealthWeights, ParameterOverride

_NONE = ("none", "null")
_PARTS = tuple(ParameterOverride.model_fields)
_METRICS = tuple(HealthWeights.model_fields)


@dataclass(frozen=True)
class FieldKind:
    """How a field's text is read."""

    text: bool
    """Any text is a value."""
    named: bool
    """One of some names is a value."""
    optional: bool
    """Null is a value."""


def field_kind(name: str) -> FieldKind:
    """How the text of a StudySpec field is read."""
    annotation = StudySpec.model_fields[name].annotation
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return FieldKind(
        text=str in parts, named=any(get_origin(part) is Literal for part in parts), optional=NoneType in parts
    )


def read_spec(assignments: Sequence[str], config: Path | None = None) -> StudySpec:
    """What the user asks for: the file's values, then the assignments over them.

    Raises:
        FixInputError: one line that names what is wrong, and the remedy.
    """
    in_file = {} if config is None else read_config(config)
    values = dict(in_file)
    short_forms: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    weights: dict[str, Any] = {}
    for key, text in _split_all(assignments):
        if key in StudySpec.model_fields:
            values[key] = _field_value(key, text)
        elif key.startswith("space."):
            name, _, part = key.removeprefix("space.").rpartition(".")
            value = plain_value(text, f"{key}={text}")
            if name and part not in _PARTS:
                known = ", ".join(_PARTS)
                raise FixInputError(f"unknown part {part!r} of space.{name}", remedy=f"known are {known}")
            if name:
                parts.setdefault(name, {})[part] = value
            else:
                short_forms[key.removeprefix("space.")] = value
        elif key.startswith("health_weights."):
            metric = key.removeprefix("health_weights.")
            if metric not in _METRICS:
                raise FixInputError(f"unknown metric {metric!r} of health_weights", remedy=nearest(metric, _METRICS))
            weights[metric] = plain_value(text, f"{key}={text}")
        else:
            raise FixInputError(f"unknown field {key!r}", remedy=_remedy_for(key))
    space = values.get("space", {})
    if (short_forms or parts) and isinstance(space, dict):
        space = space | short_forms
        values["space"] = space | {name: _with_parts(space.get(name), given) for name, given in parts.items()}
    given = values.get("health_weights", {})
    if weights and isinstance(given, dict):
        values["health_weights"] = given | weights
    try:
        return parse_study_spec(values)
    except FixInputError as error:
        raise _in_file(error, in_file, config) from None


def _in_file(error: FixInputError, values: dict[str, Any], file: Path | None) -> FixInputError:
    """The error, with the name of the file where its values alone are wrong in the same way."""
    try:
        parse_study_spec(values)
    except FixInputError as alone:
        if alone.message == error.message:
            return FixInputError(f"{file}: {error.message}", remedy=error.remedy)
    return error


def read_config(file: Path) -> dict[str, Any]:
    """The fields that a YAML file gives.

    Raises:
        FixInputError: it cannot be read, is no YAML, or holds something else than a mapping.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise FixInputError(f"cannot read {file}: {error.strerror}", remedy="check the path after --config") from None
    except UnicodeDecodeError:
        raise FixInputError(f"{file} is no text in UTF-8", remedy="check the path after --config") from None
    root = parse(text, str(file))
    if not isinstance(root, yaml.MappingNode):
        raise FixInputError(f"{file} holds no mapping", remedy="write one field per line, such as dataset: mnist")
    values: dict[str, Any] = {}
    for key_node, node in root.value:
        key = str(key_node.value)
        if key in values:
            raise FixInputError(f"{file}: {key} is given twice", remedy="keep one")
        values[key] = _config_value(key, node, str(file))
    return values


def read_trials(assignments: Sequence[str], asked: int) -> int | None:
    """The new total that `trials=N` names, or `trials=+N` adds to the `asked` ones; None: not named.

    Raises:
        FixInputError: any other key, or no number.
    """
    total = None
    for key, text in _split_all(assignments):
        if key != "trials":
            raise FixInputError(f"{key} cannot change once a study has begun", remedy="only trials=N or trials=+N can")
        digits = text.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= 9 and int(digits) > 0):
            raise FixInputError(
                f"trials={text} is no number of trials", remedy="write trials=40, or trials=+20 for more"
            )
        total = int(digits) + (asked if text.startswith("+") else 0)
        most = StudySpec.model_json_schema()["properties"]["trials"]["maximum"]
        if total > most:
            raise FixInputError(f"trials={text} makes {total:,} trials", remedy=f"a study has {most:,} at most")
    return total


def _split_all(assignments: Sequence[str]) -> list[tuple[str, str]]:
    """Keys and texts; every key once."""
    found: dict[str, str] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        key = key.strip()
        if not equals:
            example = f"{key}=..." if key in StudySpec.model_fields else "key=value, such as dataset=mnist"
            raise FixInputError(f"{assignment!r} has no '='", remedy=f"write {example}")
        if not text.strip():
            raise FixInputError(f"{assignment!r} has no value", remedy="write one behind the '=', without a space")
        if key in found:
            raise FixInputError(f"{key} is given twice: {found[key]} and {text}", remedy="keep one")
        found[key] = text
    return list(found.items())


def _remedy_for(key: str) -> str:
    if not key:
        return "write key=value, such as dataset=mnist"
    if "." in key:
        return "only space and health_weights have keys below them, such as space.activation=relu"
    return nearest(key, StudySpec.model_fields)


def _field_value(name: str, text: str) -> Any:
    kind = field_kind(name)
    if kind.optional and text.strip().lower() in _NONE:
        return None
    if kind.text:
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
        return str(plain_value(text, f"{name}={text}")) if quoted else text
    return text.strip() if kind.named else plain_value(text, f"{name}={text}")


def _config_value(name: str, node: yaml.Node, where: str) -> Any:
    """Of a text field the text as it stands in the file: 007 stays 007, and none is a name like any other."""
    kind = field_kind(name) if name in StudySpec.model_fields else FieldKind(text=False, named=False, optional=False)
    if kind.text and isinstance(node, yaml.ScalarNode) and not is_null(node):
        return str(node.value)
    value = construct(node, where)
    return None if kind.optional and value == "none" else value


def _with_parts(base: Any, parts: dict[str, Any]) -> Any:
    """A parameter's override with some of low, high, log and choices set."""
    if base is None:
        return parts
    try:
        return ParameterOverride.model_validate(base).model_dump(exclude_none=True) | parts
    except ValidationError:
        return base  # wrong by itself: the spec says so
