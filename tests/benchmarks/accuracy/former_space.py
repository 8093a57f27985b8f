"""The search space that the tuner had in November 2026, as an objective function for Optuna would write it down.

It stays as it is, so that `bench_results` compares later versions with the same peer.
"""

from __future__ import annotations

from typing import Any

import optuna

from tuner.data import FIRST_WORD, ImageInput, TextInput

EPOCHS = 10
LARGEST_BATCH, SMALLEST_BATCH, PIXELS = 256, 32, 256 * 64 * 64


def former_configuration(trial: optuna.Trial, data_input: ImageInput | TextInput) -> dict[str, Any]:
    """A configuration of a CNN for images, or of an LSTM for texts."""
    hp: dict[str, Any] = {}

    def size(name: str, low: int, high: int) -> None:
        hp[name] = trial.suggest_int(name, low, high, log=True)

    def choice(name: str, *values: Any) -> None:
        hp[name] = trial.suggest_categorical(name, values)

    largest_batch = LARGEST_BATCH
    if isinstance(data_input, ImageInput):
        fitting = PIXELS // (data_input.height * data_input.width)
        largest_batch = min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)
        hp["conv_layers"] = trial.suggest_int("conv_layers", 1, 4)
        for block in range(1, hp["conv_layers"] + 1):
            size(f"filters_{block}", 16, 256)
        choice("kernel_size", 3, 5)
        choice("batch_normalization", True, False)
        choice("use_global_pooling", True, False)
    else:
        words, longest = len(data_input.vocabulary) + FIRST_WORD, data_input.max_length
        size("vocabulary_size", min(5_000, words), min(20_000, words))
        size("sequence_length", min(32, longest), min(256, longest))
        size("embedding_size", 32, 512)
        hp["lstm_layers"] = trial.suggest_int("lstm_layers", 1, 2)
        size("lstm_units", 32, 256)
        choice("bidirectional", True, False)
    hp["dense_layers"] = trial.suggest_int("dense_layers", 1, 4)
    size("first_dense_nodes", 64, 1024)
    choice("activation", "relu", "leaky_relu", "swish")
    choice("initializer", "he_normal", "glorot_uniform")
    hp["dropout"] = trial.suggest_float("dropout", 0.0, 0.5)
    choice("optimizer", "adam", "adamw", "rmsprop", "sgd")
    rates = {"rmsprop": (1e-4, 5e-3), "sgd": (1e-3, 3e-1)}
    optimizer = hp["optimizer"]
    rate = f"learning_rate_{optimizer}" if optimizer in rates else "learning_rate"
    hp["learning_rate"] = trial.suggest_float(rate, *rates.get(optimizer, (1e-4, 1e-2)), log=True)
    if optimizer == "sgd":
        hp["momentum"] = trial.suggest_float("momentum", 0.5, 0.99)
    if optimizer == "adamw":
        hp["weight_decay"] = trial.suggest_float("weight_decay", 1e-5, 1e-1, log=True)
    size("batch_size", SMALLEST_BATCH, largest_batch)
    return hp | {"epochs": EPOCHS}
