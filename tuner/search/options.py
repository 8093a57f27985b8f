"""Describes every field of a study and every parameter of a search space, for the command line and the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from tuner.data import ImageInput, TextInput
from tuner.events import Scalar
from tuner.search.parameter import Parameter
from tuner.search.space import make_space
from tuner.search.space_description import described
from tuner.spec import StudySpec

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Data": (
        *("dataset", "data_dir", "sample_percentage", "validation_split", "test_size", "seed"),
        *("image_size", "image_fit"),
    ),
    "Search": (
        *("trials", "objective", "constraints", "architecture", "model", "mode", "space", "activation"),
        *("searcher", "scheduler", "deterministic", "warm_start_from", "time_budget_s", "target_score"),
        "baseline",
    ),
    "Health": ("accuracy_weight", "health_weights", "health_stop"),
    "Each trial": ("max_epochs_per_trial", "min_epochs_per_trial", "early_stopping_patience", "class_weight"),
    "Resources": (
        *("concurrent_workers", "cpus_per_trial", "gpus_per_trial", "use_multi_gpu", "target_gpus_per_worker"),
        *("mixed_precision", "xla", "steps_per_execution", "max_parameters", "max_memory_mb"),
    ),
    "RunPod": (
        *("use_runpod_service", "runpod_endpoint_id", "runpod_fallback_local"),
        *("runpod_queue_timeout_s", "runpod_timeout_s", "runpod_gpu", "runpod_parity_trials"),
    ),
    "Results": ("run_name", "storage_path", "refit", "keep_models", "plot_generation", "loggers"),
}
"""Fields by group, in the order in which they are shown. A field without a group is shown at the end."""

IMAGES = ImageInput(28, 28, 1, 1 / 255, 0.0)
TEXTS = TextInput("strings", tuple(f"word{number}" for number in range(30_000)), 1_000)
SPACES: Mapping[str, tuple[str, ImageInput | TextInput]] = {
    "images": ("images", IMAGES),
    "texts": ("texts with 30,000 different words, of 1,000 words at most", TEXTS),
}


OptionType = Literal["integer", "number", "boolean", "text", "choice", "list", "object"]


@dataclass(frozen=True)
class Option:
    """One field of StudySpec as users see it."""

    name: str
    group: str
    kind: str
    default: str
    meaning: str
    type: OptionType
    """Type of its values, beside its choices."""
    default_value: Any
    """As a JSON value; defaults that depend on other fields are those of a spec without other fields."""
    nullable: bool
    minimum: int | float | None
    maximum: int | float | None
    exclusive_minimum: int | float | None
    exclusive_maximum: int | float | None
    choices: list[Any] | None
    """Its possible values; of another type than `choice`, values that it may have besides. None: no others."""


def fields() -> list[Option]:
    """Returns all fields of StudySpec, group by group, each followed by its nested keys."""
    schema = StudySpec.model_json_schema()
    definitions, properties = schema.get("$defs", {}), schema["properties"]
    grouped = [(group, name) for group, names in GROUPS.items() for name in names]
    known = {name for _, name in grouped}
    grouped += [("More", name) for name in StudySpec.model_fields if name not in known]
    found = []
    for group, name in grouped:
        info = StudySpec.model_fields[name]
        default = info.get_default(call_default_factory=True)
        value = to_jsonable_python(default)
        values = _values(properties[name], definitions) | {"default_value": value}
        if isinstance(default, BaseModel):
            found.append(Option(name, group, "see below", "see below", info.description or "", **values))
            for part, schema in definitions[type(default).__name__]["properties"].items():
                shown, kind = _shown(getattr(default, part)), _kind(schema, definitions)
                below = _values(schema, definitions) | {"default_value": value[part]}
                found.append(Option(f"{name}.{part}", group, kind, shown, schema.get("description", ""), **below))
        else:
            shown = "none" if default is None or default in ({}, ()) else _shown(default)
            kind = _kind(properties[name], definitions)
            found.append(Option(name, group, kind, shown, info.description or "", **values))
    return found


def options_json() -> dict[str, Any]:
    """Returns all fields and the default search spaces as one JSON document."""
    return {
        "fields": [option.__dict__ for option in fields()],
        "search_space": {name: [asdict(row) for row in space_rows(name)] for name in SPACES},
        "parameters": {
            name: [one.model_dump(mode="json") for one in described(make_space(StudySpec(), "auto", data, {}))]
            for name, (_, data) in SPACES.items()
        },
    }


@dataclass(frozen=True)
class ParameterRow:
    """One parameter of a search space as users see it; a series such as filters_1 ... filters_4 is one row."""

    name: str
    range: str
    """Such as `32..256 (log)`, or choices such as `adam, sgd`."""
    widest: str
    """The widest range or the choices that a study may ask for; empty if no wider ones are allowed."""
    only_with: str
    """The values of another parameter with which this one exists; empty: it exists with all."""
    meaning: str


def space_rows(data: str) -> list[ParameterRow]:
    """Returns the parameters of the default search space for `images` or `texts`."""
    return parameter_rows(make_space(StudySpec(), "auto", SPACES[data][1], {}).parameters)


def condition_of(name: str) -> str:
    """Returns with which values of another parameter one of a default space exists, such as `optimizer sgd`, or ''."""
    rows = (row for data in SPACES for row in space_rows(data) if row.name == name)
    found = dict.fromkeys(row.only_with.partition(" ")[::2] for row in rows)
    others = dict.fromkeys(other for other, _ in found)
    return " ".join([*others, ", ".join(values for _, values in found)]) if len(others) == 1 and any(others) else ""


def parameter_rows(parameters: Sequence[Parameter]) -> list[ParameterRow]:
    """Returns one row per parameter; parameters whose names differ only by a number at the end share a row."""
    merged: list[tuple[ParameterRow, str]] = []
    for parameter in parameters:
        stem, _, number = parameter.name.rpartition("_")
        condition = "" if number.isdigit() else _condition(parameter, parameters)
        row = ParameterRow(parameter.name, _searched(parameter), _widest(parameter), condition, parameter.meaning)
        if merged and number.isdigit() and merged[-1][1] == stem and merged[-1][0].range == row.range:
            first = merged[-1][0].name.partition(" ")[0]
            row = replace(row, name=f"{first} ... {number}")
            merged.pop()
        merged.append((row, stem if number.isdigit() else ""))
    return [row for row, _ in merged]


def _kind(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Returns the allowed values of a field in words, from its JSON schema."""
    if "anyOf" in schema:
        parts = schema["anyOf"]
        return " or ".join("see meaning" if part.get("type") == "array" else _kind(part, definitions) for part in parts)
    if "$ref" in schema:
        return _kind(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if "enum" in schema.get("items", {}):
        return f"list of {_kind(schema['items'], definitions)}"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true, false", "null": "none"}
    kind = words.get(schema["type"], "see meaning")
    limits = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    return " ".join([kind, *(f"{word} {schema[name]:,}" for name, word in limits.items() if name in schema)])


_TYPES: Mapping[str, OptionType] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "object",
}
_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
}


