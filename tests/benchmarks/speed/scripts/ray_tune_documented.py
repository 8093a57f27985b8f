"""Ray Tune with OptunaSearch as Ray's documentation shows it: a training function, default settings.

Each trial uses one thread, since it reserves one CPU, as it does in `tuner run`.
"""

from __future__ import annotations

from typing import Any

import ray
from mnist_task import Samples, options, samples, say
from ray import tune
from ray.tune.search.optuna import OptunaSearch

TRIALS, EPOCHS = 8, 3


def train(config: dict[str, Any], data: Samples) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    import keras
    from small_network import compiled_network

    class Report(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            tune.report({"val_accuracy": logs["val_accuracy"]})

    compiled_network(config["learning_rate"]).fit(
        data["x_train"],
        data["y_train"],
        batch_size=64,
        epochs=EPOCHS,
        validation_data=(data["x_validation"], data["y_validation"]),
        callbacks=[Report()],
        verbose=0,
    )


def main() -> None:
    asked = options()
    data = samples(asked.mnist, asked.split)
    ray.init(log_to_driver=False, logging_level="ERROR")
    results = tune.Tuner(
        tune.with_parameters(train, data=data),
        param_space={"learning_rate": tune.loguniform(1e-4, 1e-2)},
        tune_config=tune.TuneConfig(
            metric="val_accuracy", mode="max", search_alg=OptunaSearch(seed=asked.seed), num_samples=TRIALS
        ),
        run_config=tune.RunConfig(storage_path=asked.folder, verbose=0),
    ).fit()
    best = results.get_best_result().metrics["val_accuracy"]
    say(best=best, epochs=[result.metrics["training_iteration"] for result in results])


if __name__ == "__main__":
    main()
