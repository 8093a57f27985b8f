"""Predictions of a study's best model."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serve_app.predicting.inputs import MAX_INPUTS
from serve_app.predicting.predictor import ServedPredictor
from serve_app.problems import responses
from serve_app.routes.common import RequestBody, StudyId


class Inputs(RequestBody):
    """Inputs to classify."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": ["a text", "another"]}]})

    inputs: list[Any] = Field(
        min_length=1,
        max_length=MAX_INPUTS,
        description="Images as nested lists of pixels, or texts: see GET /jobs/{id}/best-model/predict/schema.",
    )


class Prediction(BaseModel):
    """The predicted class of one input."""

    label: str = Field(description="The most probable class.")
    probability: float = Field(description="Probability of the class, in [0, 1].")
    probabilities: dict[str, float] = Field(description="Probability of each class, by its label.")


class Predictions(BaseModel):
    """The predictions, in the order of the inputs."""

    predictions: list[Prediction]


def router(predictor: ServedPredictor) -> APIRouter:
    routes = APIRouter(prefix="/jobs/{id}/best-model/predict", tags=["best model"])

    @routes.post("", responses=responses(404, 409))
    async def predict(name: StudyId, body: Inputs) -> Predictions:
        """Classify inputs. The first request after a pause waits until the model is loaded."""
        found = await predictor.predict(name, body.inputs)
        return Predictions(predictions=[_prediction(probabilities) for probabilities in found])

    @routes.get("/schema", responses=responses(404, 409))
    async def schema(name: StudyId) -> dict[str, Any]:
        """Return a JSON schema of one input, and the classes."""
        return await predictor.schema(name)

    return routes


def _prediction(probabilities: dict[str, float]) -> Prediction:
    label = max(probabilities, key=lambda one: probabilities[one])
    return Prediction(label=label, probability=probabilities[label], probabilities=probabilities)
