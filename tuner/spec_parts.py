"""Building blocks of the contract: its base class, the models inside StudySpec and TrialSpec, and error texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sized
from numbers import Integral
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from tuner.bounds import GREATEST_INTEGER, LONGEST_TEXT, MOST_CHOICES, without_surplus
from tuner.choices import labels, listed, single_value
from tuner.events import Scalar


def _short(value: float) -> float:
    """The value with six significant digits, so that a TrialSpec stays under 1 KB."""
    return float(f"{value:.6g}")


NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"
"""Pattern of a study's or data set's name, which is also the name of its folder and a part of its URL."""
Share = Annotated[float, Field(gt=0, le=1), AfterValidator(_short)]
ProperShare = Annotated[float, Field(gt=0, lt=1), AfterValidator(lambda value: min(_short(value), 0.999999))]
"""A share that leaves something for the rest."""
Weight = Annotated[float, Field(ge=0, le=1), AfterValidator(_short)]


ImageFit = Literal["stretch", "pad", "crop"]
LARGEST_IMAGE_SIDE = 1_024


def _image_size(value: Any) -> Any:
    """The value as `auto`, `N` or `HxW`. A number and a pair of numbers are short forms."""
    if isinstance(value, str) and value == "auto":
        return value
    parts = value.lower().split("x", 2) if isinstance(value, str) else value
    sides = parts if isinstance(parts, (list, tuple)) else [parts]
    if len(sides) in (1, 2) and all(isinstance(side, (str, Integral)) for side in sides):
        whole = [str(side).strip() for side in sides]
        if all(re.fullmatch(r"[0-9]{1,4}", side) and 1 <= int(side) <= LARGEST_IMAGE_SIDE for side in whole):
            return "x".join(str(int(side)) for side in whole)
    raise ValueError(
        "must be auto, a number of pixels such as 96, or height x width such as 64x96; "
        f"each side from 1 to {LARGEST_IMAGE_SIDE:,}"
    )


ImageSize = Annotated[str, BeforeValidator(_image_size)]
"""`auto`, `96` or `64x96` (height x width)."""


class Contract(BaseModel):
    """Base of all models of the contract: immutable, refuses unknown fields and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuses true and false where a number is expected; pydantic would read them as 1 and 0."""
        annotation = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and bool not in (annotation, *get_args(annotation)):
            raise ValueError("must not be true or false")
        return value

    @model_validator(mode="before")
    @classmethod
    def _few_unknown_keys(cls, values: Any) -> Any:
        return without_surplus(cls, values)


NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
"""Pattern of a number in a range."""
_RANGE = re.compile(rf"\s*({NUMBER})\s*\.\.\s*({NUMBER})\s*", re.ASCII)


def _bounded(value: Any) -> Any:
    """The value of a hyperparameter, unless it is a text or a whole number that is too long to be one."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError(f"must have at most {LONGEST_TEXT} characters")
    if isinstance(value, int) and abs(value) > GREATEST_INTEGER:
        raise ValueError(f"must lie between -{GREATEST_INTEGER} and {GREATEST_INTEGER}")
    return value


