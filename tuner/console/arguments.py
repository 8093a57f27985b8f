"""Reads `key=value` arguments and a YAML file into a StudySpec.

The type of a field decides how its text is read: a text stays as it is (`run_name=007`), any other value is YAML.
If a field may be null, `none` and `null` mean null; quotes make them text (`run_name='"none"'`). A list is written as
`[a, b]` or as `a,b`.
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
    """How the text of a field is read: as any text, as one of some names, as a list, and whether it may be null."""

    text: bool
    named: bool
    optional: bool
    listed: bool = False


def field_kind(name: str) -> FieldKind:
    """Returns how the text of this StudySpec field is read."""
    annotation = StudySpec.model_fields[name].annotation
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return FieldKind(
        text=str in parts,
        named=any(get_origin(part) is Literal for part in parts),
        optional=NoneType in parts,
        listed=any(get_origin(part) is tuple for part in parts),
    )


def read_spec(assignments: Sequence[str], config: Path | None = None) -> StudySpec:
    """Returns the StudySpec of a YAML file and of assignments, which override the file."""
    in_file = {} if config is None else read_config(config)
    texts = _split_all(assignments)
    below = {key: plain_value(text, f"{key}={text}") for key, text in texts if "." in key}
    values = _nested(in_file | {key: _field_value(key, text) for key, text in texts if key not in below} | below)
    try:
        return parse_study_spec(values)
    except FixInputError as error:
        raise _in_file(error, in_file, config) from None


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """Moves the values of dotted keys, such as space.activation, into the mappings space and health_weights."""
    nested = {key: value for key, value in values.items() if "." not in key}
    space: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    weights: dict[str, Any] = {}
    for key in values.keys() - nested.keys():
        field, _, below = key.partition(".")
        name, _, part = below.rpartition(".")
        if field == "health_weights":
            weights[below] = values[key]
            if below not in _METRICS:
                raise FixInputError(f"unknown metric {below!r} of health_weights", remedy=nearest(below, _METRICS))
        elif field != "space":
            raise FixInputError(f"unknown field {key!r}", remedy=_remedy_for(key))
        elif not name:
            space[below] = values[key]
        elif part not in _PARTS:
            raise FixInputError(f"unknown part {part!r} of space.{name}", remedy=f"known are {', '.join(_PARTS)}")
        else:
            parts.setdefault(name, {})[part] = values[key]
    given = nested.get("space", {})
    if (space or parts) and isinstance(given, dict):
        space = given | space
        nested["space"] = space | {name: _with_parts(space.get(name), some) for name, some in parts.items()}
    given = nested.get("health_weights", {})
    if weights and isinstance(given, dict):
        nested["health_weights"] = given | weights
    return nested


def _in_file(error: FixInputError, values: dict[str, Any], file: Path | None) -> FixInputError:
    """Returns the error with the name of the file if the file's values alone cause it."""
    try:
        parse_study_spec(_nested(values))
    except FixInputError as alone:
        if alone.message == error.message:
            return FixInputError(f"{file}: {error.message}", remedy=error.remedy)
    return error


def read_config(file: Path) -> dict[str, Any]:
    """Returns the fields in a YAML file; keys such as space.activation are allowed."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise FixInputError(f"cannot read {file}: {error.strerror}", remedy="check the path after --config") from None
    except UnicodeDecodeError:
        raise FixInputError(f"{file} is not a UTF-8 text", remedy="check the path after --config") from None
    root = parse(text, str(file))
    if not isinstance(root, yaml.MappingNode):
        raise FixInputError(
            f"{file} does not contain keys with values", remedy="write one field per line, such as dataset: mnist"
        )
    values: dict[str, Any] = {}
    for key_node, node in root.value:
        key = str(key_node.value)
        if key in values:
            raise FixInputError(f"{file}: {key} is given twice", remedy="keep one")
        values[key] = _config_value(key, node, str(file))
    return values


def read_trials(assignments: Sequence[str], asked: int) -> int | None:
    """Returns the new total number of trials: N of `trials=N`, or asked + N of `trials=+N`; None without either."""
    total = None
    for key, text in _split_all(assignments):
        if key != "trials":
            raise FixInputError(
                f"{key} cannot change after a study has started", remedy="only trials=N or trials=+N can"
            )
        digits = text.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and 0 < len(digits) <= 9 and int(digits) > 0):
            raise FixInputError(
                f"trials={text} is not a number of trials", remedy="write trials=40, or trials=+20 for more"
            )
        total = int(digits) + (asked if text.startswith("+") else 0)
        most = StudySpec.model_json_schema()["properties"]["trials"]["maximum"]
        if total > most:
            raise FixInputError(f"trials={text} makes {total:,} trials", remedy=f"the most is {most:,}")
    return total


def _split_all(assignments: Sequence[str]) -> list[tuple[str, str]]:
    """Returns the keys and texts of the assignments. Refuses a key that is given twice."""
    found: dict[str, str] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        key = key.strip()
        if not equals:
            example = f"{key}=..." if key in StudySpec.model_fields else "key=value, such as dataset=mnist"
            raise FixInputError(f"{assignment!r} has no '='", remedy=f"write {example}")
        if not text.strip():
            raise FixInputError(f"{assignment!r} has no value", remedy="write one after the '=', without a space")
        if key in found:
            raise FixInputError(f"{key} is given twice: {found[key]} and {text}", remedy="keep one")
        found[key] = text
    return list(found.items())


def _remedy_for(key: str) -> str:
    if not key:
        return "write key=value, such as dataset=mnist"
    if "." in key:
        return "only space and health_weights have keys below them, such as space.activation=relu"
    from tuner.search.options import SPACES, space_rows  # imports NumPy, which would delay completion

    if any(key == row.name for name in SPACES for row in space_rows(name)):
        return f"write space.{key}=..., it belongs to the search space"
    remedy = nearest(key, StudySpec.model_fields)
    return remedy if remedy.startswith("did you mean") else "`tuner options` lists all fields"


def _field_value(name: str, text: str) -> Any:
    if name not in StudySpec.model_fields:
        raise FixInputError(f"unknown field {name!r}", remedy=_remedy_for(name))
    kind = field_kind(name)
    if kind.optional and text.strip().lower() in _NONE:
        return None
    if kind.text:
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
        return str(plain_value(text, f"{name}={text}")) if quoted else text
    if kind.listed:
        return _list_value(name, text.strip())
    return text.strip() if kind.named else plain_value(text, f"{name}={text}")


def _list_value(name: str, text: str) -> Any:
    """The items of `[a, b]` and of `a,b`; a single item without brackets stays a text."""
    if text.startswith("["):
        return plain_value(text, f"{name}={text}")
    items = [item.strip() for item in text.split(",")]
    return items if len(items) > 1 else text


def _config_value(name: str, node: yaml.Node, where: str) -> Any:
    """Returns a field's value in a YAML file. A text field keeps its text as written: 007 stays 007."""
    kind = field_kind(name) if name in StudySpec.model_fields else FieldKind(text=False, named=False, optional=False)
    if kind.text and isinstance(node, yaml.ScalarNode) and not is_null(node):
        return str(node.value)
    value = construct(node, where)
    return None if kind.optional and value == "none" else value


def _with_parts(base: Any, parts: dict[str, Any]) -> Any:
    """Returns a parameter's override with these parts replaced."""
    if base is None:
        return parts
    try:
        return ParameterOverride.model_validate(base).model_dump(exclude_none=True) | parts
    except ValidationError:
        return base  # it is wrong by itself; parse_study_spec says why
