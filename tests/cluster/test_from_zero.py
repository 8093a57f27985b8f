"""A study on a head alone, whose cluster brings workers: Ray's own autoscaler, whose nodes are processes here.

It is the first version of the autoscaler: the second one's pretended cloud reads a file that Ray 2.60's wheel lacks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.files import ROOT
from tests.cluster.heads import BIN, free_ports, running_head
from tests.cluster.test_local_head import keys
from tests.serve_app.served import WITHIN_S
from tuner.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(4 * WITHIN_S)]

HEAD_ID = "fffffffffffffffffffffffffffffffffffffffffffffffffff00000"
"""By which Ray's pretended cloud knows the node that it runs on."""
COUNT = "import ray; ray.init(log_to_driver=False); print(len({n['NodeID'] for n in ray.nodes()}))"
"""Nodes that were ever there, the head among them."""
NOTHING: dict[str, Any] = {
    "auth": {}, "docker": {}, "file_mounts": {}, "cluster_synced_files": [], "file_mounts_sync_continuously": False,
    "rsync_exclude": [], "rsync_filter": [], "initialization_commands": [], "setup_commands": [],
    "head_setup_commands": [], "worker_setup_commands": [], "head_start_ray_commands": [],
    "worker_start_ray_commands": [],
}  # fmt: skip


def launched(gcs: int) -> dict[str, Any]:
    """As the file of `ray up` lies on its head."""
    return NOTHING | {
        "cluster_name": "from-zero",
        "provider": {"type": "fake_multinode", "gcs_address": f"127.0.0.1:{gcs}", "head_node_id": HEAD_ID},
        "max_workers": 4,
        "upscaling_speed": 100.0,
        "idle_timeout_minutes": 10,
        "head_node_type": "ray.head.default",  # the only one that the pretended cloud knows
        "available_node_types": {
            "ray.head.default": {"resources": {"CPU": 0}, "node_config": {}, "max_workers": 0},
            "cpu": {"resources": {"CPU": 2}, "node_config": {}, "min_workers": 0, "max_workers": 4},
        },
    }


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of whoever works with a head without a CPU."""
    folder = tmp_path_factory.mktemp("zero")
    gcs, agent = free_ports(2)
    file = folder / "ray_bootstrap_config.yaml"
    file.write_text(yaml.safe_dump(launched(gcs)))
    given = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "TUNER_"))},
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_enable_metrics_collection": "0",
        "RAY_prestart_worker_first_driver": "0",
        "RAY_FAKE_CLUSTER": "1",
        "AUTOSCALER_UPDATE_INTERVAL_S": "1",
        "TUNER_NODE_TYPES": str(file),
        "TUNER_RESULTS_DIR": str(folder / "results"),
    }
    arguments = ["--num-cpus=0", f"--port={gcs}", "--node-ip-address=127.0.0.1", "--include-dashboard=false"]
    arguments += [f"--dashboard-agent-listen-port={agent}", f"--autoscaling-config={file}"]
    with running_head(*arguments, environment=given) as known:
        yield known | {"RAY_ADDRESS": f"127.0.0.1:{gcs}"}


def call(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=2 * WITHIN_S)


def test_a_study_brings_one_node_and_trains_on_it(environment: dict[str, str]) -> None:
    done = call(environment, str(BIN / "tuner"), "run", *keys("grown"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["progress"]["trials_performed"] == 2
    results = Path(environment["TUNER_RESULTS_DIR"])
    assert (
        "waiting for a node with 2 CPUs, which the cluster is asked for"
        in (results / "grown" / "study.log").read_text()
    )
    with Store.open(f"sqlite:///{results / 'tuner.db'}") as store:
        assert len({trial.devices.node for trial in store.trials("grown") if trial.devices is not None}) == 1
    assert call(environment, sys.executable, "-c", COUNT).stdout.split()[-1] == "2"


def test_a_study_whose_gpus_do_not_come_trains_on_the_cpus_that_are_there(environment: dict[str, str]) -> None:
    promised = environment | {"TUNER_NODE_TYPES": json.dumps([{"CPU": 2}, {"CPU": 8, "GPU": 1}])}
    done = call(promised, str(BIN / "tuner"), "run", *keys("no-gpus", trials=1, time_budget_s=80), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["progress"]["trials_performed"] == 1
    told = (Path(environment["TUNER_RESULTS_DIR"]) / "no-gpus" / "study.log").read_text()
    assert "waiting for a node with 8 CPUs and 1 GPU" in told
    assert "no node with a GPU came within 20 s: trials train on CPUs" in told


def test_what_no_node_could_have_is_refused(environment: dict[str, str]) -> None:
    done = call(environment, str(BIN / "tuner"), "run", *keys("too-large", cpus_per_trial=3))
    assert done.returncode == 2
    assert "a trial takes 3 CPUs of one node: the cluster has only nodes with 2 CPUs" in done.stderr
