"""Measures how long the trials of a study of 1,000 take over HTTP, beside optuna-dashboard's API on the same study.

Both answer over a loopback socket, one request after the other: all trials, a page of 100, and what changed since
the last request (nothing). Networks have 14 layers, trials have 10 epochs with health; Optuna has 10 intermediate
values a trial.

    python tests/benchmarks/bench_served_trials.py
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import serving  # noqa: E402

TRIALS, EPOCHS, LAYERS, REPEATS = 1_000, 10, 14, 60
GOAL_MS = 80.0
NAME = "bench"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = serving.url(Path(folder))
        fill(url)
        fill_optuna(url)
        measured = measure_tuner(Path(folder)) | measure_optuna(url)
    print(f"{'':<34}{'median':>10}{'p95':>10}{'bytes':>12}")
    for what, found in measured.items():
        print(f"{what:<34}{found['median_ms']:>7.1f} ms{found['p95_ms']:>7.1f} ms{found['bytes']:>12,}")
    serving.keep("served_trials", serving.about() | {"goal_p95_ms": GOAL_MS, "measured": measured})


def fill(url: str) -> None:
    """A study of many trials, told event by event."""
    from tests.store.samples import complete, epoch, finding, health, spec, start, vital_signs
    from tuner.events import Architecture, Layer, Performance
    from tuner.store import Store

    layer = {"layer_type": "Conv2D", "input_shape": [28, 28, 16], "output_shape": [28, 28, 32], "parameters": 4640}
    layers = [
        Layer(layer_id=f"block{n}_conv", activation="relu", filters=32, kernel_size=[3, 3], **layer)
        for n in range(LAYERS)
    ]
    network = Architecture(type="cnn", conv_layers=4, kernel_size=3, total_parameters=65_000, layers=layers)
    measured = {"health_metrics": health(), "vital_signs": vital_signs()}
    given = {"hyperparameters": {f"hyperparameter_{n}": n / 7 for n in range(14)}}
    with Store.open(url) as store:
        store.create_study(spec(NAME, trials=TRIALS, mode="health"), folder="/")
        for number in range(1, TRIALS + 1):
            store.append(NAME, start(number, architecture=network, **given))
            for one in range(1, EPOCHS + 1):
                store.append(NAME, epoch(one, number, **measured))
            scores = {"performance": Performance(total_score=0.9, accuracy=0.9, loss=0.3), "objective": 0.9}
            values = {"values": {"val_accuracy": 0.9, "val_loss": 0.3, "parameter_count": 65_000.0}}
            store.append(NAME, complete(number, findings=[finding()], **given, **measured, **scores, **values))


def fill_optuna(url: str) -> None:
    """The same trials in Optuna's tables."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    distribution = optuna.distributions.FloatDistribution(0, 10)
    study = optuna.create_study(storage=url, study_name=NAME)
    study.add_trials(
        optuna.trial.create_trial(
            params={f"hyperparameter_{n}": n / 7 for n in range(14)},
            distributions={f"hyperparameter_{n}": distribution for n in range(14)},
            intermediate_values=dict.fromkeys(range(1, EPOCHS + 1), 0.8),
            value=0.9,
        )
        for _ in range(TRIALS)
    )


def measure_tuner(folder: Path) -> dict[str, Any]:
    with serving.replicas(folder, 1, {}) as (address,), asking(address.replace("ws://", "http://")) as client:
        path = f"/jobs/{NAME}/trials"
        known = {"If-None-Match": client.get(path).headers["etag"]}
        return {
            "tuner: all trials": timed(lambda: client.get(path, params={"limit": TRIALS})),
            "tuner: a page of 100": timed(lambda: client.get(path)),
            "tuner: nothing new": timed(lambda: client.get(path, headers=known)),
            "tuner: the study with its progress": timed(lambda: client.get(f"/jobs/{NAME}")),
        }


def measure_optuna(url: str) -> dict[str, Any]:
    with dashboard(url) as address, asking(address) as client:
        study = client.get("/api/studies").json()["study_summaries"][0]["study_id"]
        return {
            "optuna-dashboard: all trials": timed(lambda: client.get(f"/api/studies/{study}?after=0")),
            "optuna-dashboard: nothing new": timed(lambda: client.get(f"/api/studies/{study}?after={TRIALS}")),
        }


@contextmanager
def dashboard(url: str) -> Iterator[str]:
    """The address of optuna-dashboard, in a process of its own as tuner is."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("optuna-dashboard"), url, "--port", str(port), "--server", "wsgiref"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def asking(address: str) -> Iterator[httpx.Client]:
    """A client of a server that may still be starting."""
    transport = httpx.HTTPTransport(retries=12)  # each waits twice as long as the one before
    with httpx.Client(base_url=address, timeout=120, transport=transport) as client:
        yield client


def timed(ask: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of a request."""
    ask()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - began) * 1e3)
    return {
        "median_ms": round(statistics.median(taken), 2),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 2),
        "bytes": len(answer.content),
    }


if __name__ == "__main__":
    main()
