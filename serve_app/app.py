"""The application: a plain FastAPI app, which tests call without Ray and Ray Serve serves."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from serve_app import feed
from serve_app.problems import Problem, add_handlers, responses
from serve_app.routes import best_model, datasets, importance, jobs, logs, options, predict, sessions, system, trials
from serve_app.security import secure
from serve_app.services import Services

DESCRIPTION = """Finds the best neural network for a data set: studies, their trials and their best models.

Every error is a problem (RFC 9457): `detail` says what is wrong, `remedy` what to do about it, `errors` names each
wrong field. Lists come in pages: ask again with `cursor` set to `next_cursor`. Absent values are null; times have a
zone.
"""


def make_app(services: Services) -> FastAPI:
    """The application on these services. It holds no state: two of them on one database behave as one."""
    app = FastAPI(
        title="tuner",
        version=version("tuner"),
        description=DESCRIPTION,
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        responses=responses(422, 500, 503),
        generate_unique_id_function=_operation_id,
    )
    for part in (jobs, trials, best_model, importance, logs, sessions, datasets, system):
        app.include_router(part.router(services))
    app.include_router(options.router())
    if services.predictor is not None:
        app.include_router(predict.router(services.predictor))
    app.include_router(feed.router(services.feed))
    add_handlers(app)
    secure(app, services.settings)
    _describe(app, with_token=services.settings.token is not None)
    return app


def _operation_id(route: APIRoute) -> str:
    """Such as `get_jobs_id_trials`: names that generated clients can live with."""
    path = route.path_format.strip("/").translate(str.maketrans("/-", "__", "{}"))
    return f"{min(route.methods or {'ANY'}).lower()}_{path}"


def _describe(app: FastAPI, *, with_token: bool) -> None:
    """Complete the OpenAPI document: the form of problems, and the token where one is asked for."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = build()
            parts = document.setdefault("components", {})
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = parts.setdefault("schemas", {})
            schemas |= problem.pop("$defs") | {"Problem": problem}
            if with_token:
                parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
                document["security"] = [{"token": []}]
                document["paths"]["/health"]["get"]["security"] = []
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
