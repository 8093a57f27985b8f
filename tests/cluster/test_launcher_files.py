"""The files for `ray up`: Ray's own validation, and what it misses. No cloud is asked."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.resources import files as resources
from itertools import chain
from pathlib import Path

import pytest

from tests.cluster.files import LAUNCHER, ROOT, loaded, text

COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
)
ON_AWS = ("cluster.yaml", "cluster/aws.yaml")
ON_BARE_HOSTS = ("cluster.yaml", "cluster/gcp.yaml", "cluster/on-premises.yaml")
AUTOSCALED = ("cluster.yaml", "cluster/aws.yaml", "cluster/gcp.yaml")


@pytest.fixture(params=LAUNCHER)
def name(request):
    return request.param


@pytest.fixture
def config(name):
    return loaded(name)


def commands(config):
    """All shell commands of a file."""
    return list(chain.from_iterable(config[kind] for kind in COMMANDS))


# --- what Ray says ---


def prepared(config):
    from ray.autoscaler._private.util import prepare_config, validate_config

    ready = prepare_config(config)
    validate_config(ready)
    return ready


def test_ray_accepts_it(config):
    ready = prepared(config)
    assert ready["max_workers"] >= 1
    # What Ray does not find in a file of an external provider is missing when it is read, hours later.
    for needed in (*COMMANDS, "file_mounts", "cluster_synced_files", "auth", "idle_timeout_minutes", "upscaling_speed"):
        assert needed in ready, needed


def test_ray_s_second_autoscaler_reads_the_node_types_as_they_are_meant(config):
    from ray.autoscaler.v2.instance_manager.config import AutoscalingConfig

    config["auth"].pop("ssh_private_key", None)  # a file of the user, which it would read
    read = AutoscalingConfig(config, skip_content_hash=True)
    types = read.get_node_type_configs()
    head = read.get_head_node_type()
    assert types[head].max_worker_nodes >= 1
    for worker in set(types) - {head}:
        assert read.get_worker_setup_commands(worker)[: len(read.get_config("setup_commands"))]
        assert 0 <= types[worker].min_worker_nodes <= types[worker].max_worker_nodes


def test_a_slip_is_found():
    """That these checks see anything at all."""
    import jsonschema

    config = loaded("cluster.yaml")
    with pytest.raises(jsonschema.ValidationError, match="max_worker"):
        prepared(config | {"max_worker": 3})
    with pytest.raises(ValueError, match="head_node_type"):
        prepared(config | {"head_node_type": "boss"})


# --- node types ---


@pytest.mark.parametrize("name", AUTOSCALED)
def test_no_trial_runs_on_the_head(config):
    assert config["available_node_types"][config["head_node_type"]]["resources"] == {"CPU": 0}


@pytest.mark.parametrize("name", AUTOSCALED)
def test_there_are_workers_with_and_without_gpus_and_a_study_can_begin_at_once(config):
    workers = [kind for name, kind in config["available_node_types"].items() if name != config["head_node_type"]]
    assert any(kind["resources"].get("GPU") for kind in workers)
    assert any(not kind["resources"].get("GPU") for kind in workers)
    assert sum(kind["resources"]["CPU"] * kind["min_workers"] for kind in workers) > 0
    assert not any(kind["min_workers"] for kind in workers if kind["resources"].get("GPU")), "idle GPUs cost much"


@pytest.mark.parametrize("name", AUTOSCALED)
def test_every_type_may_reach_its_maximum_or_all_together_that_of_the_cluster(config):
    most = [kind["max_workers"] for kind in config["available_node_types"].values() if "max_workers" in kind]
    assert max(most) <= config["max_workers"] <= sum(most)


@pytest.mark.parametrize("name", AUTOSCALED)
def test_studies_on_the_head_know_which_nodes_could_come(config, tmp_path):
    """They read what the autoscaler reads: the file as Ray leaves it on the head, with what it has filled in."""
    from tuner.runners.node_types import node_types

    (told,) = re.findall(r'TUNER_NODE_TYPES="([^"]+)"', " ".join(config["head_setup_commands"]))
    assert f"--autoscaling-config={told.replace('$HOME', '~')}" in " ".join(config["head_start_ray_commands"])
    assert not re.search("TUNER_NODE_TYPES", " ".join([*config["setup_commands"], *config["worker_setup_commands"]]))
    file = tmp_path / "ray_bootstrap_config.yaml"
    file.write_text(json.dumps(prepared(config)))
    workers = [kind for name, kind in config["available_node_types"].items() if name != config["head_node_type"]]
    known = [(node.cpus, len(node.gpus)) for node in node_types(str(file))]
    assert known == [(kind["resources"]["CPU"], kind["resources"].get("GPU", 0)) for kind in workers]
    assert any(gpus for _, gpus in known)


@pytest.mark.parametrize("name", ON_AWS)
def test_workers_are_spot_nodes_and_on_demand_ones_where_there_are_none(config):
    from ray.autoscaler._private.loader import load_function_or_class

    pytest.importorskip("boto3")
    from tuner.runners.spot_provider import MARKET, SpotNodeProvider

    assert load_function_or_class(config["provider"]["module"]) is SpotNodeProvider
    for kind, described in config["available_node_types"].items():
        assert (MARKET in described["node_config"]) == (kind != config["head_node_type"])


def test_google_s_spot_nodes_come_first_and_each_has_an_on_demand_type_beside_it():
    types = loaded("cluster/gcp.yaml")["available_node_types"]
    spot = {name for name, kind in types.items() if kind["node_config"].get("scheduling", {}).get("provisioningModel")}
    assert spot == {"cpu_spot", "gpu_spot"}
    for name in spot:
        beside = types[name.removesuffix("_spot")]
        assert beside["resources"] == types[name]["resources"]
        assert beside["node_config"]["machineType"] == types[name]["node_config"]["machineType"]
        assert beside.get("priority", 0) < types[name]["priority"]


@pytest.mark.parametrize("name", AUTOSCALED)
def test_a_spot_node_that_is_announced_to_go_is_drained(name, config):
    from tuner.runners.spot_interruption import CLOUDS

    *_, watching = config["worker_start_ray_commands"]
    module, cloud = re.search(r"python -m ([\w.]+) (\w+)", watching).groups()
    assert module == "tuner.runners.spot_interruption"
    assert cloud in CLOUDS
    assert cloud == ("gcp" if "gcp" in name else "aws")
    assert watching.endswith("&"), "Ray waits for its commands"


@pytest.mark.parametrize("name", ON_AWS)
def test_ec2_knows_every_key_of_a_node(config):
    """Ray passes `node_config` on unseen; the description of EC2's interface comes with botocore."""
    session = pytest.importorskip("botocore.session").get_session()
    from botocore.validate import ParamValidator

    shape = session.get_service_model("ec2").operation_model("RunInstances").input_shape
    for kind in config["available_node_types"].values():
        request = {**kind["node_config"], "MinCount": 1, "MaxCount": 1}
        assert not set(request) - set(shape.members)
        assert not ParamValidator().validate(request, shape).has_errors()
        (disk,) = kind["node_config"]["BlockDeviceMappings"]
        assert not set(disk) - set(shape.members["BlockDeviceMappings"].member.members)


