"""Ray Tune with OptunaSearch and its best settings: reused actors, two trials at once, no dashboard and no log files.

Each trial uses one thread, since it reserves one CPU, as it does in `tuner run`.
"""

from __future__ import annotations

import os
from typing import Any

os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"  # read when Ray Tune is imported

import ray
from mnist_task import Samples, options, samples, say
from ray import tune
from ray.tune.search.optuna import OptunaSearch

TRIALS, EPOCHS, AT_ONCE = 8, 3, 2


class Training(tune.Trainable):  # type: ignore[misc]
    """Trains one network; each step is one epoch. Its process imports TensorFlow once for all its trials."""

    def setup(self, config: dict[str, Any], data: Samples) -> None:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        self.data = data
        self.build(config)

    def build(self, config: dict[str, Any]) -> None:
        from small_network import compiled_network

        self.network = compiled_network(config["learning_rate"])

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        import keras

        keras.utils.clear_session()
        self.build(new_config)
        return True

    def step(self) -> dict[str, float]:
        history = self.network.fit(
            self.data["x_train"],
            self.data["y_train"],
            batch_size=64,
            validation_data=(self.data["x_validation"], self.data["y_validation"]),
            verbose=0,
        )
        return {"val_accuracy": history.history["val_accuracy"][0]}


def main() -> None:
    asked = options()
    data = samples(asked.mnist, asked.split)
    ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    results = tune.Tuner(
        tune.with_resources(tune.with_parameters(Training, data=data), {"CPU": 1}),
        param_space={"learning_rate": tune.loguniform(1e-4, 1e-2)},
        tune_config=tune.TuneConfig(
            metric="val_accuracy",
            mode="max",
            search_alg=OptunaSearch(seed=asked.seed),
            num_samples=TRIALS,
            max_concurrent_trials=AT_ONCE,
            reuse_actors=True,
        ),
        run_config=tune.RunConfig(
            storage_path=asked.folder,
            verbose=0,
            stop={"training_iteration": EPOCHS},
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        ),
    ).fit()
    best = results.get_best_result().metrics["val_accuracy"]
    say(best=best, epochs=[result.metrics["training_iteration"] for result in results])


if __name__ == "__main__":
    main()
