"""Makes the optimizer that a trial's hyperparameters name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuner.events import Scalar

CLIP_NORM = 5.0
"""Global norm to which gradients are clipped: LSTMs diverge without (Pascanu et al. 2013)."""


def make_optimizer(hyperparameters: Mapping[str, Scalar], learning_rate: Any, *, recurrent: bool) -> Any:
    """Return a Keras optimizer: adam, adamw (with weight_decay), rmsprop or sgd (with momentum and weight_decay).

    `learning_rate` is a number or a Keras schedule. Weight decay is decoupled from the gradient (Loshchilov and Hutter,
    Decoupled Weight Decay Regularization, 2019).
    """
    from keras import optimizers

    hp = hyperparameters
    common = {"learning_rate": learning_rate, "global_clipnorm": CLIP_NORM if recurrent else None}
    match hp["optimizer"]:
        case "adam":
            return optimizers.Adam(**common)
        case "adamw":
            return optimizers.AdamW(weight_decay=hp["weight_decay"], **common)
        case "rmsprop":
            return optimizers.RMSprop(**common)
        case _:
            return optimizers.SGD(
                momentum=hp["momentum"],
                nesterov=bool(hp["momentum"]),
                weight_decay=hp.get("weight_decay"),
                **common,
            )
