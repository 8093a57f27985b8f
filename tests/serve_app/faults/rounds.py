"""Lets faults happen to a server, one after the other at seeded moments, while a study runs and clients watch."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import httpx
import psutil

from tests.serve_app.faults.clients import Clients, gaps
from tests.serve_app.faults.faults import Fault, Place
from tests.serve_app.served import LONG, WITHIN_S, Served, ended, serving, trains
from tuner.store import Store

STUDY = "watched"
LONGEST_DELAY_S = 5.0
FAILS_WITHIN_S = 10.0
ENDS_WITHIN_S = 60.0
GONE_WITHIN_S = {"fails": 5.0, "ends": 5.0, "is killed": 90.0}
"""Longest life of a process after its server. Ray's agents try for a minute to report a lost cluster; a server that was
killed could not end them."""


@dataclass
class Round:
    """What came of one fault."""

    fault: str
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    outage_s: float = 0.0
    """Longest time without an answer of a server that goes on."""
    end_s: float = 0.0
    """Time until a server that does not go on had ended."""
    left: list[str] = field(default_factory=list)
    """Processes that outlived it."""


class World:
    """A server that is started again whenever it has ended, its study and its clients. A context manager."""

    def __init__(self, place: Place, port: int, rng: random.Random) -> None:
        self._place, self._port, self._rng = place, port, rng
        self._life = ExitStack()
        self._all = ExitStack()
        self.served: Served

    def __enter__(self) -> World:
        try:
            self._serve()
            self.served.start(STUDY, **LONG)
            self._store = self._all.enter_context(Store.open(f"sqlite:///{self._place.database}"))
            self._clients = self._all.enter_context(
                Clients(f"http://127.0.0.1:{self._port}", self._store, STUDY),
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._all.close()
        self._life.close()

    def run(self, fault: Fault, number: int) -> Round:
        """Let one fault happen while the study trains; return once it trains again."""
        self._cancel_others()
        self._train(anew=fault.ends_run)
        clients, came = self._clients, Round(fault.name)
        before = len(clients.lost), len(clients.doubled), len(clients.false)
        threading.Event().wait(self._rng.uniform(0, LONGEST_DELAY_S))  # the moment itself, not a wait for anything
        processes = self._processes()
        since = time.monotonic()
        fault.happen(self.served, self._place, self._rng)
        if fault.outcome == "goes on":
            clients.start_once(number, WITHIN_S)
            came.outage_s = clients.outage_s(since)
            assert self.served.process.poll() is None, self.served.said
        else:
            came.end_s = self._ended(fault) - since
            came.left = _left(processes, GONE_WITHIN_S[fault.outcome])
            if fault.outcome == "ends" and clients.closed[-1:] != [1012]:
                clients.false.append(f"the server ended as planned, and a WebSocket with {clients.closed[-1:]}")
            self._serve()
            clients.start_once(number, WITHIN_S)
        self._train()
        clients.know(self._store.last_sequence(STUDY))
        came.lost = clients.lost[before[0] :] + gaps(self._store, STUDY)
        came.doubled, came.false = clients.doubled[before[1] :], clients.false[before[2] :]
        # Faults of the server are no failures of studies.
        came.false += [f"{study.name}: {study.reason}" for study in self._store.studies() if study.status == "failed"]
        return came

    def _serve(self) -> None:
        """Start the server, on the same port as before: once, since it must come up at the first try."""
        self._life.close()
        self._life = ExitStack()
        options = ("--port", str(self._port), "--go-on")
        environment = {"TUNER_DATABASE_URL": f"sqlite:///{self._place.database}"}
        self.served = self._life.enter_context(serving(self._place.results, *options, **environment))

    def _ended(self, fault: Fault) -> float:
        """The moment at which the server has ended, as it should."""
        limit_s = {"fails": FAILS_WITHIN_S, "ends": ENDS_WITHIN_S, "is killed": 1.0}[fault.outcome]
        try:
            code = self.served.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server has not ended {limit_s:g} s after: {fault.name}") from None
        at = time.monotonic()
        expected = {"fails": code == 1, "ends": code == 0, "is killed": code == -signal.SIGKILL}
        assert expected[fault.outcome], f"{fault.name}: exit code {code}, {self.served.said}"
        return at

    def _train(self, *, anew: bool = False) -> None:
        """Wait until the study trains; resume it where that was forgotten, and `anew` in a run of its own."""
        job = self.served.wait(STUDY, lambda job: ended(job) or job["status"] == "interrupted" or trains(job))
        if anew and not ended(job) and job["status"] != "interrupted":
            self.served.post(f"/jobs/{STUDY}/cancel")
            job = self.served.wait(STUDY, ended)
        if ended(job):
            assert job["status"] == "cancelled", job["reason"]
            self.served.post(f"/jobs/{STUDY}/resume")
        self.served.wait(STUDY, trains)

    def _cancel_others(self) -> None:
        """Cancel what earlier rounds started: else each restart would begin with more studies than the one before."""
        for job in self.served.get("/jobs?status=created&status=running&status=interrupted")["items"]:
            if job["id"] != STUDY:
                with suppress(httpx.TransportError):  # the next round asks again
                    self.served.client.post(f"/jobs/{job['id']}/cancel")  # which may have ended meanwhile

    def _processes(self) -> list[psutil.Process]:
        """All processes of the server."""
        server = psutil.Process(self.served.process.pid)
        return [server, *server.children(recursive=True)]


def _left(processes: list[psutil.Process], within_s: float) -> list[str]:
    """Those that live longer; a number that the system has given to another process is none of them."""
    _, alive = psutil.wait_procs(processes, timeout=within_s)
    found = []
    for process in alive:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.pid} {' '.join(process.cmdline())[:80]}")
        except psutil.NoSuchProcess:
            continue
    return found


def table(rounds: list[Round]) -> str:
    """One line for each kind of fault, and one for all."""
    lines = [
        f"{'fault':24}{'rounds':>8}{'lost':>8}{'doubled':>9}{'false answers':>15}{'longest outage':>16}"
        f"{'slowest end':>13}{'processes left':>16}"
    ]
    for name in [*dict.fromkeys(one.fault for one in rounds), "all"]:
        of_kind = [one for one in rounds if name in (one.fault, "all")]
        lost, doubled, false, left = (
            sum(len(getattr(one, what)) for one in of_kind) for what in ("lost", "doubled", "false", "left")
        )
        outage_s, end_s = (max(getattr(one, what) for one in of_kind) for what in ("outage_s", "end_s"))
        lines.append(
            f"{name:24}{len(of_kind):>8}{lost:>8}{doubled:>9}{false:>15}{outage_s:>14.1f} s{end_s:>11.1f} s{left:>16}"
        )
    return "\n".join(lines)
