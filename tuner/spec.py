"""The contract: what a user asks for (`StudySpec`) and what one worker is told (`TrialSpec`).

The command line, YAML files, the Python call, REST bodies and cloud payloads are these models, so an option
exists everywhere at once. Unknown fields are refused. Values are immutable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, field_validator, model_validator

from tuner.errors import FixInputError, nearest
from tuner.events import Scalar
from tuner.objectives import HEALTH, Constraint, Monitored, Objective, monitored
from tuner.spec_parts import (
    NAME,
    Contract,
    DeviceSpec,
    HealthSpec,
    HealthWeights,
    ParameterOverride,
    Share,
    Weight,
    one_line,
)

ArchitectureName = Literal["cnn", "lstm", "own"]
ModeName = Literal["simple", "health", "pareto"]
SearcherName = Literal["auto", "tpe", "random", "cmaes", "gp", "grid", "nsga2"]
SchedulerName = Literal["asha", "hyperband", "median", "pbt", "none"]
Auto = Literal["auto"]
Cpus = Annotated[float, Field(gt=0, le=1_024)]
Steps = Annotated[int, Field(ge=1, le=100)]
_AUTOMATIC = ("cpus_per_trial", "use_multi_gpu", "mixed_precision", "xla", "steps_per_execution")
STORES = ("s3", "gs", "abfs", "hdfs")
"""Kinds of object stores, as their addresses begin."""
Activation = Literal["relu", "leaky_relu", "swish", "elu", "gelu", "tanh", "sigmoid"]


class DataSpec(Contract):
    """Which samples a trial trains on, is validated on, and the winner is tested on."""

    dataset: str = Field(
        default="digits",
        min_length=1,
        description="Name of a data set that `tuner datasets` lists, or a path: .npz, .csv, .jsonl, .parquet, or a "
        "folder of images by class.",
    )
    data_dir: str | None = Field(
        default=None,
        description="Folder that is searched first for the data set's file, in Keras's own layout (such as mnist.npz). "
        "Default: the environment variable TUNER_DATA_DIR, else the download cache.",
    )
    sample_percentage: Share = Field(
        default=1.0,
        description="Share of the training data to use, in (0, 1], stratified by class. The test data stays whole.",
    )
    validation_split: Share = Field(
        default=0.2,
        description="Share of the training data kept for validation, in (0, 1], stratified. Trials are compared on it.",
    )
    test_size: Share = Field(
        default=0.2,
        description="Share of all data kept for the winner's one test, in (0, 1], stratified, where the data set has "
        "no official test split.",
    )
    seed: int = Field(
        default=0, ge=0, lt=2**31, description="Seed of splits, suggestions, initial weights and batch order; from 0."
    )


class StudySpec(DataSpec):
    """One search: what to tune, on which data, how long, with which resources."""

    run_name: str | None = Field(
        default=None,
        description="Name of the study and its folder: letters, digits, '.', '_' and '-', at most 80. "
        "Default: the data set and the time.",
    )
    architecture: Literal["auto", "cnn", "lstm"] = Field(
        default="auto", description="Kind of network. auto: cnn for images, lstm for texts."
    )
    model: str | None = Field(
        default=None,
        description="Your own network as module:function, built by function(hyperparameters, input_shape, classes).",
    )
    mode: ModeName = Field(
        default="simple",
        description="simple: the score of a trial is its accuracy. health: its total_score, of accuracy and of the "
        "health of the network. pareto: the front of accuracy against health.",
    )
    accuracy_weight: Weight = Field(
        default=0.7,
        description="Share of the accuracy in total_score, 0 to 1; the rest is the health's. Not in mode simple.",
    )
    health_weights: HealthWeights = Field(
        default=HealthWeights(),
        description="Share of each metric in the health, such as health_weights.neuron_utilization=0.4; together 1.",
    )
    health_stop: bool = Field(
        default=False,
        description="Ends a trial whose diagnosis says that it cannot become good: nothing learned, layers dead, "
        "gradients gone. In mode health the default is true.",
    )
    objective: Objective | tuple[Objective, ...] = Field(
        default="val_accuracy",
        description="What the search optimises: val_accuracy (maximised), val_loss, parameter_count, training_time (s) "
        "or inference_time (ms per sample; all minimised). Several, such as [val_accuracy,parameter_count], give a "
        "Pareto front. In mode health also total_score (the default there), in mode pareto overall_health; both are "
        "maximised.",
    )
    constraints: tuple[str, ...] = Field(
        default=(),
        description="Bounds that the best trial must meet, such as parameter_count<=200000 or val_accuracy>=0.9; the "
        "names are those of objective.",
    )
    trials: int = Field(default=20, ge=1, le=100_000, description="Number of networks to train, 1 to 100,000.")
    max_epochs_per_trial: int = Field(
        default=10, ge=1, le=10_000, description="Epochs a trial trains at most, 1 to 10,000."
    )
    min_epochs_per_trial: int = Field(
        default=1, ge=1, le=10_000, description="Epochs before the scheduler or early stopping may end a trial, from 1."
    )
    early_stopping_patience: int | None = Field(
        default=5,
        ge=1,
        description="Epochs without a better objective after which a trial ends, from 1; null: never. The best weights "
        "are kept either way.",
    )
    searcher: SearcherName = Field(
        default="auto",
        description="How trials are suggested. auto: the tuner's own sampler, which starts with cheap networks and "
        "weighs the expected gain of a trial against its expected seconds; with several objectives it is tpe. tpe: "
        "Optuna's TPE. random: at random. cmaes: evolution strategy, for numeric parameters. gp: Optuna's Gaussian "
        "process, needs torch. grid: every combination of choices. nsga2: genetic algorithm, for several objectives.",
    )
    scheduler: SchedulerName = Field(
        default="asha",
        description="Ends trials early that lag behind the others. asha: at rungs of epochs; hyperband: likewise, in "
        "three brackets; median: below the median of the others; pbt: laggards go on from a copy of a leader; none: "
        "trains all to their end.",
    )
    warm_start_from: str | None = Field(
        default=None,
        description="Name of an earlier study whose best trials are tried first and whose results the search learns "
        "from; auto: all earlier studies of the same kind.",
    )
    time_budget_s: float | None = Field(
        default=None, gt=0, description="Seconds after which a run of the study ends with what it has; null: no limit."
    )
    target_score: float | None = Field(
        default=None,
        description="The study ends once a trial's objective is at least (val_loss: at most) this; null: no target.",
    )
    concurrent_workers: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        description="Trials that train at once, 1 to 1,000; null: as many as the cluster fits, on RunPod 6.",
    )
    cpus_per_trial: Cpus | Auto = Field(
        default=1.0,
        description="CPUs that Ray reserves for a trial, up to 1,024; also its threads. auto: one while there are as "
        "many trials as CPUs, else its part of the CPUs, as far as its steps have work for them.",
    )
    gpus_per_trial: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of a GPU per trial, 0 to 1; null: a whole one, or what the trial's memory and computing "
        "need of it (1/2, 1/4 or 1/8), so that small networks share a GPU; 0 where there is none.",
    )
    use_multi_gpu: bool | Auto = Field(
        default="auto",
        description="Several GPUs for one trial, each with a batch of batch_size, the learning rate times the square "
        "root of their number. auto: where GPUs would stand idle and the trial is expected to end sooner, which is "
        "calculated and then learned from the study's epochs; true: always; false: never.",
    )
    target_gpus_per_worker: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="GPUs of a trial with use_multi_gpu=true, at most so many with auto, 1 to 64; null: up to all of a "
        "node.",
    )
    mixed_precision: bool | Auto = Field(
        default="auto",
        description="Computes in 16 bits, with weights in 32. auto: bfloat16 on GPUs that have it, for convolutions "
        "that keep them busy; never on a CPU.",
    )
    xla: bool | Auto = Field(
        default="auto",
        description="Compiles each network with XLA, which takes 10 s or more. auto: on one GPU, for trainings long "
        "enough to gain that; never on a CPU. Not with several GPUs.",
    )
    steps_per_execution: Steps | Auto = Field(
        default="auto",
        description="Steps that TensorFlow takes in one call, 1 to 100. auto: several on one GPU where they are short; "
        "1 on a CPU. Not with several GPUs: Keras crashes there.",
    )
    max_parameters: int = Field(
        default=50_000_000,
        ge=1,
        description="Networks with more weights than this are rejected before they take a worker.",
    )
    max_memory_mb: int = Field(
        default=4_096,
        ge=1,
        description="Networks whose training is estimated to need more MiB than this are rejected likewise.",
    )
    use_runpod_service: bool = Field(
        default=False,
        description="Sends each trial to a RunPod serverless endpoint; all else stays here. Needs RUNPOD_API_KEY and "
        "an endpoint (see runpod_endpoint_id).",
    )
    runpod_endpoint_id: str | None = Field(
        default=None,
        description="Endpoint whose workers run runpod_handler. Default: the environment variable RUNPOD_ENDPOINT_ID.",
    )
    runpod_fallback_local: bool = Field(
        default=True,
        description="A trial that the service cannot run (missing, unauthorised, over its limits, broken) trains on "
        "this cluster. false: it waits for the service up to runpod_queue_timeout_s, then it failed.",
    )
    runpod_queue_timeout_s: float = Field(
        default=300,
        ge=1,
        le=86_400,
        description="Seconds that a trial waits for a worker of the endpoint, 1 to 86,400; then the job is cancelled.",
    )
    runpod_timeout_s: float = Field(
        default=3_600,
        ge=5,
        le=86_400,
        description="Seconds that a trial may train on the endpoint, 5 to 86,400; then it ends with what it has.",
    )
    runpod_gpu: str | None = Field(
        default=None,
        min_length=2,
        description="GPU of the endpoint's workers, such as RTX 4090, for the cost where a worker does not name its "
        "own. Prices: TUNER_RUNPOD_PRICES, else RunPod's list.",
    )
    runpod_parity_trials: int = Field(
        default=0,
        ge=0,
        description="Trials that RunPod trained which are trained again on this cluster at the end, to compare: the "
        "result tells the gap (parity).",
    )
    activation: Activation | None = Field(
        default=None,
        description="Fixes the activation of all hidden layers; the same as space.activation; null: searched.",
    )
    space: dict[str, ParameterOverride] = Field(
        default_factory=dict,
        description="Narrows or fixes parameters of the search space, such as space.activation=relu or "
        "space.learning_rate=[1e-4,1e-2].",
    )
    storage_path: str | None = Field(
        default=None,
        description="Where the study's files are: a folder that all nodes see, such as /nfs/studies, or an object "
        "store, such as s3://bucket/prefix or gs://bucket/prefix, from which another node can resume it. Default: the "
        "results folder (TUNER_RESULTS_DIR).",
    )
    plot_generation: bool = Field(
        default=True, description="Draw the study's figures into the folder plots at the end."
    )

    @field_validator("run_name")
    @classmethod
    def _safe_name(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(NAME, name):
            raise ValueError("must be 1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit")
        return name

    @model_validator(mode="before")
    @classmethod
    def _fitting_defaults(cls, values: Any) -> Any:
        """What was not asked for follows what was.

        The mode names the objective; several objectives have no rungs; pbt draws its own population.
        """
        if not isinstance(values, Mapping):
            return values
        fitting: dict[str, Any] = {}
        match values.get("mode"):
            case "health":
                fitting |= {"objective": "total_score", "health_stop": True}
            case "pareto":
                fitting |= {"objective": ("val_accuracy", "overall_health")}
        objective = values.get("objective", fitting.get("objective"))
        named = objective.split(",") if isinstance(objective, str) else objective
        if isinstance(named, (list, tuple)) and len(named) > 1:
            fitting["scheduler"] = "none"
        if values.get("scheduler") == "pbt":
            fitting["searcher"] = "random"
        return {**fitting, **values}

    @field_validator("objective", mode="before")
    @classmethod
    def _one_or_several(cls, objective: Any) -> Any:
        given = objective.split(",") if isinstance(objective, str) else objective
        known = get_args(Objective)
        if not isinstance(given, (list, tuple)) or not given or any(one not in known for one in given):
            raise ValueError(f"must be {', '.join(map(repr, known))}, or a list of some of them")
        if len(set(given)) < len(given):
            raise ValueError("must name no objective twice")
        return given[0] if len(given) == 1 else tuple(given)

    @field_validator("constraints", mode="before")
    @classmethod
    def _split(cls, constraints: Any) -> Any:
        return tuple(constraints.split(",")) if isinstance(constraints, str) else constraints

    @field_validator("constraints")
    @classmethod
    def _parsed(cls, constraints: tuple[str, ...]) -> tuple[str, ...]:
        parsed = [Constraint.parse(text) for text in constraints]
        for lower, upper in product(parsed, parsed):
            if lower.objective == upper.objective and not lower.upper and upper.upper and lower.bound > upper.bound:
                raise ValueError(f"no trial can meet both {lower} and {upper}")
        return tuple(map(str, parsed))

    @field_validator(*_AUTOMATIC, mode="wrap")
    @classmethod
    def _or_auto(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """One message, where pydantic has one per part of a union."""
        try:
            return handler(value)
        except ValidationError as error:
            refused = re.sub(r"^\w+ should ", "must ", error.errors()[0]["msg"])
            raise ValueError(f"{refused}, or 'auto'") from None

    @field_validator("model")
    @classmethod
    def _names_a_function(cls, model: str | None) -> str | None:
        if model is not None and not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", model):
            raise ValueError("must be module:function, such as my_model:build")
        return model

    @field_validator("runpod_endpoint_id")
    @classmethod
    def _an_endpoint(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise ValueError("must be the endpoint's id, such as 4k2x9v7q1abcde: letters, digits, '_' and '-'")
        return name

    @field_validator("dataset", "data_dir", "storage_path")
    @classmethod
    def _home(cls, path: str | None) -> str | None:
        if path is None or not path.startswith("~"):
            return path
        try:
            return str(Path(path).expanduser())
        except RuntimeError:
            raise ValueError("there is no such home folder: write the path out") from None

    @field_validator("storage_path")
    @classmethod
    def _seen_by_all(cls, path: str | None) -> str | None:
        if path is None:
            return None
        parts = urlsplit(path)
        if parts.scheme == "file" and not parts.netloc:
            path, parts = parts.path, urlsplit(parts.path)
        if "@" in parts.netloc:
            raise ValueError("must hold no key: put it into the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")
        if not Path(path).is_absolute() and not (parts.scheme in STORES and parts.netloc):
            stores = ", ".join(f"{scheme}://" for scheme in STORES)
            raise ValueError(f"must be a folder from the root on (/nfs/studies), or begin with {stores} and a bucket")
        return path

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_epochs_per_trial > self.max_epochs_per_trial:
            raise ValueError(
                f"min_epochs_per_trial={self.min_epochs_per_trial} is above "
                f"max_epochs_per_trial={self.max_epochs_per_trial}: lower the first or raise the second"
            )
        if self.activation is not None and "activation" in self.space:
            raise ValueError("activation and space.activation are both given: keep one")
        if self.use_runpod_service and self.scheduler == "pbt":
            raise ValueError(
                "scheduler=pbt copies weights between trials in the middle, which trials on RunPod do not give: "
                "choose another scheduler, or use_runpod_service=false"
            )
        if self.scheduler == "pbt" and self.storage_path is not None and "://" in self.storage_path:
            raise ValueError(
                "scheduler=pbt copies weights between trials through a folder that all nodes see: "
                "choose such a folder for storage_path, or another scheduler"
            )
        return self

    @model_validator(mode="after")
    def _devices_go_together(self) -> Self:
        several = self.use_multi_gpu is True
        if several and self.gpus_per_trial is not None:
            raise ValueError("gpus_per_trial is a share of one GPU: leave it out with use_multi_gpu=true")
        if several and (self.xla is True or self.steps_per_execution not in ("auto", 1)):
            raise ValueError(
                "xla and steps_per_execution do not work with several GPUs: leave them out, or use_multi_gpu=false"
            )
        if self.target_gpus_per_worker is not None and (self.use_multi_gpu is False or self.gpus_per_trial is not None):
            raise ValueError("target_gpus_per_worker needs use_multi_gpu=auto or true, without gpus_per_trial")
        return self

    @model_validator(mode="after")
    def _objective_of_mode(self) -> Self:
        named = {*self.objectives, *(bound.objective for bound in self.bounds)}
        if self.mode == "simple" and (unknown := sorted(named & set(HEALTH))):
            raise ValueError(f"{unknown[0]} is not known in mode=simple: set mode=health or mode=pareto")
        if self.mode == "health" and self.objectives[0] != "total_score":
            raise ValueError("mode=health searches total_score: leave objective out, or name total_score first")
        if self.mode == "pareto" and not {"val_accuracy", "overall_health"} <= set(self.objectives):
            raise ValueError(
                "mode=pareto searches val_accuracy against overall_health: leave objective out, or name both"
            )
        return self

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All objectives; the first one names the best trial."""
        return self.objective if isinstance(self.objective, tuple) else (self.objective,)

    @property
    def monitor(self) -> Monitored:
        """The objective that the scheduler watches over the epochs of a trial."""
        return monitored(self.objectives[0])

    @property
    def bounds(self) -> tuple[Constraint, ...]:
        """The constraints, parsed."""
        return tuple(Constraint.parse(text) for text in self.constraints)

    @property
    def data(self) -> DataSpec:
        """The part that decides which samples are used."""
        return DataSpec(**{name: getattr(self, name) for name in DataSpec.model_fields})

    @property
    def devices(self) -> DeviceSpec:
        """How a trial is to use its devices, whichever it will get."""
        return DeviceSpec(
            multi_gpu=_unless_auto(self.use_multi_gpu),
            mixed_precision=_unless_auto(self.mixed_precision),
            xla=_unless_auto(self.xla),
            steps_per_execution=None if self.steps_per_execution == "auto" else self.steps_per_execution,
        )

    @property
    def health(self) -> HealthSpec | None:
        """What a trial is to know of health; None: nothing is measured."""
        if self.mode == "simple" and not self.health_stop:
            return None
        weight = None if self.mode == "simple" else self.accuracy_weight
        return HealthSpec(accuracy_weight=weight, weights=self.health_weights, stop=self.health_stop)


