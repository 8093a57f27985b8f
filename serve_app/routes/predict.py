"""Predictions of a study's best model, and of the kept models of its other trials."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from serve_app import views
from serve_app.predicting.batch_files import BatchFiles, FileFormat, TableResponse
from serve_app.predicting.predictor import ServedPredictor, check_number
from serve_app.predicting.schemas import Inputs, NamedSamples, Prediction, Predictions, PredictionSchema, prediction
from serve_app.problems import FieldProblem, ProblemError, invalid, responses
from serve_app.routes.common import StudyId, TrialNumber, known_trial
from serve_app.routes.datasets import FILE
from serve_app.routing import new_routes
from serve_app.samples.files import SampleFiles
from serve_app.samples.loads import NoSamplesError, SampleLoads
from serve_app.services import Services
from serve_app.winner import Winner
from tuner.data import Array
from tuner.store import StudyRow

Format = Annotated[
    FileFormat,
    Query(
        description="txt: a text in each line. csv and the other tables: texts in the column text, or images as image "
        "files or pixels. zip: a folder of images or of .txt files. npz: an array of images or texts, such as x."
    ),
]
TABLE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "A table of predictions."}
}


def router(services: Services, predictor: ServedPredictor, loads: SampleLoads) -> APIRouter:
    routes = new_routes(prefix="/jobs/{id}", tags=["best model"])
    files = BatchFiles(services.settings, predictor)

    @routes.post("/best-model/predict", responses=responses(404, 409))
    async def predict(name: StudyId, body: Inputs) -> Predictions:
        """Classify inputs, or samples of the study's data. The first request after a pause waits for the model."""
        return await answer(name, await predictor.model(name), body)

    @routes.post("/trials/{n}/predict", responses=responses(404, 409))
    async def predict_with_trial(name: StudyId, number: TrialNumber, body: Inputs) -> Predictions:
        """Classify with the model of one trial. 409 if it was not kept: `keep_models=all` keeps all of a new study.

        Test samples are for the best model only.
        """
        await asyncio.to_thread(known_trial, services.store, name, number)
        return await answer(name, await predictor.model(name, number), body)

    @routes.get("/best-model/predict/schema", responses=responses(404, 409))
    async def schema(name: StudyId) -> PredictionSchema:
        """Return a JSON schema of one input, the classes, and the trials whose models can classify."""
        return await predictor.schema(name)

    @routes.post(
        "/best-model/predict/file",
        response_class=StreamingResponse,  # FastAPI reads the status from its signature
        openapi_extra=FILE,
        responses=responses(404, 408, 409, 413, 507) | TABLE,
    )
    async def predict_file(name: StudyId, format: Format, request: Request) -> TableResponse:
        """Classify up to 10,000 samples of a file: `curl --data-binary @texts.txt '…/predict/file?format=txt'`.

        The answer is a CSV file that is sent while the model classifies: input, label, probability, a column for each
        class, and problem, which says why a sample could not be classified. A form with one file is taken too.
        """
        table = await files.table(await predictor.model(name), format, request)
        return TableResponse(table, f"{name}-predictions.csv")

    async def answer(name: str, model: Winner, body: Inputs) -> Predictions:
        if body.samples is None:
            found = await predictor.predict_inputs(model, body.inputs or [])
            predictions = [prediction(probabilities) for probabilities in found]
        else:
            predictions = await of_samples(name, model, body.samples)
        return Predictions(trial_number=model.metadata["trial_number"], predictions=predictions)

    async def of_samples(name: str, model: Winner, asked: NamedSamples) -> list[Prediction]:
        if asked.split == "test" and model.kept_trial is not None:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "only the best model classifies test samples, so that no other trial is chosen by them",
                remedy="use validation samples, or POST /jobs/{id}/best-model/predict",
            )
        check_number(model, len(asked.indices))
        study, dataset = await asyncio.to_thread(_study_and_dataset, services, name)
        found = await loads.of_study(study, dataset)
        samples, truths = await asyncio.to_thread(_inputs, found, model, asked)
        rows = predictor.by_label(model, await predictor.classify(model, samples))
        return [prediction(row, truth) for row, truth in zip(rows, truths, strict=True)]

    return routes


def _study_and_dataset(services: Services, name: str) -> tuple[StudyRow, str]:
    study = services.store.study(name)
    return study, views.dataset_name(services, study)


def _inputs(files: SampleFiles, model: Winner, asked: NamedSamples) -> tuple[Array, list[str]]:
    """Samples as the model takes them, and their true classes. Raises a problem for an index that there is not."""
    size = files.about.sizes[asked.split]
    wrong = next((index for index in asked.indices if index >= size), None)
    if wrong is not None:
        raise invalid(FieldProblem(field="samples.indices", message=files.no_such(asked.split, wrong)))
    takes = model.metadata["preprocessing"]
    samples = files.inputs(asked.split, asked.indices)
    if takes["input"] == "pixels" and list(samples.shape[1:]) != list(takes["shape"][1:]):
        raise NoSamplesError("the samples have another size than the images of this model", remedy="give inputs")
    return samples, [files.label(asked.split, index) for index in asked.indices]
