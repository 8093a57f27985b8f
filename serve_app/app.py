"""The application: a plain FastAPI app. Ray Serve serves it; tests call it without Ray."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from serve_app import feed
from serve_app.authentication import OPEN, Identity
from serve_app.methods import HeadRequests
from serve_app.problems import Problem, add_handlers, responses
from serve_app.routes import (
    analysis,
    best_model,
    datasets,
    figures,
    jobs,
    logs,
    planning,
    predict,
    samples,
    session,
    sessions,
    system,
    trials,
)
from serve_app.samples.loads import SampleLoads
from serve_app.security import secure
from serve_app.services import Services
from serve_app.session import COOKIE

SMALLEST_COMPRESSED, COMPRESSION = 1024, 5
"""Bytes from which an answer is compressed, and how thoroughly. What is sent without end never is: see `live feed`."""
DESCRIPTION = """Finds the best neural network for a data set: studies, their trials and their best models.

Every error is a problem document (RFC 9457): `detail` says what is wrong, `remedy` what to do about it, and `errors`
names each invalid field. Lists have pages: to get the next page, pass `next_cursor` as `cursor`. Absent values are
null. Times are ISO 8601 with a time zone.
"""


def make_app(services: Services) -> FastAPI:
    """The application on these services. It holds no state, so any number of them can share a database."""
    app = FastAPI(
        title="tuner",
        version=version("tuner"),
        description=DESCRIPTION,
        docs_url=None,  # these pages load scripts from other servers
        redoc_url=None,
    )
    loads = SampleLoads(services.settings)
    identity = Identity.of(services.settings.token)
    parts = [
        part.router(services)
        for part in (jobs, planning, trials, analysis, figures, best_model, logs, sessions, system)
    ]
    parts += [datasets.router(services, loads), samples.router(services, loads)]
    if services.predictor is not None:
        parts.append(predict.router(services, services.predictor, loads))
    parts += [session.router(identity), feed.router(services.feed)]
    for routes in parts:
        app.router.routes.extend(routes.routes)
    add_handlers(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED, compresslevel=COMPRESSION)
    app.add_middleware(HeadRequests)  # outside: HEAD has the headers of the compressed GET
    secure(app, services.settings, identity)
    _describe(app, with_token=services.settings.token is not None)
    return app


def _describe(app: FastAPI, *, with_token: bool) -> None:
    """Add to the OpenAPI document what holds for all paths: problems, refused bodies, and the token if there is one."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = build()
            parts = document.setdefault("components", {})
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = parts.setdefault("schemas", {})
            schemas |= problem.pop("$defs") | {"Problem": problem}
            if with_token:
                cookie = {"type": "apiKey", "in": "cookie", "name": COOKIE}
                parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}, "session": cookie}
                document["security"] = [{"token": []}, {"session": []}]
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    open_to_all = path in OPEN
                    if with_token and open_to_all:
                        operation["security"] = []
                    added = [401] if with_token and not open_to_all else []
                    added += [400, 408, 413] if "requestBody" in operation else []
                    described = {str(status): response for status, response in responses(*added).items()}
                    operation["responses"] = dict(sorted((operation["responses"] | described).items()))
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
