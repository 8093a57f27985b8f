"""What happens in a study, as values: the only thing that travels up.

Durable events are appended to the store once, in order, with a sequence number. `BatchProgress` and `ResourceSample`
are ephemeral: the latest one per trial is kept, it has no number and is never stored.
A trial's events come in this order: `TrialStart`, then `EpochProgress` for epochs 1, 2, ... (any number of
`BatchProgress` between them), then exactly one `TrialComplete`. Each finding of an epoch follows it as a `HealthAlert`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Scalar = bool | int | float | str
TrialStatus = Literal["running", "completed", "pruned", "diverged", "rejected", "failed", "cancelled"]
TrialCause = Literal[
    "all_epochs",
    "early_stopping",
    "health_stop",
    "pruned",
    "diverged",
    "too_large",
    "error",
    "out_of_memory",
    "worker_lost",
    "cancelled",
    "time_budget",
    "target_reached",
    "timed_out",
    "service_fault",
]
"""Why a trial ended, for programs; its `reason` says it to people."""
SuggestedBy = Literal[
    "warm_start",
    "space_filling",
    "gaussian_process",
    "tpe",
    "random",
    "enumeration",
    "cmaes",
    "gp",
    "grid",
    "nsga2",
    "pbt",
]
"""The method that suggested a trial's hyperparameters. `warm_start`: an earlier study's configuration; `space_filling`:
one of the first points that `searcher=auto` spreads over the space; `gaussian_process`: its own model, where `gp` is
Optuna's; `enumeration`: an untried configuration of a small space; `pbt`: a
variation of another trial's hyperparameters."""
Place = Literal["local", "runpod"]
"""Where a trial trains: on this cluster, or on a RunPod endpoint."""
StudyStatusName = Literal["running", "completed", "failed", "cancelled"]


def now() -> datetime:
    """The time, with zone (UTC)."""
    return datetime.now(UTC)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Layer(_Value):
    """One layer of a built network."""

    layer_id: str = Field(description="Name, unique in the network.")
    layer_type: str = Field(description="Keras class name, such as Conv2D.")
    input_shape: list[int | None] = Field(description="Without the batch axis; null is any length.")
    output_shape: list[int | None] = Field(description="Without the batch axis; null is any length.")
    parameters: int = Field(description="Number of weights, trainable or not.")
    activation: str | None = None
    filters: int | None = None
    kernel_size: list[int] | None = None
    units: int | None = None


class ArchitectureLine(_Value):
    """A built network in a line. Null: it has no such part, or it is an own model."""

    type: str = Field(description="cnn, lstm or own.")
    conv_layers: int | None = None
    filters_per_layer: list[int] | None = None
    kernel_size: int | None = None
    dense_layers: int | None = None
    first_dense_nodes: int | None = None
    activation: str | None = None
    batch_normalization: bool | None = None
    use_global_pooling: bool | None = None
    lstm_units: int | None = None
    total_parameters: int = Field(description="Number of weights, trainable or not.")


class Architecture(ArchitectureLine):
    """A built network, described by its hyperparameters and, layer by layer, as Keras built it."""

    layers: list[Layer]


class Metrics(_Value):
    """Loss (cross-entropy in nats) and accuracy (share of samples in [0, 1]) over one split."""

    loss: float
    accuracy: float


class Performance(_Value):
    """How good a trial is, on validation data, at its best epoch."""

    total_score: float = Field(description="Of accuracy and health, in [0, 1]; in mode simple the accuracy.")
    accuracy: float = Field(description="Share of validation samples in [0, 1].")
    loss: float = Field(description="Cross-entropy on validation data, in nats.")


class HealthMetrics(_Value):
    """How well a trained network is: six metrics and their weighted mean, each in [0, 1], 1 being well."""

    overall_health: float
    neuron_utilization: float = Field(description="Share of the hidden units that live.")
    training_stability: float = Field(description="How quietly the training loss fell.")
    parameter_efficiency: float = Field(description="Accuracy for the size.")
    gradient_health: float = Field(description="How well gradients flow through the layers.")
    convergence_quality: float = Field(description="Whether learning arrived.")
    accuracy_consistency: float = Field(description="How steady the validation accuracy was in the later epochs.")
    insufficient: tuple[str, ...] = Field(default=(), description="Metrics that lacked data: they count as 0.5.")


class LayerHealth(_Value):
    """How one layer with weights is. A share is in [0, 1]; null: it has no hidden units, or it cannot be known."""

    layer_id: str
    units: int | None = Field(default=None, description="Hidden units: filters, or units of a dense layer or an LSTM.")
    dead: float | None = Field(default=None, description="Share of the units that answer alike to all samples.")
    saturated: float | None = Field(default=None, description="Share of the units that lie at a bound of their range.")
    gradient: float | None = Field(
        default=None, description="Root mean square of the loss's gradient over its kernel; null: not finite."
    )
    update: float | None = Field(
        default=None,
        description="What a step changed of its kernel, relative to it: the larger of the epoch's first and last step; "
        "null: not finite.",
    )


