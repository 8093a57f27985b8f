"""Remedies for each training problem, chosen by the trial's hyperparameters.

Each remedy is one line that states the present value. Hyperparameters that the network does not have are skipped: an
own network may have none of the known ones except those of training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuner.events import Finding, FindingName, Scalar

Hyperparameters = Mapping[str, Scalar]

BOUNDED = ("tanh", "sigmoid")
"""Activations whose slope vanishes at their bounds."""

HIGH_DROPOUT = 0.3
"""Dropout from which on it may prevent learning."""

USUAL_RATES: Mapping[str, tuple[float, float]] = {"adam": (1e-4, 1e-2), "rmsprop": (1e-4, 5e-3), "sgd": (1e-3, 3e-1)}
"""Usual learning rates of each optimizer, those of the default search space; other optimizers are like adam."""

NEAR_LOWEST, NEAR_HIGHEST = 4.0, 0.5
"""Multiples: of the lowest usual learning rate up to which a rate is low, of the highest from which on it is high."""

LAST_REMEDIES: Mapping[FindingName, str] = {
    "dying_units": "use another activation or other initial weights",
    "saturation": "use another activation or other initial weights",
    "exploding_gradients": "check that the input values are small, such as 0 to 1",
    "divergence": "check that the input values are small, such as 0 to 1",
    "oscillating_loss": "use larger batches",
}
"""The remedy of a problem if no other one suits the hyperparameters."""


def remedies(
    name: FindingName, hyperparameters: Hyperparameters, layer_id: str | None = None, *, slow: bool = False
) -> tuple[str, ...]:
    """Return remedies for a problem, the most promising first; at least one. They apply to the most affected layer.

    A lower learning rate is no remedy for a network that learns too slowly (`slow`), or if the rate is low already.
    """
    hp = hyperparameters
    lower_rate = None if slow or is_low_rate(hp) else _lower_rate(hp)
    found: list[str | None]
    match name:
        case "dying_units":
            found = [lower_rate, _leaky(hp), _normalise(hp, layer_id), fewer_units(hp, layer_id)]
        case "saturation":
            found = [_unbounded(hp), lower_rate, _initialise(hp), _normalise(hp, layer_id)]
        case "vanishing_gradients":
            found = [_unbounded(hp), _shallower(hp), _normalise(hp, layer_id), _initialise(hp), other_learning_rate(hp)]
        case "exploding_gradients":
            found = [lower_rate, _calmer_optimizer(hp), _normalise(hp, layer_id)]
        case "divergence":
            found = [lower_rate and _lower_rate(hp, times=10), _calmer_optimizer(hp), _normalise(hp, layer_id)]
        case "oscillating_loss":
            found = [
                lower_rate,
                _if_known(hp, "batch_size", "use larger batches"),
                _if_at_least(hp, "momentum", 1e-9, "use less momentum"),
            ]
        case "no_learning":
            found = [
                other_learning_rate(hp),
                _unbounded(hp),
                _shallower(hp),
                _if_at_least(hp, "dropout", HIGH_DROPOUT, "use less dropout"),
                "check the labels",
            ]
        case "no_more_gain":
            found = [
                lower_rate,
                _if_known(hp, "epochs", "train fewer epochs"),
                "let the search try larger networks",
            ]
        case "overfitting":
            found = [
                _if_known(hp, "dropout", "use more dropout"),
                _decay(hp),
                fewer_units(hp, layer_id),
                "train on more data if available",
            ]
    return tuple(remedy for remedy in found if remedy is not None) or (LAST_REMEDIES[name],)


def with_remedies(findings: Sequence[Finding], hyperparameters: Hyperparameters) -> tuple[Finding, ...]:
    """Return the findings, each with its most promising remedy for a trial with these hyperparameters."""
    return tuple(
        finding
        if finding.remedy is not None
        else finding.model_copy(update={"remedy": remedies(finding.name, hyperparameters, finding.layer_id)[0]})
        for finding in findings
    )


def _lower_rate(hp: Hyperparameters, times: int = 0) -> str:
    return f"lower the learning rate{f' by a factor of {times}' if times else ''}{_now(hp, 'learning_rate')}"


def is_low_rate(hp: Hyperparameters) -> bool:
    """Return whether the learning rate is known and near the lowest usual one."""
    return 0 < _number(hp, "learning_rate") <= NEAR_LOWEST * _usual_rates(hp)[0]


def _is_high_rate(hp: Hyperparameters) -> bool:
    return _number(hp, "learning_rate") >= NEAR_HIGHEST * _usual_rates(hp)[1]


def _usual_rates(hp: Hyperparameters) -> tuple[float, float]:
    return USUAL_RATES.get(str(hp.get("optimizer")), USUAL_RATES["adam"])


def other_learning_rate(hp: Hyperparameters, *, slow: bool = False) -> str:
    """Return a remedy if the network did not learn, which too small and too large steps can both cause.

    A low rate should rise; so should that of a network that learns too slowly (`slow`), unless it is high.
    """
    if is_low_rate(hp) or (slow and not _is_high_rate(hp)):
        return f"raise the learning rate{_now(hp, 'learning_rate')}"
    return f"test a learning rate ten times lower and ten times higher{_now(hp, 'learning_rate')}"


def train_longer(hp: Hyperparameters) -> str:
    """Return a remedy if training may have ended too early."""
    return f"train longer if the loss still falls{_now(hp, 'epochs')}"


def _leaky(hp: Hyperparameters) -> str | None:
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
    return "use batch normalization (batch_normalization=true)" if hp.get("batch_normalization") is False else None


def _shallower(hp: Hyperparameters) -> str | None:
    layers = {
        name: number
        for name in ("conv_layers", "lstm_layers", "gru_layers", "dense_layers")
        if (number := _number(hp, name)) > 1
    }
    if not layers:
        return None
    return "use fewer layers (now " + ", ".join(f"{name}={number:g}" for name, number in layers.items()) + ")"


def fewer_units(hp: Hyperparameters, layer_id: str | None = None) -> str | None:
    """Return a remedy for a network or layer that is too wide; None if its width is not known."""
    named = [
        name for name in hp if name.startswith("filters_") or name in ("lstm_units", "gru_units", "first_dense_nodes")
    ]
    if layer_id is not None:
        block = layer_id.removeprefix("block").partition("_")[0]
        kinds = {"block": f"filters_{block}", "dense": "first_dense_nodes", "lstm": "lstm_units", "gru": "gru_units"}
        kinds["bidirectional"] = "gru_units" if "gru_units" in hp else "lstm_units"
        named = [width for kind, width in kinds.items() if layer_id.startswith(kind) and width in named]
    if not named:
        return None
    return "use fewer units (now " + ", ".join(f"{name}={_number(hp, name):g}" for name in named) + ")"


def _calmer_optimizer(hp: Hyperparameters) -> str | None:
    return "use adam instead of sgd" if hp.get("optimizer") == "sgd" else None


def _if_known(hp: Hyperparameters, name: str, remedy: str) -> str | None:
    return f"{remedy}{_now(hp, name)}" if name in hp else None


def _if_at_least(hp: Hyperparameters, name: str, least: float, remedy: str) -> str | None:
    return f"{remedy}{_now(hp, name)}" if _number(hp, name) >= least else None


def _decay(hp: Hyperparameters) -> str | None:
    if "weight_decay" in hp:
        return f"use more weight decay{_now(hp, 'weight_decay')}"
    return "use adamw, which has weight decay" if "optimizer" in hp else None


def _now(hp: Hyperparameters, name: str) -> str:
    """Return the present value in brackets; empty if it is not known."""
    value = hp.get(name)
    if value is None:
        return ""
    shown = f"{value:.3g}" if isinstance(value, float) else str(value)
    return f" (now {name}={shown})"


def _number(hp: Hyperparameters, name: str) -> float:
    value = hp.get(name, 0)
    return float(value) if isinstance(value, (int, float)) else 0.0
