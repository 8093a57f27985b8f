"""Joins the Ray cluster that is there, or starts a local one, silently."""

from __future__ import annotations

import functools
import logging
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tuner.errors import FixInputError, TryAgainError, in_one_line

TUNE_ENVIRONMENT = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # results go to the store, not into files beside it
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # the study ends on Ctrl-C its own way
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",  # a trial's first event has no objective yet
    "TUNE_GLOBAL_CHECKPOINT_S": "100000000",  # a study resumes from its database, not from Tune's own state
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "RAY_AIR_NEW_OUTPUT": "0",  # the new output prints a box even when it is told to be silent
    "RAY_CHDIR_TO_TRIAL_DIR": "0",  # relative paths in a spec mean the same in a worker
}
"""What a driver sets before it calls Ray Tune, unless the user has set it."""

ANSWER_WITHIN_S = 2.0
"""A cluster that takes no connection within that time is not there."""
_SAID = 160
"""Letters of what Ray says that are told: it may be pages."""


@contextmanager
def ray_cluster(*, dashboard: bool = False) -> Iterator[Mapping[str, float]]:
    """Within it Ray is connected; gives the cluster's resources, such as {"CPU": 2.0}.

    A process that is connected already stays so. Otherwise RAY_ADDRESS or a cluster begun with `ray start` on this
    machine is joined, and where there is none a local one is started, which ends with the context.

    Args:
        dashboard: Whether a cluster that is started has Ray's dashboard, which Ray Jobs need.

    Raises:
        FixInputError: nothing answers at RAY_ADDRESS.
        TryAgainError: Ray does not start, or cannot be joined.
    """
    # Ray reads these when it is imported. Usage reporting is off unless the user turned it on.
    for name, value in {**TUNE_ENVIRONMENT, "RAY_USAGE_STATS_ENABLED": "0"}.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")  # a call after the end must not start another cluster
    os.environ.setdefault("RAY_DASHBOARD_STARTUP_TIMEOUT_S", "180")  # a minute is short on a machine that trains
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "1")  # a worker without GPUs sees none
    import ray

    joined = ray.is_initialized()
    if not joined:
        logging.getLogger("ray").setLevel(logging.ERROR)
        _connect(_address(), dashboard)
    try:
        yield ray.cluster_resources()
    finally:
        if not joined:
            ray.shutdown()


def _connect(address: str | None, dashboard: bool) -> None:
    import ray

    try:
        with _any_agent_port():
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=dashboard)
    except Exception as error:  # a plain one, with the last lines of some log, where a busy machine is too slow for Ray
        raise TryAgainError(
            f"Ray does not start: {in_one_line(error)[:_SAID]}", remedy="try again, best when the machine is less busy"
        ) from error


@contextmanager
def _any_agent_port() -> Iterator[None]:
    """Within it a cluster that is started has the agent of its dashboard on a port that is free.

    It would be 52365 otherwise, and silently none where another cluster of this machine has that one; without the agent
    there are no Ray Jobs. `ray start` has an option for it, `ray.init` has none.
    """
    from ray._private import parameter

    before = parameter.RayParams
    parameter.RayParams = functools.partial(before, dashboard_agent_listen_port=0)
    try:
        yield
    finally:
        parameter.RayParams = before


def _address() -> str | None:
    """What to tell `ray.init`: "local" where the cluster that `ray start` noted down is gone, else nothing.

    `ray stop` removes the note, a crash does not, and Ray would wait for that cluster for ever. For one that the user
    names it would wait for minutes.

    Raises:
        FixInputError: nothing answers at RAY_ADDRESS.
    """
    named = os.environ.get("RAY_ADDRESS")
    if named:
        if re.fullmatch(r"[^/]+:\d+", named) and not _answers(named):
            raise FixInputError(f"no Ray answers at RAY_ADDRESS={named}", remedy="start it there, or unset RAY_ADDRESS")
        return None
    note = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    return None if not note.is_file() or _answers(note.read_text().strip()) else "local"


def _answers(address: str) -> bool:
    """Whether something listens at host:port."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_WITHIN_S).close()
    except (OSError, ValueError):
        return False
    return True
