"""Measures the time to an accuracy on MNIST with the default search, which considers costs, and with TPE.

It uses 12,000 images, the full space, all CPUs of this machine, a budget of 5 minutes per study and several seeds,
with the two searches in turn. The clock runs from the study's start to the end of the first epoch whose validation
accuracy reaches the mark. A study that never reaches it counts with its whole budget.

    python tests/benchmarks/bench_cost_aware.py --data ../shared/data --seeds 5
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tuner.spec import SearcherName

MARKS = (0.95, 0.97)
KINDS: dict[str, SearcherName] = {"cost-aware": "auto", "plain TPE": "tpe"}
RESULTS = Path(__file__).parent / "results" / "cost_aware.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=300.0, help="seconds per study")
    arguments = parser.parse_args()
    times: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    for seed in range(arguments.seeds):
        for kind in times:
            found = study(arguments.data, seed, arguments.budget, searcher=KINDS[kind])
            times[kind].append(found)
            print(f"seed {seed}, {kind}: {found}", flush=True)
    report(times, arguments.budget)


def study(data: Path, seed: int, budget_s: float, *, searcher: SearcherName) -> dict[str, float]:
    """Seconds to each mark, the best accuracy, and the number of trials that began."""
    from tuner.settings import Settings
    from tuner.spec import StudySpec
    from tuner.store import Store
    from tuner.study import run

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(results_dir=Path(folder))
        spec = StudySpec(
            dataset="mnist",
            data_dir=str(data.absolute()),
            sample_percentage=0.2,
            trials=1_000,
            max_epochs_per_trial=30,
            time_budget_s=budget_s,
            target_score=max(MARKS),
            searcher=searcher,
            plot_generation="none",
            seed=seed,
        )
        result = run(spec, settings=settings)
        with Store.open(settings.store_url()) as store:
            began = next(event.time for _, event in store.read(result.name) if event.type == "study_status")
            epochs = sorted(store.epochs(result.name), key=lambda epoch: epoch.time)
    found = {
        f"{mark:.2f}": next(
            ((epoch.time - began).total_seconds() for epoch in epochs if epoch.val_accuracy >= mark), budget_s
        )
        for mark in MARKS
    }
    best = max((epoch.val_accuracy for epoch in epochs), default=0.0)
    return found | {"best": best, "trials": float(len(result.view.trials))}


def report(times: dict[str, list[dict[str, float]]], budget_s: float) -> None:
    """Print the medians and write everything to `RESULTS`."""
    marks = [f"{mark:.2f}" for mark in MARKS]
    medians = {
        kind: {mark: statistics.median(one[mark] for one in found) for mark in marks} for kind, found in times.items()
    }
    ratios = {mark: medians["cost-aware"][mark] / medians["plain TPE"][mark] for mark in marks}
    print(f"\n{'median seconds to':<20}" + "".join(f"{mark:>10}" for mark in marks))
    for kind, found in medians.items():
        print(f"{kind:<20}" + "".join(f"{found[mark]:10.1f}" for mark in marks))
    print(f"{'ratio (goal 0.5)':<20}" + "".join(f"{ratios[mark]:10.2f}" for mark in marks))
    document: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
        "budget_s": budget_s,
        "median_seconds": medians,
        "ratio": ratios,
        "runs": times,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
