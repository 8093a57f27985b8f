"""Chooses the first trials of every study (`tuner/search/portfolio.json`) from trainings on real data sets.

Candidates are networks that a practitioner would try: few layers, usual settings. Each is trained on each data set for
at most 30 s of one core, by the same code as every trial, and its validation accuracy over the core's seconds is kept
in results/portfolio.jsonl; a run continues where the last one ended. The choice is greedy, as in auto-sklearn 2
(Feurer et al., Auto-Sklearn 2.0: Hands-free AutoML via Meta-Learning, 2022, section 3.1): the next member is the
candidate that lowers most the mean over data sets and budgets of the error of the best member so far. AutoGluon's
TabRepo portfolios are chosen alike (Salinas and Erickson, 2024).
The shipped portfolio is chosen on all data sets; `--without NAME` leaves one out, which is how `bench_results.py`
measures a data set with a portfolio that has not seen it.

    python tests/benchmarks/bench_portfolio.py measure images --data ../shared/data
    python tests/benchmarks/bench_portfolio.py measure texts --data ../shared/data
    python tests/benchmarks/bench_portfolio.py choose                # writes tuner/search/portfolio.json
    python tests/benchmarks/bench_portfolio.py choose --without imdb --output other.json
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "portfolio.jsonl"
TABLE = Path(__file__).parents[2] / "tuner" / "search" / "portfolio.json"
MOST_SECONDS, MOST_EPOCHS = 30.0, 24
BUDGETS = (6.0, 15.0, 30.0)
"""Seconds of one core after which the best member's validation accuracy counts."""
MEMBERS = 5
LEAST_GAIN = 0.0005
"""Mean accuracy by which a further member must be better."""

