"""The OpenAPI document is a promise: whatever it allows to ask, no answer is a server error or breaks its schema."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serve_app.app import make_app
from serve_app.authentication import OPEN
from serve_app.drawing import Drawing
from serve_app.feed import Feed
from serve_app.predicting.predictor import ServedPredictor
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tests.serve_app import studies
from tests.serve_app.conftest import HOST, ScriptedLauncher
from tests.serve_app.replicas import WAIT_S, ScriptedBoards
from tests.serve_app.test_best_model import Even
from tuner.devices.capacity import Node
from tuner.store import Store

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    "DELETE /datasets/{name}",
    "DELETE /jobs/{id}",
    "GET /",
    "GET /api/sessions",
    "GET /api/sessions/{id}/architectures",
    "GET /api/sessions/{id}/trials",
    "GET /datasets",
    "GET /datasets/{name}",
    "GET /datasets/{name}/samples",
    "GET /datasets/{name}/samples/{split}/{index}.png",
    "GET /devices",
    "GET /health",
    "GET /jobs",
    "GET /jobs/{id}",
    "GET /jobs/{id}/best-model",
    "GET /jobs/{id}/best-model/archive",
    "GET /jobs/{id}/best-model/download",
    "GET /jobs/{id}/best-model/predict/schema",
    "GET /jobs/{id}/bests",
    "GET /jobs/{id}/curves",
    "GET /jobs/{id}/events",
    "GET /jobs/{id}/explain",
    "GET /jobs/{id}/importance",
    "GET /jobs/{id}/logs",
    "GET /jobs/{id}/plots",
    "GET /jobs/{id}/plots/{name}",
    "GET /jobs/{id}/report",
    "GET /jobs/{id}/samples",
    "GET /jobs/{id}/samples/{split}/{index}.png",
    "GET /jobs/{id}/space",
    "GET /jobs/{id}/trials",
    "GET /jobs/{id}/trials/{n}",
    "GET /jobs/{id}/trials/{n}/explain",
    "GET /jobs/{id}/trials/{n}/log",
    "GET /jobs/{id}/trials/{n}/plots",
    "GET /jobs/{id}/trials/{n}/plots/{name}",
    "GET /metrics",
    "GET /options",
    "GET /ready",
    "GET /session",
    "PATCH /jobs/{id}",
    "PATCH /jobs/{id}/trials/{n}",
    "POST /datasets",
    "POST /estimate",
    "POST /jobs",
    "POST /jobs/{id}/best-model/predict",
    "POST /jobs/{id}/best-model/predict/file",
    "POST /jobs/{id}/cancel",
    "POST /jobs/{id}/resume",
    "POST /jobs/{id}/trials/{n}/cancel",
    "POST /jobs/{id}/trials/{n}/predict",
    "POST /login",
    "POST /logout",
]
ENDLESS = ["GET /jobs/{id}/events"]
"""tests/serve_app/feed/test_events.py asks it, by a client that does not wait for the end."""
LOCAL = {"Host": HOST.removeprefix("http://")}
TOKEN = "t"
HEADERS = {None: LOCAL, TOKEN: LOCAL | {"Authorization": f"Bearer {TOKEN}"}}
"""Of a request, by the token of the application."""
EXAMPLES = int(os.environ.get("TUNER_API_EXAMPLES", "15"))
"""Of each operation; of those that cost a process each, and with a token, where the same routes answer, a third."""
COSTLY = ["POST /datasets", "GET /jobs/{id}/report"]


@pytest.fixture(scope="module")
def apps(tmp_path_factory):
    """Two applications, without and with a token, each with a running and a finished study; by their tokens.

    An empty file stands in for each figure: tests/serve_app/test_figures_api.py draws some.
    """
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stores:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(Drawing, "command", lambda _, file: ["/usr/bin/env", "touch", str(file)])
        found = {}
        for token in HEADERS:
            folder = tmp_path_factory.mktemp("house")
            chosen = ServeSettings(results_dir=folder, data_dir=None, database_url=None, api_token=token)
            store = stores.enter_context(Store.open(chosen.store_url()))
            studies.running(store, chosen.results_dir)
            studies.ended(store, chosen.results_dir)
            launcher, feed = ScriptedLauncher(store, chosen), Feed(store, ScriptedBoards())
            found[token] = make_app(
                Services(
                    chosen, store, launcher, feed, ServedPredictor(store, Even()), devices=lambda: [Node(2.0, host="a")]
                )
            )
        yield found


@pytest.fixture(scope="module")
def app(apps):
    return apps[None]


@pytest.fixture(scope="module")
def document(app):
    return app.openapi()


def schema_of(app, headers):
    async def on_this_machine(scope, receive, send):
        await app({**scope, "server": ("127.0.0.1", 8000)}, receive, send)

    return schemathesis.openapi.from_asgi("/openapi.json", on_this_machine, headers=headers)


@pytest.fixture(scope="module")
def apis(apps):
    return {token: schema_of(app, HEADERS[token]) for token, app in apps.items()}


@pytest.mark.timeout(900)  # each upload is read by a process of its own
@pytest.mark.parametrize("token", HEADERS)
@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one not in ENDLESS])
def test_nothing_that_may_be_asked_is_a_server_error(apis, operation, token):
    method, path = operation.split()

    examples = EXAMPLES if token is None and operation not in COSTLY else -(-EXAMPLES // 3)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(case=apis[token][path][method].as_strategy(), known=st.booleans())
    def holds(case, known):
        if known and "id" in case.path_parameters and method != "DELETE":
            case.path_parameters["id"] = "ended"  # chance alone names no study that is there
            if path.endswith("/plots/{name}"):
                case.path_parameters |= {"n": 2, "name": "training"} if "{n}" in path else {"name": "history"}
        case.call_and_validate(checks=CHECKS, headers=HEADERS[token], timeout=WAIT_S)

    holds()


def test_every_error_is_a_problem(document):
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    content = answer["content"]["application/problem+json"]
                    assert content == {"schema": {"$ref": "#/components/schemas/Problem"}}, path


def test_every_part_that_is_referred_to_is_there(document):
    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    named = {reference.rpartition("/")[2] for reference in references(document)}
    assert named <= set(document["components"]["schemas"])


def test_a_spec_is_the_one_of_the_command_line_with_examples(document):
    body = document["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]
    assert set(body["examples"]) == {"smallest", "narrowed", "health"}
    spec = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert spec["properties"]["trials"]["maximum"] == 100_000


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document):
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["description"] for operation in operations)


def test_the_paths_of_the_application(document):
    paths = document["paths"].items()
    assert {f"{method.upper()} {path}" for path, operations in paths for method in operations} == set(OPERATIONS)


def test_where_a_token_is_asked_for_the_document_says_so(apps):
    document = apps[TOKEN].openapi()
    cookie = {"type": "apiKey", "in": "cookie", "name": "tuner_session"}
    schemes = {"token": {"type": "http", "scheme": "bearer"}, "session": cookie}
    assert document["components"]["securitySchemes"] == schemes
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert ("401" in operation["responses"]) == (path not in OPEN or path == "/login")
            assert (operation.get("security") == []) == (path in OPEN)


def test_without_a_token_no_answer_is_401(document):
    for operations in document["paths"].values():
        assert all("401" not in operation["responses"] for operation in operations.values())


def test_what_a_body_may_be_refused_for_is_described(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            described = {"400", "408", "413"} & operation["responses"].keys()
            assert described == ({"400", "408", "413"} if "requestBody" in operation else set()), (method, path)
            assert "403" in operation["responses"]
