"""`tuner serve`: starts Ray if none is running, deploys the application, and removes both at the end.

Ctrl-C and SIGTERM end it in order, with exit code 0. If a part of Ray ends, it ends within seconds, with exit code 1.
No process that it started outlives it.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from serve_app import proxy
from serve_app.cluster_watch import ending_with_cluster
from serve_app.launching.handover import Handover
from serve_app.launching.jobs import RayJobs
from serve_app.launching.launcher import JobLauncher
from serve_app.pages import STATIC
from serve_app.processes import none_left
from serve_app.settings import ServeSettings
from tuner.errors import FixInputError, TryAgainError, in_one_line
from tuner.settings import private_files
from tuner.spec_parts import allowed, one_line
from tuner.store import Store

STUDIES_END_WITHIN_S = 30.0
END_FEEDS_S = 5.0
PORT_WAIT_S, CONNECT_S = 15.0, 1.0
LOOK_S = 0.1


@dataclass(frozen=True)
class Terminal:
    """The user's terminal."""

    say: Callable[[str], None]
    """Prints a line."""
    ask: Callable[[str], bool] | None
    """Asks a yes-or-no question; None: the terminal is not interactive."""
    fail: Callable[[str], None]
    """Prints an error as one line."""
    open: Callable[[str], bool] | None = None
    """Shows an address in a browser, and returns whether it did; None: not wanted."""


def read_settings(host: str | None, port: int | None) -> ServeSettings:
    """The settings of the environment, with the host and the port of the command line if given.

    Raises:
        FixInputError: a setting is wrong, or other machines could reach an application without a token.
    """
    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        settings = ServeSettings(**given)
    except ValidationError as error:
        raise FixInputError(
            "; ".join(map(_without_secrets, error.errors())), remedy="correct the TUNER_* variables of the environment"
        ) from None
    settings.check_address()
    return settings


def _without_secrets(error: Any) -> str:
    """One validation error as a line that repeats no secret."""
    variable = ServeSettings.secrets().get(str(error["loc"][0]))
    return one_line(error) if variable is None else f"{variable}: {allowed(error)}"


