"""Shared by the benchmarks of the live feed: a running study and the replicas that serve it, each in its own process.

python tests/benchmarks/serving.py DATABASE        one replica; prints its port
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tuner.store import Store  # noqa: E402

NAME = "watched"
START_S = 300.0
"""Longest wait for the first trial: Ray and TensorFlow start slowly on a busy machine."""
SMALL = {
    "conv_layers": 1,
    "filters_1": 16,
    "kernel_size": 3,
    "dense_layers": 1,
    "first_dense_nodes": 32,
    "dropout": 0.0,
    "batch_size": 32,
    "learning_rate": 0.001,
}
"""A network whose epochs all take as long."""


@contextmanager
def cluster() -> Iterator[dict[str, str]]:
    """A Ray cluster for the study and the replicas; gives the environment by which they find it."""
    from tuner.runners.cluster import ray_cluster

    with ray_cluster():
        import ray

        yield {"RAY_ADDRESS": ray.get_runtime_context().gcs_address}


@contextmanager
def study(folder: Path, environment: dict[str, str], **keys: Any) -> Iterator[Store]:
    """A real study that runs until the end of the context; gives its store once the first epoch is done."""
    words: dict[str, Any] = {"dataset": "digits", "run_name": NAME, "plot_generation": "none", "seed": 1} | keys
    command = [sys.executable, "-m", "tuner.cli", "run", *(f"{key}={value}" for key, value in words.items())]
    variables = os.environ | environment | {"TUNER_RESULTS_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    log = (folder / "run.log").open("w")
    process = subprocess.Popen(command, env=variables, cwd=ROOT, stdout=log, stderr=log)
    try:
        with Store.open(url(folder)) as store:
            until_s = time.monotonic() + START_S
            while not (NAME in store.log_ends() and store.epochs(NAME)):
                if process.poll() is not None or time.monotonic() > until_s:
                    raise SystemExit(f"the study did not start: {(folder / 'run.log').read_text()[-2000:]}")
                time.sleep(0.2)
            yield store
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(120)
        log.close()


@contextmanager
def scripted(folder: Path, events_per_s: float) -> Iterator[Store]:
    """The log of a study that grows steadily, without Ray and TensorFlow: the feed alone."""
    from tests.store.samples import epoch, spec

    ended = threading.Event()
    with Store.open(url(folder)) as store:
        store.create_study(spec(NAME), folder=str(folder))

        def write() -> None:
            with Store.open(url(folder)) as own:
                number = 0
                while not ended.wait(1 / events_per_s):
                    number += 1
                    own.append(NAME, epoch(number, time=datetime.now(UTC)))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            yield store
        finally:
            ended.set()
            writer.join()


@contextmanager
def replicas(folder: Path, count: int, environment: dict[str, str]) -> Iterator[list[str]]:
    """So many replicas of the application; gives their addresses."""
    command = [sys.executable, __file__, url(folder)]
    variables = os.environ | environment | {"PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            process = subprocess.Popen(command, env=variables, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            assert process.stdout is not None
            found.append(f"ws://127.0.0.1:{int(process.stdout.readline())}")
        yield found


def url(folder: Path) -> str:
    """The database of the studies there."""
    return f"sqlite:///{folder / 'tuner.db'}"


def about() -> dict[str, Any]:
    """When and where it was measured."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
    }


def keep(name: str, document: dict[str, Any]) -> None:
    """Writes a result beside those of the other benchmarks."""
    path = Path(__file__).parent / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """What all of them take."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--address", help="ws://HOST:PORT of a running application, instead of replicas of the feed alone"
    )
    parser.add_argument(
        "--scripted", action="store_true", help="a log that grows by itself, without Ray: the feed alone"
    )
    return parser


def serve(database: str) -> None:
    """One replica, with the samples of the Ray cluster at RAY_ADDRESS if there is one."""
    from serve_app.feed import Feed
    from serve_app.services import Services
    from serve_app.settings import ServeSettings
    from tests.serve_app.conftest import ScriptedLauncher
    from tests.serve_app.replicas import listening

    if "RAY_ADDRESS" in os.environ:
        import ray

        ray.init(address=os.environ["RAY_ADDRESS"], log_to_driver=False, logging_level="ERROR")
    settings = ServeSettings.model_validate({"database_url": database, "api_token": None})
    with Store.open(database) as store:
        services = Services(settings, store, ScriptedLauncher(store, settings), Feed(store))
        with listening(services) as replica:
            print(replica.port, flush=True)
            threading.Event().wait()


if __name__ == "__main__":
    serve(sys.argv[1])
