"""The events of a study, as immutable values.

Durable events are appended to the store once, in order, with a sequence number. `BatchProgress` and `ResourceSample`
are ephemeral: only the latest one of each trial is kept in memory; it has no number and is never stored.
A trial's events come in this order: `TrialStart`, then `EpochProgress` for epochs 1, 2, ... (any number of
`BatchProgress` between them), then exactly one `TrialComplete`. Each finding of an epoch follows it as a `HealthAlert`.
`StudyChanged` and `TrialChanged` may come at any time, also after the study's end: a person asked for the change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from tuner.data_report import DataRecord

Scalar = bool | int | float | str
TrialStatus = Literal["running", "completed", "pruned", "diverged", "rejected", "failed", "cancelled"]
TrialCause = Literal[
    "all_epochs",
    "early_stopping",
    "health_stop",
    "pruned",
    "diverged",
    "too_large",
    "cannot_build",
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
    "portfolio",
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
"""The method that suggested a trial's hyperparameters. `warm_start`: an earlier study's configuration; `portfolio`: one
that was good on other data (`search.portfolio`); `space_filling`: one of the first points that `searcher=auto` spreads
over the space; `gaussian_process`: its own model, where `gp` is Optuna's; `enumeration`: an untried configuration of a
small space; `pbt`: a variation of another trial's hyperparameters."""
Place = Literal["local", "runpod"]
"""Where a trial trains: on this cluster, or on a RunPod endpoint."""
StudyStatusName = Literal["created", "running", "completed", "failed", "cancelled"]
"""`created`: no process has begun the study, or its accepted resume."""
ENDED: tuple[StudyStatusName, ...] = ("completed", "failed", "cancelled")
"""Statuses of a study whose last run has ended."""


def now() -> datetime:
    """The current time of this machine, with zone (UTC)."""
    return datetime.now(UTC)


def _is_none(value: object) -> bool:
    """Whether a value is left out of the JSON of an event."""
    return value is None


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
    """A summary of a built network. Null: it has no such part, or it is an own model."""

    type: str = Field(description="cnn, conv1d, lstm, gru, ngram or own.")
    conv_layers: int | None = None
    filters_per_layer: list[int] | None = None
    kernel_size: int | None = None
    dense_layers: int | None = None
    first_dense_nodes: int | None = None
    activation: str | None = None
    batch_normalization: bool | None = None
    use_global_pooling: bool | None = None
    lstm_units: int | None = None
    gru_units: int | None = None
    total_parameters: int = Field(description="Number of weights, trainable or not.")


class Architecture(ArchitectureLine):
    """A built network, described by its hyperparameters and, layer by layer, as Keras built it."""

    layers: list[Layer]


class Metrics(_Value):
    """Loss (cross-entropy in nats) and accuracy (share of samples in [0, 1]) over one split."""

    loss: float
    accuracy: float


class Performance(_Value):
    """The scores of a trial on validation data, at its best epoch."""

    total_score: float = Field(
        description="Weighted mean of accuracy and health, in [0, 1]; in mode simple the accuracy."
    )
    accuracy: float = Field(description="Share of validation samples in [0, 1].")
    loss: float = Field(description="Cross-entropy on validation data, in nats.")


class HealthMetrics(_Value):
    """The health of a trained network: six metrics and their weighted mean, each in [0, 1]; 1 is best.

    The mean is reduced, down to its half, for a network that is not better than chance.
    """

    overall_health: float
    neuron_utilization: float = Field(description="Share of the hidden units that are active.")
    training_stability: float = Field(description="Steadiness of the decrease of the training loss.")
    parameter_efficiency: float = Field(description="Accuracy in relation to the number of weights.")
    gradient_health: float = Field(description="Whether gradients reach all layers without vanishing or exploding.")
    convergence_quality: float = Field(description="Whether the training converged.")
    accuracy_consistency: float = Field(description="Steadiness of the validation accuracy in the later epochs.")
    insufficient: tuple[str, ...] = Field(default=(), description="Metrics without enough data: they count as 0.5.")


