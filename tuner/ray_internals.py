"""Everything of Ray that Ray does not document, in one place; no other module may use a private name of Ray.

Each function says what it uses and why no public interface does. `tests/test_ray_internals.py` fails with the name of
what is missing on a Ray that changed it. Written for Ray 2.60. Importing this module imports Ray, but not Ray Tune.
"""

from __future__ import annotations

import functools
import logging
import math
import os
import socket
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import ray
from ray import cloudpickle
from ray.job_config import JobConfig

_GROUP_STATES: dict[str, Literal["held", "waiting"]] = {
    "PREPARED": "held",
    "CREATED": "held",
    "PENDING": "waiting",
    "RESCHEDULING": "waiting",
}
"""States of a placement group; the remaining one is REMOVED."""

ONE_RESULT_AHEAD = {"_generator_backpressure_num_objects": 1}
"""Options of a Ray task that yields results: it computes the next one only once the last one was read.

Ray has no public option that limits how far such a task runs ahead.
"""


@dataclass(frozen=True)
class PlacementGroup:
    """A placement group of the cluster that has not been removed."""

    job_id: str
    """Job of the driver that created it, in hexadecimal digits."""
    state: Literal["held", "waiting"]
    """Whether it has its resources or waits for them."""
    resources: dict[str, float] = field(default_factory=dict)
    """Sum over its bundles, by Ray's names, such as {"CPU": 2.0}."""


def compare_with_at_least(
    scheduler: Any, others: int, compared: Callable[[float, Sequence[float]], None] = lambda cutoff, values: None
) -> None:
    """Let an ASHAScheduler end a trial at a rung only once so many other trials have reached it.

    Replaces `cutoff` of each bracket in `ASHAScheduler._brackets`. Ray's own ends the second trial at a rung whenever
    it is worse than the first, and has no option for that.

    Args:
        compared: Called before each decision with the cutoff and the values of the other trials, of which larger ones
            are better. Ray does not tell them.
    """
    for bracket in scheduler._brackets:
        bracket.cutoff = functools.partial(_cutoff, bracket.cutoff, others, compared)


def _cutoff(
    cutoff: Callable[[dict[str, float]], Any],
    others: int,
    compared: Callable[[float, Sequence[float]], None],
    recorded: dict[str, float],
) -> Any:
    if len(recorded) < others:
        return None
    found = cutoff(recorded)
    compared(found, list(recorded.values()))
    return found


def median_comparison(scheduler: Any, trial: Any, at: float) -> tuple[float, list[float]]:
    """Return what a MedianStoppingRule compared when it ended a trial: its best value, and the others' means.

    Uses its `_trials_beyond_time`, `_running_mean` and `_best_result`: it returns a decision without its reason.
    """
    others = [other for other in scheduler._trials_beyond_time(at) if other is not trial]
    means = [float(scheduler._running_mean(other, at)) for other in others]
    return float(scheduler._best_result(trial)), [mean for mean in means if math.isfinite(mean)]


def placement_groups() -> list[PlacementGroup]:
    """Return the placement groups of all drivers of the connected cluster that have not been removed.

    Uses `ray._private.state` and `ray.core.generated.gcs_pb2`. The public `ray.util.placement_group_table` makes a
    dictionary of each group that ever existed, which takes a second in a study of some thousand trials, and does not
    name the job that created a group. `ray.util.state` needs Ray's dashboard.
    """
    from ray._private.state import state
    from ray.core.generated.gcs_pb2 import PlacementGroupTableData

    groups = []
    for message in state._connect_and_get_accessor().get_placement_group_table():
        group = PlacementGroupTableData.FromString(message)
        use = _GROUP_STATES.get(PlacementGroupTableData.PlacementGroupState.Name(group.state))
        if use is not None:
            resources: Counter[str] = Counter()
            for bundle in group.bundles:
                resources.update(bundle.unit_resources)
            groups.append(PlacementGroup(group.creator_job_id.hex(), use, dict(resources)))
    return groups


def draining_nodes(timeout_s: float) -> frozenset[str]:
    """Return the identifiers of the nodes that are being drained.

    Uses the GCS client of this process's worker. `ray.nodes` does not report draining, and `ray.util.state` neither.

    Raises:
        ray.exceptions.RayError: the head node does not answer within the timeout.
    """
    client = ray._private.worker.global_worker.gcs_client
    return frozenset(client.get_draining_nodes(timeout=timeout_s))


@contextmanager
def new_cluster(*, dashboard: bool) -> Iterator[None]:
    """Context manager in which `ray.init` starts a cluster with a free port for its dashboard agent, and without
    `dashboard` no process that only clusters of several machines and people at Ray's dashboard need.

    Replaces `ray._private.parameter.RayParams`. The port is 52365 otherwise; where another cluster of this machine uses
    it, the agent does not start, without a message, and Ray Jobs need the agent. `ray start` has options for the port
    and the monitors of logs and of the autoscaler, `ray.init` has none.
    Replaces `ray._private.services.start_api_server`, which starts the dashboard's process also with
    `include_dashboard=False`, for usage statistics. `ray.init` waits for it: with these three processes it takes 6 s
    on two cores, without them 2.3 s.
    """
    from ray._private import parameter, services

    params, start_api_server = parameter.RayParams, services.start_api_server
    changed: dict[str, Any] = {"dashboard_agent_listen_port": 0}
    if not dashboard:
        changed |= {"no_monitor": True, "include_log_monitor": False}
        services.start_api_server = lambda *args, **options: (None, None)
    parameter.RayParams = functools.partial(params, **changed)
    try:
        yield
    finally:
        parameter.RayParams, services.start_api_server = params, start_api_server


