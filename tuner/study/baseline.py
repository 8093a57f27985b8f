"""Fits a study's baseline in a Ray task while the first trials train, and records it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import ray
from ray import tune
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from tuner.data import Data, RawTest
from tuner.datasets.baseline import fit_baseline
from tuner.errors import in_one_line, shortened
from tuner.events import Baseline, BaselineFitted
from tuner.objectives import Monitored
from tuner.search.stateless import Stateless
from tuner.study.plan import Plan
from tuner.study.stop_signal import StudyEnd
from tuner.trial_spec import ClassWeight

log = logging.getLogger("tuner.study")

LONGEST_S, SHORT_S = 120.0, 10.0
"""Longest waits for it once all trials have ended, and where a target or the time ended the study."""
NICENESS = 10
"""It must not delay the trials."""


class BaselineCallback(Stateless, tune.Callback):  # type: ignore[misc]
    """Starts to fit the baseline, and records it once it is known. A baseline that fails is only logged.

    Args:
        data: Reference to the plan's data in Ray's object store.
    """

    def __init__(self, plan: Plan, data: Any, record: Callable[[BaselineFitted], None]) -> None:
        self._record = record
        # Outside the trials' placement groups. Its process ends with it, since it keeps its low priority.
        anywhere = PlacementGroupSchedulingStrategy(placement_group=None)
        task = ray.remote(num_cpus=0, max_calls=1, max_retries=0, scheduling_strategy=anywhere)(_fit)
        spec = plan.spec
        self._fitting: Any = task.remote(data, plan.test, spec.seed, spec.monitor, spec.class_weight)

    def on_step_begin(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self._take_within(0.0)

    def finish(self, stop: StudyEnd | None) -> None:
        """Wait for the baseline once no trial trains any more, and record it; not after a cancel or a failure."""
        if stop is None or stop.status == "completed":
            self._take_within(LONGEST_S if stop is None else SHORT_S)
        if self._fitting is not None:
            ray.cancel(self._fitting, force=True)
            log.warning("the study ended before its baseline was fitted")

    def _take_within(self, timeout_s: float) -> None:
        if self._fitting is None or not ray.wait([self._fitting], timeout=timeout_s)[0]:
            return
        fitting, self._fitting = self._fitting, None
        try:
            self._record(BaselineFitted(baseline=ray.get(fitting)))
        except ray.exceptions.RayError as error:
            log.warning("the baseline could not be fitted: %s", shortened(in_one_line(error), 200))


def _fit(data: Data, test: RawTest, seed: int, objective: Monitored, class_weight: ClassWeight) -> Baseline:
    os.nice(NICENESS)
    return fit_baseline(data, test, seed, objective, class_weight)
