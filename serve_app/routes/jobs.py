"""Studies: start, list, read, cancel, resume, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, ParamSpec, TypeVar

from fastapi import APIRouter, Body, Header, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from serve_app import views
from serve_app.changes import MOST_TAGS, JobChange, Tag, change_study
from serve_app.planning_schemas import DryRun
from serve_app.problems import ProblemError, conflict, responses
from serve_app.requests import check_spec, check_start
from serve_app.routes.common import RequestBody, StudyId, bad_cursor, from_cursor, to_cursor
from serve_app.routing import new_routes
from serve_app.schemas import Created, Job, JobDetail, Page
from serve_app.services import Services
from tuner.errors import FixInputError
from tuner.spec import StudySpec
from tuner.store import CurrentStatus, StartRequest, StoreQueries
from tuner.store.queries import PageEnd, StudyOrder
from tuner.study.command import command_of
from tuner.study.start import checked, study_name

Sort = Literal["created_at", "-created_at", "name", "-name", "status", "-status"]
P = ParamSpec("P")
T = TypeVar("T")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="New for each new request. A request that is repeated with its key gets the same answer and starts "
        "no other study. A key with another body is a 422.",
    ),
]
OnlyCheck = Annotated[bool, Query(description="Whether to check the request only, and to start nothing.")]
EXAMPLES = {
    "smallest": {"summary": "Handwritten digits, eight trials", "value": {"dataset": "digits", "trials": 8}},
    "narrowed": {
        "summary": "A narrowed search space and a budget",
        "value": {
            "dataset": "mnist",
            "trials": 40,
            "max_epochs_per_trial": 10,
            "time_budget_s": 3600,
            "space": {"activation": "relu", "learning_rate": "1e-4..1e-2", "batch_size": [32, 64, 128]},
        },
    },
    "health": {
        "summary": "Accuracy and health of the networks",
        "value": {"dataset": "mnist", "mode": "health", "accuracy_weight": 0.7, "trials": 20},
    },
}


class Resume(RequestBody):
    """How to resume a study."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"trials": 40}, {}]})

    trials: int | None = Field(
        default=None, ge=1, le=100_000, strict=True, description="New total number of trials; null: unchanged."
    )


class Listing(BaseModel):
    """Which studies are listed, and in which order."""

    model_config = ConfigDict(extra="forbid")

    status: list[CurrentStatus] = Field(
        default=[], max_length=10, description="Only studies with one of these statuses."
    )
    dataset: str | None = Field(default=None, max_length=200, description="Only studies of this data set.")
    containing: str = Field(
        default="", max_length=80, pattern=r"^[\x20-\x7e]*$", description="Only studies whose name contains this text."
    )
    tag: list[Tag] = Field(default=[], max_length=MOST_TAGS, description="Only studies with all of these tags.")
    sort: Sort = Field(default="-created_at", description="A leading - reverses the order.")
    cursor: Annotated[str | None, Field(max_length=400)] = Field(
        default=None, description="`next_cursor` of the page before; leave it out for the first page."
    )
    limit: int = Field(default=50, ge=1, le=200, description="Largest number of studies on the page.")


