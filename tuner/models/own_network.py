"""Builds a user's own network and checks that it can be trained as this project trains networks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tuner.choices import originals
from tuner.errors import CannotBuildError, shortened
from tuner.events import Scalar
from tuner.models import own
from tuner.models.architecture import flat_layers

LAMBDA = "which Keras saves but does not load again"
INSTEAD_OF_LAMBDA = "use a layer such as keras.layers.Rescaling(2.0), or keras.ops in a functional model"
NOT_FOUND = "which Keras does not find when it loads the saved model"
REGISTER = "put it into an importable module and decorate it with @keras.saving.register_keras_serializable()"
"""What is wrong with a network that cannot be loaded once it is saved, and the remedies."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_KERAS_FRAME = re.compile(r"Exception encountered when calling [\w.()]+\.?|Arguments received by .*", re.DOTALL)
_OTHER_TUNERS = ("Int", "Float", "Choice", "Boolean", "Fixed")


def own_output(model: str, features: Any, hyperparameters: Mapping[str, Scalar], classes: int) -> Any:
    """Return the output of the user's network for these features, a Keras tensor of shape (samples, classes).

    Raises:
        FixInputError: the function is not available.
        CannotBuildError: it fails with these hyperparameters, or returns what cannot be trained.
    """
    own_model = own.load(model)
    shape = tuple(features.shape[1:])
    try:
        network = own_model.build(originals(own_model.space, hyperparameters), shape, classes)
        _check_inputs(model, network, shape)
        output = network.compute_output_shape((None, *shape))
        _check_output(model, output, classes)
        _check_layers(model, network)
        network.compiled = False  # the training compiles anew; the user's loss would be saved, and missed on loading
        return network(features)
    except CannotBuildError:
        raise
    except Exception as error:  # any error of the user's function is reported to the user
        shown = shortened(str(dict(hyperparameters)), 150)
        raise CannotBuildError(
            f"model={model} fails to build with {shown}: {_in_one_line(error)}{own.place_of(error)}",
            remedy=_remedy(error) or f"it is called with input_shape={shape}, classes={classes}",
        ) from error


def _check_inputs(model: str, network: Any, shape: tuple[int, ...]) -> None:
    import keras

    if not isinstance(network, keras.Model):
        remedy = "end it with `return model`" if network is None else "return one Keras model"
        raise CannotBuildError(f"model={model} returns {type(network).__name__}, not a Keras model", remedy=remedy)
    inputs = _known_inputs(network)
    if len(inputs) > 1:
        raise CannotBuildError(f"model={model} has {len(inputs)} inputs", remedy="it must have one")
    if not inputs:
        return
    batch, *rest = inputs[0]
    fits = len(rest) == len(shape) and all(one in (None, other) for one, other in zip(rest, shape, strict=True))
    if not fits:
        raise CannotBuildError(
            f"model={model} expects samples of shape {tuple(rest)}, but they are {shape}",
            remedy="begin it with keras.Input(input_shape): input_shape is the function's second argument",
        )
    if batch is not None:
        raise CannotBuildError(f"model={model} fixes the batch size {batch}", remedy="leave it out of keras.Input")


def _known_inputs(network: Any) -> list[tuple[int | None, ...]]:
    """Return the shapes of the inputs; empty if the network has none before it is called."""
    try:
        inputs = network.inputs
    except (AttributeError, ValueError):
        return []
    return [tuple(tensor.shape) for tensor in inputs or []]


def _check_output(model: str, output: Any, classes: int) -> None:
    several = isinstance(output, (list, tuple)) and any(isinstance(part, (list, tuple)) for part in output)
    if several or isinstance(output, Mapping):
        raise CannotBuildError(
            f"model={model} has {len(output)} outputs", remedy=f"it must have one, of shape {(None, classes)}"
        )
    if tuple(output) != (None, classes):
        one = tuple(output) == (None, 1)
        remedy = f"it must be {(None, classes)}, a softmax over the classes"
        raise CannotBuildError(
            f"model={model} has an output of shape {tuple(output)}",
            remedy=remedy + (": two classes have two probabilities too" if one and classes == 2 else ""),
        )


def _check_layers(model: str, network: Any) -> None:
    """Refuse layers that Keras saves and cannot load: seen here, such a trial is rejected before it is trained."""
    import keras

    for layer in flat_layers(network):
        kind = type(layer)
        if isinstance(layer, keras.layers.Lambda) and getattr(layer.function, "__name__", "") == "<lambda>":
            raise CannotBuildError(f"model={model} has a Lambda layer, {LAMBDA}", remedy=INSTEAD_OF_LAMBDA)
        registered = keras.saving.get_registered_name(kind) != kind.__name__
        if kind.__module__.split(".")[0] != "keras" and not registered:
            raise CannotBuildError(f"model={model} uses {kind.__name__!r}, {NOT_FOUND}", remedy=REGISTER)


def _in_one_line(error: Exception) -> str:
    """Return an error of Keras or of the user without its repetition of all arguments."""
    text = _KERAS_FRAME.sub("", _ANSI.sub("", str(error))).strip() or str(error)
    return f"{type(error).__name__}: {shortened(text, 300)}"


def _remedy(error: Exception) -> str:
    """Return the remedy for hyperparameters that are used as an object of another tuner; empty for other errors."""
    if not isinstance(error, AttributeError) or not isinstance(error.obj, dict):
        return ""
    name = str(error.name)
    if name in _OTHER_TUNERS or name.startswith("suggest_"):
        return own.OURS
    return f"hyperparameters is a dict: write hyperparameters[{name!r}]"
