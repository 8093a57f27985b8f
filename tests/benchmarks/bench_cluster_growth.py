"""Measures how the cost of a trial grows from 100 to 10,000 earlier trials: search, log, API and memory.

The benchmark drives one study as the product does, but without Ray: it asks the searcher for trials and passes the
reports of workers to the recorder, with several trials running at once. Between the measured sizes, trials are drawn
at random. CPU time is that of this process; only wall time suffers from a busy machine.

    python tests/benchmarks/bench_cluster_growth.py [--sizes 100 300 1000 3000 10000]

It takes about five minutes: a fiftieth of a second for each trial up to the largest size.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import serving  # noqa: E402
from bench_served_trials import asking, timed  # noqa: E402

SIZES = (100, 300, 1_000, 3_000, 10_000)
WINDOW = 40
"""Trials of the default search at each size."""
UNDER_WAY = 16
EPOCHS = 3
NAME = "growth"
FLAT = 1.5
"""Times its value at `SETTLED` trials that a cost may be at the largest size, on a machine as fast as it was then."""
SETTLED = 300
"""Trials from which on the default search learns from as many as it ever does."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = sorted(parser.parse_args().sizes)
    with tempfile.TemporaryDirectory() as folder, driven(Path(folder)) as study:
        empty_mb = rss_mb()
        measured = {size: at(study, size) | served(Path(folder), size) for size in sizes}
    before, before_mb = 0, empty_mb
    for size, found in measured.items():
        found["memory_kb_per_trial"] = round((found["rss_mb"] - before_mb) * 1024 / (size - before), 1)
        before, before_mb = size, found["rss_mb"]
    names = list(next(iter(measured.values())))
    print(f"{'':<26}" + "".join(f"{size:>11,}" for size in sizes))
    for name in names:
        print(f"{name:<26}" + "".join(f"{found[name]:>11,.2f}" for found in measured.values()))
    grown = growths(measured)
    print("times from", ", ".join(f"{name}: {by:.2f}" for name, by in grown.items()))
    document = {"window": WINDOW, "epochs": EPOCHS, "under_way": UNDER_WAY, "rss_of_an_empty_study_mb": empty_mb}
    serving.keep(
        "cluster_growth",
        serving.about() | document | {"flat_is_below": FLAT, "grown": grown, "trials": measured},
    )
    draw(Path(__file__).parent / "results" / "cluster_growth.png", measured)
    if any(by > FLAT for by in grown.values()):
        raise SystemExit(f"goal missed: what a trial costs is to stay within {FLAT} times")


def growths(measured: dict[int, dict[str, float]]) -> dict[str, float]:
    """How many times its value from SETTLED trials on each cost is at the largest size; empty for a single size."""
    settled = [size for size in measured if size >= SETTLED]
    if len(settled) < 2:
        return {}
    first, last = measured[settled[0]], measured[settled[-1]]
    timed_ones = ("ask_cpu_ms", "tell_cpu_ms", "page_ms", "study_ms", "nothing_new_ms")
    slower = last["yardstick_ms"] / first["yardstick_ms"]
    grown = {name: round(last[name] / first[name] / slower, 2) for name in timed_ones}
    # The first trials also load what is loaded once.
    return grown | {"memory_kb_per_trial": round(last["memory_kb_per_trial"] / max(1, first["memory_kb_per_trial"]), 2)}


