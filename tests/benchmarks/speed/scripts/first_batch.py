"""Imports Keras, reads MNIST, builds a small network and trains one batch; prints the time of its end."""

from __future__ import annotations

import time

import keras  # noqa: F401 - the script of an engineer imports Keras first
import numpy as np
from mnist_task import options, say
from small_network import compiled_network

BATCH = 128

with np.load(options().mnist) as arrays:
    x, y = arrays["x_train"][:BATCH, ..., None], arrays["y_train"][:BATCH]
compiled_network(1e-3).train_on_batch(x, y)
say(at=time.time())
