"""The contract: `StudySpec` describes a study, `TrialSpec` describes one of its trials.

The command line, YAML files, the Python API, REST bodies and RunPod requests all use these models, so an option exists
in all of them. Unknown fields are refused, and values are immutable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from tuner.bounds import (
    GREATEST_INTEGER,
    LONGEST_NAME,
    LONGEST_PATH,
    LONGEST_TEXT,
    MOST_CHOICES_TOGETHER,
    MOST_CONSTRAINTS,
    MOST_ERRORS,
    MOST_PARAMETERS,
    at_most,
)
from tuner.data_spec import DataSpec
from tuner.errors import FixInputError, nearest
from tuner.given_function import GivenFunction
from tuner.objectives import CLASS_SCORES, Constraint, Monitored, Objective, monitored
from tuner.spec_parts import (
    NAME,
    UNKNOWN_KEY,
    Contract,
    DeviceSpec,
    HealthSpec,
    HealthWeights,
    ParameterOverride,
    Weight,
    allowed,
    one_line,
)
from tuner.spec_rules import fitting_defaults, refuse_contradictions
from tuner.trial_spec import ClassWeight

ModeName = Literal["simple", "health", "pareto"]
SearcherName = Literal["auto", "tpe", "random", "cmaes", "gp", "grid", "nsga2"]
SchedulerName = Literal["asha", "hyperband", "median", "pbt", "none"]
LoggerName = Literal["tensorboard", "mlflow", "wandb"]
Auto = Literal["auto"]
AUTOMATIC = (
    *("concurrent_workers", "cpus_per_trial", "gpus_per_trial", "use_multi_gpu", "target_gpus_per_worker"),
    *("mixed_precision", "xla", "steps_per_execution"),
)
"""Fields that may be `auto`, each with other values of one type."""
_FORMS = {
    "run_name": (NAME, "must be 1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit"),
    "model": (r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", "must be module:function, such as my_model:build"),
    "runpod_endpoint_id": (
        r"[A-Za-z0-9_-]{1,64}",
        "must be the endpoint's id, such as 4k2x9v7q1abcde: letters, digits, '_' and '-'",
    ),
}
"""Patterns of fields, and the messages for texts that do not match."""
STORES = ("s3", "gs", "abfs", "hdfs")
"""URL schemes of the supported object stores."""
Activation = Literal["relu", "leaky_relu", "swish", "elu", "gelu", "tanh", "sigmoid"]


class _OneLineErrors(type(BaseModel)):  # type: ignore[misc]
    """Makes `StudySpec(...)` in Python raise what the command line says of the same fields."""

    if not TYPE_CHECKING:  # type checkers see the fields

        def __call__(cls, **values: Any) -> StudySpec:
            return parse_study_spec(values)


class StudySpec(DataSpec, metaclass=_OneLineErrors):
    """One study: what to search, on which data, for how long and with which resources."""

    run_name: str | None = Field(
        default=None,
        description="Name of the study and its folder: letters, digits, '.', '_' and '-', at most 80. "
        "Default: the data set and the time.",
    )
    architecture: Literal["auto", "cnn", "lstm", "gru", "conv1d", "ngram"] = Field(
        default="auto",
        description="Kind of network. auto: cnn for images; for texts, each trial is one of ngram, conv1d, lstm and "
        "gru. cnn: convolutions over an image, or the words of a text (conv1d). lstm, gru: recurrent, over the rows of "
        "an image or the words of a text. ngram: the average of words and word sequences, as fastText.",
    )
    model: str | None = Field(
        default=None,
        max_length=LONGEST_TEXT,
        description="Your own network as module:function, or in Python the function itself. It is built by "
        "function(hyperparameters, input_shape, classes).",
    )
    mode: ModeName = Field(
        default="simple",
        description="simple: searches for the best accuracy. health: searches for the best total_score, which combines "
        "accuracy and health of the network. pareto: searches for the best trade-offs between accuracy and health (the "
        "Pareto front).",
    )
    accuracy_weight: Weight = Field(
        default=0.7,
        description="Weight of the accuracy in total_score, 0 to 1; the health has the rest. Unused in mode simple.",
    )
    health_weights: HealthWeights = Field(
        default=HealthWeights(),
        description="Weight of each metric in the health, such as health_weights.neuron_utilization=0.4. Their sum "
        "must be 1.",
    )
    health_stop: bool = Field(
        default=False,
        description="Ends a trial early when its diagnosis says that it cannot improve: nothing learned, dead layers "
        "or vanished gradients. The default is true in mode health.",
    )
    objective: Objective | tuple[Objective, ...] = Field(
        default="val_accuracy",
        description="What the search optimises: val_accuracy, val_balanced_accuracy (mean recall of the classes), "
        "val_macro_f1 (mean F1 score of the classes; all maximised), val_loss, parameter_count, training_time (s) "
        "or inference_time (ms per sample; all minimised). Several, such as [val_accuracy,parameter_count], give the "
        "best trade-offs between them (the Pareto front). Mode health adds total_score (its default), mode pareto "
        "overall_health; both are maximised.",
    )
    constraints: Annotated[
        tuple[Annotated[str, Field(max_length=LONGEST_TEXT)], ...], at_most(MOST_CONSTRAINTS, "constraints")
    ] = Field(
        default=(),
        max_length=MOST_CONSTRAINTS,
        description="Bounds that the best trial must meet, such as parameter_count<=200000 or val_accuracy>=0.9. The "
        "names are those of objective.",
    )
    trials: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="Number of networks to train, 1 to 100,000. With time_budget_s the default is 1,000: the time "
        "decides.",
    )
    max_epochs_per_trial: int = Field(
        default=10,
        ge=1,
        le=10_000,
        description="Most epochs that a trial trains, 1 to 10,000. With time_budget_s the default is 30.",
    )
    min_epochs_per_trial: int = Field(
        default=1,
        ge=1,
        le=10_000,
        description="Epochs that a trial trains before the scheduler or early stopping may end it, from 1.",
    )
    early_stopping_patience: int | None = Field(
        default=5,
        ge=1,
        le=10_000,
        description="A trial ends after this many epochs without a better objective, from 1 (with the learning rate "
        "schedule cosine, without a lower loss either); none (null in JSON): never. Its best weights are kept in any "
        "case.",
    )
    class_weight: ClassWeight = Field(
        default="none",
        description="Weights of the classes in the training. auto: samples of rare classes count more, so that every "
        "class has the same weight. none: every sample counts the same. The default is auto if the first objective is "
        "val_balanced_accuracy or val_macro_f1. The reported loss and accuracy are never weighted.",
    )
    searcher: SearcherName = Field(
        default="auto",
        description="How trials are suggested. auto: starts with networks that were good on other data, then weighs "
        "the expected gain of a trial against its expected seconds; with several objectives it is tpe. tpe: starts "
        "with the same networks, then prefers values that good trials have (Optuna's TPE). random: at random. cmaes: "
        "draws values from around those of the best trials (an evolution strategy), for numeric parameters. gp: "
        "predicts results from those of earlier trials (Optuna's Gaussian process), needs torch. grid: every "
        "combination of choices. nsga2: combines values of good trials (a genetic algorithm), for several objectives.",
    )
    scheduler: SchedulerName = Field(
        default="asha",
        description="How weak trials are ended early, after at least 100 training steps. asha: trials are "
        "compared after 1, 3, 9, ... times min_epochs_per_trial, and the best third of them continues, once three "
        "others have trained as far. hyperband: the same, but some trials skip the first comparison, or the first "
        "two. median: when below the median of the other trials. pbt: weak trials continue from a copy of a strong "
        "one. none: never.",
    )
    baseline: bool = Field(
        default=True,
        description="Tries two simple models on the same data, in seconds: always the most frequent class, and a "
        "logistic regression over pixels or over how often words occur. The better one is shown beside the best "
        "network. false: leaves it out.",
    )
    deterministic: bool = Field(
        default=False,
        description="Makes the search reproducible: equal specs on equal data and machines give equal trials. Costs "
        "are calculated, not measured; with several workers, a trial is suggested and compared only with the results "
        "of the trials before the last concurrent_workers - 1, and starts once the oldest running one has ended.",
    )
    warm_start_from: str | None = Field(
        default=None,
        max_length=LONGEST_NAME,
        description="Name of an earlier study. Its best trials are tried first, and the search learns from its "
        "results. auto: all earlier studies of the same kind.",
    )
    time_budget_s: float | None = Field(
        default=None,
        gt=0,
        le=1e9,
        description="Seconds after which a run of the study stops and keeps what it has found. They count from the "
        "start of the first trial, not while Ray starts. Default: no limit.",
    )
    target_score: float | None = Field(
        default=None,
        description="The study ends once a trial's objective reaches this value (val_loss: falls to it). "
        "Default: no target.",
    )
    concurrent_workers: Annotated[int, Field(ge=1, le=1_000)] | Auto = Field(
        default="auto",
        description="Number of trials that train at once, 1 to 1,000. auto: as many as the cluster fits; 6 on RunPod.",
    )
    cpus_per_trial: Annotated[float, Field(ge=0.01, le=1_024)] | Auto = Field(
        default=1.0,
        description="CPUs that Ray reserves for a trial, 0.01 to 1,024; also its number of threads. auto: one while "
        "there are enough trials for all CPUs, else an equal part of the CPUs, as far as the trial can use them.",
    )
    gpus_per_trial: Annotated[float, Field(ge=0, le=1)] | Auto = Field(
        default="auto",
        description="Share of a GPU per trial, 0 to 1. auto: a whole GPU, or 1/2, 1/4 or 1/8 for a small network, so "
        "that several share one GPU; 0 on a cluster without GPUs.",
    )
    use_multi_gpu: bool | Auto = Field(
        default="auto",
        description="Trains one trial on several GPUs. Each GPU computes a batch of batch_size, and the learning rate "
        "grows with the square root of their number. auto: uses idle GPUs for one trial if that should finish it "
        "sooner. true: always. false: never.",
    )
    target_gpus_per_worker: Annotated[int, Field(ge=1, le=64)] | Auto = Field(
        default="auto",
        description="Number of GPUs of a trial with use_multi_gpu=true, and the most with use_multi_gpu=auto, 1 to 64. "
        "auto: up to all GPUs of a node.",
    )
    mixed_precision: bool | Auto = Field(
        default="auto",
        description="Computes with 16 bits and keeps weights with 32. auto: bfloat16 for large convolutional networks "
        "on GPUs that support it, never on a CPU.",
    )
    xla: bool | Auto = Field(
        default="auto",
        description="Compiles each network with XLA, which takes 10 s or more. auto: on one GPU, if the training is "
        "long enough to save more time than that; never on a CPU. Cannot be used with several GPUs.",
    )
    steps_per_execution: Annotated[int, Field(ge=1, le=100)] | Auto = Field(
        default="auto",
        description="Training steps per call of TensorFlow, 1 to 100. auto: several on one GPU if the steps are short, "
        "1 on a CPU. Cannot be used with several GPUs, where Keras crashes.",
    )
    max_parameters: int = Field(
        default=50_000_000,
        ge=1,
        le=GREATEST_INTEGER,
        description="Most weights of a network. Larger ones are rejected before they are trained.",
    )
    max_memory_mb: int = Field(
        default=4_096,
        ge=1,
        le=GREATEST_INTEGER,
        description="Most memory, in MiB, that training a network may need by estimate. Larger ones are rejected.",
    )
    use_runpod_service: bool = Field(
        default=False,
        description="Trains each trial on a RunPod serverless endpoint; everything else runs here. Needs "
        "RUNPOD_API_KEY and an endpoint (see runpod_endpoint_id).",
    )
    runpod_endpoint_id: str | None = Field(
        default=None,
        description="Endpoint whose workers run runpod_handler. Default: the environment variable RUNPOD_ENDPOINT_ID.",
    )
    runpod_fallback_local: bool = Field(
        default=True,
        description="Trains a trial on this cluster if the service cannot run it. false: such a trial waits up to "
        "runpod_queue_timeout_s for the service, then it fails.",
    )
    runpod_queue_timeout_s: float = Field(
        default=300,
        ge=1,
        le=86_400,
        description="Seconds that a trial waits for a worker of the endpoint before its job is cancelled, 1 to 86,400.",
    )
    runpod_timeout_s: float = Field(
        default=3_600,
        ge=5,
        le=86_400,
        description="Seconds that a trial may train on the endpoint, 5 to 86,400. Then it ends with its best epoch.",
    )
    runpod_gpu: str | None = Field(
        default=None,
        min_length=2,
        max_length=LONGEST_NAME,
        description="GPU of the endpoint's workers, such as RTX 4090, to compute costs when a worker does not report "
        "its GPU. Prices: TUNER_RUNPOD_PRICES, else RunPod's list.",
    )
    runpod_parity_trials: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Number of RunPod's trials that are trained again on this cluster at the end, to compare the "
        "results. The study's result contains the differences (parity).",
    )
    activation: Literal[Activation, "auto"] = Field(
        default="auto",
        description="Activation of all hidden layers, the same as space.activation. auto: it is searched.",
    )
    space: Annotated[dict[str, ParameterOverride], at_most(MOST_PARAMETERS, "parameters")] = Field(
        default_factory=dict,
        max_length=MOST_PARAMETERS,
        description="Narrows or fixes parameters of the search space: space.activation=relu fixes a value, "
        "space.batch_size=[32,64] lists choices, space.learning_rate=1e-4..1e-2 is a range.",
    )
    storage_path: str | None = Field(
        default=None,
        max_length=LONGEST_PATH,
        description="Where the study's files are stored: a folder that all nodes share, such as /nfs/studies, or an "
        "object store, such as s3://bucket/prefix or gs://bucket/prefix, from which any node can resume the study. "
        "Default: the results folder (TUNER_RESULTS_DIR).",
    )
    refit: bool = Field(
        default=False,
        description="Trains the best network once more when the study ends, on training and validation data together "
        "for its best number of epochs, on this cluster. This model is saved and tested, whatever its test gives; "
        "validation scores and health stay those of the search. It takes about as long as the trial, after "
        "time_budget_s.",
    )
    keep_models: Literal["best", "front", "all"] = Field(
        default="best",
        description="Trials whose models are kept in the folder models for `tuner export NAME --trial N` and `tuner "
        "predict NAME --trial N`, beside the best model. best: none. front: the best trade-offs between several "
        "objectives (the Pareto front). all: all completed ones. A trial on RunPod is left out if its weights do not "
        "come back; large ones need a bucket.",
    )
    plot_generation: Literal["none", "best", "all"] = Field(
        default="best",
        description="Figures that are drawn into the folder plots when the study ends. best: those of the study and of "
        "its best trial. all: those of every trial too, whose models are kept as with keep_models=all. none: no "
        "figures. best and all keep data for them in every epoch, which takes up to 3 % of a trial's time.",
    )
    loggers: tuple[LoggerName, ...] = Field(
        default=(),
        description="Other tools for which the study's trials are written while it runs, such as [tensorboard,mlflow]. "
        "tensorboard: event files in the folder tensorboard. mlflow: a run per trial, and the best model in the "
        "registry, on the server of MLFLOW_TRACKING_URI, else in the folder mlflow. wandb: a run per trial of Weights "
        "& Biases; without an API key, offline in the folder wandb.",
    )

    @field_validator(*_FORMS)
    @classmethod
    def _well_formed(cls, text: str | None, info: ValidationInfo) -> str | None:
        pattern, message = _FORMS[info.field_name or ""]
        if text is not None and not re.fullmatch(pattern, text):
            raise ValueError(message)
        return text

    _given: GivenFunction | None = PrivateAttr(default=None)

    @property
    def given(self) -> GivenFunction | None:
        """The function that was given as `model`; None if it is a text. Only this process knows it."""
        return self._given

    def with_model(self, model: str | Callable[..., Any]) -> Self:
        """This spec with the same own model from elsewhere: as module:function, or as a function."""
        other = parse_study_spec({"model": model})
        copy = self.model_copy(update={"model": other.model})
        copy._given = other.given
        return copy

    def __getstate__(self) -> dict[Any, Any]:
        return {**super().__getstate__(), "__pydantic_private__": {"_given": None}}

    @model_validator(mode="wrap")
    @classmethod
    def _function_as_model(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Replaces a function by its name; the spec's space becomes complete, so that a stored spec shows it."""
        function = values.get("model") if isinstance(values, Mapping) else None
        if not callable(function):
            return handler(values)
        if hasattr(function, "fit") and not isinstance(function, type):
            raise ValueError("model is a network: give the function that builds one")
        own, asked = GivenFunction.space_of(function), values.get("space") or {}
        if not isinstance(own, dict) or not isinstance(asked, dict):
            raise ValueError('space must be a dict, such as space={"units": "16..256"}')  # noqa: TRY004 - pydantic's
        given = GivenFunction(function, {**asked, **own})
        whole = {name: [None] if form is None else form for name, form in {**own, **asked}.items()}
        spec = handler({**values, "model": given.name, "space": whole})
        spec._given = given
        return spec

    @field_validator("objective", mode="before")
    @classmethod
    def _one_or_several(cls, objective: Any) -> Any:
        known = get_args(Objective)
        given = objective.split(",", len(known)) if isinstance(objective, str) else objective
        if not isinstance(given, (list, tuple)) or not given or any(one not in known for one in given):
            raise ValueError(f"must be {', '.join(map(repr, known))}, or a list of some of them")
        if len(set(given)) < len(given):
            raise ValueError("must name no objective twice")
        return given[0] if len(given) == 1 else tuple(given)

    @field_validator("loggers", mode="before")
    @classmethod
    def _known_loggers(cls, loggers: Any) -> Any:
        known = get_args(LoggerName)
        given = loggers.split(",", len(known)) if isinstance(loggers, str) else loggers
        if not isinstance(given, (list, tuple)) or any(one not in known for one in given):
            raise ValueError(f"must be a list of {', '.join(map(repr, known))}")
        if len(set(given)) < len(given):
            raise ValueError("must name no logger twice")
        return tuple(given)

    @field_validator("constraints", mode="before")
    @classmethod
    def _split(cls, constraints: Any) -> Any:
        return tuple(constraints.split(",")) if isinstance(constraints, str) else constraints

    @field_validator("constraints")
    @classmethod
    def _parsed(cls, constraints: tuple[str, ...]) -> tuple[str, ...]:
        parsed = [Constraint.parse(text) for text in constraints]
        downwards = sorted((one for one in parsed if one.upper), key=lambda one: one.bound, reverse=True)
        lowest = {one.objective: one for one in downwards}
        for lower in (one for one in parsed if not one.upper):
            upper = lowest.get(lower.objective)
            if upper is not None and lower.bound > upper.bound:
                raise ValueError(f"no trial can meet both {lower} and {upper}")
        return tuple(map(str, parsed))

    @field_validator("space", mode="before")
    @classmethod
    def _short_names(cls, space: Any) -> Any:
        if isinstance(space, Mapping) and any(isinstance(name, str) and len(name) > LONGEST_NAME for name in space):
            raise ValueError(f"names of parameters must have at most {LONGEST_NAME} characters")
        return space

    @field_validator("space")
    @classmethod
    def _few_choices(cls, space: dict[str, ParameterOverride]) -> dict[str, ParameterOverride]:
        together = sum(len(override.choices or ()) for override in space.values())
        if together > MOST_CHOICES_TOGETHER:
            raise ValueError(f"must name at most {MOST_CHOICES_TOGETHER:,} choices together, not {together:,}")
        return space

    @field_validator(*AUTOMATIC, mode="wrap")
    @classmethod
    def _or_auto(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Refuses a wrong value with one message; pydantic has one message per member of the union."""
        try:
            return handler(value)
        except ValidationError as error:
            raise ValueError(f"{allowed(error.errors()[0])}, or 'auto'") from None

    @field_validator("dataset", "data_dir", "storage_path")
    @classmethod
    def _home(cls, path: str | None) -> str | None:
        if path is None or not path.startswith("~"):
            return path
        try:
            return str(Path(path).expanduser())
        except RuntimeError:
            raise ValueError("this home folder does not exist: write the whole path") from None

    @field_validator("storage_path")
    @classmethod
    def _seen_by_all(cls, path: str | None) -> str | None:
        if path is None:
            return None
        parts = urlsplit(path)
        if parts.scheme == "file" and not parts.netloc:
            path, parts = parts.path, urlsplit(parts.path)
        if "@" in parts.netloc:
            raise ValueError("must not contain a key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead")
        if not Path(path).is_absolute() and not (parts.scheme in STORES and parts.netloc):
            stores = ", ".join(f"{scheme}://" for scheme in STORES)
            raise ValueError(f"must be an absolute folder such as /nfs/studies, or start with {stores} and a bucket")
        return path

    @model_validator(mode="before")
    @classmethod
    def _fitting_defaults(cls, values: Any) -> Any:
        return fitting_defaults(values)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse_contradictions(self)
        return self

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All objectives. The first one decides which trial is the best."""
        return self.objective if isinstance(self.objective, tuple) else (self.objective,)

    @property
    def monitor(self) -> Monitored:
        """The objective that the scheduler compares after each epoch."""
        return monitored(self.objectives[0])

    @property
    def class_scores(self) -> bool:
        """Whether an objective or a constraint counts every class alike, which is measured only then."""
        return bool({*self.objectives, *(bound.objective for bound in self.bounds)} & {*CLASS_SCORES})

    @property
    def bounds(self) -> tuple[Constraint, ...]:
        """The constraints, parsed."""
        return tuple(Constraint.parse(text) for text in self.constraints)

    @property
    def data(self) -> DataSpec:
        """The fields that decide which samples are used."""
        return DataSpec.model_construct(**{name: getattr(self, name) for name in DataSpec.model_fields})

    @property
    def devices(self) -> DeviceSpec:
        """How a trial uses its devices; which devices is decided when it starts."""
        asked = {name: getattr(self, name) for name in ("mixed_precision", "xla", "steps_per_execution")}
        asked["multi_gpu"] = self.use_multi_gpu
        return DeviceSpec.model_validate({name: value for name, value in asked.items() if value != "auto"})

    @property
    def health(self) -> HealthSpec | None:
        """How trials measure health; None if they do not."""
        if self.mode == "simple" and not self.health_stop:
            return None
        weight = None if self.mode == "simple" else self.accuracy_weight
        return HealthSpec(accuracy_weight=weight, weights=self.health_weights, stop=self.health_stop)


def _nearest_key(location: Sequence[int | str]) -> str:
    parts: dict[str, type[Contract]] = {"health_weights": HealthWeights, "space": ParameterOverride}
    model = parts.get(str(location[0]), StudySpec) if len(location) > 1 else StudySpec
    return nearest(str(location[-1]), model.model_fields)


def parse_study_spec(values: Mapping[str, Any]) -> StudySpec:
    """Returns the StudySpec with these plain values.

    Raises:
        FixInputError: a value is wrong. The message names each wrong field, its value and what is allowed.
    """
    for name in values:
        if name not in StudySpec.model_fields:
            raise FixInputError(f"unknown field {name!r}", remedy=nearest(name, StudySpec.model_fields))
    try:
        return StudySpec.model_validate(dict(values))
    except ValidationError as error:
        lines = [
            one_line(e) + (f", {_nearest_key(e['loc'])}" if e["type"] == UNKNOWN_KEY else "")
            for e in error.errors()[:MOST_ERRORS]
        ]
        more = "; and more" if error.error_count() > MOST_ERRORS else ""
        raise FixInputError("; ".join(lines) + more, remedy="see `tuner options`") from None
