"""The live progress of a study: the latest batch and resource sample of each running trial, and which trials stop.

It is neither stored nor ordered: a worker reports at most ten times a second without waiting for an answer, and a
reader gets the latest values.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import ray

NAMESPACE = "tuner"


class LiveProgress:
    """State of one study's live progress, in a Ray actor: see `start_live_progress`."""

    def __init__(self) -> None:
        self._latest: dict[int, dict[str, Any]] = {}
        self._resources: dict[int, dict[str, Any]] = {}
        self._stopping = False
        self._cancelled: set[int] = set()

    def report(
        self, trial_number: int, progress: dict[str, Any] | None, resources: dict[str, Any] | None = None
    ) -> bool:
        """Replace a trial's `BatchProgress` and `ResourceSample`, as JSON values; return whether the trial must end.

        `progress` is None before the first batch; `resources` is None if there is no new sample.
        """
        if progress is not None:
            self._latest[trial_number] = progress
            if resources is not None:
                self._resources[trial_number] = resources
        return self._stopping or trial_number in self._cancelled

    def remove(self, trial_number: int) -> None:
        """Remove a trial that has ended."""
        self._latest.pop(trial_number, None)
        self._resources.pop(trial_number, None)

    def latest(self) -> dict[int, dict[str, Any]]:
        """Return the latest `BatchProgress` of each running trial, as JSON values, by trial number."""
        return self._latest

    def samples(self) -> list[dict[str, Any]]:
        """Return the latest `BatchProgress` and `ResourceSample` of each running trial, as JSON values."""
        return [*self._latest.values(), *self._resources.values()]

    def stop(self) -> None:
        """Answer every later report with True: the study is being stopped."""
        self._stopping = True

    def cancel(self, trial_numbers: list[int]) -> None:
        """Answer every later report of these trials with True: a person cancelled them."""
        self._cancelled.update(trial_numbers)


def start_live_progress(study: str, kind: type[LiveProgress] = LiveProgress) -> Any:
    """Return the handle of a new actor for the live progress of a study. It ends with the process that started it.

    If the actor is lost, Ray restarts it empty; so whoever stops the study or a trial must say so repeatedly.
    """
    actor = ray.remote(num_cpus=0, max_restarts=-1)(kind)
    return actor.options(name=_name(study), namespace=NAMESPACE, get_if_exists=True).remote()


def find_live_progress(study: str) -> Any:
    """Return the handle of a running study's live progress; raise ValueError if it does not run on this cluster."""
    return ray.get_actor(_name(study), namespace=NAMESPACE)


def _name(study: str) -> str:
    return f"live-{study}"


class ProgressReporter:
    """A worker's connection to the live progress: reports without waiting, and learns of a stop from its answers."""

    def __init__(self, live_progress: Any) -> None:
        self._live_progress = live_progress
        self._answer: Any = None
        self._answer_to: int | None = None
        """The trial whose report is answered: this process trains one trial after the other."""
        self._sample: dict[str, Any] | None = None
        """The latest resource sample that was not sent yet."""

    def report(self, trial_number: int, progress: dict[str, Any] | None) -> bool:
        """Send a `BatchProgress`, unless the last report is still under way; return whether the trial must end."""
        stopping = False
        if self._answer is not None and ray.wait([self._answer], timeout=0)[0]:
            # A lost actor is no stop: if the driver is gone too, Ray ends this process.
            with suppress(ray.exceptions.RayError):
                stopping = ray.get(self._answer) and self._answer_to == trial_number
            self._answer = None
        if progress is not None:
            progress = dict(progress)
            self._sample = progress.pop("resources", None) or self._sample
        if self._answer is None:
            self._answer = self._live_progress.report.remote(trial_number, progress, self._sample)
            self._answer_to = trial_number
            self._sample = None
        return stopping

    def remove(self, trial_number: int) -> None:
        """Remove a trial that has ended: after all its reports, since Ray runs a caller's calls in their order."""
        self._sample = None
        self._live_progress.remove.remote(trial_number)
