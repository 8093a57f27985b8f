"""Predictions of a study's winner."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serve_app.predicting.port import MAX_INPUTS, Predictor
from serve_app.problems import responses
from serve_app.routes.common import StudyId


class Inputs(BaseModel):
    """What is to be classified."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"inputs": ["a text", "another"]}]})

    inputs: list[Any] = Field(
        min_length=1,
        max_length=MAX_INPUTS,
        description="Images as nested lists of pixels, or texts: see …/predict/schema.",
    )


class Prediction(BaseModel):
    """What one input is taken for."""

    label: str = Field(description="The most probable class.")
    probability: float = Field(description="Of that class, in [0, 1].")
    probabilities: dict[str, float] = Field(description="Of each class, by its label.")


class Predictions(BaseModel):
    """Of each input, in their order."""

    predictions: list[Prediction]


def router(predictor: Predictor) -> APIRouter:
    """The routes of predictions."""
    routes = APIRouter(prefix="/jobs/{id}/best-model/predict", tags=["best model"])

    @routes.post("", responses=responses(404, 409))
    async def predict(name: StudyId, asked: Inputs) -> Predictions:
        """Classes with probabilities. The first call after a pause waits for the model to be loaded."""
        told = await predictor.predict(name, asked.inputs)
        return Predictions(predictions=[_prediction(probabilities) for probabilities in told])

    @routes.get("/schema", responses=responses(404, 409))
    async def schema(name: StudyId) -> dict[str, Any]:
        """What one input is."""
        return await predictor.schema(name)

    return routes


def _prediction(probabilities: dict[str, float]) -> Prediction:
    label = max(probabilities, key=lambda one: probabilities[one])
    return Prediction(label=label, probability=probabilities[label], probabilities=probabilities)
