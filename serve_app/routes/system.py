"""Whether the application lives and can work, and numbers to watch it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from serve_app.problems import responses
from serve_app.schemas import Health, Ready, Root
from serve_app.services import Services
from tuner.store import StoreQueries

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def router(services: Services) -> APIRouter:
    """The routes of the system."""
    routes = APIRouter(tags=["system"])
    health_now = Health(version=version("tuner"))

    @routes.get("/")
    def root() -> Root:
        """What this is, and where to begin."""
        return Root(version=health_now.version)

    @routes.get("/health")
    def health() -> Health:
        """That the application answers. Needs no token and asks nobody."""
        return health_now

    @routes.get("/ready", responses=responses(503))
    def ready() -> Ready:
        """That it can work: its database answers."""
        StoreQueries(services.store).trial_counts()
        return Ready()

    @routes.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Studies and trials by status, for Prometheus. From the database: every replica says the same."""
        return PlainTextResponse(_metrics(services), media_type=PROMETHEUS)

    return routes


def _metrics(services: Services) -> str:
    studies = Counter(study.current_status for study in services.store.studies())
    trials = StoreQueries(services.store).trial_counts()
    return _gauge("tuner_studies", "Studies by status.", studies) + _gauge("tuner_trials", "Trials by status.", trials)


def _gauge(name: str, meaning: str, counts: Mapping[Any, int]) -> str:
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
    lines += [f'{name}{{status="{status}"}} {count}' for status, count in sorted(counts.items())]
    return "\n".join(lines) + "\n"
