"""Ray still has the internals that `tuner.ray_internals` uses, and no other module uses any."""

from __future__ import annotations

import ast
import importlib
import inspect
import logging
import re
import socket
import threading
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from tuner import ray_internals

ROOT = Path(__file__).parents[1]
PRIVATE_MODULES = ("ray.experimental.internal_kv", "ray.core.generated", "ray.serve.generated")
"""Undocumented modules of Ray without an underscore in their names."""

MEMBERS = [
    ("ray._private.state", "state._connect_and_get_accessor"),
    ("ray._raylet", "GlobalStateAccessor.get_placement_group_table"),
    ("ray._raylet", "InnerGcsClient.get_draining_nodes"),
    ("ray._private.parameter", "RayParams"),
    ("ray._private.node", "Node.raylet_socket_name"),
    ("ray.job_config", "JobConfig._runtime_env_has_working_dir"),
    ("ray._common.network_utils", "build_address"),
    ("ray._common.tls_utils", "add_port_to_grpc_server"),
    ("ray.tune.execution.tune_controller", "TuneController.get_live_trials"),
    ("ray.air.execution._internal.actor_manager", "RayActorManager.is_actor_started"),
    ("ray.tune.experiment", "Trial.pickled_error_file"),
    ("ray.tune.experiment", "Trial.error_file"),
    ("ray.air._internal.usage", "tag_callbacks"),
    ("ray.tune.schedulers", "PopulationBasedTraining._get_new_config"),
    ("ray.serve._private.constants", "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"),
    ("ray.serve._private.constants", "PROXY_HEALTH_CHECK_PERIOD_S"),
    ("ray.experimental.internal_kv", "_internal_kv_put"),
    ("ray.experimental.internal_kv", "_internal_kv_get"),
]
CODE = [
    ("ray._private.worker", "connect", r"worker\.gcs_client = "),
    ("ray._private.worker", "init", r"_global_node = ray\._private\.node\.Node\("),
    ("ray._private.worker", "init", r"ray\._private\.parameter\.RayParams\("),
    (
        "ray._private.worker",
        "connect",
        r"not job_config\._runtime_env_has_working_dir\(\):\s+current_directory = .*\s+code_paths\.append",
    ),
    ("ray.job_config", "JobConfig._get_proto_job_config", r"py_driver_sys_path\.extend\(self\._py_driver_sys_path\)"),
    ("ray._private.parameter", "RayParams.__init__", r"dashboard_agent_listen_port:"),
    ("ray.serve._private.replica", "Replica._on_initialized", r" add_port_to_grpc_server\(self\._server, "),
    (
        "ray._private.services",
        "get_node_ip_address",
        r"(?s)not ray_constants\.ENABLE_RAY_CLUSTER:.*return get_localhost_ip",
    ),
    ("ray.tune.execution.tune_controller", "TrialRunnerWrapper.__init__", r"self\._tune_controller = "),
    ("ray.tune.execution.tune_controller", "TuneController.__init__", r"self\._trial_to_actor\b.* = "),
    ("ray.tune.execution.tune_controller", "TuneController.__init__", r"self\._actor_manager\b.* = "),
    ("ray.tune.schedulers.pbt", "PopulationBasedTraining._exploit", r"self\._get_new_config\(trial, trial_to_clone\)"),
    ("ray.tune.schedulers.async_hyperband", "AsyncHyperBandScheduler.__init__", r"self\._brackets = "),
    ("ray.tune.schedulers.async_hyperband", "_Bracket.on_result", r"cutoff = self\.cutoff\(recorded\)"),
    ("ray.tune.tune", "run", r"air_usage\.tag_callbacks\("),
    ("ray._private.worker", "listen_error_messages", r"print_to_stdstream\("),
    ("ray.serve._private.proxy", "", r"configure_http_middlewares\(http_options\)[\s\S]*start_asgi_http_server\("),
    ("ray.serve._private.proxy", "HTTPProxy.not_found_response", r"-/routes for available routes\."),
    ("ray.serve._private.http_util", "start_asgi_http_server", r"uvicorn\.Config\((?![^)]*\bhttp=)"),
    ("ray._common.ray_option_utils", "", r'"_generator_backpressure_num_objects": Option\('),
]
"""Where Ray sets or calls what is used, as a pattern of its source."""


@pytest.mark.parametrize(("module", "name"), MEMBERS)
def test_ray_has_each_internal_that_is_used(module: str, name: str) -> None:
    try:
        reduce(getattr, name.split("."), importlib.import_module(module))
    except (ImportError, AttributeError):
        pytest.fail(f"Ray {ray.__version__} has no {module}.{name}: change tuner/ray_internals.py")


