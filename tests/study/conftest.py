"""One Ray cluster for all studies of the test run, and small real studies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import s3
from tests.runpod.api_key import API_KEY
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.study import StopSignal, StudyResult
from tuner.study.study_log import StudyLog

SMALL_CNN = {
    "conv_layers": 1,
    "block": "plain",
    "block_layers": 1,
    "filters_1": 8,
    "kernel_size": 3,
    "batch_normalization": False,
    "use_global_pooling": False,
    "dense_layers": 1,
    "first_dense_nodes": "16..64",
    "optimizer": "adam",
    "learning_rate": "1e-3..1e-2",
    "learning_rate_schedule": "constant",
    "label_smoothing": 0,
    "augmentation": False,
    "batch_size": 32,
}
SMALL_LSTM = {
    "architecture": "lstm",
    "embedding_size": 32,
    "sequence_length": 24,
    "lstm_layers": 1,
    "lstm_units": 16,
    "bidirectional": False,
    "dense_layers": 0,
    "optimizer": "adam",
    "learning_rate": "5e-3..1e-2",
    "learning_rate_schedule": "constant",
    "label_smoothing": 0,
    "batch_size": 32,
}


@pytest.fixture(scope="session")
def cluster() -> Iterator[None]:
    """A local Ray, started once. Its workers have the keys of the local stand-ins for RunPod and S3."""
    from tuner.runners.cluster import ray_cluster

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"RUNPOD_API_KEY": API_KEY, **s3.ENVIRONMENT}.items():
            patch.setenv(name, value)
        connected = ExitStack()
        connected.enter_context(ray_cluster())
    with connected:
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty results folder and database."""
    return Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)


@pytest.fixture
def run(cluster: None, settings: Settings) -> Callable[..., StudyResult]:
    """tuner.run with small defaults: run(dataset=..., trials=...)."""
    return runs_in(settings)


def runs_in(settings: Settings) -> Callable[..., StudyResult]:
    """tuner.run with small defaults and these settings."""
    from tuner.study import run as run_study

    def of(**fields: Any) -> StudyResult:
        return run_study(spec(**fields), settings=settings)

    return of


def replace_training(
    patch: pytest.MonkeyPatch, train: Callable[[StudyLog, StopSignal], None], seen: SimpleNamespace | None = None
) -> list[str]:
    """Call `train` in the place of Ray Tune. Returns the names of what is asked of the study's finish, as they come.

    Args:
        seen: Gets the attribute `budget` of the run.
    """
    import ray

    from tuner.study import driver, finish, tune_run

    asked: list[str] = []

    class Training:
        exhausted = None

        def __init__(self, study_log: StudyLog, *given: Any) -> None:
            _, _, _, signal, budget, _, _ = given
            if seen is not None:
                seen.budget = budget
            self.run = lambda: train(study_log, signal)
            self.end_left_trials = lambda: None

    class Finish:
        start_exporter = None

        def __init__(self, *given: Any) -> None: ...
        def __enter__(self) -> Finish:
            return self

        def __exit__(self, *error: object) -> None: ...
        def __getattr__(self, name: str) -> Callable[[], None]:
            return lambda: asked.append(name)

    patch.setattr(ray, "put", lambda value: value)
    patch.setattr(tune_run, "TuneRun", Training)
    patch.setattr(finish, "Finish", Finish)
    patch.setattr(driver, "repeat_remote_trials", lambda *given: asked.append("repeat_remote_trials"))
    return asked


def spec(**fields: Any) -> StudySpec:
    """A study of small networks."""
    small = {"run_name": "s", "trials": 2, "max_epochs_per_trial": 2, "concurrent_workers": 1, "baseline": False}
    return parse_study_spec(small | {"plot_generation": "none", "space": SMALL_CNN} | fields)
