"""Studies on a Ray cluster of several nodes on this machine, in a process of its own. No network is trained.

    python -m tests.study.nodes FILE FOLDER [REDIS]

The studies are driven by the real command line (`tests.study.waiting`), in processes of their own. What their logs say
is left in `FILE` as JSON, with what was done to the nodes when. Everything waits for the logs, and for nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.study.conftest import SMALL_CNN
from tests.study.waiting import COMMAND, FOLDER, HOLD, HURRY
from tuner.events import DurableEvent, EpochProgress, StudyStatus, TrialComplete, TrialStart
from tuner.runners.cluster import TUNE_ENVIRONMENT
from tuner.store import Store

ROOT = Path(__file__).parents[2]
WITHIN_S = 150.0
"""Longest wait for anything, on a machine that may be busy."""
LOOK_S = 0.25
MIDWAY = 12
"""Epochs of 20: those that are left take some seconds."""
NOTICE_S = 120.0
"""What AWS gives a spot node."""
SPEC = {
    "dataset": "digits",
    "sample_percentage": 0.2,
    "searcher": "random",
    "scheduler": "none",
    "early_stopping_patience": "null",
    "plot_generation": "none",
    "baseline": "false",
    **{f"space.{name}": value for name, value in SMALL_CNN.items()},
}
HEAD = {"num_cpus": 1, "include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
"""A head with what a study needs of it, and no more."""
ENVIRONMENT = TUNE_ENVIRONMENT | {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",
    # Nodes start no process before one is needed.
    "RAY_prestart_worker_first_driver": "0",
    "RAY_enable_worker_prestart": "0",
    "RAY_enable_metrics_collection": "0",
    # A node that is gone is known to be within 5 s; one that is slow to answer is waited for.
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "5",
}


class Log:
    """What a study's log says so far."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self.events: list[tuple[int, DurableEvent]] = []
        self._began = False

    @property
    def last(self) -> int:
        return self.events[-1][0] if self.events else 0

    def look(self) -> Log:
        """Read what is new."""
        self._began = self._began or any(study.name == self._name for study in self._store.studies())
        if self._began:
            self.events += self._store.read(self._name, self.last)
        return self

    def is_running(self) -> bool:
        """Whether its driver has begun."""
        return any(isinstance(event, StudyStatus) and event.status == "running" for _, event in self.events)

    def running(self) -> dict[int, str]:
        """The node of each trial that runs, as far as the study knows."""
        found: dict[int, str] = {}
        for _, event in self.events:
            if isinstance(event, TrialStart):
                assert event.devices is not None
                found[event.trial_number] = event.devices.node
            elif isinstance(event, TrialComplete):
                found.pop(event.trial_number, None)
        return found

    def on(self, node: str) -> set[int]:
        """Trials that run on a node."""
        return {trial for trial, where in self.running().items() if where == node}

    def epochs(self, trial: int) -> int:
        """Epochs that a trial has done."""
        done = [e.epoch for _, e in self.events if isinstance(e, EpochProgress) and e.trial_number == trial]
        return max(done, default=0)

    def are_midway(self, node: str, count: int) -> bool:
        """Whether so many trials run on a node, each of which has done some epochs and has to do some."""
        on = self.on(node)
        return len(on) == count and all(1 <= self.epochs(trial) <= MIDWAY for trial in on)

    def began(self, after: int) -> dict[int, str]:
        """The nodes of the trials that began, or went on, after an event."""
        return {
            event.trial_number: event.devices.node
            for number, event in self.events
            if number > after and isinstance(event, TrialStart) and event.devices is not None
        }

    def told(self) -> list[dict[str, Any]]:
        """As JSON values, in short."""
        kinds = (TrialStart, EpochProgress, TrialComplete)
        return [
            {
                "number": number,
                "type": event.type,
                "trial": event.trial_number,
                "time": event.time.timestamp(),
                **({"epoch": event.epoch} if isinstance(event, EpochProgress) else {}),
                **({"status": event.status} if isinstance(event, TrialComplete) else {}),
                **(
                    {"node": event.devices.node, "gpus": event.devices.names, "after": event.resumed_from_epoch}
                    if isinstance(event, TrialStart) and event.devices is not None
                    else {}
                ),
            }
            for number, event in self.events
            if isinstance(event, kinds)
        ]