@pytest.mark.parametrize(("module", "name", "pattern"), CODE)
def test_ray_sets_and_calls_each_internal_where_it_is_expected(module: str, name: str, pattern: str) -> None:
    found = reduce(getattr, filter(None, name.split(".")), importlib.import_module(module))
    if not re.search(pattern, inspect.getsource(found)):
        pytest.fail(f"Ray {ray.__version__}: no {pattern!r} in {module}.{name}: change tuner/ray_internals.py")


def test_a_placement_group_has_the_known_fields_and_states() -> None:
    from ray.core.generated.common_pb2 import Bundle
    from ray.core.generated.gcs_pb2 import PlacementGroupTableData

    PlacementGroupTableData(creator_job_id=b"", bundles=[Bundle(unit_resources={"CPU": 1.0})])
    known = {*ray_internals._GROUP_STATES, "REMOVED"}
    assert set(PlacementGroupTableData.PlacementGroupState.keys()) == known


def test_the_aws_provider_launches_nodes() -> None:
    pytest.importorskip("boto3")
    assert list(inspect.signature(ray_internals.aws_node_provider().create_node).parameters) == [
        "self",
        "node_config",
        "tags",
        "count",
    ]


@pytest.mark.parametrize("dashboard", [True, False])
def test_a_new_cluster_has_no_more_processes_than_it_needs_in_the_context_only(dashboard: bool) -> None:
    from ray._private import node, parameter, services

    def started() -> tuple[int, bool, bool]:
        params = parameter.RayParams()
        params.update_if_absent(include_log_monitor=True)  # as a node does
        return params.dashboard_agent_listen_port, not params.no_monitor, params.include_log_monitor

    starts = services.start_api_server
    with ray_internals.new_cluster(dashboard=dashboard):
        assert started() == (0, dashboard, dashboard)
        assert (services.start_api_server is starts) == dashboard
        if not dashboard:
            assert services.start_api_server(False, False, "127.0.0.1") == (None, None)
    assert started() == (52365, True, True)
    assert services.start_api_server is starts
    source = inspect.getsource(node.Node)
    for used in ("services.start_api_server(", "process_info is not None", "params.no_monitor", "include_log_monitor"):
        assert used in source, f"a node of Ray uses {used}"


def test_what_ray_reports_to_this_process_is_logged_and_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from ray._private import worker

    monkeypatch.setattr(worker, "print_to_stdstream", worker.print_to_stdstream)  # as before at the end
    ray_internals.log_reported_errors()
    reported = iter([(None, {"job_id": None, "error_message": "A worker died.\nTwo lines.", "type": "worker_died"})])

    def poll() -> Any:
        try:
            return next(reported)
        except StopIteration:
            raise ConnectionError from None

    subscriber = SimpleNamespace(subscribe=lambda: None, poll=poll)
    listening = SimpleNamespace(gcs_error_subscriber=subscriber, current_job_id=ray.JobID.nil())
    with caplog.at_level(logging.INFO, "ray"):
        worker.listen_error_messages(listening, threading.Event())
    assert "Two lines." in caplog.text
    assert capsys.readouterr().out == ""


def test_workers_search_the_folders_of_the_user_last() -> None:
    config = ray_internals.WorkerPath(["/own", "/library", "", "/packages"], ["/own", "/here"])
    path = ["/worker"]
    for folder in config._get_proto_job_config().py_driver_sys_path:
        path.insert(0, folder)  # as each worker does
    assert path == ["/library", "/packages", "/own", "/here", "/worker"]
    assert config._runtime_env_has_working_dir(), "else Ray adds both in front"


def test_a_replica_listens_on_its_node_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from ray.serve._private import replica

    addresses: list[str] = []
    monkeypatch.setattr(replica, "add_port_to_grpc_server", None)  # and restored after the test
    for node, address in (("127.0.0.1", "127.0.0.1:0"), ("10.0.0.2", "10.0.0.2:0"), ("2001:db8::2", "[2001:db8::2]:0")):
        monkeypatch.setattr(ray.util, "get_node_ip_address", lambda node=node: node)
        ray_internals.listen_on_own_node()
        replica.add_port_to_grpc_server(SimpleNamespace(add_insecure_port=addresses.append), "[::]:0")
        assert addresses[-1] == address


def test_a_node_answers_until_its_socket_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ray._private import worker

    address = str(tmp_path / "raylet")
    with socket.socket(socket.AF_UNIX) as raylet:
        raylet.bind(address)
        raylet.listen()
        monkeypatch.setattr(worker, "_global_node", SimpleNamespace(raylet_socket_name=address))
        assert ray_internals.own_node_answers()
    assert not ray_internals.own_node_answers()
    monkeypatch.setattr(worker, "_global_node", None)
    assert ray_internals.own_node_answers(), "a Ray client has no node"


