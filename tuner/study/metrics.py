"""Metrics of a running study for Prometheus: Ray's own metrics, updated from the study's log.

Ray puts `ray_` before each name and serves them at the metrics port of the driver's node; `cluster/prometheus.yaml`
scrapes that and `cluster/grafana-dashboard.json` draws it. Recording one takes about 2 microseconds. Counters start at
0 again when a study is resumed, which Prometheus' `rate` and `increase` understand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ray.util.metrics import Counter, Gauge, Histogram

from tuner.events import (
    DurableEvent,
    EpochProgress,
    HealthAlert,
    NewBest,
    StudyStatus,
    TrialBilled,
    TrialComplete,
    TrialStart,
)
from tuner.search.rungs import Rungs
from tuner.spec import StudySpec
from tuner.store import TrialRow

DURATIONS_S = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 10800.0)
"""Upper bounds of the buckets in which trials are counted by their duration, in seconds."""


@dataclass(frozen=True)
class MetricDefinition:
    """One metric: units are in its name, as Prometheus wants it, and every label beside `study` in `labels`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()


CATALOGUE = (
    MetricDefinition("tuner_study_running", "gauge", "1 while a process runs the study, 0 once it has ended."),
    MetricDefinition("tuner_workers", "gauge", "Trials of the study that may train at once."),
    MetricDefinition("tuner_trials_requested", "gauge", "Trials that the study asks for in all."),
    MetricDefinition("tuner_trials_running", "gauge", "Trials that train now."),
    MetricDefinition("tuner_trials_total", "counter", "Trials that ended, by status.", ("status",)),
    MetricDefinition("tuner_trial_duration_seconds", "histogram", "From a worker's start of a trial to its end."),
    MetricDefinition("tuner_epochs_total", "counter", "Epochs that were trained."),
    MetricDefinition("tuner_training_seconds_total", "counter", "Seconds that workers spent in epochs, all together."),
    MetricDefinition("tuner_rung_trials_total", "counter", "Trials that reached a rung of the scheduler.", ("rung",)),
    MetricDefinition(
        "tuner_best_objective", "gauge", "Value of the first objective of the leading trial.", ("objective",)
    ),
    MetricDefinition("tuner_best_score_ratio", "gauge", "Total score of the leading trial, in [0, 1]."),
    MetricDefinition("tuner_findings_total", "counter", "Trials with a training problem.", ("finding",)),
    MetricDefinition("tuner_billed_seconds_total", "counter", "Seconds that RunPod billed, by GPU.", ("gpu",)),
    MetricDefinition(
        "tuner_cost_usd_total", "counter", "US dollars that RunPod billed, by GPU, where its price is known.", ("gpu",)
    ),
)


def instrument(measure: MetricDefinition) -> Any:
    """Ray's instrument of a metric; a second call returns the same one."""
    keys = ("study", *measure.labels)
    match measure.kind:
        case "counter":
            return Counter(measure.name, measure.meaning, keys)
        case "gauge":
            return Gauge(measure.name, measure.meaning, keys)
        case "histogram":
            return Histogram(measure.name, measure.meaning, list(DURATIONS_S), keys)


class StudyMetrics:
    """The metrics of one study, updated by each event of its log.

    Args:
        workers: Trials that train at once at most.
        leader: The best trial of an earlier run of the study.
        make: Creates the instrument of a metric, with Ray's methods `inc`, `set` or `observe`.
    """

    def __init__(
        self,
        spec: StudySpec,
        rungs: Rungs,
        workers: int,
        leader: TrialRow | None = None,
        make: Callable[[MetricDefinition], Any] = instrument,
    ) -> None:
        assert spec.run_name is not None
        self._study, self._objective, self._rungs = spec.run_name, spec.objectives[0], rungs
        self._of: Mapping[str, Any] = {measure.name: make(measure) for measure in CATALOGUE}
        self._reached: dict[int, tuple[int, float]] = {}
        """Of each running trial: the rung that it was counted for, and the seconds it trained."""
        self._set("tuner_study_running", 1.0)
        self._set("tuner_workers", workers)
        self._set("tuner_trials_requested", spec.trials)
        if leader is not None:
            self._lead(leader)

    def learn(self, event: DurableEvent) -> None:
        """Take in one event of the log."""
        match event:
            case StudyStatus():
                self._set("tuner_study_running", float(event.status == "running"))
                if event.status != "running":
                    self._reached.clear()
            case TrialStart():
                # What it trained before, in an earlier process, was counted there.
                self._reached[event.trial_number] = self._rungs.number(event.resumed_from_epoch, 0.0), 0.0
            case EpochProgress():
                self._epoch(event)
            case TrialComplete():
                self._reached.pop(event.trial_number, None)
                self._count("tuner_trials_total", 1, status=event.status)
                if event.duration_seconds:
                    self._of["tuner_trial_duration_seconds"].observe(event.duration_seconds, self._labels())
            case NewBest():
                self._lead(event)
            case HealthAlert():
                self._count("tuner_findings_total", 1, finding=event.finding.name)
            case TrialBilled():
                gpu = event.job.gpu or "unknown"
                self._count("tuner_billed_seconds_total", event.job.billed_s, gpu=gpu)
                self._count("tuner_cost_usd_total", event.job.cost_usd or 0.0, gpu=gpu)
        self._set("tuner_trials_running", len(self._reached))

    def _epoch(self, event: EpochProgress) -> None:
        self._count("tuner_epochs_total", 1)
        self._count("tuner_training_seconds_total", event.duration_s)
        before, trained_s = self._reached.get(event.trial_number, (0, 0.0))
        trained_s += event.duration_s
        reached = self._rungs.number(event.epoch, trained_s)
        for rung in range(before + 1, reached + 1):
            self._count("tuner_rung_trials_total", 1, rung=str(rung))
        self._reached[event.trial_number] = max(before, reached), trained_s

    def _lead(self, leader: NewBest | TrialRow) -> None:
        if leader.objective is not None:
            self._set("tuner_best_objective", leader.objective, objective=self._objective)
        if leader.performance is not None:
            self._set("tuner_best_score_ratio", leader.performance.total_score)

    def _set(self, name: str, value: float, **labels: str) -> None:
        self._of[name].set(value, self._labels(**labels))

    def _count(self, name: str, value: float, **labels: str) -> None:
        if value > 0:  # Ray's counters refuse 0
            self._of[name].inc(value, self._labels(**labels))

    def _labels(self, **labels: str) -> dict[str, str]:
        return {"study": self._study, **labels}
