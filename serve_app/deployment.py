"""The application on Ray Serve: a thin wrapper around `serve_app.app`.

    serve run serve_app.deployment:build          or          serve deploy cluster/serve.yaml

`tuner serve` (`serve_app.serving`) does the same and starts Ray if needed. The process that builds the application
passes its settings on to replicas and drivers, except the secrets: each node's environment holds those.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray import serve

from serve_app.feed.feed import MOST_CLIENTS
from serve_app.launching.handover import Handover
from serve_app.settings import ServeSettings

APPLICATION = "tuner"
REQUESTS_AT_ONCE = MOST_CLIENTS + 200
"""Requests that one replica handles at a time; every client of the live feed counts as one."""
GRACE_S = 5.0
"""How long a replica that shuts down waits for its requests; feeds of running studies never end by themselves."""


class Arguments(BaseModel):
    """Arguments of the application in a Serve config file."""

    model_config = ConfigDict(extra="forbid")

    replicas: int = Field(default=1, ge=1, description="Number of processes that answer requests.")


def build(arguments: dict[str, Any]) -> Any:
    """The application as Ray Serve deploys it, with the settings of this process's environment.

    Args:
        arguments: Fields of `Arguments`. (Serve would build an `Arguments` itself only if annotations were no strings.)
    """
    handover = Handover.of(ServeSettings(), Path.cwd())
    return application(handover, Arguments.model_validate(arguments).replicas, create_database=True)


def application(handover: Handover, replicas: int = 1, *, create_database: bool = False) -> Any:
    """The application, ready for `serve.run`.

    Args:
        create_database: Whether a replica may create a SQLite file. `tuner serve` has done so before.
    """
    return Api.options(num_replicas=replicas).bind(handover.model_dump(mode="json"), create_database)


class Replica:
    """One process that answers requests.

    Args:
        handover: JSON values of a `Handover`: Serve stores them, so they hold no secret.
        create_database: Whether a SQLite file may be created.

    Raises:
        FixInputError: this node's environment lacks a secret, or the database cannot be used.
    """

    # Serve awaits it, so that the tasks it starts run on the event loop that answers requests.
    async def __init__(self, handover: dict[str, Any], create_database: bool) -> None:  # type: ignore[misc]
        from serve_app.feed import Feed
        from serve_app.launching.jobs import RayJobs
        from serve_app.launching.launcher import JobLauncher
        from serve_app.launching.supervisor import Supervisor
        from serve_app.predicting.deployment import ServeModels
        from serve_app.predicting.predictor import ServedPredictor
        from serve_app.services import Services
        from tuner.ray_internals import listen_on_own_node
        from tuner.settings import restrict_umask
        from tuner.store import Retry, Store

        listen_on_own_node()
        passed_on = Handover.model_validate(handover)
        settings = passed_on.read(ServeSettings)
        restrict_umask(settings)
        opened = partial(Store.open, settings.store_url(), create=create_database)
        store = await asyncio.to_thread(Retry(), opened)  # Serve gives up a replica that fails a few times
        jobs = await asyncio.to_thread(RayJobs, passed_on)
        models = ServeModels()
        self._services = Services(
            settings=settings,
            store=store,
            launcher=JobLauncher(store, settings, jobs, on_deleted=models.forget),
            feed=Feed(store),
            predictor=ServedPredictor(store, models),
        )
        self._supervision = asyncio.create_task(Supervisor(store, jobs).run())

    async def end_feeds(self) -> None:
        """Close every connection of the live feed, since they never end by themselves, and each new one at once."""
        self._services.feed.ending.set()

    def __serve_build_asgi_app__(self) -> Any:
        from serve_app.app import make_app

        return make_app(self._services)


Api: Any = serve.deployment(
    name="api",
    # Reserves no CPU, so that requests are answered while studies use all CPUs.
    ray_actor_options={"num_cpus": 0},
    max_ongoing_requests=REQUESTS_AT_ONCE,
    graceful_shutdown_timeout_s=GRACE_S,
    graceful_shutdown_wait_loop_s=0.5,
    health_check_period_s=2.0,  # the time until Serve notices that a replica died and starts another one
    max_constructor_retry_count=3,  # a replica that cannot start rarely can later
)(serve.ingress()(Replica))
