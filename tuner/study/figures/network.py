"""What the layers of a trained network respond to a few samples.

Each function takes the network as `tuner.models.build` returns it, from prepared samples to probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tuner.data import PADDING, Array
from tuner.models.ngram import MEAN, VECTORS, WEIGHTS
from tuner.plots.samples import FeatureMaps, TokenActivity

MOST_FILTERS = 8
"""Filters of a layer that are shown."""

_PASSES_ON = ("Activation", "BatchNormalization", "ELU", "LayerNormalization", "LeakyReLU", "PReLU", "ReLU", "Add")
"""Layers after a convolution that belong to its block."""
_SHAPES_ONLY = ("Pooling", "Dropout", "Flatten", "Reshape", "Rescaling", "Resizing", "InputLayer", "Embedding")
"""Parts of the names of layers without units."""


def network_of(model: Any) -> Any:
    """The trained network in a saved model, without the layers before it that prepare raw samples."""
    inner = model.layers[-1]
    return inner if hasattr(inner, "layers") else model  # a model of an early version takes pixels of one size


def feature_maps(network: Any, x: Array) -> tuple[FeatureMaps, FeatureMaps] | None:
    """What the first and the last convolution block respond to images x, shape (samples, height, width, channels).

    None: the network has no convolution over images. Of each block the MOST_FILTERS filters with the largest mean
    activation over these images are in the result, after normalisation and activation function.
    """
    layers = list(_layers(network))
    convolutions = [place for place, layer in enumerate(layers) if _is_convolution(layer)]
    if not convolutions:
        return None
    first = convolutions[0]
    while first + 1 < len(layers) and _passes_on(layers[first + 1]):
        first += 1
    last = max(place for place, layer in enumerate(layers) if place >= first and _has_maps(layer))
    blocks = [layers[convolutions[0]], layers[[place for place in convolutions if place <= last][-1]]]
    outputs = _outputs(network, x, [layers[first], layers[last]])
    first_maps, last_maps = (_maps(layer.name, values) for layer, values in zip(blocks, outputs, strict=True))
    return first_maps, last_maps


def token_activity(network: Any, tokens: Array, word_of: Callable[[int], str]) -> TokenActivity | None:
    """How strongly the network's encoder responds to each token of texts, shape (samples, sequence_length).

    It is the norm over the units of the last layer that has an output for each token; of an n-gram network, the norm of
    each word's vector times its weight. Divided by the largest value of the text. None: no layer keeps the tokens.
    """
    layers = list(_layers(network))
    by_name = {layer.name: layer for layer in layers}
    length = tokens.shape[1]
    if VECTORS in by_name and WEIGHTS in by_name:
        name, title = VECTORS, "weighted vectors of the words"
        # By the words, since without repeats the network does not keep their order.
        (vectors,), (weights,) = (by_name[layer].get_weights() for layer in (VECTORS, WEIGHTS))
        length_of_vectors = by_name[MEAN].output.shape[-1]  # what follows them are scores of naive Bayes
        outputs: Array = vectors[tokens, :length_of_vectors] * weights[tokens]
    else:
        places = [place for place, layer in enumerate(layers) if _is_encoder(layer, length)]
        if not places:
            return None
        layer = layers[places[-1]]
        name, last = layer.name, places[-1]
        title = name
        while last + 1 < len(layers) and _passes_on(layers[last + 1]):
            last += 1
        (outputs,) = _outputs(network, tokens, [layers[last]])
    norms = np.linalg.norm(outputs, axis=-1)
    words = tuple(tuple(word_of(int(token)) for token in row[row != PADDING]) for row in tokens)
    return TokenActivity(
        name, title, words, tuple(_shares(row[kept]) for row, kept in zip(norms, tokens != PADDING, strict=True))
    )


def _shares(norms: Array) -> Array:
    """The norms divided by the largest one; 0 if it is 0 or not finite."""
    largest = float(norms.max(initial=0.0))
    return norms.astype(np.float64) / largest if 0 < largest < np.inf else np.zeros(len(norms))


def _maps(name: str, values: Array) -> FeatureMaps:
    activity = np.abs(values).mean(axis=(0, 1, 2))
    most = np.argsort(-activity, kind="stable")[:MOST_FILTERS]
    return FeatureMaps(name, name, values[..., most])


def _graph(network: Any) -> Any:
    """The model with the layers: the network, or the own model in it; None: a model without a graph of layers."""
    inner = network.layers[-1]
    if not hasattr(inner, "layers"):
        return network
    return inner if getattr(inner, "inputs", None) else None


def _layers(network: Any) -> Iterator[Any]:
    graph = _graph(network)
    yield from () if graph is None else (layer for layer in graph.layers if not hasattr(layer, "layers"))


def _outputs(network: Any, x: Array, layers: Sequence[Any]) -> list[Array]:
    """The outputs of some layers of the network for prepared samples x, as float32."""
    import keras

    graph = _graph(network)
    opened = keras.Model(graph.input, [layer.output for layer in layers])
    if graph is not network:
        opened = keras.Model(network.input, opened(network.layers[-2].output))
    found = opened(keras.ops.convert_to_tensor(x), training=False)
    return [np.asarray(one, np.float32) for one in (found if isinstance(found, (list, tuple)) else [found])]


def _rank(layer: Any) -> int:
    shape = getattr(getattr(layer, "output", None), "shape", None)
    return 0 if shape is None else len(shape)


def _is_convolution(layer: Any) -> bool:
    return _rank(layer) == 4 and getattr(layer, "filters", None) is not None


def _has_maps(layer: Any) -> bool:
    """Whether its output is images of more than one pixel, of a convolution or a layer that belongs to its block."""
    if _rank(layer) != 4 or layer.output.shape[1:3] == (1, 1):
        return _is_convolution(layer)
    return not any(part in type(layer).__name__ for part in _SHAPES_ONLY)


def _passes_on(layer: Any) -> bool:
    return type(layer).__name__ in _PASSES_ON and _rank(layer) >= 3


def _is_encoder(layer: Any, length: int) -> bool:
    """Whether a layer has units and an output for each token."""
    return (
        _rank(layer) == 3
        and layer.output.shape[1] == length
        and not any(part in type(layer).__name__ for part in (*_SHAPES_ONLY, *_PASSES_ON))
    )
