"""A real head with token authentication on, by Ray's own commands: a job, the script of `ray submit`, metrics."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cluster.files import ROOT
from tests.cluster.heads import BIN, free_ports, running_head
from tests.serve_app.served import LONG, SMALL, WITHIN_S
from tuner.store import Store
from tuner.study.metrics import CATALOGUE

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(4 * WITHIN_S)]

LOOK_S = 1.0


@dataclass(frozen=True)
class Head:
    """A running head: where it is, and the environment of whoever works with it."""

    dashboard: str
    metrics: str
    environment: dict[str, str]
    results: Path

    def call(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment | environment, capture_output=True, text=True, timeout=2 * WITHIN_S
        )

    def status(self, name: str) -> str:
        with Store.open(f"sqlite:///{self.results / 'tuner.db'}") as store:
            return store.study(name).status


LONG_ENOUGH = LONG | {"trials": 1, "max_epochs_per_trial": 16, "early_stopping_patience": "none"}
"""Ray hands a study's metrics to Prometheus every ten seconds or so: a shorter study ends before."""


def keys(name: str, **more: object) -> list[str]:
    """A study of tiny networks, as arguments."""
    given = SMALL | {"run_name": name, "baseline": False} | more
    space = given.pop("space")
    assert isinstance(space, dict)
    given |= {f"space.{key}": value for key, value in space.items()}
    return [f"{key}={str(value).replace(' ', '')}" for key, value in given.items()]


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Head]:
    folder = tmp_path_factory.mktemp("head")
    (folder / "token").write_text(secrets.token_hex(32))
    gcs, dashboard, agent, metrics = free_ports(4)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("RAY_", "TUNER_"))},
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(folder / "token"),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_metrics_report_interval_ms": "1000",
        "TUNER_RESULTS_DIR": str(folder / "results"),
    }
    arguments = ["--num-cpus=2", f"--port={gcs}", f"--dashboard-port={dashboard}", "--dashboard-host=127.0.0.1"]
    arguments += [f"--dashboard-agent-listen-port={agent}", f"--metrics-export-port={metrics}"]
    with running_head(*arguments, environment=environment) as environment:
        address = f"http://127.0.0.1:{dashboard}"
        yield Head(address, f"http://127.0.0.1:{metrics}/metrics", environment, folder / "results")


def test_a_job_is_a_study_by_the_same_command(head):
    job = [str(BIN / "ray"), "job", "submit", "--address", head.dashboard, "--", "tuner", "run"]
    done = head.call(*job, *keys("as_a_job", trials=1))
    assert done.returncode == 0, done.stdout + done.stderr
    assert head.status("as_a_job") == "completed"


def test_who_has_no_token_is_refused(head, tmp_path):
    job = [str(BIN / "ray"), "job", "submit", "--address", head.dashboard, "--", "tuner", "--version"]
    (tmp_path / "token").write_text("another")
    done = head.call(*job, RAY_AUTH_TOKEN_PATH=str(tmp_path / "token"))
    assert done.returncode != 0
    assert httpx.get(f"{head.dashboard}/api/jobs/").status_code in (401, 403)


def families(head: Head) -> dict[str, list[dict[str, str]]]:
    """The labels of all samples of tuner's metrics, by name."""
    token = Path(head.environment["RAY_AUTH_TOKEN_PATH"]).read_text()
    answer = httpx.get(head.metrics, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    found: dict[str, list[dict[str, str]]] = {}
    lines = [line for line in answer.text.splitlines() if "ray_tuner_" in line]
    for family in text_string_to_metric_families("\n".join(lines) + "\n"):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(dict(sample.labels))
    return found


def test_the_script_of_ray_submit_joins_the_head_and_prometheus_sees_its_study(head):
    script = subprocess.Popen(
        [sys.executable, str(ROOT / "cluster" / "submit.py"), *keys("submitted", **LONG_ENOUGH)],
        env=head.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    seen: dict[str, list[dict[str, str]]] = {}
    end = time.monotonic() + 2 * WITHIN_S
    while script.poll() is None and time.monotonic() < end:
        seen |= families(head)
        time.sleep(LOOK_S)
    said, _ = script.communicate(timeout=WITHIN_S)
    assert script.returncode == 0, said
    assert head.status("submitted") == "completed"
    told = {measure.name: measure for measure in CATALOGUE}
    for name in ("tuner_workers", "tuner_trials_running", "tuner_epochs_total", "tuner_rung_trials_total"):
        samples = [labels for labels in seen[f"ray_{name}"] if labels["study"] == "submitted"]
        assert samples, name
        assert all({"study", *told[name].labels} <= set(labels) for labels in samples)