DATA: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "images": {
        "digits": {"dataset": "digits"},
        "mnist_1000": {"dataset": "mnist", "sample_percentage": 1 / 60},
        "cifar10_small_2000": {"dataset": "cifar10_small.npz", "sample_percentage": 1 / 3},
    },
    "texts": {
        "stdlib_docs": {"dataset": "stdlib_docs"},
        "imdb": {"dataset": "imdb"},
        "ag_news": {"dataset": "ag_news.csv"},
    },
}
"""Fields of each data set's spec. Names that begin alike are the same samples: they are left out together."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("kind", choices=list(DATA))
    measuring.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with mnist.npz and others")
    choosing = commands.add_parser("choose")
    choosing.add_argument("--without", default="", help="data set that the choice must not see")
    choosing.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    if arguments.command == "measure":
        measure(arguments.kind, arguments.data)
        return
    curves = read_curves(RESULTS)
    table = {kind: chosen(kind, curves, arguments.without) for kind in DATA}
    write(table, arguments.output)
    for kind, members in table.items():
        for member in members:
            print(kind, json.dumps(member))


# --- the candidates ---

ENGINEER: dict[str, Any] = {
    "conv_layers": 2,
    "block": "plain",
    "block_layers": 2,
    "filters_1": 32,
    "filters_2": 64,
    "kernel_size": 3,
    "batch_normalization": True,
    "use_global_pooling": False,
    "dense_layers": 1,
    "first_dense_nodes": 128,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0.3,
    "augmentation": False,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "learning_rate_schedule": "constant",
    "label_smoothing": 0.0,
    "batch_size": 64,
}
"""What an engineer writes first: two blocks of two convolutions, one dense layer, Adam."""
SLIGHT = {
    "augmentation": True,
    "augment_shift": 8,
    "augment_rotation": 8,
    "augment_zoom": 8,
    "augment_flip": False,
    "augment_contrast": 10,
    "augment_cutout": 0,
}
COSINE = {"learning_rate_schedule": "cosine", "learning_rate": 3e-3}
POOLED = {"use_global_pooling": True, "dense_layers": 0}
SINGLE = {"block_layers": 1}
THREE = {"conv_layers": 3, "filters_3": 128}

WORDS: dict[str, Any] = {
    "architecture": "ngram",
    "vocabulary_size": 20_000,
    "sequence_length": 512,
    "embedding_size": 16,
    "ngrams": 2,
    "ngram_buckets": 65_536,
    "tfidf": True,
    "count_repeats": True,
    "naive_bayes": False,
    "dense_layers": 0,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0.3,
    "optimizer": "adam",
    "learning_rate": 1e-2,
    "learning_rate_schedule": "constant",
    "label_smoothing": 0.0,
    "batch_size": 64,
}
ONCE = {"count_repeats": False}
BAYES = {"naive_bayes": True, "label_smoothing": 0.1, "dropout": 0.5, "learning_rate": 3e-3}
READ = {
    **{
        name: value
        for name, value in WORDS.items()
        if name not in ("ngrams", "ngram_buckets", "tfidf", "count_repeats", "naive_bayes")
    },
    "vocabulary_size": 10_000,
    "sequence_length": 200,
    "embedding_size": 64,
    "learning_rate": 1e-3,
}
CONVOLUTIONS = {
    **READ,
    "architecture": "conv1d",
    "conv_layers": 1,
    "filters_1": 64,
    "kernel_size": 5,
    "batch_normalization": False,
    "use_global_pooling": True,
    "dropout": 0.5,
}
RECURRENT = {**READ, "bidirectional": True}

CANDIDATES: Mapping[str, Sequence[dict[str, Any]]] = {
    "images": [
        ENGINEER,
        ENGINEER | SLIGHT,
        ENGINEER | COSINE | SLIGHT,
        ENGINEER | SINGLE | COSINE | SLIGHT | {"batch_size": 32},
        ENGINEER | SINGLE | COSINE | SLIGHT | {"filters_1": 16, "filters_2": 32, "batch_size": 32},
        ENGINEER | SINGLE | THREE | COSINE | SLIGHT | {"augment_flip": True},
        ENGINEER | SINGLE | THREE | POOLED | COSINE | SLIGHT | {"batch_size": 32},
        ENGINEER | {"block": "residual"} | POOLED | COSINE | SLIGHT,
        ENGINEER | {"block": "residual", "filters_1": 16, "filters_2": 32} | THREE | POOLED | COSINE | SLIGHT
        | {"filters_3": 64, "batch_size": 32},
        ENGINEER | SINGLE | SLIGHT | {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 5e-4,
                                      "learning_rate_schedule": "cosine"},
    ],
    "texts": [
        WORDS,
        WORDS | {"ngrams": 1},
        WORDS | {"embedding_size": 64, "learning_rate": 3e-3, "dropout": 0.5},
        WORDS | {"learning_rate_schedule": "cosine", "learning_rate": 2e-2},
        WORDS | {"optimizer": "adamw", "weight_decay": 1e-2, "learning_rate_schedule": "cosine"},
        WORDS | {"label_smoothing": 0.1, "dropout": 0.5},
        WORDS | {"dense_layers": 1, "first_dense_nodes": 64, "learning_rate": 3e-3},
        WORDS | ONCE | {"label_smoothing": 0.1, "dropout": 0.5},
        WORDS | ONCE | {"learning_rate_schedule": "cosine", "learning_rate": 2e-2},
        WORDS | ONCE | {"dense_layers": 1, "first_dense_nodes": 64, "learning_rate": 3e-3},
        WORDS | BAYES,
        WORDS | BAYES | {"ngrams": 1},
        WORDS | BAYES | {"ngrams": 1, "learning_rate": 1e-2},
        WORDS | BAYES | ONCE,
        CONVOLUTIONS,
        RECURRENT | {"architecture": "gru", "gru_layers": 1, "gru_units": 64},
        RECURRENT | {"architecture": "lstm", "lstm_layers": 1, "lstm_units": 32, "bidirectional": False,
                     "sequence_length": 100, "learning_rate": 3e-3},
    ],
}  # fmt: skip


# --- measuring ---


def measure(kind: str, folder: Path) -> None:
    """Train each candidate on each data set that has no curve yet, and append the curves to the results."""
    from tuner import datasets
    from tuner.search.space import make_space
    from tuner.search.warm_start import adapted
    from tuner.spec import StudySpec
    from tuner.training.run_trial import run_trial
    from tuner.trial_spec import TrialSpec, architecture_of

    known = read_curves(RESULTS)
    for data_name, fields in DATA[kind].items():
        file = folder.absolute() / fields["dataset"]
        spec = StudySpec(
            run_name="portfolio",
            data_dir=str(folder.absolute()),
            max_epochs_per_trial=MOST_EPOCHS,
            **fields | ({"dataset": str(file)} if file.is_file() else {}),
        )
        data, _ = datasets.load(spec.data)
        space = make_space(spec, "auto" if kind == "texts" else "cnn", data.input, {})
        for candidate in CANDIDATES[kind]:
            if (data_name, key(candidate)) in known:
                continue
            by_key = adapted(space, candidate)
            values = space.choose(lambda parameter, by_key=by_key: by_key[parameter.key])  # type: ignore[misc]
            trial = TrialSpec(
                study="portfolio",
                trial_number=1,
                data=spec.data,
                architecture=architecture_of("cnn", values),
                hyperparameters=values,
                objective="val_accuracy",
                epochs=MOST_EPOCHS,
                early_stopping_patience=8,
            )
            curve: list[tuple[float, float]] = []
            began = time.process_time()
            events = run_trial(trial, data)
            for event in events:
                spent = time.process_time() - began
                if event.type == "epoch_progress":
                    curve.append((round(spent, 2), round(event.validation.accuracy, 5)))
                if spent > MOST_SECONDS:
                    events.close()
                    break
            assert curve, f"{data_name}: not one epoch of {candidate}: {event}"
            line = {"data": data_name, "candidate": candidate, "curve": curve, "machine": platform.processor()}
            with RESULTS.open("a") as file_:
                file_.write(json.dumps(line) + "\n")
            print(data_name, f"{max(value for _, value in curve):.4f} after {curve[-1][0]:.0f} s", key(candidate))


def read_curves(path: Path) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """The curves by data set and candidate: seconds of one core, and validation accuracy."""
    if not path.is_file():
        return {}
    lines = map(json.loads, path.read_text().splitlines())
    return {(line["data"], key(line["candidate"])): [tuple(point) for point in line["curve"]] for line in lines}


def key(candidate: Mapping[str, Any]) -> str:
    return json.dumps(candidate, sort_keys=True)


# --- choosing ---


def chosen(
    kind: str, curves: Mapping[tuple[str, str], Sequence[tuple[float, float]]], without: str = ""
) -> list[dict[str, Any]]:
    """The members for this kind of data, the cheapest first, from the curves of all data sets but `without`."""
    data = [name for name in DATA[kind] if not (without and name.startswith(without))]
    candidates = [one for one in CANDIDATES[kind] if all((name, key(one)) in curves for name in data)]
    members: list[dict[str, Any]] = []
    worth = 0.0
    while len(members) < MEMBERS:
        rest = [one for one in candidates if one not in members]
        if not rest:
            break
        best = max(rest, key=lambda one: _worth([*members, one], data, curves))
        reached = _worth([*members, best], data, curves)
        if reached < worth + LEAST_GAIN:
            break
        members.append(best)
        worth = reached
    return sorted(members, key=lambda one: sum(_seconds_per_epoch(curves[name, key(one)]) for name in data))


def _worth(
    members: Sequence[Mapping[str, Any]],
    data: Iterable[str],
    curves: Mapping[tuple[str, str], Sequence[tuple[float, float]]],
) -> float:
    """Mean over data sets and budgets of the accuracy of the best member, each with all of the budget."""
    scores = [
        max(_reached(curves[name, key(member)], budget) for member in members) for name in data for budget in BUDGETS
    ]
    return sum(scores) / len(scores)


def _reached(curve: Sequence[tuple[float, float]], seconds: float) -> float:
    return max((accuracy for at, accuracy in curve if at <= seconds), default=0.0)


def _seconds_per_epoch(curve: Sequence[tuple[float, float]]) -> float:
    return curve[-1][0] / len(curve)


def write(table: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """Write the table; a test makes it again from the results."""
    document = {"_generated": "by tests/benchmarks/bench_portfolio.py choose: do not edit", **table}
    path.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
