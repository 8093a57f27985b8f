"""What the application is made of. The routes get it; tests make their own."""

from __future__ import annotations

from dataclasses import dataclass

from serve_app.feed import Feed
from serve_app.launching.port import Launcher
from serve_app.predicting.port import Predictor
from serve_app.settings import ServeSettings
from tuner.store import Store


@dataclass(frozen=True)
class Services:
    """One replica's connections. Nothing here is state: two replicas on one database behave as one."""

    settings: ServeSettings
    store: Store
    launcher: Launcher
    feed: Feed
    predictor: Predictor | None = None
    """None: the application does not predict."""
