"""What health is worth in a search: real studies of small CNNs on 3 % of MNIST, same seeds and seconds for each kind.

Kinds: `plain` (mode simple), `stop` (mode simple with health_stop), `health` (mode health). All with the default
searcher and ASHA.

1. Stopping. How long `stop` takes to the accuracy that `plain` has at the end of its budget (a search that never gets
   there counts with its whole budget), and how many trials it ends among the best tenth of both together. Published
   beside it: BTTackler (Pei et al., KDD 2024), 40 % of the time saved, 44 % more top trials. Each stopped trial is
   trained on to its last epoch. Its stop is false if it then gains on what it had and is among the best tenth of its
   study; one that was among them already and gains nothing was rightly stopped, and is counted beside.
2. Health. The networks that `plain` and `health` pick: accuracy on the test data, parameters, and the health of both,
   measured alike. What `plain` picked is trained again, which gives the same network, with a check-up.

    python tests/benchmarks/bench_health_worth.py [--data ../shared/data] [--seeds 5] [--budget 120]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from tuner import datasets
from tuner.contract import HealthSpec, HealthWeights
from tuner.events import TrialComplete
from tuner.runners.cluster import ray_cluster
from tuner.settings import Settings
from tuner.spec import StudySpec, TrialSpec
from tuner.store import Store, TrialRow

RESULTS = Path(__file__).parent / "results" / "health_worth.json"
KINDS: dict[str, dict[str, Any]] = {"plain": {}, "stop": {"health_stop": True}, "health": {"mode": "health"}}
EPOCHS = 10
SPACE = {"conv_layers": [1, 3], "filters_1": [8, 32], "filters_2": [8, 48], "filters_3": [8, 64], "kernel_size": 3}
"""Small enough for dozens of trials in a minute."""

GOALS = {"time_saved": 0.4, "false_stops": 0.01}
PUBLISHED = {"BTTackler": {"time_saved": 0.40, "more_top_trials": 0.44}}
WATCHED = HealthSpec(accuracy_weight=0.7, weights=HealthWeights(), stop=False)


@dataclass(frozen=True)
class Found:
    """What one study came to."""

    curve: list[tuple[float, float]]
    """Of every epoch, the second since the first trial began and its validation accuracy."""
    trials: list[TrialRow]
    best: TrialRow
    test_accuracy: float

    @property
    def accuracies(self) -> list[float]:
        return [trial.performance.accuracy for trial in self.trials if trial.performance]

    @property
    def stopped(self) -> list[TrialRow]:
        return [trial for trial in self.trials if trial.cause == "health_stop"]

    def seconds_to(self, accuracy: float) -> float:
        return min((second for second, value in self.curve if value >= accuracy), default=self.curve[-1][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=120.0, help="seconds of one study")
    parser.add_argument("--share", type=float, default=0.03, help="of MNIST")
    arguments = parser.parse_args()
    base = {"dataset": "mnist", "data_dir": str(arguments.data.absolute()), "sample_percentage": arguments.share}
    found: dict[tuple[str, int], Found] = {}
    with tempfile.TemporaryDirectory() as folder, ray_cluster():
        for seed, kind in product(range(arguments.seeds), KINDS):
            spec = StudySpec.model_validate(
                {
                    **base,
                    "run_name": f"{kind}-{seed}",
                    "trials": 1_000,
                    "max_epochs_per_trial": EPOCHS,
                    "time_budget_s": arguments.budget,
                    "plot_generation": False,
                    "space": SPACE,
                    "seed": seed,
                    **KINDS[kind],
                }
            )
            found[kind, seed] = study(spec, Settings(results_dir=Path(folder)))
            one = found[kind, seed]
            print(
                f"{kind}, seed {seed}: {len(one.trials)} trials, {len(one.stopped)} stopped, best val_accuracy "
                f"{max(one.accuracies):.4f}, picked {one.best.performance.accuracy:.4f}, test {one.test_accuracy:.4f}",
                flush=True,
            )
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
        "budget_s": arguments.budget,
        "seeds": arguments.seeds,
        "goals": GOALS,
        "published": PUBLISHED,
        "stopping": stopping(found, arguments.seeds, base),
        "picked": picked(found, arguments.seeds, base),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def study(spec: StudySpec, settings: Settings) -> Found:
    from tuner.study import run

    result = run(spec, settings=settings)
    with Store.open(settings.store_url()) as store:
        trials, epochs = store.trials(result.name), store.epochs(result.name)
    began = min(trial.started_at for trial in trials if trial.started_at)
    curve = sorted(((epoch.time - began).total_seconds(), epoch.val_accuracy) for epoch in epochs)
    assert result.best is not None
    assert result.test_accuracy is not None
    return Found(curve, trials, result.best, result.test_accuracy)


def stopping(found: dict[tuple[str, int], Found], seeds: int, base: dict[str, Any]) -> dict[str, Any]:
    """How much faster `stop` is, how many good trials it gives, and how often it was wrong."""
    rows, stopped, false, led = [], 0, 0, 0
    for seed in range(seeds):
        plain, stop = found["plain", seed], found["stop", seed]
        mark = max(plain.accuracies)
        both = sorted([*plain.accuracies, *stop.accuracies], reverse=True)
        tenth = both[math.ceil(len(both) / 10) - 1]
        of_study = sorted(stop.accuracies, reverse=True)
        good = of_study[math.ceil(len(of_study) / 10) - 1]
        had = [trial.performance.accuracy if trial.performance else 0.0 for trial in stop.stopped]
        ends = [trained_on(trial, seed, base) for trial in stop.stopped]
        stopped += len(ends)
        among_best = [(end > own) for end, own in zip(ends, had, strict=True) if end > good]
        false, led = false + sum(among_best), led + len(among_best) - sum(among_best)
        rows.append(
            {
                "accuracy": mark,
                "plain_s": plain.seconds_to(mark),
                "stop_s": stop.seconds_to(mark),
                "reached": max(stop.accuracies) >= mark,
                "trials": [len(plain.trials), len(stop.trials)],
                "top_trials": [sum(one >= tenth for one in of.accuracies) for of in (plain, stop)],
                "stopped": len(ends),
                "reasons": [trial.reason for trial in stop.stopped],
                "had": had,
                "would_have_reached": ends,
                "best_tenth": good,
            }
        )
    saved = 1 - statistics.median(row["stop_s"] / row["plain_s"] for row in rows)
    more = sum(row["top_trials"][1] for row in rows) / max(1, sum(row["top_trials"][0] for row in rows)) - 1
    print(
        f"\nhealth_stop: {saved:.0%} of the time saved (median of {seeds}), {more:+.0%} trials among the best tenth, ",
        end="",
    )
    print(f"{false} of {stopped} stops false; {led} of trials among the best, which gained nothing more")
    return {
        "time_saved": saved,
        "more_top_trials": more,
        "stopped": stopped,
        "false_stops": false,
        "stopped_among_best": led,
        "by_seed": rows,
    }


def trained_on(row: TrialRow, seed: int, base: dict[str, Any]) -> float:
    """The best validation accuracy of a trial that is trained to its last epoch."""
    return max(_train(row, EPOCHS, seed, base)[0])


def picked(found: dict[tuple[str, int], Found], seeds: int, base: dict[str, Any]) -> list[dict[str, Any]]:
    """The networks that both modes chose, by the same measures."""
    rows = []
    print(f"\n{'seed':6}{'kind':8}{'test':>9}{'val':>9}{'health':>9}{'parameters':>12}")
    for seed, kind in product(range(seeds), ("plain", "health")):
        one = found[kind, seed]
        end = _train(one.best, one.best.epochs_trained, seed, base)[1]
        assert end.health_metrics is not None
        assert one.best.architecture is not None
        row = {
            "seed": seed,
            "kind": kind,
            "test_accuracy": one.test_accuracy,
            "val_accuracy": one.best.performance.accuracy if one.best.performance else None,
            "parameters": one.best.architecture.total_parameters,
            "health": end.health_metrics.model_dump(mode="json"),
        }
        rows.append(row)
        print(
            f"{seed:<6}{kind:8}{row['test_accuracy']:9.4f}{row['val_accuracy']:9.4f}"
            f"{end.health_metrics.overall_health:9.3f}{row['parameters']:12,}"
        )
    return rows


def _train(row: TrialRow, epochs: int, seed: int, base: dict[str, Any]) -> tuple[list[float], TrialComplete]:
    """Trains a stored trial again, watched and never stopped: its validation accuracies, and its end."""
    from tuner.events import EpochProgress
    from tuner.training import run_trial

    spec = StudySpec.model_validate({**base, "seed": seed})
    data, _ = datasets.load(spec.data)
    trial = TrialSpec(
        study="again",
        trial_number=row.trial_number,
        data=spec.data,
        architecture="cnn",
        hyperparameters=row.hyperparameters,
        objective="val_accuracy",
        epochs=epochs,
        early_stopping_patience=5,
        health=WATCHED,
    )
    *events, end = run_trial(trial, data)
    assert isinstance(end, TrialComplete)
    return [event.validation.accuracy for event in events if isinstance(event, EpochProgress)], end


if __name__ == "__main__":
    main()
