"""The devices that a trial trains on, and how it uses its machine."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tuner.events.base import EventOfTrial, Value


class Devices(Value):
    """The devices that a trial trains on, its settings for them, and the reasons."""

    node: str = Field(description="Host name of the machine.")
    gpus: float = Field(description="Number of its GPUs, or its share of one; 0: it trains on CPUs.")
    names: tuple[str, ...] = Field(default=(), description="Product names of these GPUs.")
    threads: int = Field(description="CPU threads that TensorFlow may use.")
    replicas: int = Field(description="Copies of the network that train together, each on a device of its own.")
    batch_size: int = Field(description="Samples of one step, over all devices.")
    learning_rate: float = Field(description="Learning rate for that batch size: scaled if there are several replicas.")
    precision: str = Field(description="float32, mixed_bfloat16 or mixed_float16.")
    xla: bool
    steps_per_execution: int = Field(description="Steps in one call of TensorFlow.")
    why: tuple[str, ...] = Field(default=(), description="The reasons, one line for each choice.")
    retried: bool = Field(default=False, description="Whether it ran out of GPU memory with half the share before.")


class MeanAndPeak(Value):
    """Mean and peak over the samples of a trial's training."""

    mean: float
    peak: float


class ResourceUse(Value):
    """The use of its machine by a trial, over its samples. Null: the system does not report it."""

    samples: int
    cpu_percent: MeanAndPeak = Field(description="Percent of one core: 200 is two cores.")
    memory_bytes: MeanAndPeak | None = Field(default=None, description="Main memory of the process.")
    gpu_percent: MeanAndPeak | None = Field(default=None, description="Percent of the time in which its GPUs computed.")
    gpu_memory_bytes: MeanAndPeak | None = Field(default=None, description="Memory in use on all its GPUs.")


class ResourceSample(EventOfTrial):
    """The use of its machine by the process that trains a trial. Ephemeral."""

    type: Literal["resource_sample"] = "resource_sample"
    node: str = Field(description="Host name of the machine.")
    cpu_percent: float = Field(description="Percent of one core since the last sample: 200 is two cores.")
    memory_bytes: int | None = Field(description="Main memory of the process; null: the system does not report it.")
    gpu_percent: float | None = Field(
        default=None, description="Percent of the time in which its GPUs computed; null: no GPU."
    )
    gpu_memory_bytes: int | None = Field(default=None, description="Memory in use on all its GPUs; null: not known.")