class TrialSpec(Contract):
    """One trial, complete: the same spec on the same data and machine gives the same history, bit for bit.

    Serialised it stays under 1 KB.
    """

    study: str
    trial_number: int = Field(ge=1, description="From 1, in the order of the suggestions.")
    data: DataSpec
    architecture: ArchitectureName
    model: str | None = Field(default=None, description="module:function of an own network.")
    hyperparameters: dict[str, Scalar]
    objective: Objective = Field(description="The first of the study's objectives.")
    epochs: int = Field(ge=1)
    min_epochs: int = Field(default=1, ge=1)
    early_stopping_patience: int | None = None
    max_parameters: int = 50_000_000
    health: HealthSpec | None = Field(default=None, description="Null: health is not measured.")
    threads: int = Field(default=1, ge=1, description="Threads TensorFlow may use for this trial.")
    devices: DeviceSpec = Field(default=DeviceSpec(), description="What it is to train on, and how.")

    @property
    def trial_id(self) -> str:
        """Identifier of the trial, unique over all studies of a database."""
        return f"{self.study}-{self.trial_number:05d}"

    @property
    def monitor(self) -> Monitored:
        """The objective that early stopping and the best epoch go by."""
        return monitored(self.objective)

    @property
    def seed(self) -> int:
        """Seed of this trial's initial weights, dropout and batch order."""
        return (self.data.seed * 100_003 + self.trial_number) % 2**31