class Scene:
    """A cluster, and studies on it."""

    def __init__(self, folder: Path, head: dict[str, Any]) -> None:
        from ray.cluster_utils import Cluster

        self._folder, self._head = folder, head
        self.cluster = Cluster(initialize_head=True, head_node_args=head)
        os.environ["RAY_ADDRESS"] = self.cluster.address
        self.store = Store.open(f"sqlite:///{folder / 'results' / 'tuner.db'}")
        self.drivers: dict[str, subprocess.Popen[bytes]] = {}

    def close(self) -> None:
        for driver in self.drivers.values():
            driver.kill()
            driver.wait()
        self.cluster.shutdown()
        self.store.close()

    def add(self, cpus: int, gpus: int = 0) -> Any:
        """One more node, which is there."""
        return self.cluster.add_node(num_cpus=cpus, num_gpus=gpus)

    def lose(self, node: Any) -> None:
        """What happens to a node whose power fails."""
        self.cluster.remove_node(node, allow_graceful=False)

    def replace_head(self) -> None:
        """Another head in the place of one whose power fails: it knows the nodes that stayed, from Redis."""
        self.lose(self.cluster.head_node)
        self.cluster.add_node(**self._head)
        self.cluster.wait_for_nodes(WITHIN_S)

    def announce(self, node: Any) -> None:
        """As `tuner.runners.spot_interruption` does it by `ray drain-node`, of another node."""
        from ray._raylet import GcsClient
        from ray.core.generated import autoscaler_pb2

        reason = autoscaler_pb2.DrainNodeReason.Value("DRAIN_NODE_REASON_PREEMPTION")
        by_ms = int((time.time() + NOTICE_S) * 1_000)
        accepted, why = GcsClient(address=self.cluster.address).drain_node(node.node_id, reason, "tests", by_ms)
        assert accepted, why

    def begin(self, name: str, **keys: Any) -> Log:
        """Have a new study driven; gives its log."""
        self._drive(name, "run", f"run_name={name}", *(f"{key}={value}" for key, value in (SPEC | keys).items()))
        return Log(self.store, name)

    def resume(self, name: str) -> None:
        self._drive(name, "resume", name)

    def _drive(self, name: str, *arguments: str) -> None:
        with self._output(name).open("ab") as output:
            self.drivers[name] = subprocess.Popen([*COMMAND, *arguments], stdout=output, stderr=output, cwd=ROOT)

    def _output(self, name: str) -> Path:
        return self._folder / f"{name}.txt"

    def until(self, condition: Callable[[], object], *logs: Log) -> None:
        """Return once it holds of these logs."""
        end = time.monotonic() + WITHIN_S
        while True:
            for log in logs:
                log.look()
            if condition():
                return
            for name, driver in self.drivers.items():
                assert driver.poll() in (None, 0), self._output(name).read_text()[-3_000:]
            standing = [(log.running(), log.events[-3:]) for log in logs]
            assert time.monotonic() < end, f"waited in vain: {standing}"
            time.sleep(LOOK_S)

    @contextmanager
    def held(self) -> Iterator[None]:
        """No trial ends meanwhile, however long a busy machine takes."""
        file = self._folder / HOLD
        file.touch()
        try:
            yield
        finally:
            file.unlink()

    def hurry(self) -> None:
        """Have all trials end at once, and the studies with them."""
        file = self._folder / HURRY
        file.touch()
        for name, driver in self.drivers.items():
            code = driver.wait(WITHIN_S)
            assert code == 0, self._output(name).read_text()[-3_000:]
        file.unlink()
        self.drivers.clear()


@contextmanager
def scene(folder: Path, **head: Any) -> Iterator[Scene]:
    """A head alone: the first study that begins is driven there, whatever comes later."""
    os.environ.update(ENVIRONMENT)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ[FOLDER] = str(folder)
    os.environ["TUNER_RESULTS_DIR"] = str(folder / "results")
    with tempfile.TemporaryDirectory(prefix="r", dir="/tmp") as short:  # for the sockets, whose paths are short
        os.environ["RAY_TMPDIR"] = short
        opened = Scene(folder, HEAD | head)
        try:
            yield opened
        finally:
            opened.close()