def _values(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of an Option that say which values a field may have, from its JSON schema."""
    found: dict[str, Any] = {"type": "choice", "nullable": False, "choices": None}
    found |= dict.fromkeys(_LIMITS.values())
    for part in _alternatives(schema, definitions):
        if "const" in part or "enum" in part:
            found["choices"] = [*(found["choices"] or ()), *part.get("enum", [part.get("const")])]
        elif part.get("type") == "null":
            found["nullable"] = True
        elif found["choices"] is None or part["type"] != "array":  # else a list of some of the choices
            found["type"] = _TYPES[part["type"]]
            found |= {name: part[key] for key, name in _LIMITS.items() if key in part}
    return found


def _alternatives(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "anyOf" not in schema:
        yield schema
    for part in schema.get("anyOf", ()):
        yield from _alternatives(part, definitions)


def _searched(parameter: Parameter) -> str:
    return str(parameter) if parameter.choices is None else ", ".join(map(_shown, parameter.choices))


def _widest(parameter: Parameter) -> str:
    if parameter.choices is not None:
        allowed = parameter.allowed or parameter.choices
        return "" if set(allowed) == set(parameter.choices) else ", ".join(map(_shown, allowed))
    if parameter.limits is None or parameter.limits == (parameter.low, parameter.high):
        return ""
    return f"{parameter.limits[0]:g} to {parameter.limits[1]:g}"


def _condition(parameter: Parameter, parameters: Sequence[Parameter]) -> str:
    """Returns the values of another parameter with which this one exists; empty if it exists with all."""
    values: dict[str, Scalar] = {}
    for one in parameters:
        values[one.name] = one.choices[0] if one.choices is not None else one.high or 0
    for other in parameters:
        if other.choices is None or len(other.choices) < 2 or other.name == parameter.name:
            continue
        fitting = [choice for choice in other.choices if parameter.when(values | {other.name: choice})]
        if 0 < len(fitting) < len(other.choices):
            return f"{other.name} {', '.join(map(_shown, fitting))}"
    return ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)
