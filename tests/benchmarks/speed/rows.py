"""The rows of `bench_speed`: what is measured, by which methods, and which methods are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["time", "speed", "count"]
"""How a ratio is calculated. time: seconds of ours / seconds of the peer. speed: seconds of the peer / seconds of ours.
count: number of ours / number of the peer."""


@dataclass(frozen=True)
class Comparison:
    """One method of ours beside one peer."""

    row: str
    measure: str
    ours: str
    peer: str
    goal: float | None = None
    """Largest median ratio with the kind time, else the smallest one; None: the ratio is only shown."""
    kind: Kind = "time"


@dataclass(frozen=True)
class Row:
    """One row of the benchmark."""

    name: str
    title: str
    repeats: int
    groups: tuple[tuple[str, ...], ...]
    """Its methods. Those of one group are measured together, by turns; groups are measured one after the other."""
    peers: Sequence[tuple[str, str, float | None]]
    """Method of ours, method of the peer, and goal of the ratio."""
    unit: str = "s"
    kind: Kind = "time"
    needs_mnist: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(method for group in self.groups for method in group)

    def comparisons(self) -> list[Comparison]:
        return [Comparison(self.name, self.title, ours, peer, goal, self.kind) for ours, peer, goal in self.peers]


def separate(*methods: str) -> tuple[tuple[str, ...], ...]:
    """Groups of one method each."""
    return tuple((method,) for method in methods)


LIMIT_S = 300.0
"""Longest time to an accuracy, from the command."""
ACCURACIES = {"mnist_97": 0.97, "mnist_985": 0.985}
"""Validation accuracy that each of these rows asks for."""
SEARCHING = ("hyperband", "bayesian", "optuna", "ray_asha")
"""The searching peers of these rows."""
NETWORKS = ("small_cnn", "large_cnn", "lstm")
"""Networks of the row `step`."""
PLAIN = "_plain"
"""Ending of the method that trains one of them by `model.fit`."""

ROWS = {
    row.name: row
    for row in (
        Row(
            "first_batch",
            "`tuner run` to the first trained batch, cold",
            repeats=5,
            groups=separate("tuner", "keras"),
            peers=[("tuner", "keras", 2.0)],
            needs_mnist=True,
        ),
        Row(
            "eight_trials",
            "8 trials of 3 epochs on 5,000 MNIST images, command to its end",
            repeats=5,
            groups=separate("tuner", "ray_reuse", "ray_documented"),
            peers=[("tuner", "ray_reuse", 0.8), ("tuner", "ray_documented", None)],
            needs_mnist=True,
        ),
        Row(
            "second_study",
            "second study of `tuner serve`, from its request to its first trained batch",
            repeats=5,
            groups=separate("tuner", "keras"),
            peers=[("tuner", "keras", 0.6)],
            needs_mnist=True,
        ),
        Row(
            "mnist_97",
            "97 % validation accuracy on MNIST, cold",
            repeats=5,
            groups=separate("tuner", "engineer", *SEARCHING),
            peers=[("tuner", peer, None) for peer in ("engineer", *SEARCHING)],
            needs_mnist=True,
        ),
        Row(
            "mnist_985",
            "98.5 % validation accuracy on MNIST, cold",
            repeats=3,
            groups=separate("tuner", "engineer", *SEARCHING),
            peers=[("tuner", peer, None) for peer in ("engineer", *SEARCHING)],
            needs_mnist=True,
        ),
        Row(
            "step",
            "speed of an epoch with validation",
            repeats=5,
            groups=tuple((network, network + PLAIN) for network in NETWORKS),
            peers=[(network, network + PLAIN, 1.0) for network in NETWORKS],
            kind="speed",
            needs_mnist=True,
        ),
        Row(
            "health",
            "trials with epochs of about 0.3 s that end in 2 minutes, with health checks",
            repeats=5,
            groups=separate("health", "simple"),
            peers=[("health", "simple", 0.97)],
            unit="trials",
            kind="count",
        ),
        Row(
            "overhead",
            "one more trial beyond its training",
            repeats=5,
            groups=separate("tuner", "ray_reuse"),
            peers=[("tuner", "ray_reuse", 1.0)],
        ),
        Row(
            "listing",
            "`tuner list` and `tuner show` on a database with a study of 50 trials",
            repeats=5,
            groups=(("tuner_list", "tuner_show", "optuna_studies"),),
            peers=[("tuner_list", "optuna_studies", 1.0), ("tuner_show", "optuna_studies", 1.0)],
        ),
        Row(
            "serve",
            "`tuner serve` to the first answered request",
            repeats=5,
            groups=separate("tuner", "ray_serve"),
            peers=[("tuner", "ray_serve", 1.0)],
        ),
    )
}
CHECKED = ("overhead", "step", "first_batch")
"""Rows that `--check` measures again."""
CHECKED_REPEATS = 5

METHODS = {
    "tuner": "tuner",
    "keras": "Keras script",
    "ray_documented": "Ray Tune as documented",
    "ray_reuse": "Ray Tune, reused actors",
    "engineer": "engineer's script",
    "hyperband": "KerasTuner Hyperband",
    "bayesian": "KerasTuner Bayesian",
    "optuna": "Optuna TPE",
    "ray_asha": "Ray Tune, TPE, ASHA",
    "small_cnn": "small CNN",
    "large_cnn": "large CNN",
    "lstm": "LSTM",
    "small_cnn_plain": "`model.fit`",
    "large_cnn_plain": "`model.fit`",
    "lstm_plain": "`model.fit`",
    "health": "mode=health",
    "simple": "mode=simple",
    "tuner_list": "tuner list",
    "tuner_show": "tuner show",
    "optuna_studies": "optuna studies",
    "ray_serve": "Ray Serve, one route",
}
"""Names of the methods in the table and in the plot."""
