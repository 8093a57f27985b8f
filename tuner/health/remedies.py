"""What to try against each finding, as far as the trial's own hyperparameters leave room for it.

Each remedy is one line that says what is set now. A hyperparameter that a network does not have is not spoken of: an
own model may have none of those that are known here, but for those of its training.
"""

from __future__ import annotations

from collections.abc import Mapping

from tuner.events import FindingName, Scalar

Hyperparameters = Mapping[str, Scalar]

BOUNDED = ("tanh", "sigmoid")
"""Activations whose slope is lost at their bounds."""

HIGH_DROPOUT = 0.3
"""From which on dropout may be what keeps a network from learning."""


def remedies(name: FindingName, hyperparameters: Hyperparameters, layer_id: str | None = None) -> tuple[str, ...]:
    """What to try first, second and so on; at least one line.

    Args:
        layer_id: The layer that it is worst in: what has no bearing on it is left out.
    """
    hp = hyperparameters
    found: list[str | None]
    match name:
        case "dying_units":
            found = [_lower_rate(hp), _leak(hp), _normalise(hp, layer_id), narrower(hp, layer_id)]
        case "saturation":
            found = [_unbounded(hp), _lower_rate(hp), _initialise(hp), _normalise(hp, layer_id)]
        case "vanishing_gradients":
            found = [_unbounded(hp), _shallower(hp), _normalise(hp, layer_id), _initialise(hp), rate_either_way(hp)]
        case "exploding_gradients":
            found = [_lower_rate(hp), _calmer_optimizer(hp), _normalise(hp, layer_id)]
        case "divergence":
            found = [_lower_rate(hp, times=10), _calmer_optimizer(hp), _normalise(hp, layer_id)]
        case "oscillating_loss":
            found = [_lower_rate(hp), _larger_batch(hp), _less_momentum(hp)]
        case "no_learning":
            found = [rate_either_way(hp), _unbounded(hp), _shallower(hp), _less_dropout(hp), "check the labels"]
        case "no_more_gain":
            found = [_lower_rate(hp), _fewer_epochs(hp), "let the search try larger networks"]
        case "overfitting":
            found = [_more_dropout(hp), _decay(hp), narrower(hp, layer_id), "train on more data, where there is more"]
    return tuple(remedy for remedy in found if remedy is not None)


def _lower_rate(hp: Hyperparameters, times: int = 0) -> str:
    return f"lower the learning rate{f' by {times} times' if times else ''}{_now(hp, 'learning_rate')}"


def rate_either_way(hp: Hyperparameters) -> str:
    """Where learning did not arrive: too small steps look like too large ones."""
    return f"try a learning rate ten times lower, and one ten times higher{_now(hp, 'learning_rate')}"


def train_longer(hp: Hyperparameters) -> str:
    """Where learning may have been cut off."""
    return f"train longer, where the loss still falls{_now(hp, 'epochs')}"


def _leak(hp: Hyperparameters) -> str | None:
    activation = hp.get("activation")
    if activation is None or activation in ("leaky_relu", *BOUNDED):
        return None
    return f"use leaky_relu instead of {activation}"


def _unbounded(hp: Hyperparameters) -> str | None:
    activation = hp.get("activation")
    return f"use relu or leaky_relu instead of {activation}" if activation in BOUNDED else None


def _initialise(hp: Hyperparameters) -> str | None:
    initializer, activation = hp.get("initializer"), hp.get("activation")
    if initializer is None or activation is None:
        return None
    fitting = "glorot" if activation in BOUNDED else "he"
    if str(initializer).startswith(fitting):
        return None
    return f"use initializer={fitting}_{'uniform' if fitting == 'glorot' else 'normal'} with {activation}" + _now(
        hp, "initializer"
    )


def _normalise(hp: Hyperparameters, layer_id: str | None) -> str | None:
    if layer_id is not None and not layer_id.startswith("block"):
        return None
    return "normalise after each convolution (batch_normalization=true)" if _is_off(hp, "batch_normalization") else None


def _shallower(hp: Hyperparameters) -> str | None:
    layers = {
        name: number for name in ("conv_layers", "lstm_layers", "dense_layers") if (number := _number(hp, name)) > 1
    }
    if not layers:
        return None
    return "take fewer layers (now " + ", ".join(f"{name} {number:g}" for name, number in layers.items()) + ")"


def narrower(hp: Hyperparameters, layer_id: str | None = None) -> str | None:
    """Against a network, or a layer, that is too large; None where its width is not known."""
    named = [name for name in hp if name.startswith("filters_") or name in ("lstm_units", "first_dense_nodes")]
    if layer_id is not None:
        block = layer_id.removeprefix("block").partition("_")[0]
        kinds = {"block": f"filters_{block}", "dense": "first_dense_nodes", "lstm": "lstm_units"}
        kinds["bidirectional"] = "lstm_units"
        named = [width for kind, width in kinds.items() if layer_id.startswith(kind) and width in named]
    if not named:
        return None
    return "take fewer units (now " + ", ".join(f"{name} {_number(hp, name):g}" for name in named) + ")"


def _calmer_optimizer(hp: Hyperparameters) -> str | None:
    return "use adam instead of sgd" if hp.get("optimizer") == "sgd" else None


def _larger_batch(hp: Hyperparameters) -> str | None:
    return f"take larger batches{_now(hp, 'batch_size')}" if "batch_size" in hp else None


def _less_momentum(hp: Hyperparameters) -> str | None:
    return f"take less momentum{_now(hp, 'momentum')}" if _number(hp, "momentum") > 0 else None


def _less_dropout(hp: Hyperparameters) -> str | None:
    return f"leave out fewer units{_now(hp, 'dropout')}" if _number(hp, "dropout") >= HIGH_DROPOUT else None


def _more_dropout(hp: Hyperparameters) -> str | None:
    return f"leave out more units in training{_now(hp, 'dropout')}" if "dropout" in hp else None


def _decay(hp: Hyperparameters) -> str | None:
    if "weight_decay" in hp:
        return f"pull weights harder towards 0{_now(hp, 'weight_decay')}"
    return "use adamw, which pulls weights towards 0" if "optimizer" in hp else None


def _fewer_epochs(hp: Hyperparameters) -> str | None:
    return f"train fewer epochs{_now(hp, 'epochs')}" if "epochs" in hp else None


def _now(hp: Hyperparameters, name: str) -> str:
    """What is set, in brackets; nothing where it is not known."""
    value = hp.get(name)
    if value is None:
        return ""
    shown = f"{value:.3g}" if isinstance(value, float) else str(value)
    plain = ("learning_rate", "initializer", "momentum")
    return f" (now {shown})" if name in plain else f" ({name} is {shown} now)"


def _number(hp: Hyperparameters, name: str) -> float:
    value = hp.get(name, 0)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _is_off(hp: Hyperparameters, name: str) -> bool:
    return name in hp and not hp[name]
