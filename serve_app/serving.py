"""`tuner serve`: Ray where there is none, the application on it, and an end as clean as its beginning."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from serve_app.settings import ServeSettings
from tuner.errors import FixInputError, TryAgainError, in_one_line
from tuner.spec_parts import one_line
from tuner.store import Store, StudyRow

ENDED_WITHIN_S = 30.0
LOOK_S = 0.1


@dataclass(frozen=True)
class Terminal:
    """How the user is spoken to."""

    say: Callable[[str], None]
    ask: Callable[[str], bool] | None
    """A question that is answered with yes or no; None: nobody is there to answer."""


def read_settings(host: str | None, port: int | None) -> ServeSettings:
    """The settings by the environment, but for what is given here.

    Raises:
        FixInputError: one of them is wrong, or other machines could reach an application without a token.
    """
    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        settings = ServeSettings(**given)
    except ValidationError as error:
        raise FixInputError(
            "; ".join(one_line(e) for e in error.errors()), remedy="see TUNER_* in the environment"
        ) from None
    settings.check_address()
    return settings


def serve(settings: ServeSettings, terminal: Terminal, *, replicas: int = 1, go_on: bool | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM, then end everything that was started. A second one ends that too.

    Args:
        go_on: Whether studies that were interrupted are gone on with; None: the user is asked.

    Raises:
        FixInputError: the port is taken, the database cannot be used, or the cluster serves something already.
    """
    port = free_port(settings.host, settings.port)
    with Store.open(settings.store_url()) as store, _ended_by_signals():
        terminal.say("starting ...")
        from tuner.runners.cluster import ray_cluster

        with ray_cluster(dashboard=True), _deployed(settings.model_copy(update={"port": port}), replicas):
            terminal.say(f"tuner serves at http://{_shown(settings.host)}:{port} (Ctrl-C stops it)")
            _offer(store, settings, terminal, go_on)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
            running, ends = _driven_here(store), _ends_here()
            _say_what_runs(running, terminal)
            terminal.say("stopping ...")
        if ends:
            wait_for_end(store, running)


def free_port(host: str, port: int) -> int:
    """The port, or one that is free for 0.

    Raises:
        FixInputError: it is taken, or the host is none of this machine's.
    """
    try:
        family = socket.getaddrinfo(host.strip("[]"), port)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), port))
            free: int = probe.getsockname()[1]
            return free
    except OSError as error:
        raise FixInputError(f"cannot listen at {host}:{port}: {error.strerror}", remedy="choose another port") from None


def interrupted(store: Store) -> list[StudyRow]:
    """The studies that ran, or were about to, when their process went away; the oldest first."""
    return [study for study in reversed(store.studies()) if not study.alive and study.status in ("created", "running")]


def wait_for_end(store: Store, names: Collection[str]) -> None:
    """Return once no process runs these studies any more: Ray ends them a second or more after itself."""
    until = time.monotonic() + ENDED_WITHIN_S
    while any(study.alive and study.name in names for study in store.studies()) and time.monotonic() < until:
        time.sleep(LOOK_S)


@contextmanager
def _deployed(settings: ServeSettings, replicas: int) -> Iterator[None]:
    """Within it the application answers."""
    from ray import serve as ray_serve

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    from serve_app.deployment import APPLICATION, application
    from serve_app.launching.jobs import RayJobs

    if ray_serve.status().proxies:
        raise FixInputError(
            "this Ray cluster serves something already", remedy="`serve deploy cluster/serve.yaml`, or `serve shutdown`"
        )
    RayJobs()  # says at once what is amiss with a cluster that was joined
    ray_serve.start(http_options={"host": settings.host, "port": settings.port}, proxy_location="HeadOnly")
    try:
        try:
            ray_serve.run(application(settings, Path.cwd(), replicas), name=APPLICATION, route_prefix="/")
        except RuntimeError as error:
            raise FixInputError(
                f"the application does not start: {in_one_line(error)}", remedy="the logs are in Ray's session folder"
            ) from error
        yield
    finally:
        if _ends_here():
            ray_serve.delete(APPLICATION)  # lets go of its clients; all else goes with the cluster
        else:
            ray_serve.shutdown()


def _offer(store: Store, settings: ServeSettings, terminal: Terminal, go_on: bool | None) -> None:
    """Go on with the studies that were interrupted, as far as the user wants it."""
    for study in interrupted(store):
        wanted = go_on
        if wanted is None and terminal.ask is not None:
            wanted = terminal.ask(f"study {study.name} was interrupted. Go on with it?")
        if not wanted:
            terminal.say(f"study {study.name} was interrupted; to go on: POST /jobs/{study.name}/resume")
            continue
        try:
            asyncio.run(_launcher(store, settings).resume(study.name, None))
            terminal.say(f"going on with study {study.name}")
        except (FixInputError, TryAgainError) as error:
            terminal.say(f"study {study.name} does not go on: {error}")


def _launcher(store: Store, settings: ServeSettings) -> Any:
    from serve_app.launching.jobs import RayJobs
    from serve_app.launching.launcher import JobLauncher

    return JobLauncher(store, settings, RayJobs())


def _driven_here(store: Store) -> list[str]:
    """The studies that run in this cluster; others of the database go on wherever they run."""
    from serve_app.launching.jobs import RayJobs

    with suppress(TryAgainError):  # a Ray that is gone already drives none
        jobs = {job.study for job in RayJobs().latest() if job.state == "active"}
        return [study.name for study in store.studies() if study.alive and study.name in jobs]
    return []


def _say_what_runs(running: list[str], terminal: Terminal) -> None:
    if running:
        how = "are interrupted, and the next tuner serve goes on" if _ends_here() else "go on in the cluster"
        terminal.say(f"studies that run {how}: {', '.join(running)}")


def _ends_here() -> bool:
    """Whether this process has started the cluster, which then ends with it."""
    import ray

    node = ray._private.worker.global_worker.node
    return node is not None and bool(node.is_head())


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Within it, SIGTERM is as Ctrl-C, which is heard also where a shell's `&` had it ignored."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _shown(host: str) -> str:
    """The address to be opened in a browser."""
    host = host.strip("[]")
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