def test_google_knows_every_key_of_a_node():
    pytest.importorskip("googleapiclient")
    document = resources("googleapiclient").joinpath("discovery_cache/documents/compute.v1.json")
    schemas = json.loads(document.read_text())["schemas"]

    def check(value, schema):
        if isinstance(value, dict):
            for key, inner in value.items():
                assert key in schema["properties"], key
                check(inner, described(schema["properties"][key]))
        elif isinstance(value, list):
            for inner in value:
                check(inner, described(schema["items"]))
        else:
            kind = {str: "string", bool: "boolean", int: "integer"}[type(value)]
            assert schema["type"] in (kind, "string"), (value, schema)  # Google's numbers may be strings
            assert value in schema.get("enum", [value])

    def described(schema):
        return schemas[schema["$ref"]] if "$ref" in schema else schema

    for kind in loaded("cluster/gcp.yaml")["available_node_types"].values():
        check(kind["node_config"], schemas["Instance"])


# --- files and commands ---


def test_what_is_copied_is_there(config):
    for local in config["file_mounts"].values():
        assert local.startswith("~/") or (ROOT / local).exists(), local
        # Ray hashes every file of a mounted folder with each `ray up`: neither the environment nor git is among them.
        assert local != "."


@pytest.mark.parametrize("name", ON_BARE_HOSTS)
def test_commands_name_only_files_that_were_copied(config):
    mounts = config["file_mounts"]
    named = {path for command in commands(config) for path in re.findall(r"~/tuner-source/[\w.\-/]+", command)}
    assert named == {"~/tuner-source/requirements.lock"}
    assert named <= set(mounts)
    # And pip finds all that a wheel is made of.
    for needed in ("tuner", "serve_app", "pyproject.toml", "README.md", "LICENSE"):
        assert mounts[f"~/tuner-source/{needed}"] == needed


def test_no_folder_in_the_home_of_a_node_is_called_as_the_package(config):
    """`ray submit` runs its script from there, and Python looks there first."""
    folders = {path.removeprefix("~/").split("/")[0] for path in config["file_mounts"]}
    assert not folders & {"tuner", "serve_app"}


