"""The best model of a study, and its files."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from serve_app import views
from serve_app.archive import pack
from serve_app.problems import ProblemError, responses
from serve_app.routes.common import StudyId
from serve_app.routing import new_routes
from serve_app.schemas import BestModel, ModelDocument
from serve_app.services import Services
from serve_app.winner import NotSavedError, Winner, find
from tuner.store import StudyRow, TrialRow


def router(services: Services) -> APIRouter:
    routes = new_routes(tags=["best model"])

    @routes.get("/jobs/{id}/best-model", responses=responses(404))
    def best_model(name: StudyId) -> BestModel:
        """Return the best trial so far, with the layers of its network."""
        return views.best_model(*_best_trial(services, name))

    @routes.get("/jobs/{id}/best-model/download", response_model=ModelDocument, responses=responses(404, 409))
    def download(name: StudyId) -> Response:
        """Download a description of the best model as a JSON file. The archive holds the model itself."""
        study, best = _best_trial(services, name)
        document = ModelDocument(
            study=name,
            spec=views.spec(services, study),
            best_model=views.best_model(study, best),
            metadata=_metadata(services, study),
        )
        return JSONResponse(document.model_dump(mode="json"), headers=_as_file(f"{name}-best-model.json"))

    @routes.get(
        "/jobs/{id}/best-model/archive",
        response_class=FileResponse,
        responses=responses(404, 409) | {200: {"content": {"application/zip": {}}, "description": "A zip file."}},
    )
    def archive(name: StudyId) -> FileResponse:
        """Download a zip file: model.keras, metadata.json, figures, and a README that says how to load the model."""
        study, _ = _best_trial(services, name)
        file = pack(_winner(services, study))
        return FileResponse(
            file,
            media_type="application/zip",
            headers=_as_file(f"{name}-best-model.zip"),
            background=BackgroundTask(file.unlink, missing_ok=True),
        )

    return routes


def _best_trial(services: Services, name: str) -> tuple[StudyRow, TrialRow]:
    study = services.store.study(name)
    best = views.best_trial(services, study)
    if best is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"study {name!r} has no best trial yet",
            remedy=f"GET /jobs/{name} shows its progress",
        )
    return study, best


def _winner(services: Services, study: StudyRow) -> Winner:
    """The saved model; its metadata have no path of this machine."""
    found = find(study)
    spec = views.spec(services, study).model_dump(mode="json")
    return replace(found, metadata=found.metadata | {"spec": spec})


def _metadata(services: Services, study: StudyRow) -> dict[str, Any] | None:
    try:
        return _winner(services, study).metadata
    except NotSavedError:
        return None


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{Path(name).name}"'}