class ParameterOverride(Contract):
    """How the user narrows one parameter of the search space.

    Short forms: `relu` fixes the value, `[32, 64]` lists choices (also with two numbers), `1e-4..1e-2` is a range.
    """

    low: float | None = Field(default=None, description="Lowest value of a range, included.")
    high: float | None = Field(default=None, description="Highest value of a range, included.")
    log: bool | None = Field(default=None, description="Searches the range on a logarithmic scale.")
    choices: tuple[Scalar, ...] | None = Field(default=None, min_length=1, description="Values to choose from.")
    prior: Scalar | None = Field(
        default=None, description="A value that you believe is good. The first suggestions are drawn near it."
    )

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and (bounds := _RANGE.fullmatch(_bounded(value))):
            low, high = (float(bound) if {*".eE"} & {*bound} else int(bound) for bound in bounds.groups())
            return {"low": low, "high": high}
        if isinstance(value, range) and value.step == 1 and len(value) > 1:
            return {"low": value[0], "high": value[-1]}
        form = dict(value) if isinstance(value, Mapping) else {"choices": single_value(value) or value}
        if form.get("choices") is None:
            return value
        if isinstance(form["choices"], Sized) and len(form["choices"]) > MOST_CHOICES:
            raise ValueError(f"must name at most {MOST_CHOICES:,} values, or a range such as 16..256")
        if (choices := listed(form["choices"])) is None:
            raise ValueError("must be a value, a list of choices, or a range such as 16..256")
        if not choices:
            raise ValueError("must name at least one value")
        form["choices"] = tuple(dict.fromkeys(_bounded(label) for label in labels(choices)))
        return form

    @field_validator("low", "high", "prior", mode="before")
    @classmethod
    def _bounded_value(cls, value: Any) -> Any:
        return _bounded(value)

    @field_validator("low", "high", mode="wrap")
    @classmethod
    def _keep_whole_numbers(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Keeps an int an int: it makes the parameter of an own model a whole number."""
        number = handler(value)
        return value if isinstance(value, int) else number

    @property
    def beliefs_only(self) -> bool:
        """Whether only a prior is given, which narrows nothing."""
        return self.choices is None and not self._bounded

    @property
    def _bounded(self) -> bool:
        return (self.low, self.high, self.log) != (None, None, None)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self._bounded and self.choices is not None:
            raise ValueError("give either low/high/log or choices")
        if self.beliefs_only and self.prior is None:
            raise ValueError("give low/high/log, choices or prior")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class HealthWeights(Contract):
    """Weights of the six metrics in a network's health. Their sum must be 1."""

    neuron_utilization: Weight = Field(default=0.25, description="Weight of the share of active hidden units, 0 to 1.")
    training_stability: Weight = Field(default=0.20, description="Weight of how steadily the loss fell, 0 to 1.")
    parameter_efficiency: Weight = Field(default=0.15, description="Weight of the accuracy per size, 0 to 1.")
    gradient_health: Weight = Field(default=0.15, description="Weight of how well gradients flow, 0 to 1.")
    convergence_quality: Weight = Field(default=0.15, description="Weight of how far training converged, 0 to 1.")
    accuracy_consistency: Weight = Field(default=0.10, description="Weight of how steady the accuracy is, 0 to 1.")

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = sum(self.shares.values())
        if abs(total - 1) > 1e-5:
            raise ValueError(f"the six weights sum to {total:g}, must be 1: {', '.join(self.shares)}")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """The weight of each metric, by its name."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class HealthSpec(Contract):
    """How a trial measures health: the weights of its score, and whether a hopeless trial ends early.

    Serialised as a list of eight values, in the order of the fields, to keep a TrialSpec under 1 KB.
    """

    accuracy_weight: Weight | None = Field(
        description="Share of the accuracy in total_score; null: health is measured, but the score is the accuracy."
    )
    weights: HealthWeights
    stop: bool

    @model_serializer
    def _as_list(self) -> list[float | bool | None]:
        return [self.accuracy_weight, *self.weights.shares.values(), self.stop]

    @model_validator(mode="before")
    @classmethod
    def _of_list(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            weight, *shares, stop = value
            weights = dict(zip(HealthWeights.model_fields, shares, strict=True))
            return {"accuracy_weight": weight, "weights": weights, "stop": stop}
        return value


class DeviceSpec(Contract):
    """The devices of a trial and how it uses them. Null means that the worker decides.

    Serialised as a list without the nulls at its end, to keep a TrialSpec under 1 KB.
    """

    gpus: float | None = Field(
        default=None, ge=0, description="Number of GPUs of the trial's process, or its share of one; null: all it sees."
    )
    multi_gpu: bool | None = Field(default=None, description="Whether the trial may use several GPUs if gpus is null.")
    mixed_precision: bool | None = None
    xla: bool | None = None
    steps_per_execution: int | None = Field(default=None, ge=1)

    @model_serializer
    def _as_list(self) -> list[float | bool | int | None]:
        values = [self.gpus, self.multi_gpu, self.mixed_precision, self.xla, self.steps_per_execution]
        while values and values[-1] is None:
            values.pop()
        return values

    @model_validator(mode="before")
    @classmethod
    def _of_list(cls, value: Any) -> Any:
        return dict(zip(cls.model_fields, value, strict=False)) if isinstance(value, (list, tuple)) else value


UNKNOWN_KEY = "extra_forbidden"
"""Pydantic's type of the error for an unknown key."""
_MESSAGES = {
    UNKNOWN_KEY: "unknown key",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "must be names with values"),
}
"""Messages that replace pydantic's own, by its error type."""


def allowed(error: Any) -> str:
    """Returns what one pydantic error says about the values that are allowed."""
    message = re.sub(r"^\w+ should ", "must ", error["msg"]).removeprefix("Value error, ")
    message = re.sub(r" after validation|, unable to (parse|interpret) .*", "", message)
    return _MESSAGES.get(error["type"], message)


def one_line(error: Any) -> str:
    """Returns one pydantic error as a line: `field=value: what is allowed`."""
    location = [str(part) for part in error["loc"]]
    message = allowed(error)
    if not location:
        return message
    hidden = error["type"] == "missing" or isinstance(error["input"], (dict, BaseModel))
    shown = "" if hidden else f"={error['input']!r:.{LONGEST_TEXT}}"
    return f"{'.'.join(location)}{shown}: {message}"
