"""Chooses how a trial uses the devices that its process sees: how many, in which precision, and compiled how.

`auto` chooses what is known to be faster:

- mixed precision in bfloat16, on GPUs that compute in it (capability 8.0 and above), for networks without recurrence
  that compute for most of a step. It needs no scaling of the loss, which float16 does. Never on a CPU.
- XLA, on one GPU, if a tenth of the training is more than twice the compile time (10 s per model, measured on 2 CPUs).
  Never on a CPU, where compiling takes as long and gains nothing, and never for an LSTM, since XLA cannot use its cuDNN
  kernel.
- several steps per call, on one GPU, if a step is so short that its Python code counts.

The last two need one device and are refused with several: several steps per call crash with 2 replicas in Keras 3.15
and TensorFlow 2.21 (a test fails once they do not), and our step of several replicas does not support XLA.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tuner.devices.capacity import Gpu
from tuner.devices.epoch_cost import MeasuredEpochs, TrialLoad, best_count, epoch_s, step_s
from tuner.errors import FixInputError
from tuner.spec_parts import DeviceSpec

Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]

BFLOAT16, TENSOR_CORES = (8, 0), (7, 0)
"""Lowest CUDA compute capabilities of GPUs with them."""
XLA_COMPILES_S = 10.0
XLA_GAINS = 0.1
MOST_STEPS = 16
CALL_S = 0.05
"""Most seconds of steps in one call: a trial stops and reports its progress only between two calls."""


@dataclass(frozen=True)
class TrainingSettings:
    """How a trial trains."""

    replicas: int
    """Number of replicas; 1: one device, without a distribution strategy."""
    precision: Precision
    xla: bool
    steps_per_execution: int
    why: tuple[str, ...]
    """The reasons, each in one line."""


def choose_training_settings(asked: DeviceSpec, gpus: tuple[Gpu, ...], load: TrialLoad | None) -> TrainingSettings:
    """How a trial uses the GPUs that its process sees. The load of an own model is unknown: None.

    Raises:
        FixInputError: the process sees fewer GPUs than the trial was given, or a requested setting does not work with
            several replicas.
    """
    gpus = () if asked.gpus == 0 else gpus
    replicas, why_replicas = _replicas(asked, gpus, load)
    if replicas > 1 and (asked.xla or (asked.steps_per_execution or 1) > 1):
        name = "xla=true" if asked.xla else "steps_per_execution"
        raise FixInputError(f"{name} does not work with {replicas} replicas", remedy="leave it at auto")
    precision, why_precision = _precision(asked, gpus, replicas, load)
    xla, why_xla = _xla(asked, gpus, replicas, load)
    steps, why_steps = _steps(asked, gpus, replicas, load)
    why = (why_replicas, why_precision, why_xla, why_steps)
    return TrainingSettings(replicas, precision, xla, steps, tuple(reason for reason in why if reason))


def _replicas(asked: DeviceSpec, gpus: tuple[Gpu, ...], load: TrialLoad | None) -> tuple[int, str]:
    if asked.gpus is not None:
        if asked.gpus > len(gpus):
            raise FixInputError(
                f"the trial was given {asked.gpus:g} GPUs, but its process sees {len(gpus)}",
                remedy="install tuner's extra gpu on that node, and check that nvidia-smi lists its GPUs",
            )
        return max(1, int(asked.gpus)), ""
    if len(gpus) < 2 or asked.multi_gpu is False:
        return 1, ""
    if asked.multi_gpu:
        return len(gpus), f"{len(gpus)} GPUs: use_multi_gpu=true"
    if load is None:
        return 1, "1 GPU: an own model"
    # One or all: TensorFlow's collective operations abort if a process has trials of 2 and of 4 replicas.
    return best_count(load, MeasuredEpochs(), [len(gpus)])


def _precision(
    asked: DeviceSpec, gpus: tuple[Gpu, ...], replicas: int, load: TrialLoad | None
) -> tuple[Precision, str]:
    if load is None:
        return "float32", ""  # an own model sets the precision of its layers itself
    if asked.mixed_precision is False:
        return "float32", "mixed_precision=false"
    capabilities = [gpu.compute_capability or (0, 0) for gpu in gpus[:replicas]]
    lowest = min(capabilities, default=None)
    if asked.mixed_precision is True:
        if lowest is None or lowest >= BFLOAT16:
            return "mixed_bfloat16", "mixed_precision=true"
        if lowest >= TENSOR_CORES and replicas == 1:
            return "mixed_float16", "mixed_precision=true: float16, since the GPU has no bfloat16"
        return "float32", "mixed_precision=true: float32, since these GPUs are not faster in float16"
    if lowest is None:
        return "float32", ""
    if lowest < BFLOAT16:
        return "float32", "float32: the GPU has no bfloat16"
    if load.steps:
        return "float32", "float32: mixed precision is faster for convolutions only"
    fixed, computing, _ = step_s(load, gpus=replicas)
    if computing < fixed:
        return "float32", "float32: computation takes less than half of a step"
    return "mixed_bfloat16", "mixed precision: computation takes most of a step"


def _xla(asked: DeviceSpec, gpus: tuple[Gpu, ...], replicas: int, load: TrialLoad | None) -> tuple[bool, str]:
    if asked.xla is not None:
        return asked.xla, f"xla={str(asked.xla).lower()}"
    if not gpus or replicas > 1 or load is None or load.steps:
        return False, ""
    expected = epoch_s(load) * load.epochs
    pays = XLA_GAINS * expected > 2 * XLA_COMPILES_S
    return pays, f"XLA {'pays' if pays else 'does not pay'}: {expected:.3g} s of training expected"


def _steps(asked: DeviceSpec, gpus: tuple[Gpu, ...], replicas: int, load: TrialLoad | None) -> tuple[int, str]:
    if asked.steps_per_execution is not None:
        return asked.steps_per_execution, f"steps_per_execution={asked.steps_per_execution}"
    if not gpus or replicas > 1 or load is None:
        return 1, ""
    steps = max(1, min(MOST_STEPS, int(CALL_S / sum(step_s(load)))))
    return steps, f"{steps} steps per call: a step is short" if steps > 1 else ""