def log_reported_errors() -> None:
    """Let Ray write the errors that it reports to this process to the logger `ray` instead of its standard output.

    Replaces `ray._private.worker.print_to_stdstream`. Ray prints texts of many lines there, such as "A worker died or
    was killed ...", whatever `log_to_driver` and `logging_level` say. They are in Ray's own logs too.
    """
    from ray._private import worker

    def write(data: dict[str, Any], ignore_prefix: bool) -> None:
        for line in data["lines"]:
            logging.getLogger("ray").info("%s", line)

    worker.print_to_stdstream = write


def import_no_loggers() -> None:
    """Let Ray Tune start without MLflow, Weights & Biases, Comet and Aim, which take 3 s to import where installed.

    Replaces `ray.air._internal.usage.tag_callbacks`. It imports them to count which callbacks are theirs, for Ray's
    usage statistics, also where these are turned off.
    """
    from ray.air._internal import usage

    usage.tag_callbacks = lambda callbacks: False


def listen_on_own_node() -> None:
    """Let the Ray Serve replica of this process listen on its node's address only. Call it in its constructor.

    Replaces `add_port_to_grpc_server` in `ray.serve._private.replica`, which opens a server for calls of other
    deployments on all addresses, without an option. In a cluster of one machine the node's address is 127.0.0.1.
    """
    from ray._common.network_utils import build_address
    from ray._common.tls_utils import add_port_to_grpc_server
    from ray.serve._private import replica

    address = build_address(ray.util.get_node_ip_address(), 0)
    replica.add_port_to_grpc_server = lambda server, _: add_port_to_grpc_server(server, address)


def own_node_answers() -> bool:
    """Whether the node that this process is connected to accepts connections; true without a node, as of a Ray client.

    Reads `ray._private.worker._global_node`. Ray's calls say only that an actor died, or wait for the node for minutes.
    """
    from ray._private import worker

    node = worker._global_node
    if node is None or not hasattr(socket, "AF_UNIX"):  # Windows has no such sockets
        return True
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(node.raylet_socket_name) == 0


class WorkerPath(JobConfig):  # type: ignore[misc]
    """Job config by which workers find what this process finds, with the user's own folders last.

    Sets `_py_driver_sys_path` and overrides `_runtime_env_has_working_dir`. Otherwise Ray lets workers search the
    driver's script folder and its current folder first: a user's `numpy.py` or `tuner.py` there would hide the package
    and end every worker. Ray has no option for that.

    Args:
        path: The folders that this process searches, in order; the user's are removed from among them.
        own_folders: The folder of the user's script and the current folder.
    """

    def __init__(self, path: Sequence[str], own_folders: Sequence[str]) -> None:
        installed = [folder for folder in path if folder and os.path.abspath(folder) not in own_folders]  # noqa: PTH100
        # Each worker puts one after the other in front of its path.
        super().__init__(_py_driver_sys_path=[*reversed(own_folders), *reversed(installed)])

    def _runtime_env_has_working_dir(self) -> bool:
        return True  # only read to decide whether the two folders come first


def trials_without_started_worker(tune_controller: Any) -> Iterator[Any]:
    """Yield the unfinished trials of a Ray Tune run that have no worker process yet.

    Uses `_tune_controller`, `_trial_to_actor` and `_actor_manager` of the first argument of
    `TrialScheduler.choose_trial_to_run`. Its public methods do not tell whether the worker of a trial has started.
    """
    controller = tune_controller._tune_controller
    for trial in controller.get_live_trials():
        if not controller._actor_manager.is_actor_started(controller._trial_to_actor.get(trial)):
            yield trial


def trial_error(trial: Any) -> tuple[Exception | None, str | None]:
    """Return the last error of a trial of Ray Tune, and the texts of all its errors; None where Ray Tune kept none.

    Reads `pickled_error_file` and `error_file`: they are on the driver's disk when `Callback.on_trial_error` is called.
    The public `get_pickled_error` and `get_error` read the study's storage instead, where Ray Tune writes them later:
    by them a worker that was lost has no error yet, or the one before.
    """

    def content(file: str | None) -> bytes | None:
        return Path(file).read_bytes() if file is not None and Path(file).exists() else None

    pickled, text = content(trial.pickled_error_file), content(trial.error_file)
    return None if pickled is None else cloudpickle.loads(pickled), None if text is None else text.decode()


class ClonedConfig(ABC):
    """Mixin for `ray.tune.schedulers.PopulationBasedTraining` whose `cloned_config` makes the config of a copied trial.

    Overrides `_get_new_config`: the public `custom_explore_fn` does not receive the config of the trial that copies.
    """

    @abstractmethod
    def cloned_config(self, config: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        """Return the new config of the trial with this config, which takes over the weights of `source`'s trial."""

    def _get_new_config(self, trial: Any, trial_to_clone: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.cloned_config(trial.config, trial_to_clone.config), {}


def aws_node_provider() -> Any:
    """Return the class by which Ray's autoscaler launches AWS nodes. Needs boto3.

    Ray has no public provider to derive from, and no setting for a fallback from spot to on-demand nodes.
    """
    from ray.autoscaler._private.aws.node_provider import AWSNodeProvider

    return AWSNodeProvider