class VitalSigns(_Value):
    """What the health was measured from, on validation data and in the epoch's last step."""

    gradient_norm: float | None = Field(description="Of the loss, over all kernels; null: not finite.")
    train_validation_gap: float = Field(description="Training accuracy less validation accuracy: above 0, overfitted.")
    layers: tuple[LayerHealth, ...]


FindingName = Literal[
    "vanishing_gradients",
    "exploding_gradients",
    "dying_units",
    "saturation",
    "oscillating_loss",
    "divergence",
    "no_learning",
    "no_more_gain",
    "overfitting",
]


class Finding(_Value):
    """Something that is unwell with a training, and what shows it."""

    name: FindingName
    epoch: int = Field(description="After which it showed first.")
    evidence: str = Field(description="What was measured, in one line.")
    layer_id: str | None = Field(default=None, description="The layer it is worst in, where it lies in one.")
    hopeless: bool = Field(default=False, description="Whether it says that the trial will not get better.")


class _Event(_Value):
    time: datetime = Field(default_factory=now)


class StudyStatus(_Event):
    """The study began, went on or ended."""

    type: Literal["study_status"] = "study_status"
    status: StudyStatusName
    reason: str | None = None


class _TrialEvent(_Event):
    trial_number: int


class Devices(_Value):
    """What a trial trains on, how, and why."""

    node: str = Field(description="Host name of the machine.")
    gpus: float = Field(description="GPUs it was given, or a share of one; 0: it trains on CPUs.")
    names: tuple[str, ...] = Field(default=(), description="Of these GPUs, as their maker calls them.")
    threads: int = Field(description="Of the CPUs, that TensorFlow may use.")
    replicas: int = Field(description="Copies of the network that train together, each on a device of its own.")
    batch_size: int = Field(description="Samples of a step, on all devices together.")
    learning_rate: float = Field(description="With that batch: replicas have it scaled.")
    precision: str = Field(description="float32, mixed_bfloat16 or mixed_float16.")
    xla: bool
    steps_per_execution: int = Field(description="Steps in one call of TensorFlow.")
    why: tuple[str, ...] = Field(default=(), description="A line per choice.")
    retried: bool = Field(default=False, description="Whether it ran out of GPU memory before, with half the share.")


class MeanAndPeak(_Value):
    """Of samples over a trial's training."""

    mean: float
    peak: float


class ResourceUse(_Value):
    """What a trial took of its machine, over its samples. Null: the system does not tell."""

    samples: int
    cpu_percent: MeanAndPeak = Field(description="Of one core: 200 is two cores.")
    memory_bytes: MeanAndPeak | None = Field(default=None, description="Main memory of the process.")
    gpu_percent: MeanAndPeak | None = Field(default=None, description="Of the time in which its GPUs computed.")
    gpu_memory_bytes: MeanAndPeak | None = Field(default=None, description="Memory in use of its GPUs, together.")


class TrialStart(_TrialEvent):
    """A worker has built the network and begins to train it."""

    type: Literal["trial_start"] = "trial_start"
    trial_id: str
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested it; null: not recorded."
    )
    architecture: Architecture
    resumed_from_epoch: int = Field(default=0, description="Epochs that had been done before, which it goes on from.")
    cloned_from: int | None = Field(
        default=None, description="The trial that had done them, if it was another one (population based training)."
    )
    place: Place = Field(default="local", description="Where it trains.")
    why_local: str | None = Field(
        default=None, description="Why it trains on this cluster although the study uses RunPod; null: nothing to say."
    )
    devices: Devices | None = Field(default=None, description="What it trains on; null: not told.")


class ResourceSample(_TrialEvent):
    """What the process that trains a trial takes of its machine. Ephemeral."""

    type: Literal["resource_sample"] = "resource_sample"
    node: str = Field(description="Host name of the machine.")
    cpu_percent: float = Field(description="Since the sample before, of one core: 200 is two cores.")
    memory_bytes: int | None = Field(description="Main memory that the process holds; null: the system does not tell.")
    gpu_percent: float | None = Field(default=None, description="Of the time in which its GPUs computed; null: none.")
    gpu_memory_bytes: int | None = Field(default=None, description="In use of its GPUs, together; null: not known.")


class BatchProgress(_TrialEvent):
    """Where a running epoch stands. Ephemeral."""

    type: Literal["batch_progress"] = "batch_progress"
    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float | None = Field(default=None, description="Mean training loss of this epoch so far.")
    accuracy: float | None = None
    resources: ResourceSample | None = Field(default=None, description="Where one was due.")