def serve(settings: ServeSettings, terminal: Terminal, *, replicas: int = 1, go_on: bool | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM, then end everything that was started. A second signal interrupts that too.

    Args:
        go_on: Whether to resume interrupted studies; None: ask the user.

    Raises:
        FixInputError: the port is taken, the database cannot be used, the cluster already runs Ray Serve, or its nodes
            lack a secret of this environment.
    """
    port = free_port(settings.host, settings.port, terminal)
    handover = Handover.of(settings.model_copy(update={"port": port}), Path.cwd())
    os.environ.update(proxy.SETTINGS)  # of the processes of a local cluster
    with (
        private_files(settings),
        Store.open(settings.store_url()) as store,
        _interrupted_by_signals() as signals_interrupt,
    ):
        terminal.say("starting ...")
        left = interrupted(store)  # before this server accepts others
        from tuner.runners.cluster import ray_cluster

        with none_left(), ray_cluster(dashboard=True) as cluster:
            signals_interrupt()  # `ray.init` has replaced the handler of SIGTERM
            with (
                ending_with_cluster(cluster, terminal.fail),
                _deployed(handover, settings.host, port, replicas, own_cluster=cluster.started) as jobs,
            ):
                terminal.say(f"Ray's dashboard is at {jobs.dashboard_url}")
                _say_address(f"http://{_browser_host(settings.host)}:{port}", terminal)
                resume_interrupted(left, JobLauncher(store, settings, jobs), terminal, go_on)
                with suppress(KeyboardInterrupt):
                    threading.Event().wait()
                running = running_here(store, jobs)
                _say_what_runs(running, terminal, own_cluster=cluster.started)
                terminal.say("stopping ...")
        if cluster.started:
            wait_for_end(store, running)


def free_port(host: str, port: int, terminal: Terminal, wait_s: float = PORT_WAIT_S) -> int:
    """The port itself, or for 0 any free one. Raises FixInputError if this machine cannot listen there.

    The processes of a server that was killed hold its port for some seconds: waits up to `wait_s` for them.
    """
    until_s, said = time.monotonic() + wait_s, False
    while True:
        try:
            return _bound_port(host.strip("[]"), port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until_s:
                raise FixInputError(
                    f"cannot listen at {host}:{port}: {error.strerror}", remedy="choose another port"
                ) from None
        if not said:
            terminal.say(f"port {port} is in use: waiting up to {wait_s:g} s for its end ...")
            said = True
        time.sleep(LOOK_S)


def _bound_port(host: str, port: int) -> int:
    """The port after binding a socket to it. Raises OSError if that fails, or something listens there."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as probe:
        # As Ray Serve does: otherwise the port counts as taken for a minute after a server closed its connections.
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            probe.setsockopt(socket.SOL_SOCKET, option, 1)
        probe.bind(address)
        bound: int = probe.getsockname()[1]
    if port and _listened_at(family, host, port):  # two servers could share the port, and the requests
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    return bound


def _listened_at(family: int, host: str, port: int) -> bool:
    with socket.socket(family) as client:
        client.settimeout(CONNECT_S)
        return client.connect_ex((host, port)) == 0


def interrupted(store: Store) -> list[str]:
    """Names of the studies whose process died before they ended, or that no process has started; the oldest first."""
    found = [study for study in store.studies() if not study.alive and study.status in ("created", "running")]
    return [study.name for study in reversed(found)]


def wait_for_end(store: Store, names: Collection[str]) -> None:
    """Return once no process runs these studies any more; their processes end a second or more after Ray does."""
    until = time.monotonic() + STUDIES_END_WITHIN_S
    while names and any(study.alive and study.name in names for study in store.studies()) and time.monotonic() < until:
        time.sleep(LOOK_S)


@contextmanager
def _deployed(handover: Handover, host: str, port: int, replicas: int, *, own_cluster: bool) -> Iterator[RayJobs]:
    """Context manager that deploys the application and yields the cluster's jobs; an own cluster ends afterwards."""
    import ray
    from ray import serve as ray_serve

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    from serve_app.deployment import APPLICATION, application

    if ray_serve.status().proxies:
        raise FixInputError(
            "this Ray cluster runs Ray Serve already", remedy="`serve deploy cluster/serve.yaml`, or `serve shutdown`"
        )
    jobs = RayJobs(handover)
    if not own_cluster:  # its nodes have environments of their own
        try:
            ray.get(ray.remote(num_cpus=0)(_check_node).remote(handover))
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
    ray_serve.start(
        http_options={"host": host, "port": port},
        proxy_location="HeadOnly",
        controller_options=None if own_cluster else {"runtime_env": {"env_vars": proxy.SETTINGS}},
    )
    try:
        try:
            ray_serve.run(application(handover, replicas), name=APPLICATION, route_prefix="/")
        except RuntimeError as error:
            raise FixInputError(
                f"the application does not start: {in_one_line(error)}", remedy="see the logs in Ray's session folder"
            ) from error
        yield jobs
    finally:
        _end_feeds()
        if own_cluster:
            ray_serve.delete(APPLICATION)  # lets it answer its requests; the rest ends with the cluster
        else:
            ray_serve.shutdown()


def _end_feeds() -> None:
    """Let all replicas close the connections of their live feeds, which would hold up the end, with a code."""
    from ray import serve as ray_serve
    from ray.exceptions import RayError
    from ray.serve.exceptions import RayServeException

    from serve_app.deployment import APPLICATION

    with suppress(RayError, RayServeException, TimeoutError):  # the application does not run
        ray_serve.get_app_handle(APPLICATION).broadcast("end_feeds").results(timeout_s=END_FEEDS_S)


def _check_node(handover: Handover) -> None:
    """Check that the environment of the node that runs this has every secret. Raises FixInputError if it lacks one."""
    handover.read(ServeSettings)


def resume_interrupted(names: Iterable[str], launcher: JobLauncher, terminal: Terminal, go_on: bool | None) -> None:
    """Resume those of these interrupted studies that the user wants to resume."""
    for name in names:
        wanted = go_on
        if wanted is None and terminal.ask is not None:
            wanted = terminal.ask(f"study {name} was interrupted. Resume it?")
        if not wanted:
            terminal.say(f"study {name} was interrupted; to resume it: POST /jobs/{name}/resume")
            continue
        try:
            launcher.resume(name, None)
            terminal.say(f"resuming study {name}")
        except (FixInputError, TryAgainError) as error:
            terminal.say(f"study {name} cannot be resumed: {error}")


def running_here(store: Store, jobs: RayJobs) -> list[str]:
    """The running studies that jobs of this cluster drive."""
    with suppress(TryAgainError):  # a Ray that has ended drives none
        driven = {job.study for job in jobs.latest() if job.state == "active"}
        return [study.name for study in store.studies() if study.alive and study.name in driven]
    return []


def _say_address(address: str, terminal: Terminal) -> None:
    if (STATIC / "index.html").is_file():
        terminal.say(f"The dashboard and the HTTP API are at {address} (Ctrl-C stops the server)")
    else:
        terminal.say("The dashboard is not built: `make dashboard` builds it")
        terminal.say(f"The HTTP API is at {address} (Ctrl-C stops the server)")
    if terminal.open is not None and not terminal.open(address):
        terminal.say("there is no browser to open; open the address yourself")


def _say_what_runs(running: list[str], terminal: Terminal, *, own_cluster: bool) -> None:
    if running:
        after = "the next `tuner serve` can resume" if own_cluster else "go on in the cluster"
        terminal.say(f"running studies, which {after}: {', '.join(running)}")


@contextmanager
def _interrupted_by_signals() -> Iterator[Callable[[], None]]:
    """Context manager that makes SIGTERM act as Ctrl-C, and Ctrl-C work even if a shell's `&` disabled it.

    Yields a function that does so again, after something else has set handlers.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def interrupt() -> None:
        for number in numbers:
            signal.signal(number, signal.default_int_handler)

    interrupt()
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _browser_host(host: str) -> str:
    """The host part of the address to open in a browser."""
    host = host.strip("[]")
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
