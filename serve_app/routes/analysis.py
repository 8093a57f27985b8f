"""Why trials are good or bad: the importance of hyperparameters, training problems and how to fix them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query

from serve_app import views
from serve_app.explanation import StudyExplanation
from serve_app.problems import not_found, responses
from serve_app.public_text import for_clients
from serve_app.routes.common import StudyId, TrialNumber, known_trial, log_place
from serve_app.routing import new_routes
from serve_app.services import Services
from tuner.errors import FixInputError
from tuner.objectives import Objective
from tuner.store import Store
from tuner.study.explain import TrialDiagnosis
from tuner.study.importance import Importance, study_importance

Metric = Annotated[
    Objective | None, Query(description="Any possible objective; leave it out for the study's first objective.")
]
CACHED = 128
"""Answers that are kept until their study's next event: computing one takes seconds after many trials."""
T = TypeVar("T")


def router(services: Services) -> APIRouter:
    routes = new_routes(tags=["trials"])
    answers = Answers(services.store)

    @routes.get("/jobs/{id}/importance", responses=responses(404))
    async def importance(name: StudyId, metric: Metric = None) -> Importance:
        """Return how much each hyperparameter decided an objective or another metric, or why that is not known."""
        found = await answers.get(name, metric or "importance", lambda: study_importance(services.store, name, metric))
        return for_clients(found)

    @routes.get("/jobs/{id}/explain", responses=responses(404))
    async def explanation(name: StudyId) -> StudyExplanation:
        """Return the training problems of the best trial and of all trials, their remedies, and what to try next."""
        try:
            return await answers.get(name, "explanation", lambda: views.explanation(services, name))
        except FixInputError as error:
            raise not_found(error) from None

    @routes.get("/jobs/{id}/trials/{n}/explain", responses=responses(404))
    def diagnosis(name: StudyId, number: TrialNumber) -> TrialDiagnosis:
        """Return the training problems of one trial and their remedies; of a running trial, after its last epoch."""
        store = services.store
        return views.diagnosis(services, known_trial(store, name, number), store.study(name))

    return routes


class Answers:
    """Computes one answer at a time, and keeps the last CACHED ones until their study's next event."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[str, str], tuple[str, Any]] = OrderedDict()
        self._computing = asyncio.Lock()  # requests that wait for it occupy no thread

    async def get(self, study: str, what: str, compute: Callable[[], T]) -> T:
        """The answer to `what` about a study. Raises UnknownStudyError, and what `compute` raises."""
        place = await asyncio.to_thread(log_place, self._store, study)
        async with self._computing:
            kept = self._kept.pop((study, what), None)
            if kept is None or kept[0] != place:
                kept = place, await asyncio.to_thread(compute)
            self._kept[study, what] = kept
            while len(self._kept) > CACHED:
                self._kept.popitem(last=False)
        answer: T = kept[1]
        return answer