# --- nodes that come and go under one study, and its head that starts again; then three studies at once ---


def told(folder: Path, redis: str | None) -> dict[str, Any]:
    if redis is not None:
        os.environ["RAY_REDIS_ADDRESS"] = redis
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with scene(folder, num_gpus=1, gcs_server_port=port) as here:
        return {"one": one_study(here, restarts=redis is not None), "three": three_studies(here)}


def one_study(here: Scene, *, restarts: bool) -> dict[str, Any]:
    """Nodes are lost, announced to go, and added; with `restarts` the head's memory is lost, then the whole head."""
    log = here.begin("one", trials=20, max_epochs_per_trial=20, gpus_per_trial=1)
    head = here.cluster.head_node
    here.until(log.running, log)
    lost, announced = here.add(2, 2), here.add(2, 2)
    places = {head.node_id: 1, lost.node_id: 2, announced.node_id: 2}
    here.until(lambda: all(len(log.on(node)) == count for node, count in places.items()), log)

    here.until(lambda: log.are_midway(lost.node_id, 2), log)
    on_lost, lost_after = log.on(lost.node_id), log.last
    here.lose(lost)
    here.until(lambda: on_lost <= set(log.began(lost_after)), log)

    here.until(lambda: log.are_midway(announced.node_id, 2), log)
    announced_at = time.time()
    here.announce(announced)
    on_announced, announced_after = log.look().on(announced.node_id), log.last
    added = here.add(2, 2)
    elsewhere = {head.node_id, added.node_id}
    here.until(lambda: all(log.began(announced_after).get(trial) in elsewhere for trial in on_announced), log)
    here.lose(announced)
    here.until(lambda: len(log.on(added.node_id)) == 2 and elsewhere >= set(log.running().values()), log)
    restarted = head_starts_again(here, log, added.node_id) if restarts else None
    here.hurry()
    return {
        "events": log.look().told(),
        "status": here.store.study("one").status,
        "places": places,
        "lost": {"node": lost.node_id, "after": lost_after, "trials": sorted(on_lost)},
        "announced": {
            "node": announced.node_id,
            "at": announced_at,
            "after": announced_after,
            "trials": sorted(on_announced),
        },
        "added": added.node_id,
        "restarted": restarted,
    }


def head_starts_again(here: Scene, log: Log, worker: str) -> dict[str, int]:
    """The head's memory is lost and comes back from Redis; then all of it is lost, with the study's driver."""
    memory_after = log.last
    here.cluster.head_node.kill_gcs_server()
    here.cluster.head_node.start_gcs_server()
    here.until(lambda: len(log.began(memory_after)) >= 2, log)

    head_after = log.last
    driver = here.drivers.pop("one")
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    here.replace_head()
    here.resume("one")
    here.until(lambda: worker in log.began(head_after).values(), log)
    return {"memory_after": memory_after, "head_after": head_after}


def three_studies(here: Scene) -> dict[str, Any]:
    """Places for four trials: one study has them all, then another comes, and one that is capped."""
    here.add(1)
    with here.held():
        first = here.begin("first", trials=32, max_epochs_per_trial=20, gpus_per_trial=0)
        here.until(lambda: len(first.running()) == 4, first)
        second = here.begin("second", trials=12, max_epochs_per_trial=20, gpus_per_trial=0)
        capped = here.begin("capped", trials=10, max_epochs_per_trial=20, gpus_per_trial=0, concurrent_workers=1)
        here.until(lambda: second.is_running() and capped.is_running(), second, capped)
    logs = {"first": first, "second": second, "capped": capped}

    def at_once() -> dict[str, int]:
        return {name: len(log.running()) for name, log in logs.items()}

    def fair() -> bool:
        count = at_once()
        return count["capped"] == 1 and sorted((count["first"], count["second"])) == [1, 2]

    here.until(fair, *logs.values())
    shares = at_once()
    here.hurry()
    return {
        "shares": shares,
        "events": {name: log.look().told() for name, log in logs.items()},
        "status": {name: here.store.study(name).status for name in logs},
    }


def main(file: Path, folder: Path, redis: str | None = None) -> None:
    file.write_text(json.dumps(told(folder, redis)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
