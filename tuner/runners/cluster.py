"""Connects this process to a Ray cluster: joins a running one, or starts a local one without output."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tuner.errors import FixInputError, TryAgainError, in_one_line

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
    "TF_CPP_MIN_LOG_LEVEL": "2",
}

CONNECT_TIMEOUT_S = 2.0
"""An address that accepts no connection within this time has no cluster."""
_LONGEST_MESSAGE = 160
"""Characters of an error of Ray that are shown; it may have pages."""


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
        FixInputError: no cluster answers at RAY_ADDRESS.
        TryAgainError: Ray does not start, or cannot be joined.
    """
    for name, value in _ENVIRONMENT.items():  # Ray reads these when it is imported
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        yield RayCluster(started=False)
        return
    logging.getLogger("ray").setLevel(logging.ERROR)
    cluster = _connect(cluster_address(), dashboard)
    try:
        yield cluster
    finally:
        ray.shutdown()


def _connect(address: str, dashboard: bool) -> RayCluster:
    import ray

    from tuner.ray_internals import free_dashboard_agent_port

    try:
        with free_dashboard_agent_port():
            context = ray.init(
                address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=dashboard
            )
    except Exception as error:  # plain, with the end of a log, if Ray is too slow on a busy machine
        raise TryAgainError(
            f"Ray does not start: {in_one_line(error)[:_LONGEST_MESSAGE]}",
            remedy="try again when the machine is less busy",
        ) from error
    url = context.dashboard_url
    return RayCluster(started=address == "local", dashboard_url=f"http://{url}" if url else None)


def cluster_address() -> str:
    """Return the address for `ray.init`: of a running cluster, or "local", which starts one.

    Ray waits for minutes for an address that does not answer, and `ray start` leaves a note with the address of its
    cluster that a crash does not remove. So both are tried here first.
    """
    if named := os.environ.get("RAY_ADDRESS"):
        if re.fullmatch(r"[^/]+:\d+", named) and not _answers(named):
            raise FixInputError(
                f"no Ray cluster answers at RAY_ADDRESS={named}", remedy="start one there, or unset RAY_ADDRESS"
            )
        return named
    note = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    noted = note.read_text().strip() if note.is_file() else ""
    return noted if _answers(noted) else "local"


def _answers(address: str) -> bool:
    """Return whether something listens at host:port."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError):
        return False
    return True