class LayerHealth(_Value):
    """The health of one layer with weights. Shares are in [0, 1]; null: no hidden units, or not measurable."""

    layer_id: str
    units: int | None = Field(default=None, description="Hidden units: filters, or units of a dense layer or an LSTM.")
    dead: float | None = Field(default=None, description="Share of the units with the same output for all samples.")
    saturated: float | None = Field(
        default=None, description="Share of the units with an output at a bound of their range."
    )
    gradient: float | None = Field(
        default=None, description="Root mean square of the loss's gradient over its kernel; null: not finite."
    )
    update: float | None = Field(
        default=None,
        description="Relative change of its kernel in one step: the larger one of the epoch's first and last step; "
        "null: not finite.",
    )


class VitalSigns(_Value):
    """The measurements behind the health metrics, on validation data and in the epoch's last step."""

    gradient_norm: float | None = Field(description="Norm of the loss's gradient over all kernels; null: not finite.")
    train_validation_gap: float = Field(
        description="Training accuracy minus validation accuracy; clearly above 0: overfitted."
    )
    layers: tuple[LayerHealth, ...]


QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""The quantiles by which the distribution of a layer's weights is kept."""


class LayerSummary(_Value):
    """One layer with kernel weights after an epoch. Values have 4 significant digits.

    Gradient and units are null where an epoch was too short to measure them; weights are known all the same.
    """

    layer_id: str
    units: int | None = Field(
        default=None,
        exclude_if=_is_none,
        description="Hidden units: filters, or units of a dense or recurrent layer; null: none.",
    )
    dead: float | None = Field(
        default=None,
        exclude_if=_is_none,
        description="Share of the units with the same output for all samples, in [0, 1]; null: unknown.",
    )
    saturated: float | None = Field(
        default=None,
        exclude_if=_is_none,
        description="Share of the units with an output at a bound of their range, in [0, 1]; null: no bound, unknown.",
    )
    gradient: float | None = Field(
        default=None,
        exclude_if=_is_none,
        description="Root mean square of the loss's gradient over its kernel weights, on 64 validation samples; null: "
        "not finite, or not measured.",
    )
    weights: tuple[float, ...] = Field(description="The QUANTILES of its kernel weights, of 10,000 of them at most.")
    biases: tuple[float, ...] | None = Field(
        default=None,
        exclude_if=_is_none,
        description="The QUANTILES of its biases, of 10,000 of them at most; null: it has none.",
    )
    drift: float | None = Field(
        default=None,
        exclude_if=_is_none,
        description="Norm of the change of these weights since the trial's start, divided by their norm then; null: "
        "all were 0 then, or the trial continues the training of another one.",
    )


class TrainingSummary(_Value):
    """What figures of a training need to know of one epoch."""

    learning_rate: float = Field(description="At the end of the epoch.")
    recalls: tuple[float, ...] | None = Field(
        default=None,
        description="Share of right answers among the validation samples of each class, in [0, 1], 0 for a class "
        "without samples; null: more than 200 classes.",
    )
    confusion: tuple[tuple[int, ...], ...] | None = Field(
        default=None,
        description="Validation samples by true class (rows) and predicted class; null: more than 12 classes.",
    )
    layers: tuple[LayerSummary, ...] = Field(
        default=(), description="Layers with kernel weights, in the order of the network; empty: not measured."
    )


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
    """A training problem and its evidence."""

    name: FindingName
    epoch: int = Field(description="The epoch after which it was found.")
    evidence: str = Field(description="The measurement that shows it, in one line.")
    layer_id: str | None = Field(
        default=None, description="The most affected layer; null: it concerns the whole network."
    )
    hopeless: bool = Field(default=False, description="Whether the trial cannot improve any more.")
    remedy: str | None = Field(
        default=None, description="The most promising remedy, in one line; null: recorded by an older tuner."
    )