class Driven:
    """One study and all that learns from its log, put together as `Search` does it.

    Args:
        store: Its store, held by this process.
    """

    def __init__(self, store: Any, folder: Path) -> None:
        import optuna

        from tuner.search.cost_model import CostModel
        from tuner.search.rungs import make_rungs
        from tuner.search.searcher import StudySearcher
        from tuner.search.suggestions import Suggestions
        from tuner.search.time_budget import TimeBudget
        from tuner.study.leader import Leader
        from tuner.study.metrics import StudyMetrics
        from tuner.study.paths import StudyPaths
        from tuner.study.recorder import Recorder
        from tuner.study.stop_signal import StopSignal
        from tuner.study.study_log import StudyLog

        spec = store.study(NAME).spec
        rungs = make_rungs(spec, UNDER_WAY)
        space, images = a_space(spec)
        study_log = StudyLog(store, NAME)
        self._recorder = Recorder(study_log, spec, StudyPaths(folder), StopSignal(), rungs, Leader(spec))
        self._suggestions = Suggestions(
            spec,
            space,
            [],
            [],
            make_trial=lambda number, hyperparameters: a_trial(spec, number, hyperparameters),
            preflight=lambda trial: None,
            record=study_log.append,
            cost_model=CostModel(spec, lambda hyperparameters: load(hyperparameters, images), TimeBudget(None), 0),
        )
        study_log.subscribe(self._suggestions.learn, StudyMetrics(spec, rungs, UNDER_WAY).learn)
        self._searcher = StudySearcher(
            spec, self._suggestions, spec.trials, stopped=lambda: False, devices=OneCpuEach()
        )
        self._default, self._random = self._suggestions.study.sampler, optuna.samplers.RandomSampler(seed=0)
        self._default._planner._trials_per_plan = lambda running: 1  # each trial is planned alone, at any speed
        self._under_way: deque[Any] = deque()
        self.trials = 0

    def grow(self, size: int) -> None:
        """Up to so many trials, drawn at random."""
        self._suggestions.study.sampler = self._random
        while self.trials < size:
            self.one()
        self._suggestions.study.sampler = self._default

    def one(self) -> tuple[float, float]:
        """One more trial begins, the oldest ends: CPU seconds of asking, and of telling."""
        began = time.process_time()
        config = self._searcher.suggest(f"tune-{self.trials}")
        asked = time.process_time()
        self.trials += 1
        trial = SimpleNamespace(config=config, trial_id=f"tune-{self.trials - 1}")
        reports = list(reported(config["trial"]))
        told = self._tell(trial, reports[:1])
        self._under_way.append((trial, reports[1:]))
        if len(self._under_way) > UNDER_WAY:
            oldest, rest = self._under_way.popleft()
            told += self._tell(oldest, rest)
            ending = time.process_time()
            self._searcher.on_trial_complete(oldest.trial_id)
            self._recorder.on_trial_complete(0, [], oldest)
            told += time.process_time() - ending
        return asked - began, told

    def _tell(self, trial: Any, reports: list[list[Any]]) -> float:
        results = [{"events": [event.model_dump(mode="json") for event in events]} for events in reports]
        began = time.process_time()
        for result in results:
            self._recorder.on_trial_result(0, [], trial, result)
        return time.process_time() - began


class OneCpuEach:
    """The devices of a cluster that has room."""

    has_capacity = True
    should_yield = False

    def allocate(self, trial: Any, who: str = "") -> dict[str, Any]:
        return {"allocation": {"cpus": 1, "gpus": 0, "why": "no GPU in the cluster", "retried": False}}

    def release(self, who: str) -> None:
        """Nothing was counted."""


@contextmanager
def driven(folder: Path) -> Iterator[Driven]:
    from tuner.spec import StudySpec
    from tuner.store import Store
    from tuner.study.lease import hold_lease
    from tuner.study.stop_signal import StopSignal

    spec = StudySpec(run_name=NAME, trials=100_000, max_epochs_per_trial=EPOCHS, plot_generation="none")
    with Store.open(serving.url(folder)) as store:
        store.create_study(spec, folder=str(folder))
    with hold_lease(NAME, serving.url(folder), StopSignal()) as store:
        yield Driven(store, folder)


def at(study: Driven, size: int) -> dict[str, float]:
    """What a trial costs once there are so many."""
    began, before = time.process_time(), study.trials
    study.grow(size)
    grown_s, grown = time.process_time() - began, study.trials - before
    study.one()  # reads all that was drawn at random, at once
    wall, costs, yardsticks = time.perf_counter(), [], []
    for _ in range(WINDOW):
        costs.append(study.one())
        yardsticks.append(yardstick())
    wall = time.perf_counter() - wall - sum(yardsticks)
    gc.collect()
    return {
        "ask_cpu_ms": round(statistics.median(asked for asked, _ in costs) * 1e3, 2),
        "tell_cpu_ms": round(statistics.median(told for _, told in costs) * 1e3, 2),
        "trial_wall_ms": round(wall / WINDOW * 1e3, 2),
        "random_trial_cpu_ms": round(grown_s / max(1, grown) * 1e3, 2),
        "yardstick_ms": round(statistics.median(yardsticks) * 1e3, 2),
        "rss_mb": rss_mb(),
    }


def yardstick() -> float:
    """CPU seconds of what is always the same: twice as many where others use the other half of a core."""
    began = time.process_time()
    sum(hash(str(number)) % 7 for number in range(20_000))
    return time.process_time() - began


