"""Compares the networks that `mode=health` and `mode=simple` pick: same seeds and number of trials, on 3 % of MNIST
with the default search space, searcher and ASHA.

It reports test accuracy, parameters and health of each picked network. Both are measured in the same way: the picked
network is trained once more with health checks, which yields the same network. The mean difference has its standard
error over the seeds, also by metric.

    python tests/benchmarks/bench_health_choice.py [--data ../shared/data] [--first-seed 0] [--seeds 8] [--trials 24]

Earlier results of other seeds with the same number of trials are kept.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.studies import conditions, study, trained_again
from tuner.health.health_text import METRICS
from tuner.runners.cluster import ray_cluster
from tuner.settings import Settings
from tuner.spec import StudySpec

RESULTS = Path(__file__).parent / "results" / "health_choice.json"
MODES = ("simple", "health")
EPOCHS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--trials", type=int, default=24, help="of one study")
    parser.add_argument("--share", type=float, default=0.03, help="of MNIST")
    arguments = parser.parse_args()
    asked = {"trials": arguments.trials, "share": arguments.share}
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    same = all(known.get(name) == value for name, value in asked.items())
    rows: list[dict[str, Any]] = [row for row in known.get("picked", ()) if same and row["seed"] not in seeds]
    print(f"{'seed':6}{'mode':8}{'test':>9}{'val':>9}{'health':>9}{'parameters':>12}")
    with tempfile.TemporaryDirectory() as folder, ray_cluster():
        for seed in seeds:
            rows += [picked(mode, seed, arguments, Settings(results_dir=Path(folder))) for mode in MODES]
            # Written as it goes: an hour's work is not lost with its last minute.
            document = {**conditions(), **asked, "difference": differences(rows), "picked": rows}
            RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    for name, (mean, error) in differences(rows).items():
        print(f"{name}: {mean:+.4f}, standard error {error:.4f}")


def picked(mode: str, seed: int, arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """The network that a study of this mode and seed chose."""
    spec = StudySpec.model_validate(
        {
            "run_name": f"{mode}-{seed}",
            "dataset": "mnist",
            "data_dir": str(arguments.data.absolute()),
            "sample_percentage": arguments.share,
            "trials": arguments.trials,
            "max_epochs_per_trial": EPOCHS,
            "plot_generation": "none",
            "mode": mode,
            "seed": seed,
        }
    )
    found = study(spec, settings)
    end = trained_again(found.best, found.best.epochs_trained, spec)[1]
    assert end.health_metrics is not None
    assert end.performance is not None
    assert found.best.architecture is not None
    row = {
        "seed": seed,
        "mode": mode,
        "test_accuracy": found.test_accuracy,
        "val_accuracy": end.performance.accuracy,
        "parameters": found.best.architecture.total_parameters,
        "health": end.health_metrics.model_dump(mode="json"),
        "findings": [finding.name for finding in end.findings],
    }
    print(
        f"{seed:<6}{mode:8}{found.test_accuracy:9.4f}{end.performance.accuracy:9.4f}"
        f"{end.health_metrics.overall_health:9.3f}{row['parameters']:12,}",
        flush=True,
    )
    return row


def differences(rows: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Health less simple, of the same seed: the mean, and its standard error (infinite from one seed)."""
    told = {}
    for name in ("test_accuracy", "overall_health", *METRICS):
        simple, health = ([_value(row, name) for row in rows if row["mode"] == mode] for mode in MODES)
        gaps = [ours - theirs for ours, theirs in zip(health, simple, strict=True)]
        error = statistics.stdev(gaps) / math.sqrt(len(gaps)) if len(gaps) > 1 else math.inf
        told[name] = (statistics.mean(gaps), error)
    return told


def _value(row: dict[str, Any], name: str) -> float:
    return float(row[name] if name in row else row["health"][name])


if __name__ == "__main__":
    main()
