"""Connects this process to a Ray cluster: joins a running one, or starts a local one without output."""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tuner.errors import FixInputError, TryAgainError, in_one_line
from tuner.models.keras_settings import prepare_environment
from tuner.runners.ray_folder import choose_ray_folder, ray_folder

TUNE_ENVIRONMENT = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # results go to the store, not into files beside it
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # the study ends on Ctrl-C its own way
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",  # a trial's first event has no objective yet
    "TUNE_GLOBAL_CHECKPOINT_S": "100000000",  # a study resumes from its database, not from Tune's own state
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "RAY_AIR_NEW_OUTPUT": "0",  # the new output prints a box although verbose=0
    "RAY_CHDIR_TO_TRIAL_DIR": "0",  # relative paths in a spec mean the same in a worker
}
"""Environment of a driver of Ray Tune; values that the user has set stay."""
_ENVIRONMENT = TUNE_ENVIRONMENT | {
    "RAY_USAGE_STATS_ENABLED": "0",  # off unless the user turned it on
    "RAY_ENABLE_AUTO_CONNECT": "0",  # a call after the end must not start another cluster
    "RAY_DASHBOARD_STARTUP_TIMEOUT_S": "180",  # Ray's minute is short on a machine that trains
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",  # a worker without GPUs sees none
}
_ONE_MACHINE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Environment of a local cluster: all its processes listen on 127.0.0.1 only.

By default Ray does so only on Windows and macOS; on Linux it would listen on all addresses of the machine.
"""

CONNECT_TIMEOUT_S = 2.0
"""An address that accepts no connection within this time has no cluster."""


@dataclass(frozen=True)
class RayCluster:
    """The cluster that this process is connected to."""

    started: bool
    """Whether this context started the cluster, which then ends with it."""
    dashboard_url: str | None = None
    """Address of Ray's dashboard, such as http://127.0.0.1:8265; None if there is none, or Ray was connected before."""


@contextmanager
def ray_cluster(*, dashboard: bool = False) -> Iterator[RayCluster]:
    """Context manager in which this process is connected to Ray.

    A process that is connected already stays connected. Otherwise it joins the cluster at RAY_ADDRESS, or the
    cluster that `ray start` started on this machine. If there is none, it starts a local cluster, which ends with the
    context, and with `dashboard` Ray's dashboard, which Ray Jobs need.

    Raises:
        FixInputError: no cluster answers at RAY_ADDRESS, or Ray cannot use the folder for temporary files.
        TryAgainError: Ray does not start, or cannot be joined.
    """
    for name, value in _ENVIRONMENT.items():  # Ray reads these when it is imported
        os.environ.setdefault(name, value)
    prepare_environment()  # of the workers of a local cluster
    if "ray" in sys.modules and sys.modules["ray"].is_initialized():
        yield RayCluster(started=False)
        return
    address = cluster_address()
    with _added_to_environment(_ONE_MACHINE if address == "local" else {}):
        if address == "local":
            choose_ray_folder()
        import ray

        logging.getLogger("ray").setLevel(logging.ERROR)
        cluster = _connect(address, dashboard)
        try:
            yield cluster
        finally:
            ray.shutdown()


@contextmanager
def _added_to_environment(variables: dict[str, str]) -> Iterator[None]:
    """Context manager with these environment variables; values that the user has set stay."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _connect(address: str, dashboard: bool) -> RayCluster:
    import ray

    from tuner.ray_internals import WorkerPath, log_reported_errors, new_cluster

    log_reported_errors()

    # A Ray client has no job config of its own.
    job_config = None if "://" in address else WorkerPath(sys.path, _own_folders())
    try:
        with new_cluster(dashboard=dashboard):
            context = ray.init(
                address=address,
                job_config=job_config,
                log_to_driver=False,
                logging_level=logging.ERROR,
                include_dashboard=dashboard,
            )
    except Exception as error:  # plain, with the end of a log, if Ray is too slow on a busy machine
        text = in_one_line(error)
        if os.environ.get("RAY_ADDRESS") == address != "local":
            raise FixInputError(
                f"cannot join the Ray cluster at RAY_ADDRESS={address}: {text}",
                remedy="start one there, or unset RAY_ADDRESS",
            ) from error
        what = "Ray does not start" if address == "local" else f"cannot join the Ray cluster at {address}"
        logs = ray_folder() / "ray" / "session_latest" / "logs"
        raise TryAgainError(f"{what}: {text}", remedy=f"try again, or read Ray's logs in {logs}") from error
    _reach_without_proxy(ray.util.get_node_ip_address())
    url = context.dashboard_url
    return RayCluster(started=address == "local", dashboard_url=f"http://{url}" if url else None)


def cluster_address() -> str:
    """Return the address for `ray.init`: of a running cluster, or "local", which starts one.

    Ray waits for minutes for an address that does not answer, and `ray start` leaves a note with the address of its
    cluster that a crash does not remove. So both are tried here first.
    """
    if named := os.environ.get("RAY_ADDRESS"):
        if named in ("auto", "local"):
            return named
        if not re.fullmatch(r"(ray://)?[^/]+:\d+", named):
            raise FixInputError(
                f"RAY_ADDRESS={named} is not an address of a Ray cluster",
                remedy="write host:port, such as 10.0.0.5:6379, or unset RAY_ADDRESS",
            )
        if not answers(named.removeprefix("ray://")):
            raise FixInputError(
                f"no Ray cluster answers at RAY_ADDRESS={named}", remedy="start one there, or unset RAY_ADDRESS"
            )
        return named
    note = ray_folder() / "ray" / "ray_current_cluster"
    noted = note.read_text().strip() if note.is_file() else ""
    return noted if answers(noted) else "local"


def answers(address: str) -> bool:
    """Return whether something listens at host:port."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError):
        return False
    return True


def _own_folders() -> list[str]:
    """Return the folder of the user's script, if Python searches it for modules, and the current folder."""
    script = str(Path(sys.argv[0]).resolve().parent) if sys.argv and sys.argv[0] else ""
    return list(dict.fromkeys([*([script] if script in sys.path else []), str(Path.cwd())]))


def _reach_without_proxy(node: str) -> None:
    """Let HTTP requests of this process to its own node, such as to Ray's dashboard, use no proxy."""
    if not urllib.request.getproxies_environment():
        return
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost", node]))
