"""Measures how often a scheduler would prune networks that end well, and at which grace it would not.

1. Random configurations of the product's space are trained in full, without a scheduler, on digits, a part of imdb and
   AG News. Their curves are appended to `results/false_prunes.jsonl`; trainings of the file are not repeated.
2. The curves are replayed in random orders, as two workers would train them, to the product's ASHA: with graces of 1,
   2 and 3 epochs, several least numbers of training steps, and rungs in epochs or in seconds of a time budget.

For each setting, data set and kind of network it reports, in shares:

- best third: of the trials that end in the best third of their data set, those that were pruned at their first
  rung, and at any. A rung passes one trial in three, so some are pruned at later ones with any grace.
- learners: the same of the trials that end well above chance (at least half-way from chance to the data set's best).
- at chance: of the learners, those that were pruned while they were at chance (within two standard errors).
- time: seconds of training with the scheduler, in relation to full trainings.
- lost: how much lower the best remaining accuracy is than that of all full trainings (mean over the orders).

    python tests/benchmarks/bench_false_prunes.py [--data digits] [--trainings 40] [--orders 100]
    python tests/benchmarks/bench_false_prunes.py --replay    # trains nothing
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.accuracy.cells import append_record, read_records
from tests.benchmarks.accuracy.sources import lacking_file, source_fields
from tests.benchmarks.prune_replay import GRACES, Curve, Setting, mean_shares, replay
from tests.benchmarks.studies import conditions

CURVES = Path(__file__).parent / "results" / "false_prunes.jsonl"
DATA = {"digits": 1.0, "imdb": 0.3, "ag_news": 0.5}
"""Share of each data set that is used: a full training of an LSTM on all of it takes many minutes."""
SEED = 0
LONGEST_S = 900.0
"""A training that would take longer is left out; the file says so."""
LEAST_STEPS = (0, 50, 100, 200)
BUDGETS_S = (60.0, 180.0, 600.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--trainings", type=int, default=40, help="random configurations of each data set")
    parser.add_argument("--epochs", type=int, default=10, help="of each training; the product's default is 10")
    parser.add_argument("--orders", type=int, default=100, help="random orders of each replay")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--replay", action="store_true", help="only replay the curves of the file")
    parser.add_argument("--file", type=Path, default=CURVES, help="curves; the shares go beside it, as .json")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="folder of the data files")
    arguments = parser.parse_args()
    if arguments.epochs <= max(GRACES):
        parser.error(f"--epochs {arguments.epochs}: must be above the longest grace, {max(GRACES)}")
    if not arguments.replay:
        train(arguments)
    records = [one for one in read_records(arguments.file) if one["epochs"] == arguments.epochs]
    report(records, arguments)


def train(arguments: argparse.Namespace) -> None:
    """Train the configurations that the file lacks, one in each process, and append their curves."""
    finished = {(one["data"], one["number"], one["epochs"]) for one in read_records(arguments.file)}
    todo = []
    for data in arguments.data:
        if file := lacking_file(data, arguments.shared):
            print(f"{data} is skipped: {file} does not exist; --shared names another folder")
            continue
        todo += [
            (data, number, arguments.epochs, arguments.shared)
            for number in range(1, arguments.trainings + 1)
            if (data, number, arguments.epochs) not in finished
        ]
    with ProcessPoolExecutor(arguments.processes, get_context("spawn")) as pool:
        running = [pool.submit(full_training, *one) for one in todo]
        for place, future in enumerate(as_completed(running), start=1):
            record = future.result()
            append_record(arguments.file, record | conditions())
            end = f"{max(record['accuracy']):.3f}" if record["accuracy"] else "no epoch"
            print(f"{place} of {len(todo)}: {record['data']} {record['number']}: {record['status']}, {end}", flush=True)


@cache
def plan_of(data: str, epochs: int, shared: Path) -> Any:
    """The product's plan of a study on this data set: its data, its space and its trials."""
    from tuner.settings import Settings
    from tuner.spec import StudySpec
    from tuner.study.plan import make_plan

    fields = source_fields(data, shared, SEED) | {"sample_percentage": DATA[data]}
    spec = StudySpec(**fields, run_name="full", max_epochs_per_trial=epochs, early_stopping_patience=None)
    return make_plan(spec, Settings(results_dir=Path(tempfile.gettempdir())))


