"""Health, readiness and metrics of the application, and the options of studies."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from serve_app.planning_schemas import Options
from serve_app.problems import responses
from serve_app.routing import new_routes
from serve_app.schemas import Health, Ready, Root
from serve_app.services import Services
from tuner.search.options import options_json
from tuner.store import StoreQueries

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def router(services: Services) -> APIRouter:
    routes = new_routes()
    health_now = Health(version=version("tuner"))

    @routes.get("/", tags=["system"])
    async def root() -> Root:
        """Return the name, the version and the paths to start with."""
        return Root(version=health_now.version)

    # Async: it answers on the event loop, also while every thread of the pool is busy.
    @routes.get("/health", tags=["system"])
    async def health() -> Health:
        """Return that the application answers. Needs no token; asks neither database nor Ray."""
        return health_now

    @routes.get("/ready", tags=["system"], responses=responses(503))
    def ready() -> Ready:
        """Return that the application can work: its database answers, and studies can be started."""
        StoreQueries(services.store).trial_counts()
        services.launcher.check()
        return Ready()

    @routes.get("/metrics", tags=["system"], response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Return the numbers of studies and trials by status, for Prometheus. Every replica returns the same."""
        return PlainTextResponse(_metrics(services), media_type=PROMETHEUS)

    @routes.get("/options", tags=["options"])
    def options() -> Options:
        """Return the fields of a study and the parameters of the search space, with defaults, ranges and meanings."""
        return Options.model_validate(options_json())

    return routes


def _metrics(services: Services) -> str:
    queries = StoreQueries(services.store)
    studies = _gauge("tuner_studies", "Studies by status.", queries.study_counts())
    return studies + _gauge("tuner_trials", "Trials by status.", queries.trial_counts())


def _gauge(name: str, meaning: str, counts: Mapping[Any, int]) -> str:
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
    lines += [f'{name}{{status="{status}"}} {count}' for status, count in sorted(counts.items())]
    return "\n".join(lines) + "\n"
