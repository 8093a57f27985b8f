"""Trials as JSON text: objects for lists and the live feed, columns for tables of thousands of trials.

JSON columns of the database are copied as text and never parsed: a thousand trials take a few hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from tuner.store import tables

_T = tables.trials.c
Row = Sequence[Any]
"""The values of the columns of `selected`, in their order."""


class _WithoutLayers(sa.sql.expression.FunctionElement[str]):
    """The JSON text of an architecture without its layers, which are most of it."""

    type = sa.Text()
    inherit_cache = True
    name = "without_layers"


@compiles(_WithoutLayers)
def _without_layers(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_remove({compiler.process(element.clauses, **options)}, '$.layers')"


@compiles(_WithoutLayers, "postgresql")
def _without_layers_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(CAST({compiler.process(element.clauses, **options)} AS jsonb) - 'layers' AS text)"


class _Outline(sa.sql.expression.FunctionElement[str]):
    """The JSON text of an architecture's layers with their type, output shape and number of weights alone."""

    type = sa.Text()
    inherit_cache = True
    name = "outline"


@compiles(_Outline)
def _outline(element: Any, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    removed = ", ".join(
        f"'$.{name}'" for name in ("layer_id", "input_shape", "activation", "filters", "kernel_size", "units")
    )
    layers = f"SELECT json_group_array(json_remove(value, {removed})) FROM json_each({column}, '$.layers')"
    return f"CASE WHEN {column} IS NOT NULL THEN ({layers}) END"


@compiles(_Outline, "postgresql")
def _outline_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    kept = ", ".join(f"'{name}', layer->'{name}'" for name in ("layer_type", "output_shape", "parameters"))
    layers = f"json_array_elements({column}->'layers') WITH ORDINALITY AS layers(layer, place)"
    return f"(SELECT CAST(json_agg(json_build_object({kept}) ORDER BY place) AS text) FROM {layers})"


PERFORMANCE = ("accuracy", "loss", "total_score")
HEALTH = (
    "overall_health",
    *("neuron_utilization", "training_stability", "parameter_efficiency"),
    *("gradient_health", "convergence_quality", "accuracy_consistency"),
)
_VALUES: dict[str, sa.ColumnElement[Any]] = {
    **{
        name: _T[name]
        for name in (
            *("trial_number", "trial_id", "status", "cause", "reason", "started_at", "completed_at"),
            *("duration_seconds", "objective", "best_epoch", "epochs_trained", "suggested_by", "place", "why_local"),
            *("queued_s", "note", "starred", "cancel_requested_at"),
        )
    },
    **{name: _T.performance[name].as_float() for name in PERFORMANCE},
    **{name: _T.health_metrics[name].as_float() for name in HEALTH},
    "node": _T.devices["node"].as_string(),
}
_DOCUMENTS: dict[str, sa.ColumnElement[Any]] = {
    **{
        name: sa.cast(_T[name], sa.Text)
        for name in ("hyperparameters", "performance", "health_metrics", "findings", "values", "repeat", "stopped_by")
    },
    "insufficient": sa.cast(_T.health_metrics["insufficient"], sa.Text),
    "architecture": _WithoutLayers(_T.architecture),
    "outline": _Outline(_T.architecture),
}
EXPRESSIONS = _VALUES | _DOCUMENTS
"""The SQL expression of each column, by its name in the JSON."""
_LISTS = {"findings"}
"""Documents that are an empty list where the database has null."""


def selected(names: Sequence[str]) -> sa.Select[Any]:
    """The query for these columns of all trials; see EXPRESSIONS for their names."""
    return sa.select(*(EXPRESSIONS[name].label(name) for name in names)).select_from(tables.trials)


def as_columns(
    rows: Sequence[Row], names: Sequence[str], rewritten: Mapping[str, Callable[[str], str]] | None = None
) -> str:
    """The JSON object with the values of all rows by column.

    Args:
        rewritten: Functions that change the texts of some columns first.
    """
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    parts = []
    for name, values in zip(names, columns, strict=True):
        if rewritten is not None and name in rewritten:
            changed = {text: rewritten[name](text) for text in set(values) if text is not None}
            values = [changed.get(text) for text in values]
        parts.append(f'"{name}":[{",".join(map(_encoder(name), values))}]')
    return "{" + ",".join(parts) + "}"


def as_objects(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """The JSON object of each row."""
    form = "{" + ",".join(f'"{name}":%s' for name in names) + "}"
    columns = zip(*rows, strict=True) if rows else ()
    encoded = [list(map(_encoder(name), values)) for name, values in zip(names, columns, strict=False)]
    return [form % values for values in zip(*encoded, strict=True)]


def _encoder(name: str) -> Callable[[Any], str]:
    # Without an encoder, which would take a quarter of the whole answer's time for a thousand trials.
    if name in _VALUES:
        return _value
    return _list if name in _LISTS else _document


def _value(value: str | float | bool | datetime | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, datetime):
        return f'"{value.isoformat().replace("+00:00", "Z")}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _document(text: str | None) -> str:
    return text or "null"


def _list(text: str | None) -> str:
    return text or "[]"