def full_training(data: str, number: int, epochs: int, shared: Path) -> dict[str, Any]:
    """In a process of its own: the curve of the random configuration with this number, from 1."""
    from tuner.events import EpochProgress, TrialComplete, TrialStart
    from tuner.search.scheduler_report import batches_per_epoch
    from tuner.training import run_trial

    plan = plan_of(data, epochs, shared)
    trial = plan.trial(number, plan.space.samples(number)[-1])
    y = plan.data.validation.y
    record: dict[str, Any] = {
        "data": data,
        "number": number,
        "epochs": epochs,
        "kind": trial.architecture,
        "hyperparameters": trial.hyperparameters,
        "steps": batches_per_epoch(len(plan.data.train), trial.hyperparameters, None),
        "chance": max((y == label).mean() for label in range(plan.data.classes)),
        "samples": len(y),
        "accuracy": [],
        "seconds": [],
        "status": "cut",
    }
    if plan.preflight(trial) is not None:
        return record | {"status": "rejected"}
    with closing(run_trial(trial, plan.data)) as training:
        for event in training:
            if isinstance(event, TrialStart):
                record["kind"] = event.architecture.type
            if isinstance(event, EpochProgress):
                record["accuracy"].append(event.validation.accuracy)
                record["seconds"].append(event.duration_s)
            if isinstance(event, TrialComplete):
                record["status"] = event.status
            if sum(record["seconds"]) > LONGEST_S and len(record["accuracy"]) < epochs:
                break
    return record


def report(records: Sequence[dict[str, Any]], arguments: argparse.Namespace) -> None:
    """Replay the curves of each data set, print the shares and write them."""
    ends = Counter(one["status"] for one in records)
    print(f"{len(records)} trainings: {', '.join(f'{count} {status}' for status, count in ends.most_common())}")
    fields = ("data", "kind", "number", "steps", "chance", "samples")
    complete = [one for one in records if one["status"] == "completed"]
    curves = [
        Curve(**{name: one[name] for name in fields}, accuracy=tuple(one["accuracy"]), seconds=tuple(one["seconds"]))
        for one in complete
    ]
    settings = [
        Setting(grace, steps, budget_s) for budget_s in (None, *BUDGETS_S) for grace in GRACES for steps in LEAST_STEPS
    ]
    rows = []
    for data in arguments.data:
        of_data = [curve for curve in curves if curve.data == data]
        if len(of_data) < 3:
            print(f"{data}: {len(of_data)} complete trainings are too few to replay")
            continue
        for setting in settings:
            outcomes = [replay(of_data, setting, order) for order in range(arguments.orders)]
            rows += mean_shares(of_data, setting, outcomes)
    show(rows)
    document = {
        **conditions(),
        "orders": arguments.orders,
        "epochs": arguments.epochs,
        "trainings": dict(ends),
        "rows": rows,
    }
    arguments.file.with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n")


def show(rows: list[dict[str, Any]]) -> None:
    print(f"\n{'':46}{'best third pruned':>20}{'learners pruned':>20}")
    print(
        f"{'data':10}{'kind':8}{'rungs':>9}{'grace':>7}{'steps':>7}{'':5}"
        + "".join(f"{name:>10}" for name in ("first", "any", "first", "any", "at chance", "time", "lost"))
    )
    for row in rows:
        rungs = "epochs" if row["budget_s"] is None else f"{row['budget_s']:g} s"
        names = ("best_third_first", "best_third_any", "learners_first", "learners_any", "at_chance", "time", "lost")
        shares = "".join(f"{'-' if row[name] is None else format(row[name], '.3f'):>10}" for name in names)
        print(f"{row['data']:10}{row['kind']:8}{rungs:>9}{row['grace']:7}{row['least_steps']:7}{'':5}{shares}")


if __name__ == "__main__":
    main()
