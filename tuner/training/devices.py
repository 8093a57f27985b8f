"""Configures TensorFlow, once per process and before its first use, and lists the devices that it sees."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tuner.devices.capacity import Gpu
from tuner.models.keras_settings import import_keras
from tuner.training.nvml import memory_of_gpus


@cache
def configure(threads: int) -> None:
    """Import Keras; limit TensorFlow to `threads` CPU threads, quiet and deterministic, with GPU memory as needed.

    A process keeps the threads of its first call: TensorFlow cannot change them later.
    """
    import_keras()
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # it would warn that each trial traces functions of its own
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(max(1, threads))
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError:
        # Somebody in this process (a notebook, a test) has used TensorFlow before: its devices stay as they are.
        pass
    tf.config.experimental.enable_op_determinism()
    # TensorFlow's own objects live as long as the process: looking through them after each trial would cost 0.4 s.
    gc.freeze()


def accelerators() -> tuple[str, ...]:
    """Return TensorFlow's names of the GPUs that this process may use, such as GPU:0."""
    import tensorflow as tf

    return tuple(device.name.removeprefix("/device:") for device in tf.config.list_logical_devices("GPU"))


@cache
def gpus() -> tuple[Gpu, ...]:
    """Return the name, memory and compute capability of the `accelerators`, in their order."""
    import tensorflow as tf

    seen = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in seen]
    memory = memory_of_gpus(len(seen))
    return tuple(
        Gpu(known.get("device_name"), size, known.get("compute_capability"))
        for known, size in zip(details, memory, strict=True)
    )


@cache
def mirrored(devices: tuple[str, ...]) -> Any:
    """Return a MirroredStrategy over these devices. One per process, since each one opens communicators of its own."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(devices))


def out_of_memory(error: Exception) -> bool:
    """Return whether an error, or its cause, says that a device has no memory left."""
    import tensorflow as tf

    exhausted = tf.errors.ResourceExhaustedError
    return isinstance(error, exhausted) or isinstance(error.__cause__, exhausted)


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Context manager in which new layers compute in this precision."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