def test_trials_whose_worker_has_started_are_left_out() -> None:
    controller = SimpleNamespace(
        get_live_trials=lambda: ["requested", "started", "new"],
        _trial_to_actor={"requested": 1, "started": 2},
        _actor_manager=SimpleNamespace(is_actor_started=lambda actor: actor == 2),
    )
    wrapped = SimpleNamespace(_tune_controller=controller)
    assert list(ray_internals.trials_without_started_worker(wrapped)) == ["requested", "new"]


@pytest.mark.ray
def test_a_running_cluster_reports_placement_groups_and_draining_nodes_and_keeps_values() -> None:
    from ray.util.placement_group import placement_group, remove_placement_group

    from tuner.runners.cluster import ray_cluster

    with ray_cluster():
        job = ray.get_runtime_context().get_job_id()
        held, waiting, removed = (placement_group([bundle]) for bundle in ({"CPU": 1}, {"CPU": 1e4}, {"CPU": 1}))
        assert held.wait(60)
        remove_placement_group(removed)
        found = {group.state: group for group in ray_internals.placement_groups() if group.job_id == job}
        assert found["held"].resources == {"CPU": 1.0}
        assert found["waiting"].resources == {"CPU": 1e4}
        assert ray_internals.draining_nodes(10) == frozenset()
        for group in (held, waiting):
            remove_placement_group(group)


def test_no_other_module_uses_an_internal_of_ray() -> None:
    files = [file for folder in ("tuner", "serve_app", "cluster") for file in (ROOT / folder).rglob("*.py")]
    others = [file for file in files if file.name != "ray_internals.py"]
    assert [f"{file.relative_to(ROOT)}:{use}" for file in others for use in private_uses(file.read_text())] == []


@pytest.mark.parametrize(
    "code",
    [
        "from ray._private.state import state",
        "from ray.tune import _private",
        "from ray.experimental import internal_kv",
        "import ray\nray._private.worker",
        "from ray import serve\nserve.delete('name', _blocking=False)",
        "from ray import tune\ndef f(controller): return controller._trials",
        "from ray import tune\nclass Own(tune.Trainable):\n def f(self): self._iteration = 1",
        "from ray.tune.schedulers import PopulationBasedTraining\n"
        "class Own(PopulationBasedTraining):\n def _get_new_config(self): pass",
    ],
)
def test_each_kind_of_use_is_found(code: str) -> None:
    assert len(list(private_uses(code))) == 1


def private_uses(code: str) -> Iterator[str]:
    """Yield the line and the name of each use of a private name of Ray, as far as a reader of the code can know."""
    tree = ast.parse(code)
    names = dict(ray_names(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                for module in imported(node):
                    if re.match(r"ray\..*\b_", module) or module.startswith(PRIVATE_MODULES):
                        yield f"{node.lineno} {module}"
            case ast.Attribute(value=ast.Name("self" | "cls") | ast.Call(func=ast.Name("super"))):
                continue
            case ast.Attribute(attr=name) if names and private(name) and name != "_replace":  # of a named tuple
                yield f"{node.lineno} {ast.unparse(node)}"
            case ast.Call(keywords=keywords) if names:
                for keyword in keywords:
                    if private(keyword.arg or ""):
                        yield f"{node.lineno} {keyword.arg}="
            case ast.ClassDef():
                theirs = {name for base in node.bases for name in private_names(base, names)}
                for inner in ast.walk(node):
                    match inner:
                        case ast.Attribute(attr=name, value=ast.Name("self")) | ast.FunctionDef(name=name):
                            if name in theirs:
                                yield f"{inner.lineno} {node.name}.{name}"


def ray_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that an import of Ray binds in a module, and the dotted name that it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias, module in zip(node.names, imported(node), strict=True):
                if module.split(".")[0] == "ray":
                    yield alias.asname or alias.name.split(".")[0], module


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the dotted names that an import statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names]


def private_names(base: ast.expr, names: dict[str, str]) -> set[str]:
    """Return the private names that a base class of Ray gives its objects."""
    first, _, rest = ast.unparse(base).partition(".")
    if first not in names:
        return set()
    module, _, name = f"{names[first]}.{rest}".strip(".").rpartition(".")
    found = getattr(importlib.import_module(module), name, None)
    if not inspect.isclass(found):
        return set()
    theirs = [kind for kind in found.__mro__ if kind.__module__.startswith("ray")]
    used = {name for kind in theirs for name in re.findall(r"\bself\.(\w+)", inspect.getsource(kind))}
    return {name for name in used.union(*(vars(kind) for kind in theirs)) if private(name)}


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name != "_"
