"""The options of a study."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from tuner.search.options import options_json


def router() -> APIRouter:
    """The route of options."""
    routes = APIRouter(tags=["options"])

    @routes.get("/options")
    def options() -> dict[str, Any]:
        """Return the fields of a study and the parameters of the search space, with defaults, ranges and meanings."""
        return options_json()

    return routes
