"""Measures how long a suggestion takes in a study with a long history, for the default search and for TPE.

A suggestion covers everything between a free worker and its next trial: learning from the last result, sampling, and
checking that the network is not too large. Trials come from the CNN space; their results are made up.

    python tests/benchmarks/bench_ask_tell.py
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tuner.spec import SearcherName

RESULTS = Path(__file__).parent / "results" / "ask_tell.json"
HISTORIES = (50, 200, 1_000)
GOALS_MS = {"plain TPE": 20.0, "default": 150.0}
REPEATS = 15


def main() -> None:
    measured = {
        kind: {
            str(history): milliseconds(history, searcher="auto" if kind == "default" else "tpe")
            for history in HISTORIES
        }
        for kind in GOALS_MS
    }
    print(f"{'trials so far':<16}" + "".join(f"{history:>20}" for history in HISTORIES))
    for kind, found in measured.items():
        cells = "".join(f"{one['median']:>9.1f} /{one['worst']:6.1f} ms" for one in found.values())
        print(f"{kind:<16}{cells}   goal: {GOALS_MS[kind]:g} ms")
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
        "goals_ms": GOALS_MS,
        "milliseconds": measured,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def milliseconds(history: int, *, searcher: SearcherName) -> dict[str, float]:
    """Median and worst of the suggestions after so many trials."""
    suggest, tell = study(history, searcher=searcher)
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        trial = suggest()
        took.append((time.perf_counter() - began) * 1_000)
        tell(trial)
    return {"median": statistics.median(took), "worst": max(took)}


def study(history: int, *, searcher: SearcherName) -> tuple[Callable[[], Any], Callable[[Any], None]]:
    """Suggests a trial; tells its made-up result. So many trials are behind it, drawn at random."""
    from tuner.data import ImageInput
    from tuner.devices.epoch_cost import TrialLoad
    from tuner.events import Architecture, EpochProgress, Metrics, TrialComplete, TrialStart
    from tuner.models import training_load
    from tuner.search.cost_model import CostModel
    from tuner.search.space import make_space
    from tuner.search.suggestions import Suggestions
    from tuner.search.time_budget import TimeBudget
    from tuner.spec import StudySpec
    from tuner.trial_spec import TrialSpec

    images = ImageInput(28, 28, 1, scale=1 / 255, offset=0.0)
    spec = StudySpec(run_name="bench", trials=2_000, searcher=searcher)
    space = make_space(spec, "cnn", images, {})

    def make_trial(number: int, hyperparameters: dict[str, Any]) -> TrialSpec:
        return TrialSpec(
            study="bench",
            trial_number=number,
            data=spec.data,
            architecture="cnn",
            hyperparameters=hyperparameters,
            objective="val_accuracy",
            epochs=spec.max_epochs_per_trial,
        )

    def load(hyperparameters: dict[str, Any]) -> TrialLoad:
        known = training_load("cnn", hyperparameters, images, 10, 10_000)
        assert known is not None
        return known

    def tell(trial: TrialSpec) -> None:
        hp, number = trial.hyperparameters, trial.trial_number
        value = 1 - abs(float(hp["dropout"]) - 0.2) - 0.1 * (hp["optimizer"] != "adam")
        metrics = Metrics(loss=1 - value, accuracy=value)
        drawn = Architecture(type="cnn", total_parameters=1, layers=[])
        common = {"trial_number": number, "trial_id": trial.trial_id, "hyperparameters": hp}
        suggestions.learn(TrialStart(**common, architecture=drawn))
        suggestions.learn(
            EpochProgress(
                trial_number=number,
                epoch=1,
                epochs=1,
                train=metrics,
                validation=metrics,
                objective=value,
                duration_s=1.0,
                inference_ms=1.0,
            )
        )
        values = {"val_accuracy": value}
        end = TrialComplete(
            **common, status="completed", cause="all_epochs", reason="made up", objective=value, values=values
        )
        suggestions.learn(end)

    cost_model = CostModel(spec, load, TimeBudget(None), done=0) if searcher == "auto" else None
    suggestions = Suggestions(
        spec,
        space,
        [],
        [],
        make_trial=make_trial,
        preflight=lambda trial: None,
        record=lambda event: suggestions.learn(event),
        cost_model=cost_model,
    )
    study = suggestions.study
    sampler = study.sampler
    from optuna.samplers import RandomSampler

    study.sampler = RandomSampler(seed=0)
    for _ in range(history):
        suggested = suggestions.next()
        assert suggested is not None
        tell(suggested.trial)
    study.sampler = sampler

    def suggest() -> TrialSpec:
        suggested = suggestions.next()
        assert suggested is not None
        return suggested.trial

    warm = suggest()  # reads the whole history once, as a resumed study does
    tell(warm)
    return suggest, tell


if __name__ == "__main__":
    main()
