"""Rows in which several trials train: `eight_trials`, `mnist_97`, `mnist_985` and `health`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.mnist import FILE, data_fields, write_split
from tests.benchmarks.speed.processes import MeasurementError, environment, run, run_well, script
from tests.benchmarks.speed.rows import ACCURACIES, LIMIT_S
from tests.benchmarks.speed.tuner_command import NETWORK, NO_EXTRAS, fixed, tuner_run
from tuner.events import TrialComplete

TRIALS, EPOCHS = 8, 3
RATES = "1e-4..1e-2"
TIMEOUT_S = 600.0
AFTER_LIMIT_S = 120.0
"""Time in which a search may end after its limit."""
MANY_TRIALS = 1_000
"""More than the time allows."""
SCRIPTS = {
    "ray_documented": ("ray_tune_documented.py",),
    "ray_reuse": ("ray_tune_reuse.py",),
    "engineer": ("engineer.py",),
    "hyperband": ("keras_tuner_search.py", "hyperband"),
    "bayesian": ("keras_tuner_search.py", "bayesian"),
    "optuna": ("optuna_tpe.py",),
    "ray_asha": ("ray_tune_asha.py",),
}
"""Script of each peer, and its arguments."""

HEALTH_S = 120.0
HEALTH: Mapping[str, Any] = {
    "dataset": "digits",
    "trials": MANY_TRIALS,
    "max_epochs_per_trial": EPOCHS,
    "scheduler": "none",
    "early_stopping_patience": "none",
    "time_budget_s": HEALTH_S,
    **NO_EXTRAS,
}
HEALTH_NETWORK: Mapping[str, Any] = {"batch_size": 10, "learning_rate": "5e-4..2e-3"}
"""With NETWORK, an epoch on digits takes about 0.3 s of one core."""


def eight_trials_tuner(folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """The seconds of `tuner run`, from the command to its end."""
    fields = _eight_trials_data(repeat) | {"data_dir": shared} | NO_EXTRAS
    fields |= {"trials": TRIALS, "max_epochs_per_trial": EPOCHS, "scheduler": "none"}
    study = tuner_run(folder, fields | fixed({**NETWORK, "batch_size": 64, "learning_rate": RATES}), TIMEOUT_S)
    trained = len(study.epochs())
    if trained != TRIALS * EPOCHS:
        raise MeasurementError(f"{trained} epochs were trained, not {TRIALS * EPOCHS}")
    return {"value": study.command.seconds, "timeline": study.timeline}


def eight_trials_peer(method: str, folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """The seconds of a script of Ray Tune, from the command to its end."""
    split = write_split(shared, _eight_trials_data(repeat), folder / "split.npz")
    options = ["--mnist", shared / FILE, "--split", split, "--seed", repeat, "--folder", folder]
    done = run_well(script(*SCRIPTS[method], *options), environment(folder), TIMEOUT_S)
    figures = done.figures()
    if figures is None or figures["epochs"] != [EPOCHS] * TRIALS:
        raise MeasurementError(f"not all trials ended:\n{done.output[-3_000:]}")
    return {"value": done.seconds, "best": figures["best"]}


def _eight_trials_data(seed: int) -> dict[str, Any]:
    return data_fields(4_000, 1_000, seed)


def accuracy_tuner(row: str, folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the start of `tuner run` to the end of the first epoch that reaches the row's accuracy.

    Its first trials are chosen without data from MNIST, as in `bench_results`.
    """
    from tests.benchmarks import bench_portfolio
    from tuner.search.portfolio import ANOTHER_TABLE

    curves = bench_portfolio.read_curves(bench_portfolio.RESULTS)
    table = folder / "portfolio.json"
    bench_portfolio.write({kind: bench_portfolio.chosen(kind, curves, "mnist") for kind in bench_portfolio.DATA}, table)
    target = ACCURACIES[row]
    fields = _accuracy_data(repeat) | {"data_dir": shared} | NO_EXTRAS
    fields |= {"time_budget_s": LIMIT_S, "target_score": target}
    study = tuner_run(folder, fields, LIMIT_S + AFTER_LIMIT_S, **{ANOTHER_TABLE: str(table)})
    epochs = study.epochs()
    reached = [epoch.time.timestamp() for epoch in epochs if epoch.validation.accuracy >= target]
    value = min(reached, default=float("inf")) - study.command.started
    return {
        "value": value if value <= LIMIT_S else None,
        "limit_s": LIMIT_S,
        "best": max((epoch.validation.accuracy for epoch in epochs), default=None),
        "trials": len({epoch.trial_number for epoch in epochs}),
        "timeline": study.timeline,
    }


def accuracy_peer(row: str, method: str, folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the start of a peer's script to the end of the first epoch that reaches the row's accuracy."""
    split = write_split(shared, _accuracy_data(repeat), folder / "split.npz")
    options = ["--mnist", shared / FILE, "--split", split, "--seed", repeat, "--folder", folder]
    options += ["--target", ACCURACIES[row], "--limit-s", LIMIT_S]
    done = run(script(*SCRIPTS[method], *options), environment(folder), LIMIT_S + AFTER_LIMIT_S)
    figures = done.figures()
    if figures is None:
        raise MeasurementError(f"{SCRIPTS[method][0]} exited with {done.code}:\n{done.output[-3_000:]}")
    value = None if figures["at"] is None else figures["at"] - done.started
    reached = value is not None and value <= LIMIT_S
    return {"value": value if reached else None, "limit_s": LIMIT_S, "best": figures["best"]}


def _accuracy_data(seed: int) -> dict[str, Any]:
    return data_fields(10_000, 2_000, seed)


def trials_of_mode(mode: str, folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """The number of trials that train all their epochs within HEALTH_S, with the mode health or simple."""
    asked = {"mode": mode, "seed": repeat} | ({"health_stop": False} if mode == "health" else {})
    study = tuner_run(folder, {**HEALTH, **asked, **fixed({**NETWORK, **HEALTH_NETWORK})}, HEALTH_S + TIMEOUT_S)
    ended = [one for one in study.events if isinstance(one, TrialComplete) and one.cause == "all_epochs"]
    epochs = sorted(epoch.duration_s for epoch in study.epochs())
    return {"value": len(ended), "epoch_s": epochs[len(epochs) // 2], "timeline": study.timeline}
