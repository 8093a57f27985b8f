"""Access to the activations of a network's hidden units, and to its weight matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tuner.models.architecture import flat_layers
from tuner.models.ngram import MEAN, VECTORS


@dataclass(frozen=True)
class HiddenLayer:
    """A layer with hidden units: filters of a convolution, units of a dense or recurrent layer, or numbers of the mean
    vector of an n-gram network."""

    layer_id: str
    activation: str | None
    """Keras name of the activation; for a recurrent layer, of its output."""
    recurrent: bool


@dataclass(frozen=True)
class KernelWeights:
    """The weight matrices of one layer, without biases and scales of a normalisation."""

    layer_id: str
    variables: list[Any]


def kernel_weights(network: Any) -> list[KernelWeights]:
    """Return the weight matrices of each layer that has any, in order, including the output layer."""
    of_layers = (
        KernelWeights(layer.name, [variable for variable in layer.trainable_variables if len(variable.shape) >= 2])
        for layer in flat_layers(network)
    )
    return [found for found in of_layers if found.variables]


def with_hidden_outputs(network: Any) -> tuple[Any, list[HiddenLayer]]:
    """Return the network with each hidden layer's activations as outputs before the probabilities, and these layers.

    Activations have shape (samples, ..., units), after the layer's normalisation and activation function. The list is
    empty for an own network without a Keras graph (a subclass of keras.Model).
    """
    import keras

    inner = network.layers[-1]
    if not hasattr(inner, "layers"):
        found = _hidden(network)
        return keras.Model(network.inputs, [*(output for _, output in found), *network.outputs]), [
            layer for layer, _ in found
        ]
    if not getattr(inner, "inputs", None):
        return keras.Model(network.inputs, network.outputs), []
    found = _hidden(inner)
    extended = keras.Model(inner.inputs, [*(output for _, output in found), *inner.outputs])
    outputs = extended(network.layers[-2].output)
    return keras.Model(network.inputs, outputs), [layer for layer, _ in found]


def _hidden(graph: Any) -> list[tuple[HiddenLayer, Any]]:
    """Return the layers with hidden units and the symbolic tensors of their activations, without the output layer."""
    readers: dict[int, list[Any]] = {}
    for layer in graph.layers:
        if type(layer).__name__ != "InputLayer" and not hasattr(layer, "layers"):
            for tensor in layer.input if isinstance(layer.input, (list, tuple)) else [layer.input]:
                readers.setdefault(id(tensor), []).append(layer)
    last = {id(tensor) for tensor in graph.outputs}
    found = [_activations(layer, readers) for layer in graph.layers if _has_units(layer)]
    found += [
        (HiddenLayer(VECTORS, None, recurrent=False), layer.output) for layer in graph.layers if layer.name == MEAN
    ]
    return [(units, output) for units, output in found if id(output) not in last]


def _activations(layer: Any, readers: dict[int, list[Any]]) -> tuple[HiddenLayer, Any]:
    """Return the layer and its activations, after all layers that only normalise or activate them."""
    import keras

    elementwise = (
        keras.layers.Activation,
        keras.layers.BatchNormalization,
        keras.layers.ELU,
        keras.layers.LayerNormalization,
        keras.layers.LeakyReLU,
        keras.layers.PReLU,
        keras.layers.ReLU,
    )
    core = getattr(layer, "forward_layer", layer)  # the LSTM of a Bidirectional
    activation, output = getattr(core, "activation", None), layer.output
    while len(following := readers.get(id(output), [])) == 1 and isinstance(following[0], elementwise):
        activation, output = getattr(following[0], "activation", activation), following[0].output
    return HiddenLayer(layer.name, getattr(activation, "__name__", None), isinstance(core, keras.layers.RNN)), output


def _has_units(layer: Any) -> bool:
    core = getattr(layer, "forward_layer", layer)
    return getattr(core, "units", None) is not None or getattr(core, "filters", None) is not None
