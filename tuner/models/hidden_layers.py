"""What can be looked at in a built network: the answers of its hidden units, and the weights that make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tuner.models.architecture import flat


@dataclass(frozen=True)
class HiddenLayer:
    """A layer with hidden units: filters of a convolution, units of a dense or recurrent layer."""

    layer_id: str
    activation: str | None
    """Keras name of what makes the answers; of a recurrent layer, of its output."""
    recurrent: bool


@dataclass(frozen=True)
class KernelWeights:
    """The weight matrices of one layer: not its biases, nor the scales of a normalisation."""

    layer_id: str
    variables: list[Any]


def kernels(network: Any) -> list[KernelWeights]:
    """Of each layer that has any, in order, the output layer included."""
    of_layers = (
        KernelWeights(layer.name, [variable for variable in layer.trainable_variables if len(variable.shape) >= 2])
        for layer in flat(network)
    )
    return [found for found in of_layers if found.variables]


def open_up(network: Any) -> tuple[Any, list[HiddenLayer]]:
    """The same network with more outputs: the answers of each layer of hidden units, then the probabilities.

    Answers have shape (samples, ..., units), after the layer's normalisation and activation. There are none of an own
    model that Keras has no graph of (a subclass of keras.Model).
    """
    import keras

    inner = network.layers[-1]
    if not hasattr(inner, "layers"):
        found = _hidden(network)
        return keras.Model(network.inputs, [*(output for _, output in found), *network.outputs]), [h for h, _ in found]
    if not getattr(inner, "inputs", None):
        return keras.Model(network.inputs, network.outputs), []
    found = _hidden(inner)
    opened = keras.Model(inner.inputs, [*(output for _, output in found), *inner.outputs])
    outputs = opened(network.layers[-2].output)
    return keras.Model(network.inputs, outputs), [h for h, _ in found]


def _hidden(graph: Any) -> list[tuple[HiddenLayer, Any]]:
    """Layers with hidden units and the symbolic tensor of their answers, in order, without the output layer."""
    readers: dict[int, list[Any]] = {}
    for layer in graph.layers:
        if type(layer).__name__ != "InputLayer" and not hasattr(layer, "layers"):
            for tensor in _as_list(layer.input):
                readers.setdefault(id(tensor), []).append(layer)
    last = {id(tensor) for tensor in graph.outputs}
    found = (_answers(layer, readers) for layer in graph.layers if _has_units(layer))
    return [(units, output) for units, output in found if id(output) not in last]


def _answers(layer: Any, readers: dict[int, list[Any]]) -> tuple[HiddenLayer, Any]:
    """The layer's answers, behind whatever does nothing but normalise or activate them."""
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
    core = getattr(layer, "forward_layer", layer)  # of a Bidirectional
    activation, output = getattr(core, "activation", None), layer.output
    while len(behind := readers.get(id(output), [])) == 1 and isinstance(behind[0], elementwise):
        activation, output = getattr(behind[0], "activation", activation), behind[0].output
    return HiddenLayer(layer.name, getattr(activation, "__name__", None), isinstance(core, keras.layers.RNN)), output


def _has_units(layer: Any) -> bool:
    core = getattr(layer, "forward_layer", layer)
    return getattr(core, "units", None) is not None or getattr(core, "filters", None) is not None


def _as_list(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
