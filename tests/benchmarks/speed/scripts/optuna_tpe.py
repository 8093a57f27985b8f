"""Plain Optuna, as its documentation shows it for Keras: TPE and the median pruner over the space that tuner had in
November 2026, one trial after the other, until a trial reaches the target.

The networks of the space are built by tuner, and trained by Keras on all cores.
"""

from __future__ import annotations

import time

import keras
import optuna
from former_network import PIXELS, compiled_network
from mnist_task import options, samples, say

from tests.benchmarks.accuracy.former_space import EPOCHS, former_configuration

asked = options()
data = samples(asked.mnist, asked.split)
keras.utils.set_random_seed(asked.seed)
optuna.logging.set_verbosity(optuna.logging.ERROR)
best, reached_at = 0.0, None


def objective(trial: optuna.Trial) -> float:
    global best, reached_at
    hyperparameters = former_configuration(trial, PIXELS)
    network = compiled_network(hyperparameters)
    own_best = 0.0
    for epoch in range(EPOCHS):
        history = network.fit(
            data["x_train"],
            data["y_train"],
            batch_size=hyperparameters["batch_size"],
            validation_data=(data["x_validation"], data["y_validation"]),
            verbose=0,
        )
        accuracy = float(history.history["val_accuracy"][0])
        own_best, best = max(own_best, accuracy), max(best, accuracy)
        if accuracy >= asked.target:
            reached_at = time.time()
        if reached_at is not None or time.time() > asked.until:
            trial.study.stop()
            break
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    keras.utils.clear_session()
    return own_best


study = optuna.create_study(
    direction="maximize",
    sampler=optuna.samplers.TPESampler(seed=asked.seed),
    pruner=optuna.pruners.MedianPruner(),
)
study.optimize(objective)
say(at=reached_at, best=best)
