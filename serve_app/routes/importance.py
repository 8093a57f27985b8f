"""Which hyperparameters decided a study's objective."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from fastapi import APIRouter

from serve_app.problems import responses
from serve_app.routes.common import StudyId, log_place
from serve_app.services import Services
from tuner.study.importance import Importance, study_importance

CACHED = 32
"""Studies whose importance is kept until their next event: computing it takes seconds after many trials."""


def router(services: Services) -> APIRouter:
    """The route of importance."""
    routes = APIRouter(tags=["trials"])
    cache: OrderedDict[str, tuple[str, Importance]] = OrderedDict()
    computing = asyncio.Lock()  # one at a time; requests that wait for it occupy no thread

    @routes.get("/jobs/{id}/importance", responses=responses(404))
    async def importance(name: StudyId) -> Importance:
        """Return how much each hyperparameter decided the objective, or why that is not known."""
        place = await asyncio.to_thread(log_place, services.store, name)
        async with computing:
            cached = cache.pop(name, None)
            if cached is None or cached[0] != place:
                cached = place, await asyncio.to_thread(study_importance, services.store, name)
            cache[name] = cached
            while len(cache) > CACHED:
                cache.popitem(last=False)
        return cached[1]

    return routes
