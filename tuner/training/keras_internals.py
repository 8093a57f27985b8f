"""Everything of TensorFlow and Keras that they do not document, in one place.

No other module may use a private name of theirs. `tests/training/test_keras_internals.py` fails with the name of what
is missing on a TensorFlow that changed it. Written for TensorFlow 2.21.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

CUSTOM_GRADIENT = "CustomGradient-"
"""Prefix of the names that TensorFlow gives to gradient functions."""


def registered_gradients() -> frozenset[str]:
    """Return the names of all gradient functions that TensorFlow keeps."""
    return frozenset(_gradient_registry())


def remove_gradients(keep: frozenset[str]) -> None:
    """Remove the gradient functions that were registered since `registered_gradients` returned `keep`.

    Whatever has a gradient of its own (an all-reduce, which every Keras optimizer does, also on one device; the
    activations swish and gelu) registers it under a new name with each traced graph. The registry keeps the graph, and
    the graph its variables: a worker would keep the weights and moments of all networks it ever trained. TensorFlow
    has no public way to remove an entry. Graphs that were traced since then cannot be differentiated any more.
    """
    registry = _gradient_registry()
    for name in set(registry) - keep:
        if name.startswith(CUSTOM_GRADIENT):
            del registry[name]


def _gradient_registry() -> MutableMapping[str, Any]:
    from tensorflow.python.framework import ops

    # Without it networks stay in memory, which is better than no training.
    registry: MutableMapping[str, Any] = getattr(getattr(ops, "gradient_registry", None), "_registry", {})
    return registry
