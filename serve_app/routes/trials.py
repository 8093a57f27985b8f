"""The trials of a study, their curves, and who led when."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from serve_app import views
from serve_app.changes import TrialChange, cancel_trial, change_trial
from serve_app.problems import responses
from serve_app.routes.common import UNCHANGED, Known, StudyId, TrialNumber, known_trial
from serve_app.routing import new_routes
from serve_app.schemas import Page, TrialDetail
from serve_app.services import Services
from serve_app.trial_listing import TrialListing, trial_page
from serve_app.trial_schemas import Best, Curves, TrialColumns, TrialCurve
from tuner.store import CurveMetric, TrialQueries, TrialSummary

Points = Annotated[
    int, Query(ge=2, le=1_000, description="Most points of one curve; the first and the last epoch are among them.")
]


def router(services: Services) -> APIRouter:
    routes = new_routes(tags=["trials"])

    @routes.get(
        "/jobs/{id}/trials", response_model=Page[TrialSummary] | TrialColumns, responses=responses(404) | UNCHANGED
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
        return _detail(services, name, number)

    @routes.patch("/jobs/{id}/trials/{n}", responses=responses(404))
    def change(name: StudyId, number: TrialNumber, how: TrialChange) -> TrialDetail:
        """Change a trial's note or star, also after its end."""
        change_trial(services, name, number, how)
        return _detail(services, name, number)

    @routes.post("/jobs/{id}/trials/{n}/cancel", status_code=HTTPStatus.ACCEPTED, responses=responses(404, 409))
    def cancel(name: StudyId, number: TrialNumber) -> TrialDetail:
        """Ask one running trial to end. It ends within a batch, as cancelled, and the study goes on.

        The trial counts as one of the study's trials: no other one takes its place, and it is never trained again.
        """
        cancel_trial(services, name, number)
        return _detail(services, name, number)

    return routes


def _detail(services: Services, name: str, number: int) -> TrialDetail:
    store = services.store
    return views.trial(known_trial(store, name, number), store.epochs(name, number), store.jobs(name, number))
