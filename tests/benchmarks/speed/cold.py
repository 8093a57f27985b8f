"""Rows that begin with a command: `first_batch`, `second_study`, `listing` and `serve`."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.speed.mnist import FILE, data_fields
from tests.benchmarks.speed.processes import (
    MeasurementError,
    Running,
    environment,
    executable,
    run_well,
    running,
    script,
)
from tests.benchmarks.speed.tuner_command import NETWORK, NO_EXTRAS, first_batch_at, fixed, recorded, tuner_run

BATCH = 128
ONE_BATCH: Mapping[str, Any] = {"learning_rate": 1e-3, "batch_size": BATCH}
"""Parameters beside those of NETWORK. The training data are one batch."""
ONE_TRIAL: Mapping[str, Any] = {"trials": 1, "max_epochs_per_trial": 1, "concurrent_workers": 1}
TIMEOUT_S = 300.0
LOOK_S = 0.02
"""Interval between two requests to a server that starts."""
NAME, TRIALS, EPOCHS = "listed", 50, 10
"""The study of `listing`."""
ROUNDS = 3
"""Number of times that each command of `listing` runs in a measurement."""


def first_batch_tuner(folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the start of `tuner run` to its first trained batch."""
    fields = data_fields(BATCH, BATCH // 4, repeat) | {"data_dir": shared} | ONE_TRIAL | NO_EXTRAS
    study = tuner_run(folder, fields | fixed({**NETWORK, **ONE_BATCH}), TIMEOUT_S)
    value = first_batch_at(study.events) - study.command.started
    return {"value": value, "command_s": study.command.seconds, "timeline": study.timeline}


def first_batch_keras(folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the start of a script of Keras to its first trained batch."""
    done = run_well(script("first_batch.py", "--mnist", shared / FILE), environment(folder), TIMEOUT_S)
    figures = done.figures()
    if figures is None:
        raise MeasurementError(f"the script printed no time:\n{done.output[-3_000:]}")
    return {"value": figures["at"] - done.started, "command_s": done.seconds}


def second_study_tuner(folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the request for the second study of a server to the first trained batch of that study."""
    from tests.serve_app.served import SMALL, ended, serving

    results = folder / "results"
    results.mkdir()
    space = {"space": {**NETWORK, **ONE_BATCH}, "baseline": False, "plot_generation": "none", "scheduler": "asha"}
    second = data_fields(BATCH, BATCH // 4, repeat) | ONE_TRIAL | space
    with serving(results, "--no-go-on", TUNER_DATA_DIR=str(shared), TF_CPP_MIN_LOG_LEVEL="3") as served:
        served.start("first", **{**SMALL, **ONE_TRIAL})
        served.wait("first", ended, TIMEOUT_S)
        started = time.time()
        served.start("second", **second)
        job = served.wait("second", ended, TIMEOUT_S)
    if job["status"] != "completed":
        raise MeasurementError(f"the second study ended as {job['status']}: {job['reason']}")
    events, timeline = recorded(results, "second")
    return {"value": first_batch_at(events) - started, "timeline": timeline}


def listing(folder: Path, methods: tuple[str, ...], repeat: int) -> dict[str, dict[str, Any]]:
    """The seconds of each command on the same database: the median of some rounds, in which they take turns."""
    results = folder / "results"
    results.mkdir()
    url = f"sqlite:///{results / 'tuner.db'}"
    fill(url)
    commands = {
        "tuner_list": [executable("tuner"), "list"],
        "tuner_show": [executable("tuner"), "show", NAME],
        "optuna_studies": [executable("optuna"), "studies", "--storage", url],
    }
    seconds: dict[str, list[float]] = {method: [] for method in methods}
    for turn in range(ROUNDS):
        first = (repeat + turn) % len(methods)
        for method in (*methods[first:], *methods[:first]):
            seconds[method].append(run_well(commands[method], environment(folder), TIMEOUT_S).seconds)
    return {method: {"value": statistics.median(found), "rounds": found} for method, found in seconds.items()}


def fill(url: str) -> None:
    """Write a study of TRIALS trials to the database, in the tables of tuner and in those of Optuna."""
    from tests.search.samples import RandomSuggester, space
    from tests.store.samples import complete, epoch, spec, start
    from tuner.events import Performance, StudyStatus
    from tuner.store import Store
    from tuner.study.optuna_export import OptunaExport

    searched = space()
    with Store.open(url) as store:
        store.create_study(spec(NAME, trials=TRIALS), folder="/")
        store.append(NAME, StudyStatus(status="running"))
        for number in range(1, TRIALS + 1):
            given = {"hyperparameters": searched.suggest(RandomSuggester(number))}
            store.append(NAME, start(number, **given))
            for one in range(1, EPOCHS + 1):
                store.append(NAME, epoch(one, number))
            scores = {"performance": Performance(total_score=0.9, accuracy=0.9, loss=0.3), "objective": 0.9}
            measured = {"val_accuracy": 0.9, "val_loss": 0.3, "parameter_count": 650.0}
            store.append(NAME, complete(number, values=measured, epochs_trained=EPOCHS, **given, **scores))
        store.append(NAME, StudyStatus(status="completed"))
        with OptunaExport(store, NAME) as export:
            if export.write_new() != TRIALS:
                raise MeasurementError("Optuna's tables do not have all trials")


def serve_tuner(folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the start of `tuner serve` to its first answer."""
    port = free_port()
    return _answered(folder, [executable("tuner"), "serve", "--port", str(port), "--no-go-on"], port)


def serve_ray(folder: Path, shared: Path, repeat: int) -> dict[str, Any]:
    """From the start of a script of Ray Serve with one route to its first answer."""
    port = free_port()
    return _answered(folder, script("ray_serve.py", "--port", port), port)


def _answered(folder: Path, command: list[str], port: int) -> dict[str, Any]:
    with running(command, environment(folder), folder / "log.txt") as server:
        return {"value": answered_at(server, port) - server.started}


def answered_at(server: Running, port: int) -> float:
    """`time.time()` of the first answer to GET /health."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until:
            server.check()
            try:
                if client.get("/health").status_code == httpx.codes.OK:
                    return time.time()
            except httpx.TransportError:
                pass  # it does not listen yet
            time.sleep(LOOK_S)
    raise MeasurementError(f"GET /health had no answer within {TIMEOUT_S:g} s:\n{server.log.read_text()[-3_000:]}")


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
