"""Forgets the gradient functions that TensorFlow keeps for ever.

Whatever has a gradient of its own (an all-reduce, which every Keras optimizer does, also on one device; the
activations swish and gelu) registers it by a new name with each graph that is traced. The registration holds the
graph, and that one its variables: a worker would keep the weights and moments of all the networks it ever trained.
TensorFlow has no way to take one back, so its table is cleaned here; if a version has no such table, nothing is done.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

OWN_GRADIENT = "CustomGradient-"
"""Begin of the names that TensorFlow makes up."""


def gradients() -> frozenset[str]:
    """Names of all that are registered now."""
    return frozenset(_table())


def forget_gradients(but: frozenset[str]) -> None:
    """Forget what was registered since `gradients` gave `but`: no graph traced since then can be differentiated."""
    table = _table()
    for name in set(table) - but:
        if name.startswith(OWN_GRADIENT):
            del table[name]


def _table() -> MutableMapping[str, Any]:
    from tensorflow.python.framework import ops

    table: MutableMapping[str, Any] = getattr(getattr(ops, "gradient_registry", None), "_registry", {})
    return table
