"""What brings the worker to RunPod: image, script, and what RunPod's Hub reads. Without Docker or the network."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from runpod_handler.handler import parsed_request

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "runpod_handler"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
HUB = json.loads((ROOT / ".runpod" / "hub.json").read_text())
HUB_TESTS = json.loads((ROOT / ".runpod" / "tests.json").read_text())
SECRETS = {
    "RUNPOD_API_KEY": "rpa_DEPLOY_SECRET",
    "BUCKET_ENDPOINT_URL": "http://bucket",
    "BUCKET_ACCESS_KEY_ID": "AKIA_SECRET",
    "BUCKET_SECRET_ACCESS_KEY": "bucket_SECRET",
}


# --- the image ---


def copied():
    """What the Dockerfile copies from the repository."""
    lines = [
        line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    return [path for line in lines for path in line]


def test_every_path_that_the_image_copies_exists_and_is_sent_to_docker():
    kept = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert copied()
    for path in copied():
        assert (ROOT / path).exists(), path
        assert f"!{path.split('/')[0]}" in kept


def test_the_image_runs_the_handler_as_somebody_who_is_not_root():
    last = DOCKERFILE.split("FROM ")[-1]
    assert re.findall(r"^USER (\S+)$", last, re.M) == ["10001"]
    assert last.strip().endswith('CMD ["python", "-m", "runpod_handler.handler"]')


def imported():
    """Top-level names of what the worker's modules import, late imports too."""
    rooms = ["training", "models", "health", "datasets", "events"]
    files = [*FOLDER.glob("*.py"), *(file for room in rooms for file in (ROOT / "tuner" / room).rglob("*.py"))]
    shared = ("remote_protocol", "spec", "spec_parts", "objectives", "data", "errors")
    files += [ROOT / "tuner" / f"{name}.py" for name in shared]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def test_the_image_installs_all_that_the_worker_imports_and_neither_ray_nor_optuna():
    required = {line for line in (FOLDER / "requirements.txt").read_text().split("\n") if line and line[0] != "#"}
    own = {"tuner", "runpod_handler", *sys.stdlib_module_names}
    provided = packages_distributions()
    # Keras comes with TensorFlow, botocore with boto3; a library that is not installed here has its own name.
    known = {"keras": ["tensorflow"], "botocore": ["boto3"], "pynvml": ["nvidia-ml-py"]}
    missing = {
        name
        for name in set(imported()) - own
        if not required & {one.lower() for one in known.get(name, provided.get(name, [name]))}
    }
    assert not missing
    assert not required & {"ray", "optuna", "sqlalchemy"}


def test_the_request_of_the_local_test_can_be_met():
    assert parsed_request(json.loads((FOLDER / "test_input.json").read_text())["input"]).trial.data.dataset == "digits"


# --- the Hub, by its publishing guide ---


def test_the_hub_finds_its_files():
    for name in ("hub.json", "tests.json", "Dockerfile", "handler.py", "README.md"):
        assert (ROOT / ".runpod" / name).is_file(), name


def test_the_hub_s_description_has_the_documented_form():
    assert set(HUB) == {"title", "description", "type", "category", "config"}
    assert HUB["type"] == "serverless"
    assert HUB["category"] in ("audio", "embedding", "language", "video", "image")
    config = HUB["config"]
    assert config["runsOn"] == "GPU"
    assert {"containerDiskInGb", "gpuCount", "gpuIds", "allowedCudaVersions", "env"} | {"runsOn"} == set(config)
    assert all(type(config[name]) is int for name in ("containerDiskInGb", "gpuCount"))
    assert all(re.fullmatch(r"\d+\.\d+", version) for version in config["allowedCudaVersions"])
    for variable in config["env"]:
        assert set(variable) == {"key", "input"}
        assert {"name", "type", "description", "default"} <= set(variable["input"])
        assert variable["input"]["type"] in ("string", "number", "boolean", "huggingface")


def test_what_the_hub_asks_for_is_what_the_worker_reads():
    source = "".join(file.read_text() for file in FOLDER.glob("*.py"))
    for variable in HUB["config"]["env"]:
        assert variable["key"] in source or variable["key"].removeprefix("BUCKET_").lower() in source


def test_the_hub_s_tests_are_requests_that_can_be_met():
    assert set(HUB_TESTS) == {"tests", "config"}
    assert {"gpuTypeId", "gpuCount"} <= set(HUB_TESTS["config"])
    for test in HUB_TESTS["tests"]:
        assert type(test["timeout"]) is int
        parsed_request(test["input"])


# --- the script ---


def deploy(*arguments, root=ROOT, **environment):
    """Run it with nothing in the environment but what is given."""
    return subprocess.run(
        [str(root / "runpod_handler" / "deploy.sh"), *arguments],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **environment},
    )


DRY = ("--image", "docker.io/me/worker", "--dry-run")


def tag(done):
    return re.search(r"docker push docker.io/me/worker:(\S+)", done.stdout)[1]


