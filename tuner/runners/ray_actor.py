"""A trial on this cluster: a Ray Tune Trainable that advances the generator of `run_trial`, one event per step."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import ray
from ray import tune

from tuner.data import Data
from tuner.models.keras_settings import prepare_environment
from tuner.models.own import OwnSource
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.live_progress import ProgressReporter
from tuner.runners.local_training import LocalTraining
from tuner.runners.nodes import NodeDrain
from tuner.runners.placement import hide_unassigned_gpus, placed
from tuner.runners.shared_folder import state_file
from tuner.search.scheduler_report import CLONED_FROM
from tuner.training import TrainingState
from tuner.trial_spec import TrialSpec


class RayTrial(tune.Trainable):  # type: ignore[misc]
    """Trains the trial in `config["trial"]`; one actor trains many trials, one after the other, without a new start.

    The state after each epoch is saved in `states`, a folder or address that all nodes share: an interrupted trial
    continues from there. So does a trial whose node is being drained: the worker ends between two events, and Ray Tune
    continues the trial with another worker on a node that stays.
    """

    def setup(
        self, config: dict[str, Any], data: Data, live_progress: Any, states: str, own_source: OwnSource | None
    ) -> None:
        if own_source is not None:
            own_source.install()
        hide_unassigned_gpus()
        prepare_environment()
        self._data = data
        self._reporter = ProgressReporter(live_progress)
        self._checkpoints = Checkpoints(states)
        self._node = NodeDrain()
        self._training: LocalTraining | None = None
        self._closing: threading.Thread | None = None
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.cleanup()
        reserved = {kind: new_config["allocation"][kind] for kind in ("cpus", "gpus")}
        self._trial = placed(TrialSpec.model_validate(new_config["trial"]), **reserved)
        self._cloned_from: int | None = new_config.get(CLONED_FROM)
        self._clone: TrainingState | None = None
        return True

    def step(self) -> dict[str, Any]:
        if self._node.is_draining():
            self._close()
            self._checkpoints.wait()
            ray.actor.exit_actor()
        if self._training is None:
            self._training = LocalTraining(
                self._trial,
                self._data,
                self._reporter,
                self._checkpoints,
                clone=self._clone,
                cloned_from=self._cloned_from,
            )
        result = self._training.step()
        if result["done"]:
            # The old network is freed while the driver records its end and suggests the next one.
            self._closing = threading.Thread(target=self._close, name="close")
            self._closing.start()
        return result

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Write the state from which another trial of a population may continue."""
        assert self._training is not None
        self._training.state().save(Path(checkpoint_dir) / state_file(0))

    def load_checkpoint(self, checkpoint_dir: str) -> None:
        self._clone = TrainingState.load(Path(checkpoint_dir) / state_file(0))

    def cleanup(self) -> None:
        """End the running training, which frees its memory."""
        if self._closing is not None:
            self._closing.join()
            self._closing = None
        self._close()

    def _close(self) -> None:
        if self._training is not None:
            self._training.close()
            self._training = None
