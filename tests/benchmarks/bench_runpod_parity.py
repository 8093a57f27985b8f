"""Compares trials trained in this process with the same trials trained by the real RunPod worker, by epoch.

    python tests/benchmarks/bench_runpod_parity.py [trials] [dataset] [share of the data]

It needs no Ray: the project's client drives the real worker with the project's handler over loopback, then this
process trains the same specs. On one machine the histories must be equal bit for bit; on two, the gap is the result.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.runpod.control_plane import ControlPlane
from tests.runpod.worker import Worker
from tests.search.samples import RandomSuggester
from tuner import datasets
from tuner.events import EpochProgress, TrialComplete
from tuner.runners.runpod.api import Endpoint, EndpointAccess
from tuner.runners.runpod.job import Limits, Price, TrialJob
from tuner.settings import Settings
from tuner.spec import parse_study_spec
from tuner.study.plan import make_plan
from tuner.trial_spec import TrialSpec

RESULTS = Path(__file__).parent / "results" / "runpod_parity.json"
EPOCHS = 3


def main() -> None:
    given = dict(enumerate(sys.argv[1:]))
    count, dataset, share = int(given.get(0, 10)), given.get(1, "mnist"), float(given.get(2, 0.1))
    trials = list(suggested(count, dataset, share))
    there = [history(events) for events in remotely(trials)]
    data, _ = datasets.load(trials[0].data)
    from tuner.training import run_trial

    rows: list[dict[str, Any]] = []
    for trial, (epochs_there, accuracy_there, billed_s) in zip(trials, there, strict=True):
        epochs_here, accuracy_here, _ = history((run_trial(trial, data), 0.0))
        rows.append(
            {
                "trial": trial.trial_number,
                "epochs": len(epochs_here),
                "largest_difference": difference(epochs_here, epochs_there),
                "accuracy_here": accuracy_here,
                "accuracy_there": accuracy_there,
                "billed_s": billed_s,
            }
        )
        print(rows[-1], flush=True)
    gaps = [abs(row["accuracy_here"] - row["accuracy_there"]) for row in rows]
    identical = sum(row["largest_difference"] == 0 for row in rows)
    print(f"{identical} of {count} histories identical; accuracy gap mean {sum(gaps) / count:.6f}, max {max(gaps):.6f}")
    RESULTS.write_text(json.dumps({"dataset": dataset, "share": share, "trials": rows}, indent=2) + "\n")


def suggested(count: int, dataset: str, share: float) -> Iterator[TrialSpec]:
    """Trials as a study draws them at random, of small networks."""
    space = {"conv_layers": "1..2", "filters_1": "8..16", "first_dense_nodes": "16..64", "batch_size": "64..128"}
    asked = {"run_name": "parity", "dataset": dataset, "sample_percentage": share, "max_epochs_per_trial": EPOCHS}
    plan = make_plan(parse_study_spec(asked | {"min_epochs_per_trial": EPOCHS, "space": space}), Settings())
    for number in range(1, count + 1):
        yield plan.trial(number, plan.space.suggest(RandomSuggester(number)))


def remotely(trials: list[TrialSpec]) -> Iterator[tuple[list[Any], float]]:
    """The events of each trial through the worker, and the seconds billed."""
    environment = {"TUNER_DATA_DIR": os.environ["TUNER_DATA_DIR"]} if "TUNER_DATA_DIR" in os.environ else {}
    with ControlPlane() as plane, Worker(plane, environment=environment):
        endpoint = Endpoint(EndpointAccess(f"{plane.base_url}/v2", plane.endpoint_id, SecretStr(plane.api_key)))
        for trial in trials:
            job = TrialJob(endpoint, trial, Limits(queue_s=120, run_s=3_600), Price())
            events = list(job.events(None))
            bill = job.finish()
            yield events, 0.0 if bill is None else bill.billed_s
        endpoint.close()


def history(told: tuple[Any, float]) -> tuple[list[tuple[float, ...]], float, float]:
    """Losses and accuracies of each epoch, the trial's accuracy, and the seconds billed."""
    events, billed_s = told
    epochs: list[tuple[float, ...]] = []
    for event in events:
        if isinstance(event, EpochProgress):
            train, validation = event.train, event.validation
            epochs.append((train.loss, train.accuracy, validation.loss, validation.accuracy))
        if isinstance(event, TrialComplete):
            assert event.performance is not None, event.reason
            return epochs, event.performance.accuracy, billed_s
    raise AssertionError("no end")


def difference(here: list[tuple[float, ...]], there: list[tuple[float, ...]]) -> float:
    """The largest of any number of any epoch."""
    assert len(here) == len(there)
    return max(abs(one - other) for pair in zip(here, there, strict=True) for one, other in zip(*pair, strict=True))


if __name__ == "__main__":
    main()
