"""One run of a study's search through Ray Tune, and the best model at its end."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from typing import Any

import ray
from ray import tune
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tuner.data import Array
from tuner.errors import StudyFailedError, in_one_line
from tuner.events import EpochProgress, TrialRepeated
from tuner.plots import draw_front, draw_health, draw_study
from tuner.runners.cluster_usage import ClusterUsage
from tuner.runners.live_progress import LiveProgress, start_live_progress
from tuner.runners.placement import resources_of as asked_of_ray
from tuner.runners.ray_actor import RayTrial
from tuner.runners.runpod.job import Limits, Price
from tuner.runners.runpod.remote_trial import WEIGHTS_ABOVE, RemoteSettings, RemoteTrial
from tuner.runners.runpod.runpod_progress import RunPodProgress
from tuner.runners.shared_folder import open_folder
from tuner.runners.state_files import state_file
from tuner.search.cost_model import CostModel
from tuner.search.parameter import Hyperparameters
from tuner.search.rungs import make_rungs
from tuner.search.scheduler_report import SUGGESTED_BY
from tuner.search.schedulers import make_scheduler, remember
from tuner.search.searcher import PlanAfterStep, StudySearch, StudySearcher, tune_config
from tuner.search.suggestions import Suggestions
from tuner.spec import TrialSpec
from tuner.store import Store, TrialRow
from tuner.study.billing import BillingCallback
from tuner.study.cluster_capacity import ClusterCapacity, resources_of
from tuner.study.device_allocation import ALLOCATION, DeviceAllocator, RemoteAllocator
from tuner.study.export import ModelExporter, saved_trial
from tuner.study.importance import importance_of
from tuner.study.metrics import StudyMetrics
from tuner.study.optuna_record import OptunaRecord
from tuner.study.parity import compared, to_repeat
from tuner.study.paths import StudyPaths
from tuner.study.plan import REMOTE_MEMORY_BYTES, Plan
from tuner.study.progress import COUNTED
from tuner.study.recorder import WORKER_LOSSES, Recorder
from tuner.study.result import view
from tuner.study.stop_callback import StopCallback
from tuner.study.stop_signal import StopSignal
from tuner.study.warm_start import find_warm_start

log = logging.getLogger("tuner.study")

LOOK_S = 0.5
MOST_AT_ONCE = 1_000


class Search:
    """Trains the trials that a study still lacks."""

    def __init__(
        self,
        store: Store,
        plan: Plan,
        paths: StudyPaths,
        reach: ClusterCapacity,
        signal: StopSignal,
        deadline: float | None,
        losses: Counter[int],
    ) -> None:
        spec = plan.spec
        assert spec.run_name is not None
        self._store, self._plan, self._paths = store, plan, paths
        self._study = spec.run_name
        self._data = ray.put(plan.data)
        self._signal, self._deadline = signal, deadline
        self._confusion: Array | None = None
        self._exporter: Any = None
        self._suggested = 0
        trials, epochs = store.trials(self._study), store.epochs(self._study)
        self._missing = self._lacking(trials)
        resources = resources_of(reach())
        self._resources = plan.resources(resources)
        self._allocator = (
            DeviceAllocator(plan, reach, self._missing, trials, ClusterUsage())
            if plan.cloud is None
            else RemoteAllocator(self._beside)
        )
        self._concurrent = plan.concurrent(resources)
        rungs = make_rungs(spec, self._concurrent)
        self._scheduler = make_scheduler(spec, plan.space, rungs)
        remember(self._scheduler, spec, trials, epochs)
        self.recorder = Recorder(store, spec, paths, signal, rungs)
        self.recorder.losses, self._losses_before = losses, losses.total()
        self.recorder.second_chance = self._allocator.second_chance
        self._suggestions = Suggestions(
            spec,
            plan.space,
            trials,
            epochs,
            make_trial=self._make_trial,
            preflight=plan.preflight,
            record=self.recorder.append,
            warm=find_warm_start(store, plan),
            cost_model=self._cost_model(),
        )
        self._record = OptunaRecord(store, spec, plan.space)
        best = store.study(self._study).best_trial_number
        leader = next((trial for trial in trials if trial.trial_number == best), None)
        metrics = StudyMetrics(spec, rungs, self._concurrent, leader)
        self.recorder.learners += [self._suggestions.learn, self._record.learn, self._allocator.learn, metrics.learn]

    @property
    def exhausted(self) -> str | None:
        """Why nothing more can be suggested; None while something can."""
        return self._suggestions.exhausted

    @property
    def fell_short(self) -> bool:
        """Whether trials are lacking still, and another run would add some.

        An own model's weights are counted in the worker: one that is rejected there was a trial to Ray Tune, and is
        none of those asked for. Nor is one whose worker was lost, until that has happened too often, nor one that ran
        out of memory for the first time.
        """
        if self._signal.stop is not None or self.exhausted is not None:
            return False
        lacking = self._lacking(self._store.trials(self._study))
        again = self.recorder.losses.total() > self._losses_before or self._allocator.second_chances > 0
        return 0 < lacking < self._missing or (lacking > 0 and again)

    def _lacking(self, trials: list[TrialRow]) -> int:
        return self._plan.spec.trials - sum(trial.status in COUNTED for trial in trials)

    def run(self) -> None:
        """Train until all trials are done or the signal is set."""
        self.recorder.mend()
        shutil.rmtree(self._paths.ray, ignore_errors=True)  # a killed run left it
        if self._missing <= 0 or self._signal.stop is not None:
            return  # an earlier run was killed after its last trial, before the study's end
        spec = self._plan.spec
        board = start_live_progress(self._study, LiveProgress if self._plan.cloud is None else RunPodProgress)
        billing = None if self._plan.cloud is None else BillingCallback(board, self.recorder.append)
        watch = StopCallback(self._signal, board, spec.time_budget_s, self._deadline)
        config, planning = self._trials()
        tuner = tune.Tuner(
            self._trainable(board),
            **config,
            run_config=tune.RunConfig(
                name=self._paths.ray.name,
                storage_path=str(self._paths.folder),
                callbacks=[watch, self.recorder, *planning, *([] if billing is None else [billing])],
                failure_config=tune.FailureConfig(max_failures=WORKER_LOSSES),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),  # workers keep their own
                verbose=0,
            ),
        )
        try:
            tuner.fit()
            if billing is not None:
                billing.finish()
        finally:
            self._record.hurry()
            ray.kill(board)
            shutil.rmtree(self._paths.ray, ignore_errors=True)

    def _trainable(self, board: Any) -> Any:
        """Ray Tune's worker: one that trains, or one that waits for RunPod."""
        spec, cloud = self._plan.spec, self._plan.cloud
        if cloud is None:
            trainable = tune.with_parameters(
                RayTrial,
                data=self._data,
                board=board,
                states=self._paths.states,
                module_folder=self._plan.module_folder,
            )
            return tune.with_resources(trainable, asked_of_ray)
        remote = RemoteSettings(
            base_url=cloud.base_url,
            endpoint_id=cloud.endpoint_id,
            limits=Limits(queue_s=spec.runpod_queue_timeout_s, run_s=spec.runpod_timeout_s),
            price=Price(spec.runpod_gpu, cloud.usd_per_s),
            fallback=spec.runpod_fallback_local,
            unfit=cloud.unfit,
            data=self._data,
            resources=self._resources,
            states=self._paths.states,
            module_folder=self._plan.module_folder,
        )
        waiting = tune.with_parameters(RemoteTrial, remote=remote, board=board)
        return tune.with_resources(waiting, {"memory": REMOTE_MEMORY_BYTES})

    def _cost_model(self) -> CostModel | None:
        """What trials cost; None where cost does not count, or only the worker knows it, as of an own model."""
        if self._plan.spec.searcher != "auto" or self._plan.architecture == "own":
            return None
        done = self._plan.spec.trials - self._missing
        return CostModel(self._plan.spec, self._plan.known_load, self._deadline, done)

    def _trials(self) -> tuple[dict[str, Any], list[tune.Callback]]:
        """What is trained, the searcher's trials one by one or a whole population, and the callbacks for that."""
        config: dict[str, Any] = {"scheduler": self._scheduler, "reuse_actors": True}
        if self._plan.spec.scheduler == "pbt":
            drawn = [suggestion for _ in range(self._missing) if (suggestion := self._suggestions.next()) is not None]
            configs = [tune_config(suggestion) for suggestion in drawn]
            suggested_by = {config["trial"]["trial_number"]: config[SUGGESTED_BY] for config in configs}
            # A population trains together: with fewer workers its trials take turns, which a limit would prevent.
            limit = self._plan.spec.concurrent_workers
            config |= {"max_concurrent_trials": None if limit == "auto" else limit}
            given = [self._allocator.allocate(suggestion.trial)[ALLOCATION] for suggestion in drawn]
            # One goes on as a copy of another, with devices that suit all of them.
            largest = max(given, key=lambda one: (one["gpus"], one["cpus"]), default=None)
            return {
                "tune_config": tune.TuneConfig(**config),
                "param_space": {
                    "trial": tune.grid_search([config["trial"] for config in configs]),
                    SUGGESTED_BY: tune.sample_from(lambda config: suggested_by[config["trial"]["trial_number"]]),
                    ALLOCATION: largest,
                },
            }, []
        searcher = StudySearcher(
            self._plan.spec,
            self._suggestions,
            self._missing,
            stopped=lambda: self._signal.stop is not None,
            devices=self._allocator,
        )
        # Where nobody says how many, the nodes do, of which more may come.
        nodes_decide = self._plan.spec.concurrent_workers == "auto" and self._plan.cloud is None
        search = StudySearch(searcher, MOST_AT_ONCE if nodes_decide else self._concurrent)
        config |= {"num_samples": self._missing, "search_alg": search}
        return {"tune_config": tune.TuneConfig(**config)}, [PlanAfterStep(searcher)]

    def _beside(self) -> dict[str, Any]:
        """What a remote worker is told beside the trial: weights that would not lead need not come back."""
        return {WEIGHTS_ABOVE: self.recorder.best_objective}

    def save_best(self) -> None:
        """Save the best trial's model and test it, unless that is done and recorded."""
        study = self._store.study(self._study)
        best = study.best_trial_number
        if best is None or (best, study.test_accuracy, study.test_loss) == saved_trial(self._paths):
            return
        row = next(trial for trial in self._store.trials(self._study) if trial.trial_number == best)
        trial = self._plan.trial(row.trial_number, row.hyperparameters)
        retrained: float | None = None
        with open_folder(self._paths.states).local_file(state_file(best)) as state:
            kept = state is not None
        if not kept:
            if row.place != "runpod":
                raise StudyFailedError(
                    f"the weights of the best trial, {best}, are gone from {self._paths.states}",
                    remedy="ask for more trials with `tuner resume`",
                )
            retrained = self._train_again(trial, row)
        folder = self._paths.best_model
        exporter = self._warm_exporter()
        event, self._confusion = ray.get(
            exporter.export.remote(
                self._plan.spec,
                trial,
                row,
                self._data,
                self._plan.test,
                self._paths.states,
                folder,
                retrained,
                view(self._store, self._study).cloud,
            )
        )
        self.recorder.append(event)

    def _train_again(self, trial: TrialSpec, row: TrialRow) -> float:
        """Train a winner here whose weights did not come back; gives its validation accuracy here."""
        from tuner.runners.local_tasks import train_again

        log.warning("the weights of trial %d are not here: it is trained again from its spec", trial.trial_number)
        states, upto = self._paths.states, row.best_epoch or trial.epochs
        return train_again(trial, self._data, states, self._plan.module_folder, upto, self._resources)

    def repeat_remote_trials(self) -> None:
        """Train some of the trials that RunPod trained again here, and record how that compares."""
        wanted = self._plan.spec.runpod_parity_trials
        missing = to_repeat(self._store.trials(self._study), wanted if self._signal.stop is None else 0)
        if not missing:
            return
        from tuner.runners.local_tasks import repeat

        epochs = self._store.epochs(self._study)
        running = {
            repeat(
                self._plan.trial(row.trial_number, row.hyperparameters),
                self._data,
                self._plan.module_folder,
                row.epochs_trained,
                self._resources,
            ): row
            for row in missing
        }
        while running and self._signal.stop is None:
            for done in ray.wait(list(running), timeout=LOOK_S)[0]:
                row = running.pop(done)
                there = [epoch for epoch in epochs if epoch.trial_number == row.trial_number]
                try:
                    here = [EpochProgress.model_validate(epoch) for epoch in ray.get(done)]
                except ray.exceptions.RayError as error:
                    log.warning("trial %d could not be trained again: %s", row.trial_number, in_one_line(error))
                    continue
                if len(here) < (row.best_epoch or 0):
                    log.warning("trial %d ended after %d epochs when trained again", row.trial_number, len(here))
                    continue
                told = compared(row, there, here)
                self.recorder.append(TrialRepeated(trial_number=row.trial_number, repeat=told))
        for task in running:
            ray.cancel(task)

    def _make_trial(self, number: int, hyperparameters: Hyperparameters) -> TrialSpec:
        self._suggested += 1
        if self._suggested >= self._missing - 2 * self._concurrent:
            self._warm_exporter()  # loads TensorFlow while the last trials train
        return self._plan.trial(number, hyperparameters)

    def _warm_exporter(self) -> Any:
        """The process that saves the best model, on this node, where the study's folder is."""
        if self._exporter is None:
            here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
            # Saving is whole or not at all: it is begun again where its process is lost.
            actor = ray.remote(num_cpus=0)(ModelExporter).options(
                scheduling_strategy=here, max_restarts=WORKER_LOSSES, max_task_retries=WORKER_LOSSES
            )
            self._exporter = actor.remote(self._plan.threads, self._plan.module_folder)
        return self._exporter

    def close(self) -> None:
        """End the process that saves the best model (a cluster may outlive the study), and finish Optuna's record.

        Closing again does nothing.
        """
        self._record.close()
        if self._exporter is not None:
            ray.kill(self._exporter)
            self._exporter = None

    def draw(self) -> None:
        """Draw the study's figures."""
        objective, trials = self._plan.spec.objectives[0], self._store.trials(self._study)
        draw_study(
            self._paths.plots,
            objective,
            self._plan.spec.monitor,
            trials,
            self._store.epochs(self._study),
            self._confusion,
            self._plan.data.labels,
            importance_of(trials, objective).importance,
        )
        spec, shown = self._plan.spec, view(self._store, self._study)
        draw_front(self._paths.plots, spec.objectives, spec.bounds, trials, shown.front)
        draw_health(self._paths.plots, spec.health_weights, trials, shown.study.best_trial_number)
