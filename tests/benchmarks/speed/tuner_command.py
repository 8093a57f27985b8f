"""`tuner run` as a measured command, and the times of its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.processes import Ended, MeasurementError, environment, executable, run
from tuner.events import DurableEvent, EpochProgress
from tuner.settings import Settings
from tuner.store import Store
from tuner.study.timeline import study_timeline

STUDY_FAILED = 1
"""Exit code of a command whose study has no model."""
CONVOLUTIONS: Mapping[str, Any] = {
    "conv_layers": 2,
    "block": "plain",
    "block_layers": 1,
    "filters_1": 32,
    "filters_2": 32,
    "kernel_size": 3,
    "batch_normalization": False,
    "use_global_pooling": False,
}
DENSE: Mapping[str, Any] = {
    "dense_layers": 1,
    "first_dense_nodes": 128,
    "activation": "relu",
    "initializer": "glorot_uniform",
    "dropout": 0.0,
    "augmentation": False,
    "optimizer": "adam",
    "learning_rate_schedule": "constant",
    "label_smoothing": 0.0,
}
NETWORK: Mapping[str, Any] = {**CONVOLUTIONS, **DENSE}
"""The network of `scripts/small_network.py`, without its learning rate and batch size."""
NO_EXTRAS: Mapping[str, Any] = {"baseline": "false", "plot_generation": "none"}
"""Leaves out what no peer does."""


@dataclass(frozen=True)
class StudyRun:
    """A `tuner run` that has ended."""

    command: Ended
    events: Sequence[DurableEvent]
    timeline: Mapping[str, Any]
    """Where its time went, in seconds."""

    def epochs(self) -> list[EpochProgress]:
        """Its epochs, in the order of their ends."""
        return epochs_of(self.events)


def tuner_run(folder: Path, fields: Mapping[str, Any], timeout_s: float, **variables: str) -> StudyRun:
    """Run a study by the command line. Raises MeasurementError if the command fails."""
    name = "speed"
    arguments = [f"{key}={_word(value)}" for key, value in ({"run_name": name} | dict(fields)).items()]
    command = [executable("tuner"), "run", *arguments]
    done = run(command, environment(folder, **variables), timeout_s)
    if done.timed_out or done.code not in (0, STUDY_FAILED):
        raise MeasurementError(f"{' '.join(command)} exited with {done.code}:\n{done.output[-3_000:]}")
    events, timeline = recorded(folder / "results", name)
    return StudyRun(done, events, timeline)


def recorded(results: Path, name: str) -> tuple[list[DurableEvent], dict[str, Any]]:
    """The events of a study, and its timeline."""
    settings = Settings(results_dir=results, database_url=None)
    with Store.open(settings.store_url(), create=False) as store:
        events = [event for _, event in store.read(name)]
        timeline = study_timeline(store, name)
    parts = {"phases": timeline.phases, "work": timeline.work}
    return events, {part: {key: round(value, 2) for key, value in times.items()} for part, times in parts.items()}


def epochs_of(events: Sequence[DurableEvent]) -> list[EpochProgress]:
    """The epochs of all trials, in the order of their ends."""
    return sorted((event for event in events if isinstance(event, EpochProgress)), key=lambda epoch: epoch.time)


def trained_at(epoch: EpochProgress) -> float:
    """`time.time()` of the end of an epoch's training, before its validation."""
    return epoch.time.timestamp() - (epoch.seconds.validation if epoch.seconds else 0.0)


def first_batch_at(events: Sequence[DurableEvent]) -> float:
    """`time.time()` of the first trained batch of a study whose epochs have one batch."""
    epochs = epochs_of(events)
    if not epochs:
        raise MeasurementError("no epoch was trained")
    return min(map(trained_at, epochs))


def fixed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that fix or narrow parameters of the search space."""
    return {f"space.{name}": value for name, value in parameters.items()}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