def _unless_auto(asked: bool | Auto) -> bool | None:
    return None if asked == "auto" else asked


def parse_study_spec(values: Mapping[str, Any]) -> StudySpec:
    """A StudySpec of plain values.

    Raises:
        FixInputError: one line that names each wrong field, its value and what is allowed.
    """
    for name in values:
        if name not in StudySpec.model_fields:
            raise FixInputError(f"unknown field {name!r}", remedy=nearest(name, StudySpec.model_fields))
    try:
        return StudySpec.model_validate(dict(values))
    except ValidationError as error:
        raise FixInputError("; ".join(one_line(e) for e in error.errors()), remedy="see `tuner options`") from None


def stored_spec(document: Mapping[str, Any]) -> StudySpec:
    """The StudySpec in a database's JSON document, written by this or any earlier version.

    Today's input rules do not apply, so a rule that gets stricter later never makes a stored study unreadable. Earlier
    forms are translated, unknown keys are ignored, missing fields have today's defaults. Never raises for a mapping.
    """
    values = {name: value for name, value in document.items() if name in StudySpec.model_fields}
    if document.get("cost_aware") is not None and values.get("searcher") == "tpe":
        values["searcher"] = "auto" if document["cost_aware"] else "tpe"
    for name, read in _STORED_PARTS.items():
        if name in values:
            values[name] = read(values[name])
    return StudySpec.model_construct(**values)


