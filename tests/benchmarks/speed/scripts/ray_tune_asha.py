"""Ray Tune with OptunaSearch (TPE) and ASHA over the space that tuner had in November 2026, until a trial reaches the
target.

It has Ray Tune's best settings: reused actors, no dashboard and no log files. The networks of the space are built by
tuner, and trained by Keras. Each trial uses one thread, since it reserves one CPU, as it does in `tuner run`.
"""

from __future__ import annotations

import os
import time
from typing import Any

os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"  # read when Ray Tune is imported

import ray
from former_network import PIXELS, compiled_network
from mnist_task import Samples, options, samples, say
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch

from tests.benchmarks.accuracy.former_space import EPOCHS, former_configuration

MANY_TRIALS = 10_000
"""More than the time allows."""


def configuration(trial: Any) -> dict[str, Any]:
    """The configuration of a trial that OptunaSearch suggests."""
    return {"hyperparameters": former_configuration(trial, PIXELS)}


class Training(tune.Trainable):  # type: ignore[misc]
    """Trains one network; each step is one epoch. Its process imports TensorFlow once for all its trials."""

    def setup(self, config: dict[str, Any], data: Samples) -> None:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        self.data = data
        self.build(config)

    def build(self, config: dict[str, Any]) -> None:
        hyperparameters = config["hyperparameters"]
        self.batch_size = hyperparameters["batch_size"]
        self.network = compiled_network(hyperparameters)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        import keras

        keras.utils.clear_session()
        self.build(new_config)
        return True

    def step(self) -> dict[str, float]:
        history = self.network.fit(
            self.data["x_train"],
            self.data["y_train"],
            batch_size=self.batch_size,
            validation_data=(self.data["x_validation"], self.data["y_validation"]),
            verbose=0,
        )
        return {"val_accuracy": history.history["val_accuracy"][0], "ended": time.time()}


class UntilTarget(tune.Stopper):  # type: ignore[misc]
    """Ends the search after the first epoch that reaches the target, or after the time limit."""

    def __init__(self, target: float, until: float) -> None:
        self.target, self.until = target, until
        self.best = 0.0
        self.reached = False

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        self.best = max(self.best, result["val_accuracy"])
        if result["val_accuracy"] >= self.target and not self.reached:
            self.reached = True
            say(at=result["ended"], best=self.best)
        return False

    def stop_all(self) -> bool:
        return self.reached or time.time() > self.until


def main() -> None:
    asked = options()
    data = samples(asked.mnist, asked.split)
    ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    until_target = UntilTarget(asked.target, asked.until)
    tune.Tuner(
        tune.with_resources(tune.with_parameters(Training, data=data), {"CPU": 1}),
        tune_config=tune.TuneConfig(
            search_alg=OptunaSearch(space=configuration, metric="val_accuracy", mode="max", seed=asked.seed),
            scheduler=ASHAScheduler(
                metric="val_accuracy", mode="max", max_t=EPOCHS, grace_period=1, reduction_factor=3
            ),
            num_samples=MANY_TRIALS,
            max_concurrent_trials=os.cpu_count(),
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            storage_path=asked.folder,
            verbose=0,
            stop=until_target,
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        ),
    ).fit()
    if not until_target.reached:
        say(at=None, best=until_target.best)


if __name__ == "__main__":
    main()
