"""The trials of a study, their curves, who led when, and which hyperparameters decided the objective."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from serve_app import views
from serve_app.problems import ProblemError, responses
from serve_app.public_text import for_clients
from serve_app.routes.common import StudyId, TrialNumber, log_place
from serve_app.schemas import Page, TrialDetail
from serve_app.services import Services
from serve_app.trial_listing import TrialListing, trial_page
from serve_app.trial_schemas import Best, Curves, TrialColumns, TrialCurve
from tuner.store import CurveMetric, StoreQueries, TrialQueries, TrialSummary
from tuner.study.importance import Importance, study_importance

Points = Annotated[
    int, Query(ge=2, le=1_000, description="Most points of one curve; the first and the last epoch are among them.")
]
Known = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
CACHED = 32
"""Studies whose importance is kept until their next event: computing it takes seconds after many trials."""


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["trials"])
    cache: OrderedDict[str, tuple[str, Importance]] = OrderedDict()
    computing = asyncio.Lock()  # one at a time; requests that wait for it occupy no thread
    unchanged: dict[int | str, dict[str, Any]] = {304: {"description": "The study has no new event since that ETag."}}

    @routes.get(
        "/jobs/{id}/trials", response_model=Page[TrialSummary] | TrialColumns, responses=responses(404) | unchanged
    )
    def trials(name: StudyId, asked: Annotated[TrialListing, Query()], known: Known = None) -> Response:
        """List trials, as items or, ten thousand at once, as columns.

        The ETag changes with every event of the study; send it back in If-None-Match. To follow a study, send the
        `sequence` of the last answer as `since`.
        """
        return trial_page(services, name, asked, known)

    @routes.get("/jobs/{id}/curves", responses=responses(404))
    def curves(name: StudyId, metric: CurveMetric = "val_accuracy", points: Points = 100) -> Curves:
        """Return one metric of all trials by epoch: trials without such a value are left out."""
        end, found = TrialQueries(services.store).curves(name, metric, points)
        return Curves(metric=metric, sequence=end.sequence, trials=[TrialCurve(**curve._asdict()) for curve in found])

    @routes.get("/jobs/{id}/bests", responses=responses(404))
    def bests(name: StudyId) -> list[Best]:
        """Return the trials that became the best one so far, in this order."""
        found = TrialQueries(services.store).bests(name)
        return [Best(sequence=number, **event.model_dump(exclude={"type"})) for number, event in found]

    @routes.get("/jobs/{id}/trials/{n}", responses=responses(404))
    def trial(name: StudyId, number: TrialNumber) -> TrialDetail:
        """Return one trial: hyperparameters, network, performance, health, epochs, and why it ended."""
        found = StoreQueries(services.store).trial(name, number)
        if found is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND, f"study {name!r} has no trial {number}", remedy="GET /jobs/{id}/trials"
            )
        store = services.store
        return views.trial(found, store.epochs(name, number), store.jobs(name, number))

    @routes.get("/jobs/{id}/importance", responses=responses(404))
    async def importance(name: StudyId) -> Importance:
        """Return how much each hyperparameter decided the objective, or why that is not known."""
        place = await asyncio.to_thread(log_place, services.store, name)
        async with computing:
            cached = cache.pop(name, None)
            if cached is None or cached[0] != place:
                cached = place, await asyncio.to_thread(study_importance, services.store, name)
            cache[name] = cached
            while len(cache) > CACHED:
                cache.popitem(last=False)
        return for_clients(cached[1])

    return routes
