"""What all routes have in common: what they refuse, and their names in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from serve_app.problems import refuse_unknown_parameters, responses


def new_routes(**options: Any) -> APIRouter:
    """Routes without any yet, with options of APIRouter.

    What FastAPI would merge into them when an application includes them is in them from the beginning: it would make
    each route a second time.
    """
    return APIRouter(
        responses=responses(403, 422, 500, 503),
        dependencies=[Depends(refuse_unknown_parameters)],
        generate_unique_id_function=_operation_id,
        **options,
    )


def _operation_id(route: APIRoute) -> str:
    """The identifier of a route in the OpenAPI document, such as `get_jobs_id_trials`."""
    path = route.path_format.strip("/").translate(str.maketrans("/-.", "___", "{}"))
    return f"{min(route.methods or {'ANY'}).lower()}_{path}"
