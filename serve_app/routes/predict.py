"""Predictions of a study's winner."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serve_app.predicting.port import Predictor
from serve_app.problems import Refused, responses
from serve_app.routes.common import StudyId
from serve_app.services import Services
from tuner.study.paths import StudyPaths


class Inputs(BaseModel):
    """What is to be classified."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"inputs": ["a text", "another"]}]})

    inputs: list[Any] = Field(
        min_length=1, max_length=1_000, description="Images as nested lists of pixels, or texts: see …/predict/schema."
    )


class Prediction(BaseModel):
    """What one input is taken for."""

    label: str = Field(description="The most probable class.")
    probability: float = Field(description="Of that class, in [0, 1].")
    probabilities: dict[str, float] = Field(description="Of each class, by its label.")


class Predictions(BaseModel):
    """Of each input, in their order."""

    predictions: list[Prediction]


def router(services: Services, predictor: Predictor) -> APIRouter:
    """The routes of predictions."""
    routes = APIRouter(prefix="/jobs/{id}/best-model/predict", tags=["best model"])

    @routes.post("", responses=responses(404, 409))
    async def predict(name: StudyId, asked: Inputs) -> Predictions:
        """Classes with probabilities. The first call after a pause waits for the model to be loaded."""
        await asyncio.to_thread(_check_saved, services, name)
        told = await predictor.predict(name, asked.inputs)
        return Predictions(predictions=[_prediction(probabilities) for probabilities in told])

    @routes.get("/schema", responses=responses(404, 409))
    async def schema(name: StudyId) -> dict[str, Any]:
        """What one input is."""
        await asyncio.to_thread(_check_saved, services, name)
        return await predictor.schema(name)

    return routes


def _check_saved(services: Services, name: str) -> None:
    study = services.store.study(name)
    if not StudyPaths(Path(study.folder)).metadata.is_file():
        remedy = "it does when it ends"
        raise Refused(HTTPStatus.CONFLICT, f"study {name!r} has saved no model", remedy=remedy)


def _prediction(probabilities: dict[str, float]) -> Prediction:
    label = max(probabilities, key=lambda one: probabilities[one])
    return Prediction(label=label, probability=probabilities[label], probabilities=probabilities)
