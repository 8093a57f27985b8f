"""The history: all studies, their trials, and the networks of these."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from serve_app import views
from serve_app.problems import responses
from serve_app.routes.common import Cursor, Known, Limit, StudyId, to_cursor, trial_place
from serve_app.routes.jobs import Listing, list_jobs
from serve_app.routing import new_routes
from serve_app.schemas import ModelArchitecture, Page, Session
from serve_app.services import Services
from serve_app.trial_listing import TrialListing, trial_page
from serve_app.trial_schemas import TrialColumns
from tuner.store import StoreQueries, TrialSummary


def router(services: Services) -> APIRouter:
    routes = new_routes(prefix="/api/sessions", tags=["history"])

    @routes.get("")
    def sessions(asked: Annotated[Listing, Query()]) -> Page[Session]:
        """List all studies, running or ended, by default the newest first."""
        page = list_jobs(services, asked)
        return Page(items=[Session(session_id=job.id, **dict(job)) for job in page.items], next_cursor=page.next_cursor)

    @routes.get("/{id}/trials", response_model=Page[TrialSummary] | TrialColumns, responses=responses(404))
    def trials(name: StudyId, asked: Annotated[TrialListing, Query()], known: Known = None) -> Response:
        """List the trials of a study, as GET /jobs/{id}/trials does."""
        return trial_page(services, name, asked, known)

    @routes.get("/{id}/architectures", responses=responses(404))
    def architectures(name: StudyId, cursor: Cursor = None, limit: Limit = 100) -> Page[ModelArchitecture]:
        """List the networks of a study's trials, with positions and sizes for drawing them in 3D."""
        found = StoreQueries(services.store).architectures(name, after=trial_place(cursor), limit=limit + 1)
        shown = found[:limit]
        following = to_cursor([shown[-1].trial_number]) if len(found) > limit else None
        return Page(items=[views.architecture(trial) for trial in shown], next_cursor=following)

    return routes
