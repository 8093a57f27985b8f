"""Measures what it costs that TensorFlow tunes a training's input pipelines, which `batches` switches off.

The thread that tunes a pipeline looks at it after 0.01, 0.02, 0.04, ... 5, 10, 20 s, and whoever deletes the pipeline
waits for its next look. Trials with and without alternate in one process, as a worker trains them. The ratio is the
time with tuning by the time without: 1.3 means that a worker trained 30 % longer for the same trials.

    python tests/benchmarks/bench_pipeline_end.py [--pairs 8] [--epochs 5 10 20]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.studies import conditions
from tests.models.samples import CNN, trial
from tuner import datasets
from tuner.data import Data
from tuner.data_spec import DataSpec
from tuner.training import batches, run_trial
from tuner.trial_spec import TrialSpec

RESULTS = Path(__file__).parent / "results" / "pipeline_end.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--epochs", type=int, nargs="+", default=[5, 10, 20])
    arguments = parser.parse_args()
    data, _ = datasets.load(DataSpec(dataset="digits"))
    print(f"{'epochs':>6}{'trial, s':>10}{'with tuning, s':>16}{'ratio':>8}")
    rows = {}
    for epochs in arguments.epochs:
        rows[epochs] = row = measure(epochs, data, arguments.pairs)
        print(f"{epochs:6}{row['plain_s']:10.2f}{row['tuned_s']:16.2f}{row['ratio']:8.2f}", flush=True)
    RESULTS.write_text(json.dumps(conditions() | {"pairs": arguments.pairs, "epochs": rows}, indent=2) + "\n")


def measure(epochs: int, data: Data, pairs: int) -> dict[str, Any]:
    one = trial(hyperparameters={**CNN, "filters_1": 48, "batch_size": 32}, epochs=epochs)
    plain = batches._untuned
    took: dict[bool, list[float]] = {False: [], True: []}
    seconds(one, data)  # the first trial of a process also loads TensorFlow
    for pair in range(pairs):
        for tuned in (False, True) if pair % 2 == 0 else (True, False):
            batches._untuned = (lambda dataset: dataset) if tuned else plain
            took[tuned].append(seconds(one, data))
    batches._untuned = plain
    return {
        "plain_s": statistics.median(took[False]),
        "tuned_s": statistics.median(took[True]),
        "ratio": sum(took[True]) / sum(took[False]),
    }


def seconds(one: TrialSpec, data: Data) -> float:
    began = time.perf_counter()
    for _ in run_trial(one, data):
        pass
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
