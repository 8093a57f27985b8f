"""The description of a built network, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tuner.events import Architecture, Layer
from tuner.models.estimate import RECURRENT, filter_sizes
from tuner.trial_spec import TrialSpec


def network_architecture(network: Any, trial: TrialSpec) -> Architecture:
    """Return the architecture of a built Keras model: its structural hyperparameters and all its layers in order."""
    hp = trial.hyperparameters
    layers = [_layer(layer) for layer in flat_layers(network)]
    summary: dict[str, Any] = {}
    if trial.architecture in ("cnn", "conv1d"):
        summary = {
            "conv_layers": hp["conv_layers"],
            "filters_per_layer": filter_sizes(hp),
            "kernel_size": hp["kernel_size"],
            "batch_normalization": hp["batch_normalization"],
            "use_global_pooling": hp["use_global_pooling"],
        }
    elif trial.architecture in RECURRENT:
        summary = {f"{trial.architecture}_units": hp[f"{trial.architecture}_units"]}
    if trial.architecture != "own":
        summary |= {name: hp[name] for name in ("dense_layers", "activation")}
        summary["first_dense_nodes"] = hp["first_dense_nodes"] if hp["dense_layers"] else None
    return Architecture(type=trial.architecture, total_parameters=network.count_params(), layers=layers, **summary)


def flat_layers(network: Any) -> Iterator[Any]:
    """The layers in order; a nested model is replaced by its layers."""
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from flat_layers(layer)
        else:
            yield layer


def _layer(layer: Any) -> Layer:
    core = getattr(layer, "forward_layer", layer)  # Bidirectional: the units and activation of its LSTM
    activation = getattr(core, "activation", None)
    kernel = getattr(core, "kernel_size", None)
    return Layer(
        layer_id=layer.name,
        layer_type=type(layer).__name__,
        input_shape=_shape(layer.output if type(layer).__name__ == "InputLayer" else layer.input),
        output_shape=_shape(layer.output),
        parameters=layer.count_params(),
        activation=getattr(activation, "__name__", None),
        filters=getattr(core, "filters", None),
        kernel_size=None if kernel is None else list(kernel),
        units=getattr(core, "units", None),
    )


def _shape(tensor: Any) -> list[int | None]:
    first = tensor[0] if isinstance(tensor, (list, tuple)) else tensor
    return list(first.shape[1:])
