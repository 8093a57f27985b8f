"""Which of the trials that wait is the next to get a worker."""

from __future__ import annotations

from typing import Any

from ray.tune.experiment import Trial

from tuner.ray_internals import trials_without_started_worker


class LongestWaitingFirst:
    """For a scheduler of Ray Tune that pauses no trial: the one that waits longest, unless its own worker starts up.

    Ray Tune would have it take over the next worker whose trial has ended, and end the one that starts. Where trials
    are shorter than the start of a worker, no further worker would ever be there, and its place on the cluster idle.
    Nor is the list of all trials read at each of Ray Tune's steps, as its own schedulers do twice.
    """

    def choose_trial_to_run(self, tune_controller: Any) -> Trial | None:
        without_worker = trials_without_started_worker(tune_controller)
        return min((trial for trial in without_worker if trial.status == Trial.PENDING), key=_number, default=None)


def _number(trial: Trial) -> int:
    number: int = trial.config["trial"]["trial_number"]
    return number