class EpochProgress(_TrialEvent):
    """An epoch ended: training and validation metrics."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    type: Literal["epoch_progress"] = "epoch_progress"
    epoch: int = Field(description="From 1.")
    epochs: int = Field(description="Epochs this trial may train at most.")
    train: Metrics
    validation: Metrics
    objective: float = Field(description="Of the monitored one (val_accuracy or val_loss) after this epoch.")
    duration_s: float = Field(description="Training and validation of this epoch, in seconds.")
    inference_ms: float = Field(description="Of one validation sample in a batch of 256: the median, in milliseconds.")
    health_metrics: HealthMetrics | None = Field(default=None, description="Null: not measured.")
    vital_signs: VitalSigns | None = Field(default=None, description="Null: not measured.")
    findings: tuple[Finding, ...] = Field(default=(), description="What showed for the first time.")
    resources: ResourceUse | None = Field(default=None, description="Of the trial so far; null: too short to say.")
    last: bool = Field(default=False, description="The trial ends with this epoch: TrialComplete follows at once.")
    snapshot: Callable[[], Any] | None = Field(
        default=None,
        exclude=True,
        repr=False,
        description="Where the trial trains: gives the TrainingState after this epoch. Never leaves the process.",
    )


class TrialComplete(_TrialEvent):
    """The trial ended, and why."""

    type: Literal["trial_complete"] = "trial_complete"
    trial_id: str
    status: TrialStatus
    cause: TrialCause
    reason: str = Field(description="Why it ended, in one line.")
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested it; null: not recorded."
    )
    performance: Performance | None = None
    objective: float | None = Field(default=None, description="Value of the study's first objective.")
    values: dict[str, float] = Field(
        default_factory=dict, description="Of everything that can be an objective; empty without an epoch."
    )
    health_metrics: HealthMetrics | None = Field(default=None, description="At its best epoch; null: not measured.")
    vital_signs: VitalSigns | None = Field(default=None, description="At its best epoch; null: not measured.")
    findings: tuple[Finding, ...] = Field(default=(), description="Of all its epochs, in their order.")
    resources: ResourceUse | None = Field(default=None, description="What it took; null: too short to say.")
    best_epoch: int | None = Field(default=None, description="By the monitored objective.")
    epochs_trained: int = 0
    duration_seconds: float = Field(
        default=0.0,
        description="Seconds from the worker's start of the trial to its last report; later saving is not counted.",
    )
    error: str | None = Field(default=None, description="Traceback of a failed trial.")


class HealthAlert(_TrialEvent):
    """Something turned out to be unwell with a training; once per trial and finding."""

    type: Literal["health_alert"] = "health_alert"
    finding: Finding


class NewBest(_TrialEvent):
    """A trial took the lead."""

    type: Literal["new_best"] = "new_best"
    objective: float
    performance: Performance


class RemoteJob(_Value):
    """One job on a RunPod endpoint, once it ended: what it cost. A trial that was sent again has several."""

    job_id: str
    status: str = Field(description="How it ended, in the service's words, such as COMPLETED or CANCELLED.")
    gpu: str | None = Field(description="Of the worker; null: not known.")
    queued_s: float | None = Field(description="Seconds until a worker took it; null: none did, or not known.")
    billed_s: float = Field(description="Seconds of execution that are billed.")
    estimated: bool = Field(default=False, description="The service did not tell billed_s: it is by this side's clock.")
    cost_usd: float | None = Field(description="billed_s times the price of the GPU; null: its price is not known.")
    saved_s: float | None = Field(
        default=None,
        description="Seconds that were not billed since it was cancelled in the middle: the epochs left, at the mean "
        "duration of those done; null: it was not cancelled, or had done none.",
    )


class TrialBilled(_TrialEvent):
    """A job of a trial on a RunPod endpoint has ended, and its bill is known."""

    type: Literal["trial_billed"] = "trial_billed"
    job: RemoteJob


class Repeat(_Value):
    """How a trial that trained elsewhere went when it was trained again here, from its spec and seed."""

    epochs: int = Field(description="That both trainings did.")
    accuracy: float = Field(description="Share of validation samples in [0, 1], here, at its best epoch.")
    accuracy_gap: float = Field(description="Of that to the trial's own, in [0, 1].")
    largest_difference: float = Field(
        description="Of any loss or accuracy of any epoch, between both trainings; 0: they are identical."
    )


class TrialRepeated(_TrialEvent):
    """A trial that ran on RunPod was trained again here, to compare (`runpod_parity_trials`)."""

    type: Literal["trial_repeated"] = "trial_repeated"
    repeat: Repeat


class BestModel(_TrialEvent):
    """The best trial's model was saved, and tested for the first and only time."""

    type: Literal["best_model"] = "best_model"
    val_accuracy: float = Field(description="Share of validation samples in [0, 1]: what the trial was chosen by.")
    test_accuracy: float = Field(description="Share of test samples in [0, 1]: of the saved file, on raw samples.")
    test_loss: float = Field(description="Cross-entropy on test data, in nats.")
    folder: str = Field(description="Folder that holds model.keras and metadata.json.")
    retrained_val_accuracy: float | None = Field(
        default=None,
        description="Where the trial's own weights did not come back from the cloud, and it was trained again from its "
        "spec and seed: the validation accuracy of that training, in [0, 1]; null: the weights are the trial's own.",
    )


DurableEvent = Annotated[
    StudyStatus
    | TrialStart
    | EpochProgress
    | HealthAlert
    | TrialComplete
    | TrialBilled
    | TrialRepeated
    | NewBest
    | BestModel,
    Field(discriminator="type"),
]
TrialEvent = TrialStart | BatchProgress | EpochProgress | TrialComplete
durable_event: TypeAdapter[DurableEvent] = TypeAdapter(DurableEvent)
