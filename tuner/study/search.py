"""One run of a study's search through Ray Tune, and the best model at its end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tuner.runners.live import open_board
from tuner.runners.ray_actor import STATE_FILE, RayTrial
from tuner.search.schedulers import make_scheduler
from tuner.search.searcher import InterruptedTrial, PastTrial, StudySearcher
from tuner.store import Store, TrialRow
from tuner.study.export import export_best
from tuner.study.paths import StudyPaths
from tuner.study.plan import Plan
from tuner.study.progress import COUNTED
from tuner.study.recorder import Recorder
from tuner.study.stopping import StopSignal, StudyStopper
from tuner.training import TrainingState

WORKER_LOSSES = 3
"""Times a trial is started again after its worker was lost. A trial that crashes by itself is never retried."""


class Search:
    """Trains the trials that a study still lacks."""

    def __init__(
        self, store: Store, plan: Plan, paths: StudyPaths, resources: Mapping[str, float], signal: StopSignal
    ) -> None:
        spec = plan.spec
        assert spec.run_name is not None
        self._store, self._plan, self._paths = store, plan, paths
        self._study = spec.run_name
        self._data = ray.put(plan.data)
        self._signal = signal
        past = store.trials(self._study)
        self._missing = spec.trials - sum(trial.status in COUNTED for trial in past)
        self._resources = self._per_trial(resources)
        self.recorder = Recorder(store, spec, signal, store.study(self._study).best_objective)
        self._searcher = StudySearcher(
            spec,
            plan.space,
            plan.trial,
            plan.preflight,
            self.recorder.rejected,
            past=[self._past(trial) for trial in past if trial.status in COUNTED],
            interrupted=[
                InterruptedTrial(trial.trial_number, trial.hyperparameters)
                for trial in past
                if trial.status in ("running", "cancelled")
            ][: self._missing],
            next_number=max((trial.trial_number for trial in past), default=0) + 1,
        )

    @property
    def exhausted(self) -> bool:
        """Whether the search space holds nothing more that fits the limits."""
        return self._searcher.exhausted

    def run(self) -> None:
        """Train until all trials are done or the signal is set."""
        spec = self._plan.spec
        board = open_board(self._study)
        trainable = tune.with_parameters(
            RayTrial, data=self._data, board=board, python_path=(os.getcwd(),) if spec.model else ()
        )
        tuner = tune.Tuner(
            tune.with_resources(trainable, self._resources),
            tune_config=tune.TuneConfig(
                search_alg=self._searcher,
                scheduler=make_scheduler(spec),
                num_samples=self._missing,
                max_concurrent_trials=self._concurrent(),
                reuse_actors=True,
                trial_dirname_creator=lambda trial: f"trial-{trial.config['trial']['trial_number']:05d}",
            ),
            run_config=tune.RunConfig(
                name=self._paths.checkpoints.name,
                storage_path=str(self._paths.folder),
                callbacks=[self.recorder],
                stop=StudyStopper(self._signal, board, spec.time_budget_s),
                failure_config=tune.FailureConfig(max_failures=WORKER_LOSSES),
                checkpoint_config=tune.CheckpointConfig(num_to_keep=1, checkpoint_at_end=True),
                verbose=0,
            ),
        )
        try:
            tuner.fit()
        finally:
            ray.kill(board)

    def save_best(self) -> None:
        """Save the best trial's model and test it, if this run found a better one than is saved already."""
        checkpoint = self.recorder.best_checkpoint
        if checkpoint is None:
            return
        best = self._store.study(self._study).best_trial_number
        row = next(trial for trial in self._store.trials(self._study) if trial.trial_number == best)
        with checkpoint.as_directory() as folder:
            state = TrainingState.load(Path(folder) / STATE_FILE)
            event, self._confusion = ray.get(
                ray.remote(num_cpus=0)(export_best)
                .options(scheduling_strategy=NodeAffinitySchedulingStrategy(_this_node(), soft=False))
                .remote(
                    self._plan.spec,
                    self._plan.trial(row.trial_number, row.hyperparameters),
                    row,
                    self._data,
                    self._plan.test,
                    state,
                    self._paths.best_model,
                )
            )
        self.recorder.append(event)

    def _per_trial(self, resources: Mapping[str, float]) -> dict[str, float]:
        spec = self._plan.spec
        gpus = spec.gpus_per_trial
        if gpus is None:
            gpus = 1.0 if resources.get("GPU", 0) >= 1 else 0.0
        return {"CPU": spec.cpus_per_trial, "GPU": gpus}

    def _concurrent(self) -> int:
        """Trials that train at once: as asked for, else as many as the cluster's resources fit now."""
        asked = self._plan.spec.concurrent_workers
        if asked is not None:
            return asked
        cluster = ray.cluster_resources()
        fits = [int(cluster.get(kind, 0) / amount) for kind, amount in self._resources.items() if amount]
        return max(1, min(fits))

    def _past(self, trial: TrialRow) -> PastTrial:
        curve = {epoch.epoch: epoch.objective for epoch in self._store.epochs(self._study, trial.trial_number)}
        objective = trial.objective if trial.status in ("completed", "pruned") else None
        return PastTrial(trial.hyperparameters, objective, curve, pruned=trial.status == "pruned")


def _this_node() -> str:
    return str(ray.get_runtime_context().get_node_id())
