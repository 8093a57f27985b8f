"""What the contract is built of: what every part refuses, how a refusal reads, and the parts that are models."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from tuner.events import Scalar


def _short(value: float) -> float:
    """To six digits, which is what a spec that travels has room for."""
    return float(f"{value:.6g}")


NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"
"""What studies and own data sets may be called: also the name of a folder, and a part of an address."""
Share = Annotated[float, Field(gt=0, le=1), AfterValidator(_short)]
Weight = Annotated[float, Field(ge=0, le=1), AfterValidator(_short)]


class Contract(BaseModel):
    """A part of the contract: immutable, without unknown fields, and whose numbers are numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """true is no 1, as pydantic would have it."""
        annotation = cls.model_fields[info.field_name or ""].annotation
        if isinstance(value, bool) and bool not in (annotation, *get_args(annotation)):
            raise ValueError("must not be true or false")
        return value


class ParameterOverride(Contract):
    """How the user narrows one parameter of the search space.

    Short forms: `relu` fixes it, `[relu, swish]` names choices, `[1e-4, 1e-2]` is a range.
    """

    low: float | None = Field(default=None, description="Lowest value, included.")
    high: float | None = Field(default=None, description="Highest value, included.")
    log: bool | None = Field(default=None, description="Search on a logarithmic scale.")
    choices: tuple[Scalar, ...] | None = Field(default=None, min_length=1, description="Values to choose from.")
    prior: Scalar | None = Field(
        default=None, description="Value that you believe is good: the first suggestions are drawn near it."
    )

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, (bool, int, float, str)):
            return {"choices": (value,)}
        if isinstance(value, (list, tuple)):
            if not value:
                raise ValueError("must name at least one value")
            numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value)
            if numbers and len(value) == 2:
                return {"low": value[0], "high": value[1]}
            return {"choices": tuple(value)}
        return value

    @property
    def beliefs_only(self) -> bool:
        """Whether it narrows nothing."""
        return self.choices is None and self.low is None and self.high is None and self.log is None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        bounded = self.low is not None or self.high is not None or self.log is not None
        if bounded and self.choices is not None:
            raise ValueError("give either low/high/log or choices")
        if not bounded and self.choices is None and self.prior is None:
            raise ValueError("give low/high/log, choices or prior")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class HealthWeights(Contract):
    """How much each metric counts in a network's health; together 1."""

    neuron_utilization: Weight = Field(default=0.25, description="Of the share of hidden units that live, 0 to 1.")
    training_stability: Weight = Field(default=0.20, description="Of how quietly the training loss fell, 0 to 1.")
    parameter_efficiency: Weight = Field(default=0.15, description="Of the accuracy for the size, 0 to 1.")
    gradient_health: Weight = Field(default=0.15, description="Of how well gradients flow, 0 to 1.")
    convergence_quality: Weight = Field(default=0.15, description="Of whether learning arrived, 0 to 1.")
    accuracy_consistency: Weight = Field(default=0.10, description="Of the steadiness of the accuracy, 0 to 1.")

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
    """What a trial is to know of health: how it is weighed into the score, and whether it ends what is hopeless.

    Travels as a list of eight values, in the order of the fields: a trial's spec has little room.
    """

    accuracy_weight: Weight | None = Field(
        description="Share of the accuracy in the total score; null: the trial is watched, its score is the accuracy."
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
    """What a trial is to train on, and how. Null: as it pays, decided where it trains.

    Travels as a list without what is null at its end: a trial's spec has to stay small.
    """

    gpus: float | None = Field(
        default=None, ge=0, description="GPUs its process was given, or a share of one; null: whichever it sees."
    )
    multi_gpu: bool | None = Field(default=None, description="Whether it may use several, where gpus is null.")
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


_OBJECT = "must be names with values"
_MESSAGES = {
    "extra_forbidden": "unknown key",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
}
"""Instead of pydantic's own."""


def one_line(error: Any) -> str:
    """One pydantic error as `field=value: what is allowed`."""
    location = [str(part) for part in error["loc"]]
    message = re.sub(r"^\w+ should ", "must ", error["msg"]).removeprefix("Value error, ")
    message = message.replace(" after validation", "")
    message = _MESSAGES.get(error["type"], message)
    if not location:
        return message
    shown = (
        "" if error["type"] == "missing" or isinstance(error["input"], (dict, BaseModel)) else f"={error['input']!r}"
    )
    return f"{'.'.join(location)}{shown}: {message}"
