"""cluster/serve.yaml says what Ray Serve understands, and listens to this machine only."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from serve_app import proxy
from serve_app.settings import is_local

FILE = Path(__file__).parents[2] / "cluster" / "serve.yaml"


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


@pytest.fixture(scope="module")
def parsed(config: dict[str, Any]) -> Any:
    from ray.serve.schema import ServeDeploySchema

    return ServeDeploySchema.model_validate(config)


def unknown(config: dict[str, Any], model: BaseModel) -> list[str]:
    """Keys that Serve would not complain about and ignore."""
    return [key for key in config if key not in type(model).model_fields]


def test_serve_knows_every_key(config: dict[str, Any], parsed: Any) -> None:
    assert unknown(config, parsed) == []
    assert unknown(config["http_options"], parsed.http_options) == []
    assert [unknown(*pair) for pair in zip(config["applications"], parsed.applications, strict=True)] == [[]]


def test_it_listens_to_this_machine_only(parsed: Any) -> None:
    assert is_local(parsed.http_options.host)


def test_no_request_is_cut_off(parsed: Any) -> None:
    assert parsed.http_options.request_timeout_s is None


def test_its_proxies_answer_as_those_of_tuner_serve(parsed: Any) -> None:
    assert parsed.controller_options.runtime_env == {"env_vars": proxy.SETTINGS}


def test_the_application_can_be_built_with_its_arguments(parsed: Any) -> None:
    from ray.serve._private.api import call_user_app_builder_with_args_if_necessary as as_serve_does

    (application,) = parsed.applications
    module, _, name = application.import_path.partition(":")
    deployment = import_module(module)
    built = as_serve_does(getattr(deployment, name), application.args)
    assert built._bound_deployment.num_replicas == application.args["replicas"] == 2
    assert (application.name, application.route_prefix) == (deployment.APPLICATION, "/")
    assert as_serve_does(deployment.build, {})._bound_deployment.num_replicas == 1
    with pytest.raises(ValueError, match="replica"):
        as_serve_does(deployment.build, {"replica": 2})


def test_websockets_are_many_requests(parsed: Any) -> None:
    deployment = import_module("serve_app.deployment")
    assert deployment.Api.max_ongoing_requests >= 500