def served(folder: Path, size: int) -> dict[str, float]:
    """Milliseconds of answers of the API, and its memory."""
    with serving.replicas(folder, 1, {}) as (address,), asking(address.replace("ws://", "http://")) as client:
        page = f"/jobs/{NAME}/trials"
        known = {"If-None-Match": client.get(page).raise_for_status().headers["etag"]}
        return {
            "page_ms": timed(lambda: client.get(page))["median_ms"],
            "study_ms": timed(lambda: client.get(f"/jobs/{NAME}"))["median_ms"],
            "nothing_new_ms": timed(lambda: client.get(page, headers=known))["median_ms"],
        }


def draw(file: Path, measured: dict[int, dict[str, float]]) -> None:
    """What a trial costs, over the trials before it, both logarithmic: flat is a level line."""
    from matplotlib.figure import Figure

    from tuner.plots.style import DPI

    figure = Figure(figsize=(11.0, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    shown = (
        (left, "The driver, per trial", "ms of CPU", {"ask_cpu_ms": "asking", "tell_cpu_ms": "telling"}),
        (
            right,
            "The API, per answer",
            "ms",
            {"page_ms": "100 trials", "study_ms": "the study", "nothing_new_ms": "nothing new"},
        ),
    )
    for axes, title, unit, names in shown:
        for name, label in names.items():
            axes.plot(list(measured), [found[name] for found in measured.values()], marker="o", label=label)
        axes.set(title=title, xlabel="trials before", ylabel=unit, xscale="log", yscale="log", ylim=(0.5, 500))
    memory = [found["memory_kb_per_trial"] for found in measured.values()]
    left.plot(list(measured), memory, marker="o", color="tab:gray", label="memory, KB per trial since the size before")
    for axes in (left, right):
        axes.legend(loc="best")
    figure.savefig(file, dpi=DPI)


def a_space(spec: Any) -> tuple[Any, Any]:
    """That of small images."""
    from tuner.data import ImageInput
    from tuner.search.space import make_space

    images = ImageInput(28, 28, 1, scale=1 / 255, offset=0.0)
    return make_space(spec, "cnn", images, {}), images


def a_trial(spec: Any, number: int, hyperparameters: dict[str, Any]) -> Any:
    from tests.store.samples import trial_spec

    return trial_spec(number, spec, hyperparameters, EPOCHS)


def load(hyperparameters: dict[str, Any], images: Any) -> Any:
    """The load of a trial of the bench's data set."""
    from tuner.models import training_load

    return training_load("cnn", hyperparameters, images, 10, 10_000)


def reported(trial: dict[str, Any]) -> Iterator[list[Any]]:
    """What a worker reports of a trial, step by step: a network of ten layers, health after each epoch."""
    from tests.store.samples import complete, epoch, health, start, vital_signs
    from tuner.events import Architecture, Layer, Metrics, Performance, now

    number, given = trial["trial_number"], {"hyperparameters": trial["hyperparameters"]}
    shape = {"layer_type": "Conv2D", "input_shape": [28, 28, 16], "output_shape": [28, 28, 32], "parameters": 4640}
    layers = [Layer(layer_id=f"block{n}_conv", activation="relu", filters=32, **shape) for n in range(10)]
    network = Architecture(type="cnn", total_parameters=46_400, layers=layers)
    chosen = trial["hyperparameters"]
    value = max(0.05, 0.9 - abs(float(chosen["dropout"]) - 0.2) - 0.1 * (chosen["optimizer"] != "adam"))
    metrics = {"train": Metrics(loss=1 - value, accuracy=value), "validation": Metrics(loss=1 - value, accuracy=value)}
    signs = {"health_metrics": health(), "vital_signs": vital_signs()}
    yield [start(number, architecture=network, time=now(), **given)]
    for one in range(1, EPOCHS + 1):
        told = {"epochs": EPOCHS, "objective": value, "time": now(), "last": one == EPOCHS}
        ended = epoch(one, number, **metrics, **signs, **told)
        if one < EPOCHS:
            yield [ended]
    yield [
        ended,
        complete(
            number,
            performance=Performance(total_score=value, accuracy=value, loss=1 - value),
            objective=value,
            values={"val_accuracy": value, "val_loss": 1 - value, "parameter_count": 46_400.0},
            best_epoch=1,
            epochs_trained=EPOCHS,
            duration_seconds=4.5,
            time=now(),
            **given,
            **signs,
        ),
    ]


def rss_mb() -> float:
    """Memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError("no VmRSS in /proc/self/status")


if __name__ == "__main__":
    main()
