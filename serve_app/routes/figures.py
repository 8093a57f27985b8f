"""Figures of a study and its trials, and the report on it: drawn on demand by `serve_app.drawing`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from serve_app.drawing import (
    LIMIT_S,
    REPORT,
    Drawing,
    DrawingFailedError,
    DrawingRefusedError,
    Drawings,
    DrawingTimeoutError,
)
from serve_app.problems import FieldProblem, ProblemError, invalid, responses
from serve_app.public_text import over_http, public
from serve_app.routes.common import UNCHANGED, Known, StudyId, TrialNumber, known_trial, log_place
from serve_app.routing import new_routes
from serve_app.schemas import Figure, FigureFormat, Figures
from serve_app.services import Services
from tuner.errors import nearest
from tuner.store import StoreQueries, StudyRow, TrialQueries
from tuner.study.figures import ANIMATION, SHOWS, STUDY_FIGURES, TRIAL_FIGURES, StudyFigures, TrialFigures
from tuner.study.study_figure import StudyRows

MOST_TRIALS = 10_000
MEDIA_TYPES = {
    "gif": "image/gif",
    "html": "text/html; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
}
HEADERS = {
    # A report and an SVG image are pages of their own: nothing in them may run or load anything.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-cache",
}
_NAME = r"^[a-z_]{1,40}$"

StudyFigure = Annotated[
    str, Path(alias="name", description="Name of the figure.", pattern=_NAME, examples=[*STUDY_FIGURES])
]
TrialFigure = Annotated[
    str, Path(alias="name", description="Name of the figure.", pattern=_NAME, examples=[*TRIAL_FIGURES])
]
Format = Annotated[
    FigureFormat | None, Query(description="One of the figure's `formats`; leave it out for the first of them.")
]
Download = Annotated[bool, Query(description="Whether a browser saves it as a file instead of showing it.")]
UNKNOWN = responses(404)
DRAWN: dict[int | str, dict[str, Any]] = responses(404, 503, 504) | UNCHANGED
IMAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPES[of]: {} for of in ("png", "svg", "gif")}, "description": "An image."}
}
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "A page without scripts."}
}


def router(services: Services) -> APIRouter:
    routes = new_routes(tags=["figures"])
    store, drawings = services.store, Drawings(services.settings)

    @routes.get("/jobs/{id}/plots", responses=UNKNOWN)
    def study_figures(name: StudyId) -> Figures:
        """List the figures of a study, and the trials that have figures of their own."""
        return _study_figures(services, name)

    @routes.get("/jobs/{id}/plots/{name}", response_class=Response, responses=DRAWN | IMAGE)
    async def study_figure(
        study: StudyId, name: StudyFigure, request: Request, format: Format = None, known: Known = None
    ) -> Response:
        """Draw a figure of a study. With too few trials it is an image that says so.

        It is drawn anew only if the study has a new event since the last time. The ETag changes with every event.
        """
        asked = _format(name, STUDY_FIGURES, format)
        return await drawn(study, name, asked, request, known)

    @routes.get("/jobs/{id}/trials/{n}/plots", responses=UNKNOWN)
    def trial_figures(name: StudyId, number: TrialNumber) -> list[Figure]:
        """List the figures of a trial; those on test data are of the best trial only."""
        known_trial(store, name, number)
        return _figures(TrialFigures(store, name, number, None).names(), TRIAL_FIGURES)

    @routes.get("/jobs/{id}/trials/{n}/plots/{name}", response_class=Response, responses=DRAWN | IMAGE)
    async def trial_figure(
        study: StudyId,
        number: TrialNumber,
        name: TrialFigure,
        request: Request,
        format: Format = None,
        known: Known = None,
    ) -> Response:
        """Draw a figure of a trial. If it needs a model that was not kept, it is an image that says so."""
        asked = _format(name, TRIAL_FIGURES, format)
        await asyncio.to_thread(known_trial, store, study, number)
        return await drawn(study, name, asked, request, known, number)

    @routes.get("/jobs/{id}/report", response_class=Response, responses=DRAWN | PAGE)
    async def report(study: StudyId, request: Request, download: Download = False, known: Known = None) -> Response:
        """Write a report on a study: one HTML page that needs no other file, no network and no script."""
        answer = await drawn(study, REPORT, "html", request, known)
        if answer.status_code == HTTPStatus.OK:
            shown = "attachment" if download else "inline"
            answer.headers["Content-Disposition"] = f'{shown}; filename="{study}-report.html"'
        return answer

    async def drawn(
        study: str, figure: str, format: str, request: Request, known: str | None, trial: int | None = None
    ) -> Response:
        row, place = await asyncio.to_thread(_study_and_place, services, study)
        drawing = Drawing(study, figure, format, place, trial)
        headers = HEADERS | {"ETag": drawing.etag}
        if known is not None and drawing.etag in known:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        try:
            content = await _while_connected(request, drawings, row, drawing)
        except DrawingFailedError as error:
            await asyncio.to_thread(store.study, study)  # raises if it was deleted, or if the database is away
            raise _failure(error) from None
        return Response(content, media_type=MEDIA_TYPES[format], headers=headers)

    return routes


async def _while_connected(request: Request, drawings: Drawings, study: StudyRow, drawing: Drawing) -> bytes:
    """The drawing, which is cancelled when the client disconnects."""

    async def disconnected() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    drawn, left = asyncio.ensure_future(drawings.content(study, drawing)), asyncio.ensure_future(disconnected())
    try:
        await asyncio.wait((drawn, left), return_when=asyncio.FIRST_COMPLETED)
        if drawn.done():
            return drawn.result()
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the client disconnected")
    finally:
        drawn.cancel()
        left.cancel()
        await asyncio.gather(drawn, left, return_exceptions=True)


def _failure(error: DrawingFailedError) -> ProblemError:
    if isinstance(error, DrawingTimeoutError):
        return ProblemError(
            HTTPStatus.GATEWAY_TIMEOUT,
            f"drawing takes more than {LIMIT_S} s",
            remedy="try again when the machine is less busy; `tuner plots` on the server has no limit",
        )
    if isinstance(error, DrawingRefusedError):
        return ProblemError(HTTPStatus.NOT_FOUND, over_http(public(str(error))))
    return ProblemError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "it cannot be drawn; see the server log",
        remedy="report it as a bug, unless the server lacks memory",
    )


def _study_and_place(services: Services, name: str) -> tuple[StudyRow, str]:
    place = log_place(services.store, name)  # first: a drawing may show more than its place says, never less
    return services.store.study(name), place


def _format(figure: str, known: Mapping[str, str], asked: FigureFormat | None) -> FigureFormat:
    """The format to draw. Raises ProblemError for an unknown figure, or for a format that it does not have."""
    if figure not in known:
        raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown figure {figure!r}", remedy=nearest(figure, known))
    formats = _formats(figure)
    if asked is not None and asked not in formats:
        wrong = f"{figure} has only {' and '.join(formats)}, not {asked}"
        raise invalid(FieldProblem(field="format", message=wrong, place="query"))
    return asked or formats[0]


def _formats(figure: str) -> list[FigureFormat]:
    return ["gif"] if figure == ANIMATION else ["png", "svg"]


def _study_figures(services: Services, name: str) -> Figures:
    """The figures of a study. Reads a few columns of its trials alone: there may be thousands."""
    columns = ("trial_number", "epochs_trained", "overall_health", "stopped_by")
    page = TrialQueries(services.store).page(name, columns, order="epochs_trained", descending=True, limit=MOST_TRIALS)
    # One trial with a measured health and one that a scheduler stopped show which figures make sense.
    shown = {_first_with(column, columns, page.rows) for column in ("overall_health", "stopped_by")}
    queries = StoreQueries(services.store)
    trials = [row for number in shown if number is not None and (row := queries.trial(name, number)) is not None]
    names = StudyFigures.of(StudyRows(services.store.study(name), trials)).names()
    return Figures(figures=_figures(names, STUDY_FIGURES), trials=sorted(row[0] for row in page.rows if row[1]))


def _first_with(column: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int | None:
    place = columns.index(column)
    return next((row[0] for row in rows if row[place] not in (None, "null")), None)


def _figures(names: list[str], titles: Mapping[str, str]) -> list[Figure]:
    return [Figure(name=name, title=titles[name], shows=SHOWS[name], formats=_formats(name)) for name in names]
