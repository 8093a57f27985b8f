"""The application on Ray Serve: a thin wrapper around `serve_app.app`.

    serve run serve_app.deployment:build          or          serve deploy cluster/serve.yaml

`tuner serve` (`serve_app.serving`) does the same with more comfort. Settings come from the environment of the process
that builds the application, and reach replicas and drivers from there.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ray import serve

from serve_app.settings import ServeSettings

APPLICATION = "tuner"
REQUESTS_AT_ONCE = 1_000
"""Of one replica: every open WebSocket is one."""
GRACE_S = 5.0
"""How long a replica that is to end waits for its requests; those that watch a study never end by themselves."""


class Arguments(BaseModel):
    """What can be said of the application where it is deployed."""

    model_config = ConfigDict(extra="forbid")

    replicas: int = Field(default=1, ge=1, description="Processes that answer requests; together they are as one.")


def build(arguments: dict[str, Any]) -> Any:
    """The application as Ray Serve deploys it, by the settings of this process's environment.

    Args:
        arguments: `Arguments`. Serve would make these itself only of an annotation that is no text.
    """
    return application(ServeSettings(), Path.cwd(), Arguments.model_validate(arguments).replicas)


def application(settings: ServeSettings, folder: Path, replicas: int = 1) -> Any:
    """The application, ready for `serve.run`.

    Args:
        folder: Where modules of own models are looked for.
    """
    absolute = settings.model_copy(update={"results_dir": settings.results_dir.absolute()})
    return Api.options(num_replicas=replicas).bind(absolute, folder)


class Replica:
    """One process that answers."""

    # Serve awaits it: what it starts runs on the loop that answers requests.
    async def __init__(self, settings: ServeSettings, folder: Path) -> None:  # type: ignore[misc]
        from serve_app.feed import Feed
        from serve_app.launching import handover
        from serve_app.launching.jobs import RayJobs
        from serve_app.launching.launcher import JobLauncher
        from serve_app.launching.supervisor import Supervisor
        from serve_app.predicting.deployment import ServeModels
        from serve_app.predicting.predictor import ServedPredictor
        from serve_app.services import Services
        from tuner.store import Store

        handover.leave(handover.Handover(settings, folder))
        store = Store.open(settings.store_url())
        jobs = await asyncio.to_thread(RayJobs)
        models = ServeModels()
        self._services = Services(
            settings=settings,
            store=store,
            launcher=JobLauncher(store, settings, jobs, on_deleted=models.forget),
            feed=Feed(store),
            predictor=ServedPredictor(store, models),
        )
        self._supervision = asyncio.create_task(Supervisor(store, jobs).run())

    def __serve_build_asgi_app__(self) -> Any:
        from serve_app.app import make_app

        return make_app(self._services)


Api: Any = serve.deployment(
    name="api",
    # No CPU is reserved: requests are answered also while studies use all of them.
    ray_actor_options={"num_cpus": 0},
    max_ongoing_requests=REQUESTS_AT_ONCE,
    graceful_shutdown_timeout_s=GRACE_S,
    graceful_shutdown_wait_loop_s=0.5,
    max_constructor_retry_count=3,  # what keeps a replica from starting rarely passes
)(serve.ingress()(Replica))
