"""Bodies and responses of predictions."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from serve_app.predicting.inputs import MAX_INPUTS
from serve_app.routes.common import GREATEST_NUMBER, RequestBody
from serve_app.schemas import Response

UNSURE_MARGIN = 0.2
"""Difference of the two highest probabilities below which a prediction is unsure."""


class NamedSamples(BaseModel):
    """Samples of the study's data."""

    model_config = ConfigDict(extra="forbid")

    split: Literal["validation", "test"] = Field(description="test: only for the best model, which was tested once.")
    indices: list[int] = Field(
        min_length=1, max_length=MAX_INPUTS, description="`index` of each sample: see GET /jobs/{id}/samples."
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        wrong = next((index for index in self.indices if not 0 <= index <= GREATEST_NUMBER), None)
        if wrong is not None:
            raise ValueError(f"{wrong} is no index of a sample")
        return self


class Inputs(RequestBody):
    """What to classify: `inputs` or `samples`, one of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"inputs": ["a text", "another"]}, {"samples": {"split": "validation", "indices": [0, 1]}}]
        }
    )

    inputs: list[Any] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_INPUTS,
        description="Images as nested lists of pixels or as image files in base64, or texts: see "
        "GET /jobs/{id}/best-model/predict/schema.",
    )
    samples: NamedSamples | None = Field(default=None, description="Samples of the study's data, instead of inputs.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.inputs is None) == (self.samples is None):
            raise ValueError("give either inputs or samples")
        return self


class Prediction(BaseModel):
    """The predicted class of one input."""

    label: str = Field(description="The most probable class.")
    probability: float = Field(description="Probability of the class, in [0, 1].")
    probabilities: dict[str, float] = Field(description="Probability of each class, by its label.")
    unsure: bool = Field(
        description=f"Whether the two most probable classes are less than {UNSURE_MARGIN:g} apart in probability."
    )
    truth: str | None = Field(description="The true class of a sample of the study's data; null: an input.")


class Predictions(BaseModel):
    """The predictions, in the order of the inputs."""

    trial_number: int = Field(description="Number of the trial whose model this is.")
    predictions: list[Prediction]


class PredictionSchema(Response):
    """What the models of a study take, and which there are."""

    study: str
    trial_number: int = Field(description="Number of the trial of the best model.")
    kind: Literal["image", "text", "word_indices"]
    input: dict[str, Any] = Field(description="JSON schema of one input.")
    shape: list[int] | None = Field(description="Height, width and channels of an image; null: a text.")
    raw_range: list[float] | None = Field(description="Lowest and highest pixel of the training images; null: a text.")
    max_inputs: int = Field(description="Largest number of inputs in one request.")
    classes: list[str]
    kept_trials: list[int] = Field(description="Numbers of the trials whose models can classify, with the best one.")
    test_accuracy: float | None = Field(description="Share of the test samples that the best model classifies rightly.")
    trained_on_validation: bool = Field(
        description="Whether the best model was trained once more, on the validation samples too: then it knows them."
    )


def prediction(probabilities: dict[str, float], truth: str | None = None) -> Prediction:
    label = max(probabilities, key=lambda one: probabilities[one])
    others = [value for one, value in probabilities.items() if one != label]
    margin = probabilities[label] - max(others, default=0.0)
    return Prediction(
        label=label,
        probability=probabilities[label],
        probabilities=probabilities,
        unsure=margin < UNSURE_MARGIN,
        truth=truth,
    )
