"""What the application is made of. The routes get it; tests make their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fastapi import APIRouter

from serve_app.launching.port import Launcher
from serve_app.live import LiveBoards
from serve_app.predicting.port import Predictor
from serve_app.settings import ServeSettings
from tuner.store import Store


class Feed(Protocol):
    """The live feed: the module `serve_app.feed`, or whatever has a router too."""

    def router(self, services: Services) -> APIRouter:
        """WS /ws, WS /ws/jobs/{id} and GET /jobs/{id}/events."""


class Live(Protocol):
    """Where running epochs stand."""

    def latest(self, study: str) -> Mapping[int, Mapping[str, Any]]:
        """The latest `BatchProgress` of each running trial by its number, as JSON values; empty: not known."""


@dataclass(frozen=True)
class Services:
    """One replica's connections. Nothing here is state: two replicas on one database behave as one."""

    settings: ServeSettings
    store: Store
    launcher: Launcher
    feed: Feed | None = None
    """None: the application has no live feed."""
    predictor: Predictor | None = None
    """None: the application does not predict."""
    live: Live = field(default_factory=LiveBoards)
