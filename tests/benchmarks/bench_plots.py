"""Measures how long all figures of one trial take: `tuner plots NAME TRIAL`, from the command to its end.

Two studies of one trial that keep everything for figures: a CNN on MNIST and an LSTM on imdb. Their training is not
measured. The goal is 20 s on 2 cores.

    python tests/benchmarks/bench_plots.py [--data ../shared/data] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.studies import conditions

RESULTS = Path(__file__).parent / "results" / "plots.json"
TUNER = Path(sys.executable).with_name("tuner")
GOAL_S = 20.0
STUDIES = {
    "CNN on MNIST": {"dataset": "mnist", "sample_percentage": 0.2, "architecture": "cnn"},
    "LSTM on imdb": {"dataset": "imdb", "sample_percentage": 0.2, "architecture": "lstm"},
}
COMMON = {"trials": 1, "max_epochs_per_trial": 6, "early_stopping_patience": "none", "plot_generation": "all"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds the data sets")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    rows = {}
    for name, fields in STUDIES.items():
        rows[name] = row = measured(fields | COMMON | {"data_dir": asked.data.absolute()}, asked.repeats)
        print(f"{name:16}{row['figures']:3} figures in {row['median_s']:.1f} s", flush=True)
    RESULTS.write_text(json.dumps(conditions() | {"goal_s": GOAL_S, "studies": rows}, indent=2) + "\n")
    if any(row["median_s"] > GOAL_S for row in rows.values()):
        raise SystemExit(f"goal missed: at most {GOAL_S:g} s")


def measured(fields: dict[str, Any], repeats: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TUNER_RESULTS_DIR": folder, "RAY_ADDRESS": "local"}

        def tuner(*words: str) -> float:
            began = time.perf_counter()
            subprocess.run([TUNER, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
            return time.perf_counter() - began

        tuner("run", "run_name=drawn", *(f"{key}={value}" for key, value in fields.items()))
        figures = Path(folder) / "figures"
        seconds = [tuner("plots", "drawn", "1", "--output", str(figures)) for _ in range(repeats)]
        return {"figures": len(list(figures.iterdir())), "seconds": seconds, "median_s": statistics.median(seconds)}


if __name__ == "__main__":
    main()
