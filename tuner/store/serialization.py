"""Converts events to the JSON documents of the log; `tuner.events.durable_event` reads them back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tuner.events import DurableEvent


def to_document(event: DurableEvent) -> dict[str, Any]:
    """The event as JSON values. Raises ValueError with the field if a number is not finite or a time has no zone."""
    document = event.model_dump(mode="json")
    for path, value in _leaves(document, event.type):
        # JSON would turn it into null, and every comparison with it would be false.
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{path} is {value}: only finite numbers are stored")
    if event.time.tzinfo is None:
        raise ValueError(f"{event.type}.time has no zone: use tuner.events.now()")
    return document


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every plain value with its path, such as `epoch_progress.train.loss`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value
