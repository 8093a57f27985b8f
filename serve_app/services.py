"""The services that routes use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from serve_app.cluster_devices import ClusterDevices
from serve_app.feed import Feed
from serve_app.launching.launcher import JobLauncher
from serve_app.predicting.predictor import ServedPredictor
from serve_app.settings import ServeSettings
from tuner.devices.capacity import Node
from tuner.store import Store


@dataclass(frozen=True)
class Services:
    """One replica's connections. They hold no state of studies, so replicas on one database behave alike."""

    settings: ServeSettings
    store: Store
    launcher: JobLauncher
    feed: Feed
    predictor: ServedPredictor | None = None
    """None: the application has no routes for predictions."""
    devices: Callable[[], Sequence[Node]] = field(default_factory=ClusterDevices)
    """Returns the machines of the cluster; raises TryAgainError without one."""
