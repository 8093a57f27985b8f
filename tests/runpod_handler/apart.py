"""Trials trained in a process of their own, as a worker's are: how many threads TensorFlow has, and so the last bit of
a sum, is decided by what a process trained first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context

from tuner import datasets
from tuner.data import Array
from tuner.events import EpochProgress, TrialEvent
from tuner.training import run_trial
from tuner.trial_spec import TrialSpec

Trained = tuple[list[TrialEvent], list[Array]]
"""The events of a trial, and its best weights."""


@contextmanager
def training_apart(trial: Callable[[int], TrialSpec]) -> Iterator[Callable[[int], Trained]]:
    """Gives what trains the trial of a number, once however often it is asked for."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield cache(lambda number: process.submit(_trained, trial(number)).result())


def _trained(trial: TrialSpec) -> Trained:
    data, _ = datasets.load(trial.data)
    events: list[TrialEvent] = []
    weights: list[Array] = []
    for event in run_trial(trial, data):
        if isinstance(event, EpochProgress):
            assert event.snapshot is not None
            weights = event.snapshot().best_weights
            event = event.model_copy(update={"snapshot": None})
        events.append(event)
    return events, weights