class SearchParameter(_Value):
    """One parameter of a study's search space: a number between two bounds, or one of some choices."""

    key: str = Field(description="Unique in the space. Variants of one name, with other bounds, have different keys.")
    name: str = Field(description="Its name in the hyperparameters of a trial.")
    meaning: str = Field(description="Its meaning, in a few words.")
    kind: Literal["float", "int", "choice", "bool"]
    low: float | None = Field(description="Lowest value of a number, included; null: it has choices.")
    high: float | None = Field(description="Highest value of a number, included; null: it has choices.")
    log: bool = Field(description="Whether a number is searched on a logarithmic scale.")
    choices: tuple[Scalar, ...] | None = Field(description="The possible values; null: a number between two bounds.")
    when: dict[str, tuple[Scalar, ...]] = Field(
        description="Values of other parameters with which it exists, by their names; empty: it always exists."
    )


class _Event(_Value):
    time: datetime = Field(default_factory=now)


class StartUp(_Value):
    """What a run did before it could ask for its first trial, in seconds."""

    imports_s: float = Field(description="From the start of its command until its packages were imported.")
    data_s: float = Field(description="Reading and preparing the data set.")
    cluster_s: float = Field(description="Starting or joining the Ray cluster.")
    checks_s: float = Field(description="All checks, and the first entries in the database.")


class StudyStatus(_Event):
    """The study started or ended, or a resume of it was accepted (`created`)."""

    type: Literal["study_status"] = "study_status"
    status: StudyStatusName
    reason: str | None = None
    start_up: StartUp | None = Field(
        default=None, description="Of a run that begins; null: another status, or not recorded."
    )


class DataRead(_Event):
    """The data set was read for the first time, which decides the search space."""

    type: Literal["data_read"] = "data_read"
    data: DataRecord
    space: tuple[SearchParameter, ...] | None = Field(
        default=None, description="The search space; null: not recorded by an older tuner."
    )


class Baseline(_Value):
    """What a plain method reaches on the same data as the networks; the better one of two, by the objective."""

    name: str = Field(description="majority class, or a logistic regression and what it is over.")
    val_accuracy: float = Field(description="On the validation samples, in [0, 1].")
    test_accuracy: float = Field(description="On the test samples, in [0, 1]; it chose nothing.")
    majority_val_accuracy: float = Field(description="Of always answering the most frequent class, in [0, 1].")
    val_balanced_accuracy: float | None = Field(
        default=None, description="Mean recall of the classes on validation data, in [0, 1]; null: not recorded."
    )
    val_macro_f1: float | None = Field(
        default=None, description="Mean F1 score of the classes on validation data, in [0, 1]; null: not recorded."
    )
    training_samples: int = Field(description="Training samples it learned from: of large data sets a part.")
    seconds: float = Field(description="Time of fitting and testing.")

    def score(self, objective: str) -> tuple[str, float]:
        """Name and value of what it is compared by: this objective if it is a share of predictions, else accuracy."""
        value = {"val_balanced_accuracy": self.val_balanced_accuracy, "val_macro_f1": self.val_macro_f1}.get(objective)
        return ("val_accuracy", self.val_accuracy) if value is None else (objective, value)


class BaselineFitted(_Event):
    """The baseline that every network is compared with is known."""

    type: Literal["baseline_fitted"] = "baseline_fitted"
    baseline: Baseline


class _TrialEvent(_Event):
    trial_number: int


class Devices(_Value):
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


class MeanAndPeak(_Value):
    """Mean and peak over the samples of a trial's training."""

    mean: float
    peak: float


class ResourceUse(_Value):
    """The use of its machine by a trial, over its samples. Null: the system does not report it."""

    samples: int
    cpu_percent: MeanAndPeak = Field(description="Percent of one core: 200 is two cores.")
    memory_bytes: MeanAndPeak | None = Field(default=None, description="Main memory of the process.")
    gpu_percent: MeanAndPeak | None = Field(default=None, description="Percent of the time in which its GPUs computed.")
    gpu_memory_bytes: MeanAndPeak | None = Field(default=None, description="Memory in use on all its GPUs.")