@pytest.mark.parametrize("name", ON_BARE_HOSTS)
def test_every_package_has_the_version_of_the_lock(config):
    installing = [command for command in commands(config) if "pip install" in command]
    assert installing
    for command in installing:
        assert command.count("pip install") == command.count("--constraint ~/tuner-source/requirements.lock")
    assert "hatchling" in text("requirements.lock")


@pytest.mark.parametrize("name", ON_BARE_HOSTS)
def test_the_extras_that_are_installed_are_those_of_the_project(config):
    known = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    named = {
        extra
        for command in commands(config)
        for list_ in re.findall(r"extras=([\w,]+)", command)
        for extra in list_.split(",")
    }
    assert {"postgres", "gpu"} <= named <= set(known)


def test_every_command_is_shell(config):
    for command in commands(config):
        done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), command


def test_shellcheck_finds_nothing(config):
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:/usr/bin:/usr/local/bin")
    if shellcheck is None:
        pytest.skip("shellcheck is not installed")
    # SC1090, SC1091: files of the nodes. SC2016: what ~/.bashrc expands later. SC3045: Ray runs them with bash.
    command = [shellcheck, "--shell=bash", "--exclude=SC1090,SC1091,SC2016", "-"]
    for script in commands(config):
        done = subprocess.run(command, input=f"RAY_HEAD_IP=1\n{script}\n", capture_output=True, text=True)
        found = [code for code in re.findall(r"SC\d+", done.stdout) if code != "SC2034"]
        assert not found, done.stdout


def test_google_s_nodes_with_a_gpu_have_an_image_with_its_driver_and_the_others_the_same_ubuntu():
    """Not installed as they start: Ubuntu's modules are made for one kernel each, seldom the one that runs."""
    config = loaded("cluster/gcp.yaml")
    for kind in config["available_node_types"].values():
        (disk,) = kind["node_config"]["disks"]
        image = disk["initializeParams"]["sourceImage"]
        assert ("with-nvidia" in image) == bool(kind["resources"].get("GPU"))
        assert re.search("2404-(lts-)?amd64", image)
        zone = config["provider"]["availability_zone"]
        assert disk["initializeParams"].get("diskType", f"zones/{zone}/").startswith(f"zones/{zone}/")
        assert "worker_setup_commands" not in kind, "it would stand in for those of all nodes"
    assert not any("ubuntu-drivers" in command for command in commands(config))


# --- what holds for all of them ---


def environment(config):
    """What Ray, studies and jobs find in their environment on a node."""
    exported = re.findall(r"export ([^']+)'", " ".join(config["setup_commands"]))
    given = " ".join([*exported, *config.get("docker", {}).get("run_options", [])])
    return dict(re.findall(r"(\w+)=(\S+)", given))


def test_the_cluster_asks_for_its_token_and_every_node_has_it(config):
    assert environment(config)["RAY_AUTH_MODE"] == "token"
    assert config["file_mounts"]["~/.ray/auth_token"] == "~/.ray/auth_token"


def test_results_lie_where_every_node_finds_them(config):
    folder = environment(config)["TUNER_RESULTS_DIR"].strip('"')
    mounted = " ".join(commands(config))
    assert folder == "/shared/results" or folder in mounted
    if "$HOME/results *(" in mounted:
        assert "$RAY_HEAD_IP:$HOME/results" in mounted


def test_the_dashboard_is_open_to_the_head_alone_and_metrics_have_the_port_that_is_told(config):
    _, head = config["head_start_ray_commands"]
    _, worker, *_ = config["worker_start_ray_commands"]
    assert "--dashboard-host=127.0.0.1" in head
    assert "--autoscaling-config=~/ray_bootstrap_config.yaml" in head
    assert "--address=$RAY_HEAD_IP:6379" in worker
    assert all("--metrics-export-port=8080" in command for command in (head, worker))
    assert "port 8080" in text("cluster/prometheus.yaml")


@pytest.mark.parametrize("kind", ["head", "worker"])
def test_ray_start_knows_every_option(config, kind):
    from ray.scripts.scripts import start

    known = {option for parameter in start.params for option in (*parameter.opts, *parameter.secondary_opts)}
    (command,) = [line for line in config[f"{kind}_start_ray_commands"] if "ray start" in line]
    assert set(re.findall(r"--[\w-]+", command)) <= known


def test_no_secret_is_in_it(name):
    assert not re.search(
        r"AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE|(?i:secret_access_key|password) *[:=] *\w{8}", text(name)
    )