def router(services: Services) -> APIRouter:
    routes = new_routes(tags=["studies"])
    launcher, wait_s = services.launcher, services.settings.launch_timeout_s

    @routes.post(
        "/jobs",
        status_code=HTTPStatus.CREATED,
        responses=responses(409, 504, 507) | {200: {"model": DryRun, "description": "With dry_run=true."}},
    )
    async def start(
        spec: Annotated[StudySpec, Body(openapi_examples=EXAMPLES)],
        response: Response,
        key: IdempotencyKey = None,
        dry_run: OnlyCheck = False,
    ) -> Created:
        """Start a study. Returns its id at once; preparation and training go on in the background.

        With `dry_run=true` nothing is started or written: returns the name that the study would get, and its command.
        """
        if dry_run:
            would_start = await asyncio.to_thread(_dry_run, services, spec)
            return JSONResponse(would_start.model_dump(mode="json"))  # type: ignore[return-value]
        request = None if key is None else StartRequest.of(key, spec)
        await asyncio.to_thread(check_start, services, spec, request)
        name = await _within(wait_s, launcher.start, spec, request)
        response.headers["Location"] = f"/jobs/{name}"
        return Created(id=name)

    @routes.get("/jobs")
    def jobs(asked: Annotated[Listing, Query()]) -> Page[Job]:
        """List studies, by default the newest first."""
        return list_jobs(services, asked)

    @routes.get("/jobs/{id}", responses=responses(404))
    def job(name: StudyId) -> JobDetail:
        """Return one study: status, progress, spec, best trial."""
        return views.job(services, services.store.study(name))

    @routes.patch("/jobs/{id}", responses=responses(404, 409))
    def change(name: StudyId, how: JobChange) -> Job:
        """Change a study's note, its tags or the number of its concurrent trials, also while it is running."""
        change_study(services, name, how)
        return views.jobs(services, [services.store.study(name)])[0]

    @routes.post("/jobs/{id}/cancel", status_code=HTTPStatus.ACCEPTED, responses=responses(404, 409, 504))
    async def cancel(name: StudyId) -> Created:
        """Ask a study to end. Its trials end within a batch, then its best model is saved."""
        with _as_conflict():
            await _within(wait_s, launcher.cancel, name)
        return Created(id=name)

    @routes.post("/jobs/{id}/resume", status_code=HTTPStatus.ACCEPTED, responses=responses(404, 409, 504))
    async def resume(name: StudyId, how: Resume | None = None) -> Created:
        """Resume a study that was stopped, or add trials to a complete study."""
        with _as_conflict():
            await _within(wait_s, launcher.resume, name, None if how is None else how.trials)
        return Created(id=name)

    @routes.delete("/jobs/{id}", status_code=HTTPStatus.NO_CONTENT, responses=responses(404, 409, 504))
    async def delete(name: StudyId) -> None:
        """Delete a study that is not running, with its model, files and history. This cannot be undone."""
        with _as_conflict():
            await _within(wait_s, launcher.delete, name)

    return routes


def _dry_run(services: Services, spec: StudySpec) -> DryRun:
    """What the request would start. Raises what its start would raise."""
    check_spec(services, spec)
    name = study_name(checked(services.store, spec, services.settings))
    return DryRun(id=name, command=command_of(spec), spec=spec.model_copy(update={"run_name": name}))


def list_jobs(services: Services, asked: Listing) -> Page[Job]:
    """A page of studies."""
    order, descending = _order(asked.sort)
    found = StoreQueries(services.store).studies(
        order=order,
        descending=descending,
        after=_place(asked.cursor, asked.sort),
        limit=asked.limit + 1,
        statuses=asked.status,
        datasets=() if asked.dataset is None else views.dataset_paths(services, asked.dataset),
        containing=asked.containing,
        tags=asked.tag,
    )
    shown, more = found[: asked.limit], len(found) > asked.limit
    cursor = to_cursor([asked.sort, str(_key(getattr(shown[-1], order))), shown[-1].name]) if more else None
    return Page(items=views.jobs(services, shown), next_cursor=cursor)


def _order(sort: Sort) -> tuple[StudyOrder, bool]:
    order: dict[str, StudyOrder] = {"created_at": "created_at", "name": "name", "status": "status"}
    return order[sort.removeprefix("-")], sort.startswith("-")


def _key(value: str | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else value


def _place(cursor: str | None, sort: Sort) -> PageEnd | None:
    if cursor is None:
        return None
    of, value, name = map(str, from_cursor(cursor, str, str, str))
    if of != sort:
        raise bad_cursor()
    if sort.removeprefix("-") != "created_at":
        return value, name
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise bad_cursor() from None
    if at.tzinfo is None:
        raise bad_cursor()
    return at, name


async def _within(wait_s: float, command: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        async with asyncio.timeout(wait_s):
            return await asyncio.to_thread(command, *args, **kwargs)
    except TimeoutError:
        raise ProblemError(
            HTTPStatus.GATEWAY_TIMEOUT,
            f"no answer within {wait_s:g} s",
            remedy="GET /jobs shows whether the command had an effect",
        ) from None


@contextmanager
def _as_conflict() -> Iterator[None]:
    """Context manager that turns errors of a valid request into 409: the study's status does not allow the command."""
    try:
        yield
    except FixInputError as error:
        raise conflict(error) from None