class TrialStart(_TrialEvent):
    """A worker has built the network and starts to train it."""

    type: Literal["trial_start"] = "trial_start"
    trial_id: str
    hyperparameters: dict[str, Scalar]
    suggested_by: SuggestedBy | None = Field(
        default=None, description="The method that suggested it; null: not recorded."
    )
    architecture: Architecture
    resumed_from_epoch: int = Field(
        default=0, description="Number of epochs that an earlier run had trained; it continues after them."
    )
    cloned_from: int | None = Field(
        default=None, description="The trial that had trained them, if it was another one (population based training)."
    )
    place: Place = Field(default="local", description="Where it trains.")
    why_local: str | None = Field(
        default=None,
        description="The reason why it trains on this cluster although the study uses RunPod; null: none.",
    )
    devices: Devices | None = Field(default=None, description="The devices it trains on; null: not known.")
    queued_s: float | None = Field(
        default=None,
        description="Seconds from its suggestion, or the loss of its worker, to this start; null: not known.",
    )
    imports_s: float | None = Field(
        default=None,
        description="Seconds for which its process imported TensorFlow before; null: it had been imported.",
    )


class ResourceSample(_TrialEvent):
    """The use of its machine by the process that trains a trial. Ephemeral."""

    type: Literal["resource_sample"] = "resource_sample"
    node: str = Field(description="Host name of the machine.")
    cpu_percent: float = Field(description="Percent of one core since the last sample: 200 is two cores.")
    memory_bytes: int | None = Field(description="Main memory of the process; null: the system does not report it.")
    gpu_percent: float | None = Field(
        default=None, description="Percent of the time in which its GPUs computed; null: no GPU."
    )
    gpu_memory_bytes: int | None = Field(default=None, description="Memory in use on all its GPUs; null: not known.")


class BatchProgress(_TrialEvent):
    """The progress of a running epoch. Ephemeral."""

    type: Literal["batch_progress"] = "batch_progress"
    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float | None = Field(default=None, description="Mean training loss of this epoch so far.")
    accuracy: float | None = None
    resources: ResourceSample | None = Field(default=None, description="A sample, if one was due.")


class EpochSeconds(_Value):
    """What the time of an epoch was used for."""

    training: float
    validation: float
    measuring: float = Field(description="Measuring health, and summaries for figures.")


