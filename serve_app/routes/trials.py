"""The trials of a study."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from serve_app import views
from serve_app.problems import ProblemError, responses
from serve_app.routes.common import Cursor, Limit, StudyId, TrialNumber, log_place, to_cursor, trial_place
from serve_app.schemas import Page, TrialDetail
from serve_app.services import Services
from tuner.events import TrialStatus
from tuner.store import StoreQueries, TrialSummary

Statuses = Annotated[
    list[TrialStatus],
    Query(alias="status", default_factory=list, max_length=10, description="Only trials with one of these statuses."),
]
Known = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]


def router(services: Services) -> APIRouter:
    """The routes of trials."""
    routes = APIRouter(tags=["trials"])
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
    body = f'{{"items":[{",".join(trial for _, trial in shown)}],"next_cursor":{following}}}'
    return Response(body, media_type="application/json", headers=headers)
