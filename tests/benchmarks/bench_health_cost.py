"""Measures the cost of health checks: seconds of checks beside seconds of training, on MNIST with 10 epochs.

Each network trains twice on the same data with the same seed, without and with health, alternating by epoch: the
numbers are equal, only the time differs. It reports the share of a training's time that the checks take (precise,
since one run times both parts) and the ratio of both trainings' times (as users notice it, with the machine's
noise).

- light: the checks after each epoch, without the first one, which compiles.
- full: all checks of a trial, with the compilation and the thorough check at the end.

    python tests/benchmarks/bench_health_cost.py [--data ../shared/data] [--share 1.0] [--networks "small CNN" ...]

Measuring one network keeps the results of the others, each with the samples that it had.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.models.samples import CNN, LSTM, trial
from tuner import datasets
from tuner.data import Data
from tuner.data_spec import DataSpec
from tuner.events import EpochProgress, TrialComplete
from tuner.spec_parts import HealthSpec, HealthWeights
from tuner.training import run_trial
from tuner.training.health_monitor import HealthMonitor
from tuner.training.probe import Probe
from tuner.trial_spec import TrialSpec

RESULTS = Path(__file__).parent / "results" / "health_cost.json"
EPOCHS = 10
GOALS = {"light": 0.01, "full": 0.03}
COMMON = {"dropout": 0.2, "batch_size": 64, "learning_rate": 1e-3, "dense_layers": 1, "first_dense_nodes": 64}
NETWORKS: dict[str, TrialSpec] = {
    "small CNN": trial(hyperparameters={**CNN, **COMMON, "filters_1": 8, "filters_2": 16}),
    "CNN": trial(hyperparameters={**CNN, **COMMON, "filters_1": 32, "filters_2": 64, "batch_normalization": True}),
    "LSTM over rows": trial("lstm", {**LSTM, **COMMON, "lstm_units": 48, "bidirectional": False}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--share", type=float, default=1.0, help="of MNIST")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    arguments = parser.parse_args()
    spec = DataSpec(dataset="mnist", data_dir=str(arguments.data.absolute()), sample_percentage=arguments.share)
    data, _ = datasets.load(spec)
    rows = json.loads(RESULTS.read_text())["networks"] if RESULTS.exists() else {}
    print(f"{'network':16}{'epoch, s':>10}{'light':>9}{'full':>9}{'with / without':>16}")
    for name in arguments.networks:
        one = NETWORKS[name]
        rows[name] = {"samples": len(data.train)} | measure(
            one.model_copy(update={"data": spec, "epochs": EPOCHS}), data
        )
        row = rows[name]
        print(f"{name:16}{row['epoch_s']:10.2f}{row['light']:9.2%}{row['full']:9.2%}{row['with_to_without']:16.3f}")
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
        "epochs": EPOCHS,
        "goals": GOALS,
        "networks": rows,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def measure(one: TrialSpec, data: Data) -> dict[str, float]:
    health = HealthSpec(accuracy_weight=0.7, weights=HealthWeights(), stop=False)
    looks: dict[str, list[float]] = {"after_epoch": [], "before_step": [], "after_step": [], "at_end": []}
    with timed(looks):
        without, with_health = in_turns(
            run_trial(one, data), run_trial(one.model_copy(update={"health": health}), data)
        )
    epoch_s = statistics.median(without["epochs"])
    steps_s = sum(looks["before_step"] + looks["after_step"]) / EPOCHS
    light_s = statistics.median(looks["after_epoch"][1:]) + steps_s
    all_s = sum(map(sum, looks.values()))
    trained_s = sum(with_health["epochs"]) + sum(looks["at_end"])
    return {
        "epoch_s": epoch_s,
        "light": light_s / epoch_s,
        "light_s": light_s,
        "first_look_s": looks["after_epoch"][0],
        "full": all_s / trained_s,
        "full_s": all_s,
        "with_to_without": sum(with_health["epochs"]) / sum(without["epochs"]),
    }


@contextmanager
def timed(looks: dict[str, list[float]]) -> Iterator[None]:
    """Every call of what measures health leaves its seconds in `looks`, by its name."""

    def clocked(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            answer = method(*arguments, **named)
            looks[method.__name__].append(time.perf_counter() - began)
            return answer

        return call

    with ExitStack() as stack:
        for method in (Probe.before_step, Probe.after_step, HealthMonitor.after_epoch, HealthMonitor.at_end):
            owner = Probe if method.__qualname__.startswith("Probe") else HealthMonitor
            stack.enter_context(mock.patch.object(owner, method.__name__, clocked(method)))
        yield


def in_turns(*trainings: Iterator[Any]) -> list[dict[str, list[float]]]:
    """Trains one epoch of each in turn, to their ends; the seconds of each one's epochs."""
    seconds: list[dict[str, list[float]]] = [{"epochs": []} for _ in trainings]
    running = dict(enumerate(trainings))
    while running:
        for index, training in list(running.items()):
            for event in training:
                if isinstance(event, EpochProgress):
                    seconds[index]["epochs"].append(event.duration_s)
                    break
                if isinstance(event, TrialComplete):
                    assert event.status == "completed", event.error
                    del running[index]
                    break
    return seconds


if __name__ == "__main__":
    main()