class EpochProgress(_TrialEvent):
    """An epoch ended: training and validation metrics."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    type: Literal["epoch_progress"] = "epoch_progress"
    epoch: int = Field(description="From 1.")
    epochs: int = Field(description="Largest number of epochs that this trial may train.")
    train: Metrics
    validation: Metrics
    objective: float = Field(
        description="Value of the monitored objective (such as val_accuracy or val_loss) after this epoch."
    )
    val_balanced_accuracy: float | None = Field(
        default=None, description="Mean recall of the classes on validation data, in [0, 1]; null: not measured."
    )
    val_macro_f1: float | None = Field(
        default=None, description="Mean F1 score of the classes on validation data, in [0, 1]; null: not measured."
    )
    duration_s: float = Field(description="Duration of training and validation in this epoch, in seconds.")
    seconds: EpochSeconds | None = Field(default=None, description="What it was used for; null: not recorded.")
    inference_ms: float = Field(
        description="Median prediction time of one validation sample in a batch of 256, in milliseconds."
    )
    health_metrics: HealthMetrics | None = Field(default=None, description="Null: not measured.")
    vital_signs: VitalSigns | None = Field(default=None, description="Null: not measured.")
    findings: tuple[Finding, ...] = Field(default=(), description="Training problems first found in it.")
    resources: ResourceUse | None = Field(
        default=None, description="The trial's use of its machine so far; null: too short to measure."
    )
    summary: TrainingSummary | None = Field(
        default=None,
        exclude_if=_is_none,
        description="For the figures of the training; null: not kept.",
    )
    last: bool = Field(default=False, description="The trial ends with this epoch: TrialComplete follows at once.")
    snapshot: Callable[[], Any] | None = Field(
        default=None,
        exclude=True,
        repr=False,
        description="Returns the TrainingState after this epoch. Never leaves the process that trains.",
    )

    @property
    def class_scores(self) -> dict[str, float]:
        """The scores that count every class alike, by objective; empty if they were not measured."""
        found = {"val_balanced_accuracy": self.val_balanced_accuracy, "val_macro_f1": self.val_macro_f1}
        return {name: value for name, value in found.items() if value is not None}


class StoppedBy(_Value):
    """The comparison by which a scheduler ended a trial early. Values are of the monitored objective."""

    scheduler: str = Field(description="asha, hyperband or median.")
    rung: int | None = Field(description="Number of the rung at which it was compared, from 1; null: median has none.")
    value: float = Field(description="The trial's value; with median, its best one so far.")
    cutoff: float = Field(description="The value that it would have had to reach.")
    rank: int = Field(description="Its place among the compared trials, from 1.")
    of: int = Field(description="Number of compared trials, with itself.")


class TrialComplete(_TrialEvent):
    """The trial ended."""

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
        default_factory=dict, description="Value of each possible objective; empty without a complete epoch."
    )
    health_metrics: HealthMetrics | None = Field(default=None, description="At its best epoch; null: not measured.")
    vital_signs: VitalSigns | None = Field(default=None, description="At its best epoch; null: not measured.")
    findings: tuple[Finding, ...] = Field(
        default=(), description="Training problems of all its epochs, in their order."
    )
    resources: ResourceUse | None = Field(default=None, description="Use of its machine; null: too short to measure.")
    best_epoch: int | None = Field(default=None, description="Its best epoch by the monitored objective.")
    epochs_trained: int = 0
    duration_seconds: float = Field(
        default=0.0,
        description="Seconds from the worker's start of the trial to its last report; later saving is not counted.",
    )
    error: str | None = Field(default=None, description="Traceback of a failed trial.")
    stopped_by: StoppedBy | None = Field(
        default=None, description="The comparison by which a scheduler ended it; null: none did, or not recorded."
    )
    cancelled_by_person: bool = Field(
        default=False,
        description="Whether a person cancelled this trial alone: it counts, and is never trained again. Other "
        "cancelled trials continue when the study is resumed.",
    )

    @property
    def continues(self) -> bool:
        """Whether `tuner resume` continues it: it ended with its study, or its worker was lost."""
        return self.status == "cancelled" and not self.cancelled_by_person

    @property
    def saved_s(self) -> float | None:
        """Estimated seconds that pruning saved: the epochs left times the mean duration of the trained ones.

        None: the scheduler did not prune it, or the number of its epochs is not known.
        """
        epochs = self.hyperparameters.get("epochs")
        if self.status != "pruned" or not self.epochs_trained or not isinstance(epochs, (int, float)):
            return None
        saved_s = max(0.0, epochs - self.epochs_trained) * max(0.0, self.duration_seconds) / self.epochs_trained
        return saved_s if isfinite(saved_s) else None


class HealthAlert(_TrialEvent):
    """A training problem was found; once per trial and finding."""

    type: Literal["health_alert"] = "health_alert"
    finding: Finding


class NewBest(_TrialEvent):
    """A trial became the best one so far. It may still train."""

    type: Literal["new_best"] = "new_best"
    objective: float
    performance: Performance


class RemoteJob(_Value):
    """A job on a RunPod endpoint that has ended, with its cost. A trial that was sent again has several jobs."""

    job_id: str
    status: str = Field(description="Its end in the service's words, such as COMPLETED or CANCELLED.")
    gpu: str | None = Field(description="GPU of the worker; null: not known.")
    queued_s: float | None = Field(description="Seconds until a worker took it; null: no worker did, or not known.")
    billed_s: float = Field(description="Seconds of execution that are billed.")
    estimated: bool = Field(
        default=False,
        description="Whether billed_s was measured by this side's clock, since the service did not report it.",
    )
    cost_usd: float | None = Field(description="billed_s times the price of the GPU; null: its price is not known.")
    saved_s: float | None = Field(
        default=None,
        description="Seconds that were not billed since it was cancelled during training: the remaining epochs times "
        "the mean duration of the trained ones; null: it was not cancelled, or had trained none.",
    )


class TrialBilled(_TrialEvent):
    """A job of a trial on a RunPod endpoint has ended, and its bill is known."""

    type: Literal["trial_billed"] = "trial_billed"
    job: RemoteJob


class Repeat(_Value):
    """Comparison of a trial on RunPod with a second training on this cluster, from the same spec and seed."""

    epochs: int = Field(description="Epochs of both trainings.")
    accuracy: float = Field(description="Validation accuracy of the repeated training at its best epoch, in [0, 1].")
    accuracy_gap: float = Field(
        description="Difference between this accuracy and that of the trial on RunPod, in [0, 1]."
    )
    largest_difference: float = Field(
        description="Largest difference of any loss or accuracy of any epoch; 0: both trainings are identical."
    )


class TrialRepeated(_TrialEvent):
    """A trial of RunPod was trained again on this cluster, to compare (`runpod_parity_trials`)."""

    type: Literal["trial_repeated"] = "trial_repeated"
    repeat: Repeat


class Refit(_Value):
    """The best network's training on training and validation data together (`refit`)."""

    epochs: int = Field(description="Number of epochs: the best one of the trial.")
    samples: int = Field(description="Number of training and validation samples.")
    seconds: float = Field(description="Duration, with the wait for a free worker.")


