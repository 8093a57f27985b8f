"""The live board of a study: the latest batch of each running trial, what its process takes of the machine, and
whether the study is being stopped.

Ephemeral: nothing here is stored, ordered or waited for. A worker reports at most ten times a second without waiting
for an answer; a reader takes what is there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import ray

NAMESPACE = "tuner"


class LiveProgress:
    """State of one study's board. Lives in a Ray actor: see `open_board`."""

    def __init__(self) -> None:
        self._latest: dict[int, dict[str, Any]] = {}
        self._resources: dict[int, dict[str, Any]] = {}
        self._stopping = False

    def report(
        self, trial_number: int, progress: dict[str, Any] | None, resources: dict[str, Any] | None = None
    ) -> bool:
        """Put up a trial's latest batch, or take the trial off (None); tells whether the study is being stopped.

        Args:
            resources: A `ResourceSample` to put up too, as JSON values; None: the last one stays.
        """
        if progress is None:
            self._latest.pop(trial_number, None)
            self._resources.pop(trial_number, None)
        else:
            self._latest[trial_number] = progress
            if resources is not None:
                self._resources[trial_number] = resources
        return self._stopping

    def latest(self) -> dict[int, dict[str, Any]]:
        """The latest `BatchProgress` of each running trial, as JSON values, by trial number."""
        return self._latest

    def samples(self) -> list[dict[str, Any]]:
        """The latest `BatchProgress` and `ResourceSample` of each running trial, as JSON values."""
        return [*self._latest.values(), *self._resources.values()]

    def stop(self) -> None:
        """From now on every report is answered with True."""
        self._stopping = True


def start_live_progress(study: str, kind: type[LiveProgress] = LiveProgress) -> Any:
    """The handle of a new board for a study. The actor ends with the process that opened it.

    One that is lost begins again, empty: whoever stops the study says so repeatedly.
    """
    actor = ray.remote(num_cpus=0, max_restarts=-1)(kind)
    return actor.options(name=_name(study), namespace=NAMESPACE, get_if_exists=True).remote()


def find_live_progress(study: str) -> Any:
    """The handle of the board of a study that runs on this process's cluster.

    Raises:
        ValueError: there is none.
    """
    return ray.get_actor(_name(study), namespace=NAMESPACE)


def _name(study: str) -> str:
    return f"live-{study}"


class ProgressReporter:
    """A worker's side of the board: reports without waiting, and learns of a stop from an earlier report's answer."""

    def __init__(self, board: Any) -> None:
        self._board = board
        self._answer: Any = None
        self._sample: dict[str, Any] | None = None
        """Of what the process takes: the latest that the board was not told yet."""

    def report(self, trial_number: int, progress: dict[str, Any] | None) -> bool:
        """Put up a `BatchProgress` or take the trial off; tells whether the study is known to be stopping."""
        stopping = False
        if self._answer is not None and ray.wait([self._answer], timeout=0)[0]:
            # A lost board is no stop: where the driver is gone too, Ray ends this process.
            with suppress(ray.exceptions.RayError):
                stopping = ray.get(self._answer)
            self._answer = None
        if progress is not None:
            progress = dict(progress)
            self._sample = progress.pop("resources", None) or self._sample
        if self._answer is None:
            self._answer = self._board.report.remote(trial_number, progress, self._sample)
            self._sample = None
        return stopping