def _stored_objective(value: Any) -> Any:
    return tuple(value) if isinstance(value, (list, tuple)) else value


def _stored_constraints(value: Any) -> tuple[str, ...]:
    """The constraints that can still be read."""
    readable = []
    for text in value if isinstance(value, (list, tuple)) else ():
        with suppress(ValueError, TypeError):
            readable.append(str(Constraint.parse(text)))
    return tuple(readable)


def _stored_weights(value: Any) -> HealthWeights:
    return HealthWeights.model_construct(**value) if isinstance(value, Mapping) else HealthWeights()


def _stored_space(value: Any) -> dict[str, ParameterOverride]:
    space = {}
    for name, form in value.items() if isinstance(value, Mapping) else ():
        stored = form if isinstance(form, Mapping) else {"choices": form if isinstance(form, list) else [form]}
        parts: dict[str, Any] = {part: stored.get(part) for part in ParameterOverride.model_fields}
        if isinstance(parts["choices"], list):
            parts["choices"] = tuple(parts["choices"])
        space[name] = ParameterOverride.model_construct(**parts)
    return space


_STORED_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "objective": _stored_objective,
    "constraints": _stored_constraints,
    "health_weights": _stored_weights,
    "space": _stored_space,
}
"""How the fields that JSON holds in another form than StudySpec are read."""