class BestModel(_TrialEvent):
    """The best trial's model was saved, and tested for the first and only time."""

    type: Literal["best_model"] = "best_model"
    val_accuracy: float = Field(description="Validation accuracy of the trial, in [0, 1].")
    test_accuracy: float = Field(description="Test accuracy of the saved file on raw samples, in [0, 1].")
    test_loss: float = Field(description="Cross-entropy on test data, in nats.")
    folder: str = Field(description="Folder that holds model.keras and metadata.json.")
    retrained_val_accuracy: float | None = Field(
        default=None,
        description="Validation accuracy, in [0, 1], of a second training whose weights were saved, since the trial's "
        "own did not come back from the cloud; null: the weights are the trial's own.",
    )
    refit: Refit | None = Field(
        default=None, description="How the saved model was trained once more (`refit`); null: it was not."
    )


StudyField = Literal["note", "tags", "concurrent_workers"]
TrialField = Literal["note", "starred", "cancel_requested_at"]


def _without_value(event: BaseModel, names: tuple[str, ...]) -> list[str]:
    """The names of these fields that are null although only a note may become null."""
    return [name for name in names if name != "note" and getattr(event, name) is None]


class StudyChanged(_Event):
    """A person changed a study's note, its tags or the number of its concurrent trials."""

    type: Literal["study_changed"] = "study_changed"
    changed: tuple[StudyField, ...] = Field(
        min_length=1, description="The fields that have a new value; the others are unchanged."
    )
    note: str | None = Field(default=None, description="New note; null: removed, or unchanged.")
    tags: tuple[str, ...] | None = Field(default=None, description="New tags; null: unchanged.")
    concurrent_workers: int | None = Field(
        default=None, description="New largest number of trials that train at once; null: unchanged."
    )

    @model_validator(mode="after")
    def _has_new_values(self) -> Self:
        if missing := _without_value(self, self.changed):
            raise ValueError(f"changed fields without a value: {', '.join(missing)}")
        return self


class TrialChanged(_TrialEvent):
    """A person changed a trial's note or star, or asked to cancel the trial."""

    type: Literal["trial_changed"] = "trial_changed"
    changed: tuple[TrialField, ...] = Field(
        min_length=1, description="The fields that have a new value; the others are unchanged."
    )
    note: str | None = Field(default=None, description="New note; null: removed, or unchanged.")
    starred: bool | None = Field(default=None, description="Whether the trial is starred; null: unchanged.")
    cancel_requested_at: datetime | None = Field(
        default=None, description="When a person asked to cancel it; null: unchanged."
    )

    @model_validator(mode="after")
    def _has_new_values(self) -> Self:
        if missing := _without_value(self, self.changed):
            raise ValueError(f"changed fields without a value: {', '.join(missing)}")
        return self


DurableEvent = Annotated[
    StudyStatus
    | DataRead
    | BaselineFitted
    | TrialStart
    | EpochProgress
    | HealthAlert
    | TrialComplete
    | TrialBilled
    | TrialRepeated
    | NewBest
    | BestModel
    | StudyChanged
    | TrialChanged,
    Field(discriminator="type"),
]
TrialEvent = Annotated[TrialStart | BatchProgress | EpochProgress | TrialComplete, Field(discriminator="type")]
durable_event: TypeAdapter[DurableEvent] = TypeAdapter(DurableEvent)
