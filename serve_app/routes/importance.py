"""Which hyperparameters decided a study's objective."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from fastapi import APIRouter

from serve_app.problems import responses
from serve_app.routes.common import StudyId
from serve_app.services import Services
from tuner.study.importance import Importance, study_importance

REMEMBERED = 32
"""Studies whose importance is not judged again while nothing happens in them: it takes seconds after many trials."""


def router(services: Services) -> APIRouter:
    """The route of importance."""
    routes = APIRouter(tags=["trials"])
    judged: OrderedDict[str, tuple[int, Importance]] = OrderedDict()
    lock = Lock()

    @routes.get("/jobs/{id}/importance", responses=responses(404))
    def importance(name: StudyId) -> Importance:
        """How much each hyperparameter decided the objective; where that is not known, why."""
        at = services.store.last_sequence(name)
        with lock:  # one at a time: it is hard work
            known = judged.pop(name, None)
            if known is None or known[0] != at:
                known = at, study_importance(services.store, name)
            judged[name] = known
            while len(judged) > REMEMBERED:
                judged.popitem(last=False)
        return known[1]

    return routes
