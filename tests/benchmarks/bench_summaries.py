"""Measures what the data for figures cost: trials whose epochs take about 0.3 s, with and without summaries.

Trials with and without alternate in one process, as a worker trains them, in an order that changes from pair to pair;
both train the same numbers on the same data. A ratio of 1.03 means that trials with summaries take 3 % more time.
It is measured by the wall clock and by the processor time of this process, which other processes disturb less.

    python tests/benchmarks/bench_summaries.py [--data ../shared/data] [--pairs 8] [--epochs 10] [--epoch-s 0.3]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.studies import WATCHED, conditions
from tests.models.samples import CNN, LSTM, NGRAM, trial
from tuner import datasets
from tuner.data import Data, Split
from tuner.data_spec import DataSpec
from tuner.events import EpochProgress, TrialComplete
from tuner.training import run_trial
from tuner.trial_spec import TrialSpec

RESULTS = Path(__file__).parent / "results" / "summaries.json"
GOAL = 1.03
COMMON = {"dropout": 0.2, "batch_size": 64, "learning_rate": 1e-3, "dense_layers": 1, "first_dense_nodes": 64}
TEXT = {"vocabulary_size": 5_000, "sequence_length": 100, "embedding_size": 32}
NETWORKS: dict[str, tuple[str, TrialSpec]] = {
    "CNN": ("mnist", trial(hyperparameters={**CNN, **COMMON, "filters_1": 8, "filters_2": 16})),
    "CNN with health": (
        "mnist",
        trial(hyperparameters={**CNN, **COMMON, "filters_1": 8, "filters_2": 16}, health=WATCHED),
    ),
    "LSTM over rows": ("mnist", trial("lstm", {**LSTM, **COMMON, "lstm_units": 32, "bidirectional": False})),
    "n-grams": ("imdb", trial("ngram", {**TEXT, **NGRAM, **COMMON, "ngram_buckets": 20_000})),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds the data sets")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--epoch-s", type=float, default=0.3)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    arguments = parser.parse_args()
    rows = json.loads(RESULTS.read_text())["networks"] if RESULTS.exists() else {}
    print(f"{'network':18}{'samples':>9}{'epoch, s':>10}{'trial, s':>10}{'wall':>8}{'processor':>11}{'gradients':>11}")
    for name in arguments.networks:
        dataset, one = NETWORKS[name]
        spec = DataSpec(dataset=dataset, data_dir=str(arguments.data.absolute()))
        data, _ = datasets.load(spec)
        one = one.model_copy(update={"data": spec, "epochs": arguments.epochs})
        row = measure(one, data, arguments.pairs, arguments.epoch_s)
        rows[f"{name}, {arguments.epochs} epochs"] = row
        print(
            f"{name:18}{row['samples']:9,}{row['epoch_s']:10.2f}{row['trial_s']:10.2f}{row['wall']:8.3f}"
            f"{row['processor']:11.3f}{row['epochs_with_gradients']:11.1f}",
            flush=True,
        )
    document = conditions() | {"goal": GOAL, "networks": rows}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def measure(one: TrialSpec, data: Data, pairs: int, epoch_s: float) -> dict[str, Any]:
    data = with_epochs_of(epoch_s, one, data)
    both = {kept: one.model_copy(update={"summaries": kept}) for kept in (False, True)}
    wall: dict[bool, list[float]] = {False: [], True: []}
    processor: dict[bool, list[float]] = {False: [], True: []}
    epochs_s: list[float] = []
    gradients: list[int] = []
    losses: dict[bool, list[float]] = {}
    for pair in range(pairs):
        for kept in (False, True) if pair % 2 == 0 else (True, False):
            began, used = time.perf_counter(), time.process_time()
            epochs = trained(both[kept], data)
            wall[kept].append(time.perf_counter() - began)
            processor[kept].append(time.process_time() - used)
            losses[kept] = [epoch.validation.loss for epoch in epochs]
            if kept:
                layers = [epoch.summary.layers for epoch in epochs if epoch.summary is not None]
                gradients.append(sum(any(layer.gradient is not None for layer in found) for found in layers))
            else:
                epochs_s += [epoch.duration_s for epoch in epochs[1:]]
    assert losses[False] == losses[True], "summaries change nothing of the training"
    return {
        "pairs": pairs,
        "samples": len(data.train),
        "epoch_s": statistics.median(epochs_s),
        "trial_s": statistics.median(wall[False]),
        "wall": sum(wall[True]) / sum(wall[False]),
        "processor": sum(processor[True]) / sum(processor[False]),
        "epochs_with_gradients": statistics.mean(gradients),
    }


def with_epochs_of(seconds: float, one: TrialSpec, data: Data) -> Data:
    """The data with so many samples that an epoch takes about so long."""
    few = shortened(data, 2_000)
    short = one.model_copy(update={"epochs": 3, "summaries": False})
    trained(short, few)  # the first trial of a process also loads TensorFlow
    epoch_s = trained(short, few)[-1].duration_s
    return shortened(data, min(len(data.train), round(2_000 * seconds / epoch_s)))


def shortened(data: Data, samples: int) -> Data:
    """The data with the first training samples, and as large a part of the validation samples."""
    train, validation = data.train, data.validation
    part = max(64, round(samples * len(validation) / len(train)))
    return replace(
        data,
        train=Split(train.x[:samples], train.y[:samples]),
        validation=Split(validation.x[:part], validation.y[:part]),
    )


def trained(one: TrialSpec, data: Data) -> list[EpochProgress]:
    """Trains the trial to its end; its epochs, without what holds the network."""
    epochs = []
    for event in run_trial(one, data):
        if isinstance(event, EpochProgress):
            epochs.append(event.model_copy(update={"snapshot": None}))
        if isinstance(event, TrialComplete):
            assert event.status == "completed", event.error
    return epochs


if __name__ == "__main__":
    main()