@pytest.fixture
def checkout(tmp_path):
    """A copy of what goes into the image."""
    for name in ("tuner", "runpod_handler"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return tmp_path


def test_a_dry_run_says_what_would_be_done_and_needs_no_key():
    done = deploy(*DRY, "--variant", "cpu", "--concurrent-trials", "4", "--max-workers", "5")
    assert (done.returncode, done.stderr) == (0, "")
    assert "docker build --file runpod_handler/Dockerfile" in done.stdout
    body = json.loads(done.stdout[done.stdout.index("{\n") :])
    assert body["image"] == f"docker.io/me/worker:{tag(done)}"
    assert body["cpu"] == [{"id": "cpu3c", "vcpuCount": 4}]
    assert "gpu" not in body
    assert body["workers"] == {"min": 0, "max": 5}
    assert body["scaling"] == {"type": "REQUEST_COUNT", "requestCount": 4}
    assert body["env"] == {"CONCURRENT_TRIALS": "4"}


def test_a_dry_run_shows_no_key():
    done = deploy(*DRY, **SECRETS)
    assert "SECRET" not in done.stdout.replace("BUCKET_SECRET_ACCESS_KEY", "")
    assert json.loads(done.stdout[done.stdout.index("{\n") :])["env"]["BUCKET_ACCESS_KEY_ID"] == "***"


def test_the_tag_is_made_of_the_content(checkout):
    same = tag(deploy(*DRY))
    assert tag(deploy(*DRY, root=checkout)) == same
    assert tag(deploy(*DRY, "--datasets", "cifar10", root=checkout)) != same
    (checkout / "tuner" / "spec.py").open("a").close()
    assert tag(deploy(*DRY, root=checkout)) == same
    with (checkout / "tuner" / "spec.py").open("a") as spec:
        spec.write("#\n")
    assert tag(deploy(*DRY, root=checkout)) != same


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "--image is missing: where is the image to be pushed to?"),
        (("--image", "me/worker:latest"), "leave the tag out"),
        (("--image", "a", "--variant", "rocm"), "--variant rocm: must be cuda or cpu"),
        (("--image", "a", "--concurrent-trials", "7"), "--concurrent-trials 7: must be a number from 1 to 6"),
        (("--image",), "--image needs a value"),
        (("--imgae", "a"), "unknown option --imgae"),
        (("--image", "a"), "RUNPOD_API_KEY is not set"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_and_nothing_is_done(arguments, line):
    done = deploy(*arguments)
    assert done.returncode == 2
    assert line in done.stderr.splitlines()[-1]
    assert done.stdout == ""


@pytest.fixture
def service(tmp_path):
    """RunPod's API for endpoints, and tools that note down how they were called."""

    class Handler(BaseHTTPRequestHandler):
        endpoints: list[dict[str, str]] = []  # noqa: RUF012
        calls: list[tuple[str, str, str | None, dict]] = []  # noqa: RUF012
        refuse = False

        def _do(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
            self.calls.append((self.command, self.path, self.headers["Authorization"], body))
            answer = {"endpoints": self.endpoints} if self.command == "GET" else {"id": "new1", **body}
            if type(self).refuse:
                answer = {"title": "Forbidden", "status": 403, "detail": "access denied"}
            content = json.dumps(answer).encode()
            self.send_response(403 if type(self).refuse else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _do  # noqa: N815

        def log_message(self, format, *arguments):
            pass

    Handler.endpoints, Handler.calls = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    tools, noted = tmp_path / "bin", tmp_path / "noted"
    tools.mkdir()
    for name, then in (("docker", "true"), ("curl", f'exec {shutil.which("curl")} "$@"')):
        (tools / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {noted}\n{then}\n')
        (tools / name).chmod(0o755)
    Handler.environment = {
        **SECRETS,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "RUNPOD_REST_URL": f"http://127.0.0.1:{server.server_port}",
    }
    Handler.noted = noted
    yield Handler
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_endpoint_that_is_not_there_is_created(service):
    done = deploy("--image", "docker.io/me/worker", **service.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("export RUNPOD_ENDPOINT_ID=new1\n")
    (_, listed, key, _), (method, path, _, body) = service.calls
    assert (listed, method, path) == ("/serverless", "POST", "/serverless")
    assert key == f"Bearer {SECRETS['RUNPOD_API_KEY']}"
    assert (body["name"], body["type"]) == ("tuner", "QUEUE")
    assert body["env"]["BUCKET_SECRET_ACCESS_KEY"] == SECRETS["BUCKET_SECRET_ACCESS_KEY"]
    assert body["gpu"] == {"pools": ["AMPERE_16", "AMPERE_24", "ADA_24"], "count": 1, "minCudaVersion": "12.5"}


def test_an_endpoint_of_that_name_is_updated(service):
    service.endpoints = [{"id": "other", "name": "not it"}, {"id": "old1", "name": "tuner"}]
    done = deploy("--image", "docker.io/me/worker", **service.environment)
    assert done.stdout.endswith("export RUNPOD_ENDPOINT_ID=old1\n")
    method, path, _, body = service.calls[-1]
    assert (method, path) == ("PATCH", "/serverless/old1")
    assert not {"name", "type", "flashboot"} & set(body)


def test_what_the_service_refuses_is_told_in_its_words(service):
    service.refuse = True
    done = deploy("--image", "docker.io/me/worker", **service.environment)
    assert done.returncode == 2
    assert "the list of endpoints was refused: access denied" in done.stderr


def test_no_key_is_on_a_command_line_or_printed(service):
    done = deploy("--image", "docker.io/me/worker", **service.environment)
    noted = service.noted.read_text()
    assert "docker build" in noted
    assert "docker push" in noted
    for name in ("RUNPOD_API_KEY", "BUCKET_ACCESS_KEY_ID", "BUCKET_SECRET_ACCESS_KEY"):
        assert SECRETS[name] not in noted + done.stdout + done.stderr


def test_the_script_is_clean_for_shellcheck():
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert shellcheck is not None, "it comes with the extra dev"
    done = subprocess.run([shellcheck, str(FOLDER / "deploy.sh")], capture_output=True, text=True)
    assert done.stdout == ""
