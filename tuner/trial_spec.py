"""`TrialSpec`: one trial, as every runner gets it, here or on RunPod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_serializer, field_validator

from tuner.bounds import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT, MOST_HYPERPARAMETERS, at_most
from tuner.data_spec import DataSpec
from tuner.events import Scalar
from tuner.objectives import Monitored, Objective, monitored
from tuner.packed_hyperparameters import packed, unpacked
from tuner.spec_parts import Contract, DeviceSpec, HealthSpec

ArchitectureName = Literal["cnn", "lstm", "gru", "conv1d", "ngram", "own"]
TEXT_ARCHITECTURES: tuple[ArchitectureName, ...] = ("ngram", "conv1d", "lstm", "gru")
"""What `architecture=auto` searches for texts: all kinds that suit them, those that train fastest first."""
SearchedArchitecture = ArchitectureName | Literal["auto"]
"""The kind of a study's networks; auto: each trial has one of those that suit the data, as a hyperparameter."""
ClassWeight = Literal["auto", "none"]
_Value = bool | int | float | Annotated[str, Field(max_length=LONGEST_PATH)]


def architecture_of(searched: SearchedArchitecture, hyperparameters: Mapping[str, Scalar]) -> ArchitectureName:
    """Returns the kind of a trial's network: a hyperparameter where the study searches several kinds."""
    return hyperparameters.get("architecture", searched)  # type: ignore[return-value]


class TrialSpec(Contract):
    """A complete description of one trial: the same spec on the same data and machine trains identically.

    Serialised it is smaller than 1 KB.
    """

    study: str = Field(max_length=LONGEST_NAME)
    trial_number: int = Field(ge=1, description="Number of the trial, from 1, in the order of the suggestions.")
    data: DataSpec
    architecture: ArchitectureName
    model: str | None = Field(
        default=None,
        max_length=LONGEST_TEXT,
        description="The user's own network as module:function.",
        exclude_if=lambda model: model is None,
    )
    hyperparameters: Annotated[
        dict[Annotated[str, Field(max_length=LONGEST_PATH)], _Value],
        at_most(MOST_HYPERPARAMETERS, "hyperparameters"),
    ]
    objective: Objective = Field(description="The first of the study's objectives.")
    epochs: int = Field(ge=1)
    min_epochs: int = Field(default=1, ge=1)
    early_stopping_patience: int | None = None
    max_parameters: int = 50_000_000
    health: HealthSpec | None = Field(
        default=None,
        description="How health is measured; null: it is not.",
        exclude_if=lambda health: health is None,
    )
    threads: int = Field(default=1, ge=1, description="Number of CPU threads of the trial.")
    class_weight: ClassWeight = Field(
        default="none",
        exclude_if=lambda value: value == "none",  # a trial stays under 1 KB, and older workers understand it
        description="Weights of the classes in the training.",
    )
    class_scores: bool = Field(
        default=False,
        exclude_if=lambda value: not value,
        description="Whether val_balanced_accuracy and val_macro_f1 are measured.",
    )
    summaries: bool = Field(
        default=False,
        exclude_if=lambda value: not value,
        description="Whether its epochs have a TrainingSummary, for figures.",
    )
    devices: DeviceSpec = Field(default=DeviceSpec(), description="The trial's devices and how it uses them.")

    @field_serializer("hyperparameters", when_used="json")
    def _short_hyperparameters(self, hyperparameters: dict[str, Scalar]) -> dict[str, Any]:
        """Serialises each series of hyperparameters as one list, to keep a TrialSpec under 1 KB."""
        return packed(hyperparameters)

    @field_validator("hyperparameters", mode="before")
    @classmethod
    def _of_lists(cls, value: Any) -> Any:
        return unpacked(value) if isinstance(value, Mapping) else value

    @field_serializer("data", mode="wrap")
    def _short_data(self, data: DataSpec, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leaves out image options with their defaults: a trial stays under 1 KB, and older workers understand it."""
        values: dict[str, Any] = handler(data)
        fields = DataSpec.model_fields
        added = {name for name in ("image_size", "image_fit") if values.get(name) == fields[name].default}
        return {name: value for name, value in values.items() if name not in added}

    @property
    def trial_id(self) -> str:
        """Identifier of the trial, unique in its database."""
        return f"{self.study}-{self.trial_number:05d}"

    @property
    def monitor(self) -> Monitored:
        """The objective that decides on early stopping and the best epoch."""
        return monitored(self.objective)

    @property
    def seed(self) -> int:
        """Seed of the trial's initial weights, dropout and batch order."""
        return (self.data.seed * 100_003 + self.trial_number) % 2**31
