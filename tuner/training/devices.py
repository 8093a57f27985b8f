"""Sets TensorFlow up, once per process, before it is first used."""

from __future__ import annotations

import gc
import os
from functools import cache


@cache
def configure(threads: int) -> None:
    """Bind TensorFlow to `threads` CPU threads, quiet, reproducible, and with GPU memory taken as it is needed.

    A process keeps the threads of its first call: TensorFlow cannot change them later.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # each trial traces functions of its own: nothing to warn of
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
