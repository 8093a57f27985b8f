"""The services that routes use."""

from __future__ import annotations

from dataclasses import dataclass

from serve_app.feed import Feed
from serve_app.launching.port import Launcher
from serve_app.predicting.port import Predictor
from serve_app.settings import ServeSettings
from tuner.store import Store


@dataclass(frozen=True)
class Services:
    """One replica's connections. They hold no state of studies, so replicas on one database behave alike."""

    settings: ServeSettings
    store: Store
    launcher: Launcher
    feed: Feed
    predictor: Predictor | None = None
    """None: the application has no routes for predictions."""
