"""Measures whether a sampler gains from knowing which trials were stopped, beside Ray's OptunaSearch.

Ray reports a trial that ASHA stopped to Optuna as complete, with the value of its last rung; this project reports it
as pruned, with its step and curve. Both are measured with this project's default sampler and with Optuna's TPE
(multivariate, grouped), the same seeds and the same ASHA; only the reports differ.

1. A multi-fidelity function in simulated time: the final value is Hartmann 6 (Dixon and Szegö, 1978), scaled to 1 at
   its optimum; a trial approaches it as 1 - exp(-epoch / tau), and tau depends on a seventh parameter, as training
   depends on the learning rate. Four workers for 400 seconds, one second per epoch, up to 27 epochs, rungs at 1, 3
   and 9.
2. MNIST: real studies of small CNNs, 5 % of the images, 60 seconds each, with the default sampler, which ignores
   costs here, since Ray's search does.

The clock runs to the first epoch of any trial whose value reaches the mark. A search that never reaches it counts
with all of its time.

    python tests/benchmarks/bench_pruning_feedback.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import os
import platform
import statistics
import tempfile
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from itertools import count, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

RESULTS = Path(__file__).parent / "results" / "pruning_feedback.json"
SAMPLERS, TELLINGS = ("default", "TPE"), ("truly", "as Ray")
Kind = tuple[str, str]
KINDS: tuple[Kind, ...] = tuple(product(SAMPLERS, TELLINGS))
WORKERS, SECONDS, EPOCHS = 4, 400, 27
MARKS = {"function": (0.8, 0.9, 0.95), "mnist": (0.93, 0.95)}
MNIST_S = 60
"""Budget of one study on MNIST, in seconds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds mnist.npz")
    parser.add_argument("--seeds", type=int, default=16, help="of the function")
    parser.add_argument("--mnist-seeds", type=int, default=3)
    arguments = parser.parse_args()
    # What is not measured this time (0 seeds) stays as it was.
    document: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    document |= {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
    }
    measures: dict[str, tuple[int, Sequence[Kind], Callable[[str, str, int], dict[str, float]]]] = {
        "function": (arguments.seeds, KINDS, simulated),
        "mnist": (
            arguments.mnist_seeds,
            [kind for kind in KINDS if kind[0] == "default"],
            partial(trained, arguments.data),
        ),
    }
    for problem, (seeds, kinds, measure) in measures.items():
        runs: dict[str, list[dict[str, float]]] = {", ".join(kind): [] for kind in kinds}
        for seed, kind in product(range(seeds), kinds):
            found = measure(*kind, seed)
            runs[", ".join(kind)].append(found)
            print(f"{problem}, seed {seed}, {', '.join(kind)}: {found}", flush=True)
        if seeds:
            document[problem] = report(problem, runs)
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def report(problem: str, runs: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Print the medians and what they come to."""
    columns = [*map(str, MARKS[problem]), "best"]
    medians = {
        kind: {name: statistics.median(run[name] for run in found) for name in columns} for kind, found in runs.items()
    }
    print(f"\n{problem + ', median s to':<26}" + "".join(f"{name:>10}" for name in columns))
    for kind, found in medians.items():
        print(f"{kind:<26}" + "".join(f"{found[name]:10.3f}" for name in columns))
    ratios = {}
    for sampler in (name for name in SAMPLERS if any(kind.startswith(name) for kind in runs)):
        truly, as_ray = (medians[f"{sampler}, {telling}"] for telling in TELLINGS)
        ratios[sampler] = {name: truly[name] / as_ray[name] for name in columns[:-1]}
        print(f"{'ratio, ' + sampler:<26}" + "".join(f"{ratio:10.2f}" for ratio in ratios[sampler].values()))
    return {"median": medians, "ratio": ratios, "runs": runs}


def times(problem: str, curve: list[tuple[float, float]], total_s: float) -> dict[str, float]:
    """From (second, value) of every epoch."""
    first = {
        str(mark): min((second for second, value in curve if value >= mark), default=total_s) for mark in MARKS[problem]
    }
    return first | {"best": max(value for _, value in curve)}


# --- The function ---

WEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
SLOPES = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
CENTRES = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)
OPTIMUM = 3.32237


def value(hyperparameters: dict[str, Any], epoch: int) -> float:
    """After an epoch, from 1; at most 1."""
    x = np.array([hyperparameters[f"x{place}"] for place in range(1, 7)])
    final = float(WEIGHTS @ np.exp(-(SLOPES * (x - CENTRES) ** 2).sum(axis=1))) / OPTIMUM
    tau = 1 + 8 * abs(math.log10(hyperparameters["rate"]) + 2.5)
    return final * (1 - math.exp(-epoch / tau))


def simulated(sampler: str, telling: str, seed: int) -> dict[str, float]:
    """One search in simulated time."""
    from ray.tune.schedulers import TrialScheduler

    from tuner.search.rungs import Rungs
    from tuner.search.scheduler_report import scheduler_report
    from tuner.search.schedulers import make_scheduler

    spec, space = problem_of(sampler, seed)
    scheduler = make_scheduler(spec, space, Rungs(1, EPOCHS))
    search = (AsRay if telling == "as Ray" else Truly)(spec, space)
    idle = SimpleNamespace(get_live_trials=list)
    curve, waiting, second, began = [], [], 0.0, 0
    for _ in range(WORKERS):
        began += 1
        heapq.heappush(waiting, (1.0, began, 1, search.suggest(began)))
    while waiting:
        second, number, epoch, hyperparameters = heapq.heappop(waiting)
        trial = SimpleNamespace(trial_id=str(number))
        if epoch == 1:
            scheduler.on_trial_add(idle, trial)
        reached = value(hyperparameters, epoch)
        curve.append((second, reached))
        search.result(number, epoch, reached)
        stopped = (
            scheduler.on_trial_result(idle, trial, scheduler_report(1, epoch, reached, float(epoch), 1_000))
            == TrialScheduler.STOP
        )
        if epoch < EPOCHS and not stopped:
            heapq.heappush(waiting, (second + 1, number, epoch + 1, hyperparameters))
            continue
        search.ended(number, reached, pruned=epoch < EPOCHS)
        if second < SECONDS:
            began += 1
            heapq.heappush(waiting, (second + 1, began, 1, search.suggest(began)))
    return times("function", [(when, reached) for when, reached in curve if when <= SECONDS], SECONDS)


def problem_of(sampler: str, seed: int) -> tuple[Any, Any]:
    from tuner.search.parameter import Parameter
    from tuner.search.space import Space
    from tuner.spec import StudySpec

    spec = StudySpec(
        run_name="bench",
        seed=seed,
        trials=SECONDS,
        searcher="auto" if sampler == "default" else "tpe",
        max_epochs_per_trial=EPOCHS,
        min_epochs_per_trial=1,
    )
    axes = [Parameter(f"x{place}", "", 0.0, 1.0) for place in range(1, 7)]
    return spec, Space((*axes, Parameter("rate", "", 1e-4, 1e-1, log=True)))


class Truly:
    """This project's search."""

    def __init__(self, spec: Any, space: Any) -> None:
        from tuner.search.suggestions import Suggestions
        from tuner.trial_spec import TrialSpec

        def make_trial(number: int, hyperparameters: dict[str, Any]) -> TrialSpec:
            return TrialSpec(
                study="bench", trial_number=number, data=spec.data, architecture="cnn", hyperparameters=hyperparameters,
                objective="val_accuracy", epochs=EPOCHS,
            )  # fmt: skip

        self._suggestions = Suggestions(
            spec, space, [], [], make_trial=make_trial, preflight=lambda trial: None, record=lambda event: None
        )
        self._trials: dict[int, TrialSpec] = {}

    def suggest(self, number: int) -> dict[str, Any]:
        from tuner.events import Architecture, TrialStart

        suggested = self._suggestions.next()
        assert suggested is not None
        trial = suggested.trial
        self._trials[number] = trial
        drawn = Architecture(type="cnn", total_parameters=1, layers=[])
        self._suggestions.learn(TrialStart(**self._common(number), architecture=drawn))
        return trial.hyperparameters

    def result(self, number: int, epoch: int, reached: float) -> None:
        from tuner.events import EpochProgress, Metrics

        metrics = Metrics(loss=1 - reached, accuracy=reached)
        self._suggestions.learn(
            EpochProgress(
                trial_number=self._trials[number].trial_number,
                epoch=epoch,
                epochs=EPOCHS,
                train=metrics,
                validation=metrics,
                objective=reached,
                duration_s=1.0,
                inference_ms=1.0,
            )
        )

    def ended(self, number: int, reached: float, *, pruned: bool) -> None:
        from tuner.events import TrialComplete

        how = {"status": "pruned", "cause": "pruned"} if pruned else {"status": "completed", "cause": "all_epochs"}
        self._suggestions.learn(
            TrialComplete(**self._common(number), **how, reason="", objective=reached, values={"val_accuracy": reached})
        )

    def _common(self, number: int) -> dict[str, Any]:
        trial = self._trials[number]
        return {
            "trial_number": trial.trial_number,
            "trial_id": trial.trial_id,
            "hyperparameters": trial.hyperparameters,
        }


class AsRay:
    """Ray's own OptunaSearch, called as Ray Tune calls it."""

    def __init__(self, spec: Any, space: Any) -> None:
        self._search = rays_search(spec, space, lambda hyperparameters: {"hyperparameters": hyperparameters}, "value")

    def suggest(self, number: int) -> dict[str, Any]:
        return self._search.suggest(str(number))["hyperparameters"]

    def result(self, number: int, epoch: int, reached: float) -> None:
        self._search.on_trial_result(str(number), {"value": reached, "training_iteration": epoch})

    def ended(self, number: int, reached: float, *, pruned: bool) -> None:
        self._search.on_trial_complete(str(number), {"value": reached})


def rays_search(spec: Any, space: Any, config: Callable[[dict[str, Any]], dict[str, Any]], metric: str) -> Any:
    """Ray's own OptunaSearch, which gives a trial what `config` makes of the suggested hyperparameters."""
    from ray.tune.search.optuna import OptunaSearch

    from tuner.search.samplers import make_sampler

    warnings.simplefilter("ignore")
    return OptunaSearch(
        space=lambda trial: config(space.suggest(trial)),
        metric=metric,
        mode="max",
        sampler=make_sampler(spec, space),
    )


# --- MNIST ---


def trained(data: Path, sampler: str, telling: str, seed: int) -> dict[str, float]:
    """One real study."""
    from tuner.settings import Settings
    from tuner.spec import StudySpec
    from tuner.store import Store
    from tuner.study import run, search

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(results_dir=Path(folder))
        spec = StudySpec(
            dataset="mnist", data_dir=str(data.absolute()), sample_percentage=0.05, trials=1_000, time_budget_s=MNIST_S,
            max_epochs_per_trial=9, searcher="auto" if sampler == "default" else "tpe",
            plot_generation="none", seed=seed,
            concurrent_workers=2, space={"conv_layers": "1..2", "filters_1": "16..32", "filters_2": "16..64"},
        )  # fmt: skip
        searcher = rays_searcher if telling == "as Ray" else search.StudySearcher
        blind = mock.patch.object(search.Search, "_cost_model", return_value=None)
        with blind, mock.patch.object(search, "StudySearcher", searcher):
            result = run(spec, settings=settings)
        with Store.open(settings.store_url()) as store:
            began = next(event.time for _, event in store.read(result.name) if event.type == "trial_start")
            curve = [((epoch.time - began).total_seconds(), epoch.val_accuracy) for epoch in store.epochs(result.name)]
    return times("mnist", curve, max(second for second, _ in curve))


def rays_searcher(spec: Any, suggestions: Any, trials: int, *, stopped: Callable[[], bool], devices: Any) -> Any:
    """Ray's own OptunaSearch in the place of ours."""
    from tuner.search.scheduler_report import OBJECTIVE

    numbers = count(1)

    def config(hyperparameters: dict[str, Any]) -> dict[str, Any]:
        trial = suggestions._make_trial(next(numbers), hyperparameters)
        return {"trial": trial.model_dump(mode="json"), **devices.allocate(trial)}

    made = rays_search(spec, suggestions._space, config, OBJECTIVE)
    # Ray Tune pickles its searcher now and then, and plans ahead with none of its own: neither is asked of it here.
    made.__class__ = _rays_search_class()
    made.stopped, made.gives_back = stopped, False
    return made


@cache
def _rays_search_class() -> Any:
    """OptunaSearch, made once with the imports that only this part of the benchmark needs."""
    from ray.tune.search import Searcher
    from ray.tune.search.optuna import OptunaSearch

    def suggest(self: Any, trial_id: str) -> Any:
        return Searcher.FINISHED if self.stopped() else OptunaSearch.suggest(self, trial_id)

    # No study of this benchmark is resumed, and Ray's search does not plan ahead.
    unused = {"save": lambda self, path: None, "plan_ahead": lambda self: None, "__getstate__": lambda self: {}}
    made = type("RaysSearch", (OptunaSearch,), {"suggest": suggest, **unused})
    made.__module__ = __name__
    globals()[made.__name__] = made  # pickled by its name
    return made


if __name__ == "__main__":
    main()
