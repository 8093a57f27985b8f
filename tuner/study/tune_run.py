"""Trains a study's trials through Ray Tune, in as many rounds as it takes.

In a round Ray Tune trains as many trials as the study lacks. Some may turn out not to count: a worker rejected an own
model as too large, a worker was lost, or a GPU's memory was too small. The next round trains what is then lacking.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ray
from ray import tune

from tuner.devices.epoch_cost import CPU_RATES, GPU_RATES
from tuner.events import DurableEvent, TrialComplete, TrialStart
from tuner.objectives import direction
from tuner.ray_internals import import_no_loggers
from tuner.runners.cluster_usage import ClusterUsage
from tuner.runners.live_progress import LiveProgress, start_live_progress
from tuner.runners.placement import resources_of as resource_request
from tuner.runners.ray_actor import RayTrial
from tuner.runners.runpod.job import Limits, Price
from tuner.runners.runpod.remote_trial import WEIGHTS_ABOVE, RemoteSettings, RemoteTrial
from tuner.runners.runpod.runpod_progress import RunPodProgress
from tuner.search.comparison import Comparisons
from tuner.search.cost_model import CostModel
from tuner.search.portfolio import portfolio
from tuner.search.rungs import make_rungs
from tuner.search.scheduler_report import SUGGESTED_AT, SUGGESTED_BY
from tuner.search.schedulers import make_scheduler, remember
from tuner.search.searcher import PlanAfterStep, StudySearch, StudySearcher, tune_config
from tuner.search.suggestions import Suggestions
from tuner.search.time_budget import TimeBudget
from tuner.store import TrialRow
from tuner.study.baseline import BaselineCallback
from tuner.study.cluster_capacity import ClusterCapacity, resources_of
from tuner.study.device_allocation import ALLOCATION, DeviceAllocator, RemoteAllocator
from tuner.study.kept_models import models_to_keep
from tuner.study.leader import Leader
from tuner.study.metrics import StudyMetrics
from tuner.study.paths import StudyPaths
from tuner.study.plan import REMOTE_MEMORY_BYTES, Plan
from tuner.study.progress_callbacks import BillingCallback, CancelCallback, StopCallback, WorkersCallback
from tuner.study.recorder import WORKER_LOSSES, Recorder
from tuner.study.result import best_so_far
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog
from tuner.study.target_stopper import TargetStopper
from tuner.study.trial_end import ends_of_left
from tuner.study.warm_start import find_warm_start

log = logging.getLogger("tuner.study")

MOST_UNFIT = 50
"""Consecutive own networks that workers reject after which the search ends."""

MOST_TRIALS = 1_000_000
"""Trials of a round beyond those that the study lacks, if workers may reject some."""

MOST_AT_ONCE = 1_000
"""Most trials that Ray Tune may start at once, where the nodes decide how many of them train."""


class TuneRun:
    """The training of the trials that a study lacks.

    Args:
        data: Reference to the plan's data in Ray's object store.
        budget: The time budget of this run, which begins with its first trial.
        nearly_done: Called, maybe repeatedly, when the last trials of the study start or its time is nearly up.
    """

    def __init__(
        self,
        study_log: StudyLog,
        plan: Plan,
        paths: StudyPaths,
        capacity: ClusterCapacity,
        signal: StopSignal,
        budget: TimeBudget,
        data: Any,
        nearly_done: Callable[[], None],
    ) -> None:
        store, name = study_log.store, study_log.name
        self._log, self._plan, self._paths, self._data = study_log, plan, paths, data
        self._signal, self._budget = signal, budget
        self._nearly_done, self._starts = nearly_done, 0
        study, trials, epochs = store.study(name), store.trials(name), store.epochs(name)
        self._missing = self._lacking(trials)
        cluster = resources_of(capacity())
        self._resources = plan.resources(cluster)
        self._concurrent = plan.concurrent(cluster)
        self._rungs = make_rungs(plan.spec, self._concurrent)
        leader = Leader(plan.spec, study)
        self._allocator = (
            DeviceAllocator(plan, capacity, self._missing, trials, ClusterUsage(), lambda: signal.workers)
            if plan.cloud is None
            else RemoteAllocator(lambda: {WEIGHTS_ABOVE: _weights_above(plan, leader)})
        )
        self._comparisons = Comparisons(direction(plan.spec.monitor)[:3])
        self._recorder = Recorder(
            study_log,
            plan.spec,
            paths,
            signal,
            self._rungs,
            leader,
            self._allocator.has_more_memory,
            self._comparisons.take,
        )
        cancelled = [trial for trial in trials if trial.cancel_requested_at is not None]
        if self._record_ends(cancelled):
            trials = store.trials(name)
        self._suggestions = Suggestions(
            plan.spec,
            plan.space,
            trials,
            epochs,
            make_trial=plan.trial,
            preflight=plan.preflight,
            record=study_log.append,
            warm=find_warm_start(store, plan),
            portfolio=portfolio(plan.spec, plan.space, plan.architecture, plan.data.input),
            cost_model=self._cost_model(),
            concurrent=self._concurrent,
        )
        self._searcher: StudySearcher | None = None
        self._search: StudySearch | None = None
        self._unfit = 0
        self._unfit_reason: str | None = None
        metrics = StudyMetrics(plan.spec, self._rungs, self._concurrent, best_so_far(study, trials))
        study_log.subscribe(budget.learn, self._suggestions.learn, self._allocator.learn, metrics.learn, self._count)

    @property
    def exhausted(self) -> str | None:
        """Why nothing more can be suggested; None while something can."""
        return self._unfit_reason or self._suggestions.exhausted

    def run(self) -> None:
        """Train until the study has all its trials, no more can be suggested, or the signal is set."""
        self._recorder.mend()
        shutil.rmtree(self._paths.ray, ignore_errors=True)  # a killed run left it
        if self._missing <= 0 or self._signal.stop is not None:
            return  # an earlier run was killed after its last trial, before the study's end
        live_progress = start_live_progress(
            self._log.name, LiveProgress if self._plan.cloud is None else RunPodProgress
        )
        try:
            stopping = StopCallback(self._signal, live_progress, self._budget, self._nearly_done)
            cancelling = CancelCallback(self._signal, live_progress)
            workers = WorkersCallback(self._signal, self._set_workers, self._plan.spec.concurrent_workers)
            callbacks: list[tune.Callback] = [stopping, cancelling, workers, self._recorder]
            billing = None if self._plan.cloud is None else BillingCallback(live_progress, self._log.append)
            if billing is not None:
                callbacks.append(billing)
            baseline = self._baseline()
            if baseline is not None:
                callbacks.append(baseline)
            import_no_loggers()
            goes_on = True
            while goes_on:
                goes_on = self._round(live_progress, callbacks)
            if billing is not None:
                billing.finish()
            if baseline is not None:
                baseline.finish(self._signal.stop)
        finally:
            ray.kill(live_progress)
            shutil.rmtree(self._paths.ray, ignore_errors=True)

    def end_left_trials(self) -> None:
        """Record the ends of trials that an earlier run had begun, and that this one did not come to train."""
        self._record_ends(self._log.store.trials(self._log.name))

    def _record_ends(self, trials: Sequence[TrialRow]) -> bool:
        """Record the ends of those trials that an earlier run left in training; return whether there are any."""
        left = [trial for trial in trials if trial.status == "running"]
        if left:
            plan, epochs = self._plan, self._log.store.epochs(self._log.name)
            why = "the study ended before it went on"
            for end in ends_of_left(left, epochs, lambda row: plan.trial(row.trial_number, row.hyperparameters), why):
                self._log.append(end)
        return bool(left)

    def _baseline(self) -> BaselineCallback | None:
        """Start to fit the baseline, unless it is known from an earlier run or not asked for."""
        if not self._plan.spec.baseline or self._log.store.study(self._log.name).baseline is not None:
            return None
        return BaselineCallback(self._plan, self._data, self._log.append)

    def _round(self, live_progress: Any, callbacks: list[tune.Callback]) -> bool:
        """Let Ray Tune train the lacking trials; return whether another round would add some."""
        restarts = self._recorder.restarts
        config, planning = self._tune_config()
        tune.Tuner(
            self._trainable(live_progress),
            **config,
            run_config=tune.RunConfig(
                name=self._paths.ray.name,
                storage_path=str(self._paths.folder),
                callbacks=[*callbacks, *planning],
                failure_config=tune.FailureConfig(max_failures=WORKER_LOSSES),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),  # workers keep their own
                verbose=0,
                # The weights of a trial on RunPod come back at its own end only.
                stop=TargetStopper(self._plan.spec) if self._plan.cloud is None else None,
            ),
        ).fit()
        trials = self._log.store.trials(self._log.name)
        before, self._missing = self._missing, self._lacking(trials)
        if self._signal.stop is not None or self.exhausted is not None or self._missing <= 0:
            return False
        self._suggestions.start_again(trial for trial in trials if trial.continues)
        shutil.rmtree(self._paths.ray, ignore_errors=True)
        return self._missing < before or self._recorder.restarts > restarts

    def _lacking(self, trials: list[TrialRow]) -> int:
        return self._plan.spec.trials - sum(trial.status != "rejected" and not trial.continues for trial in trials)

    def _set_workers(self, most: int) -> None:
        """Train at most so many trials at once from now on."""
        log.info("at most %d trials train at once from now on", most)
        if self._search is not None:
            self._search.set_max_concurrent(most)

    def _count(self, event: DurableEvent) -> None:
        """Notice when the last trials start, and have those replaced whose own network a worker rejected."""
        if isinstance(event, TrialComplete) and event.status == "rejected" and self._plan.architecture == "own":
            self._unfit += 1
            if self._unfit >= MOST_UNFIT:
                self._unfit_reason = f"the last {self._unfit} suggested networks were rejected: {event.reason}"
            elif self._searcher is not None:
                self._searcher.add_trial()
        if isinstance(event, TrialStart):
            self._unfit = 0
            self._starts += 1
            if self._starts >= self._missing - 2 * self._concurrent:
                self._nearly_done()

    def _trainable(self, live_progress: Any) -> Any:
        """Return the class of Ray Tune's workers: `RayTrial` trains, `RemoteTrial` waits for RunPod."""
        spec, cloud = self._plan.spec, self._plan.cloud
        common: Mapping[str, Any] = {
            "data": self._data,
            "states": self._paths.states,
            "own_source": self._plan.own_source,
        }
        if cloud is None:
            return tune.with_resources(
                tune.with_parameters(RayTrial, live_progress=live_progress, **common), resource_request
            )
        remote = RemoteSettings(
            base_url=cloud.base_url,
            endpoint_id=cloud.endpoint_id,
            limits=Limits(queue_s=spec.runpod_queue_timeout_s, run_s=spec.runpod_timeout_s),
            price=Price(spec.runpod_gpu, cloud.usd_per_s),
            fallback=spec.runpod_fallback_local,
            unfit=cloud.unfit,
            resources=self._resources,
            samples=len(self._plan.data.train),
            **common,
        )
        waiting = tune.with_parameters(RemoteTrial, remote=remote, live_progress=live_progress)
        return tune.with_resources(waiting, {"memory": REMOTE_MEMORY_BYTES})

    def _cost_model(self) -> CostModel | None:
        """Return what trials cost; None if the sampler does not use it, or only workers know (own models)."""
        if self._plan.spec.searcher != "auto" or self._plan.architecture == "own":
            return None
        done = self._plan.spec.trials - self._missing
        on_gpus = self._plan.cloud is not None or self._resources.get("GPU", 0) > 0
        rates = GPU_RATES if on_gpus else CPU_RATES
        return CostModel(self._plan.spec, self._plan.known_load, self._budget, done, rates)

    def _tune_config(self) -> tuple[dict[str, Any], list[tune.Callback]]:
        """Return what Ray Tune trains in this round, a whole population or one trial after the other, and callbacks."""
        spec = self._plan.spec
        scheduler = make_scheduler(spec, self._plan.space, self._rungs, self._concurrent, self._comparisons)
        store, name, samples = self._log.store, self._log.name, len(self._plan.data.train)
        remember(scheduler, spec, store.trials(name), store.epochs(name), samples)
        config: dict[str, Any] = {"scheduler": scheduler, "reuse_actors": True}
        if spec.scheduler == "pbt":
            drawn = [suggestion for _ in range(self._missing) if (suggestion := self._suggestions.next()) is not None]
            configs = [tune_config(suggestion) for suggestion in drawn]
            suggested_by = {config["trial"]["trial_number"]: config[SUGGESTED_BY] for config in configs}
            suggested_at = configs[0][SUGGESTED_AT] if configs else None
            # A population trains together: with fewer workers its trials take turns, which a limit would prevent.
            limit = spec.concurrent_workers
            config |= {"max_concurrent_trials": None if limit == "auto" else limit}
            given = [self._allocator.allocate(suggestion.trial)[ALLOCATION] for suggestion in drawn]
            # One continues as a copy of another, with devices that suit all of them.
            largest = max(given, key=lambda one: (one["gpus"], one["cpus"]), default=None)
            return {
                "tune_config": tune.TuneConfig(**config),
                "param_space": {
                    "trial": tune.grid_search([config["trial"] for config in configs]),
                    SUGGESTED_AT: suggested_at,
                    SUGGESTED_BY: tune.sample_from(lambda config: suggested_by[config["trial"]["trial_number"]]),
                    ALLOCATION: largest,
                },
            }, []
        self._searcher = searcher = StudySearcher(
            spec,
            self._suggestions,
            self._missing,
            stopped=lambda: self._signal.stop is not None,
            devices=self._allocator,
        )
        # Unless the user says how many trials train at once, the nodes do, and more of them may come.
        nodes_decide = spec.concurrent_workers == "auto" and self._plan.cloud is None and not spec.deterministic
        most_at_once = self._signal.workers or (MOST_AT_ONCE if nodes_decide else self._concurrent)
        self._search = search = StudySearch(searcher, most_at_once)
        # Workers may reject own networks: the searcher decides then how many trials there are.
        most = self._missing + (MOST_TRIALS if self._plan.architecture == "own" else 0)
        config |= {"num_samples": most, "search_alg": search}
        return {"tune_config": tune.TuneConfig(**config)}, [PlanAfterStep(searcher)]


def _weights_above(plan: Plan, leader: Leader) -> float | None:
    """Weights of a trial that would not lead need not come back from RunPod, unless the study keeps other models."""
    return leader.current.objective if leader.current and models_to_keep(plan.spec) == "best" else None
