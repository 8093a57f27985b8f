"""The trials of a study, and which hyperparameters decided their objective."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from serve_app import views
from serve_app.problems import ProblemError, responses
from serve_app.public_text import for_clients, public_json
from serve_app.routes.common import Cursor, Limit, StudyId, TrialNumber, log_place, to_cursor, trial_place
from serve_app.schemas import Page, TrialDetail
from serve_app.services import Services
from tuner.events import TrialStatus
from tuner.store import StoreQueries, TrialSummary
from tuner.study.importance import Importance, study_importance

Statuses = Annotated[
    list[TrialStatus],
    Query(alias="status", default_factory=list, max_length=10, description="Only trials with one of these statuses."),
]
Known = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
CACHED = 32
"""Studies whose importance is kept until their next event: computing it takes seconds after many trials."""


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["trials"])
    cache: OrderedDict[str, tuple[str, Importance]] = OrderedDict()
    computing = asyncio.Lock()  # one at a time; requests that wait for it occupy no thread
    unchanged: dict[int | str, dict[str, Any]] = {304: {"description": "The study has no new event since that ETag."}}

    @routes.get("/jobs/{id}/trials", response_model=Page[TrialSummary], responses=responses(404) | unchanged)
    def trials(
        name: StudyId, statuses: Statuses, cursor: Cursor = None, limit: Limit = 100, known: Known = None
    ) -> Response:
        """List trials by number. The ETag changes with every event of the study; send it back in If-None-Match."""
        return trial_page(services, name, cursor, limit, statuses, known)

    @routes.get("/jobs/{id}/trials/{n}", responses=responses(404))
    def trial(name: StudyId, number: TrialNumber) -> TrialDetail:
        """Return one trial: hyperparameters, network, performance, health, epochs, and why it ended."""
        found = StoreQueries(services.store).trial(name, number)
        if found is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND, f"study {name!r} has no trial {number}", remedy="GET /jobs/{id}/trials"
            )
        return views.trial(found, services.store.epochs(name, number))

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


def trial_page(
    services: Services, name: str, cursor: str | None, limit: int, statuses: list[TrialStatus], known: str | None
) -> Response:
    """A page of trials. Their JSON comes from the database unparsed, since a page may have a thousand."""
    pages = StoreQueries(services.store)
    # Read before the trials: a client that gets an older ETag with newer trials asks once more, and misses nothing.
    headers = {"ETag": f'W/"{log_place(services.store, name)}"', "Cache-Control": "no-cache"}
    if known is not None and headers["ETag"] in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    found = pages.trials(name, after=trial_place(cursor), limit=limit + 1, statuses=statuses)
    shown = found[:limit]
    following = f'"{to_cursor([shown[-1][0]])}"' if len(found) > limit else "null"
    body = f'{{"items":[{",".join(public_json(trial) for _, trial in shown)}],"next_cursor":{following}}}'
    return Response(body, media_type="application/json", headers=headers)
