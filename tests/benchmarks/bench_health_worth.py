"""Measures what `health_stop` saves in a search: real studies of small CNNs on 3 % of MNIST, with the same seeds and
seconds with and without it, each with the default searcher and with ASHA or without a scheduler.

Both studies of a seed run at the same time with one worker each, so a slow machine slows both.

It reports how long a study with `health_stop` needs to reach the final accuracy of the study without (a study that
never reaches it counts with its whole budget), and how many of the best tenth of both studies' trials each has. For
comparison: BTTackler (Pei et al., KDD 2024) reports 40 % of the time saved and 44 % more top trials.

Each stopped trial is trained on to its last epoch. Its stop is false if the trial then improves and is among the
best tenth of its study. A trial that was among them already and does not improve was rightly stopped and is counted
apart.

    python tests/benchmarks/bench_health_worth.py [--data ../shared/data] [--seeds 5] [--budget 150]
        [--scheduler asha none]

Measuring one scheduler keeps the other's results.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.studies import Found, conditions, study, trained_again
from tuner.settings import Settings
from tuner.spec import StudySpec

RESULTS = Path(__file__).parent / "results" / "health_worth.json"
EPOCHS = 10
SPACE = {"conv_layers": "1..3", "filters_1": "8..32", "filters_2": "8..48", "filters_3": "8..64", "kernel_size": 3}
"""Small enough for dozens of trials in a minute."""

GOALS = {"time_saved": 0.4, "false_stops": 0.01}
PUBLISHED = {"BTTackler": {"time_saved": 0.40, "more_top_trials": 0.44}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=150.0, help="seconds of one study")
    parser.add_argument("--share", type=float, default=0.03, help="of MNIST")
    parser.add_argument("--scheduler", nargs="+", default=["asha", "none"])
    arguments = parser.parse_args()
    compared = json.loads(RESULTS.read_text()).get("by_scheduler", {}) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(2, get_context("spawn")) as both:
        for scheduler in arguments.scheduler:
            specs: dict[tuple[bool, int], StudySpec] = {}
            found: dict[tuple[bool, int], Found] = {}
            for seed in range(arguments.seeds):
                running = {}
                for stop in (False, True):
                    specs[stop, seed] = study_spec(arguments, scheduler, seed, stop)
                    settings = Settings(results_dir=Path(folder) / f"{stop}")
                    running[stop] = both.submit(study, specs[stop, seed], settings)
                for stop, future in running.items():
                    one = found[stop, seed] = future.result()
                    print(
                        f"{specs[stop, seed].run_name}: {len(one.trials)} trials, {len(one.stopped)} stopped, best "
                        f"val_accuracy {max(one.accuracies):.4f}, test {one.test_accuracy:.4f}",
                        flush=True,
                    )
            compared[scheduler] = stopping([row_of(found, specs, seed) for seed in range(arguments.seeds)])
    document = {
        **conditions(),
        "budget_s": arguments.budget,
        "seeds": arguments.seeds,
        "goals": GOALS,
        "published": PUBLISHED,
        "by_scheduler": compared,
    }
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def study_spec(arguments: argparse.Namespace, scheduler: str, seed: int, stop: bool) -> StudySpec:
    return StudySpec.model_validate(
        {
            "run_name": f"{scheduler}-{'stop' if stop else 'plain'}-{seed}",
            "dataset": "mnist",
            "data_dir": str(arguments.data.absolute()),
            "sample_percentage": arguments.share,
            "trials": 1_000,
            "concurrent_workers": 1,
            "max_epochs_per_trial": EPOCHS,
            "time_budget_s": arguments.budget,
            "plot_generation": "none",
            "scheduler": scheduler,
            "space": SPACE,
            "seed": seed,
            "health_stop": stop,
        }
    )


def row_of(found: dict[tuple[bool, int], Found], specs: dict[tuple[bool, int], StudySpec], seed: int) -> dict[str, Any]:
    """Both studies of one seed."""
    plain, stop = found[False, seed], found[True, seed]
    mark = max(plain.accuracies)
    tenth = best_tenth([*plain.accuracies, *stop.accuracies])
    return {
        "accuracy": mark,
        "plain_s": plain.seconds_to(mark),
        "stop_s": stop.seconds_to(mark),
        "reached": max(stop.accuracies) >= mark,
        "trials": [len(plain.trials), len(stop.trials)],
        "top_trials": [sum(one >= tenth for one in of.accuracies) for of in (plain, stop)],
        "reasons": [trial.reason for trial in stop.stopped],
        "had": [trial.performance.accuracy if trial.performance else 0.0 for trial in stop.stopped],
        "would_have_reached": [max(trained_again(trial, EPOCHS, specs[True, seed])[0]) for trial in stop.stopped],
        "best_tenth": best_tenth(stop.accuracies),
    }


def best_tenth(accuracies: list[float]) -> float:
    """What the worst of the best tenth has."""
    return sorted(accuracies, reverse=True)[math.ceil(len(accuracies) / 10) - 1]


def stopping(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How much faster studies with it are, how many good trials they give, and how often a stop was wrong."""
    ends = [
        (had, end, row["best_tenth"])
        for row in rows
        for had, end in zip(row["had"], row["would_have_reached"], strict=True)
    ]
    false = sum(had < end and end > good for had, end, good in ends)
    led = sum(had >= end and end > good for had, end, good in ends)
    saved = 1 - statistics.median(row["stop_s"] / row["plain_s"] for row in rows)
    top = [sum(row["top_trials"][which] for row in rows) for which in (0, 1)]
    more = top[1] / max(1, top[0]) - 1
    print(
        f"health_stop: {saved:.0%} of the time saved (median of {len(rows)}), {more:+.0%} trials among the best tenth, "
        f"{false} of {len(ends)} stops false; {led} of trials among the best, which gained nothing more",
        flush=True,
    )
    return {
        "time_saved": saved,
        "more_top_trials": more,
        "stopped": len(ends),
        "false_stops": false,
        "stopped_among_best": led,
        "by_seed": rows,
    }


if __name__ == "__main__":
    main()
