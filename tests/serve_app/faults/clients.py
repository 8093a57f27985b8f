"""Clients of a server to which things happen: they ask and watch all the time, and compare answers with the store."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.serve_app.served import SMALL, WITHIN_S
from tuner.errors import TunerError
from tuner.events import EpochProgress, TrialStart
from tuner.store import Store, StudyRow

PAUSE_S = 0.5
"""Between two requests of a client."""
ANSWER_S = 10.0
"""A request that takes longer counts as not answered."""
INTERRUPTED_WITHIN_S = 35.0
"""Time after which a study whose driver died may no longer count as running: its lease ends after 30 s."""
GONE = 4404
"""Code of a WebSocket whose study does not exist."""


class Clients:
    """All clients of one study, each in a thread, as a context manager. What is wrong is in three lists."""

    def __init__(self, address: str, store: Store, study: str) -> None:
        self.address, self._store, self._study = address, store, study
        self.doubled: list[str] = []
        self.lost: list[str] = []
        self.false: list[str] = []
        self.known = 0
        """Number of the last event that the watching client was sent."""
        self.closed: list[int] = []
        """Codes with which the watching client's WebSockets were closed; 1006: without one."""
        self._healthy_at: list[float] = []
        self._dead_since: float | None = None
        self._over = threading.Event()
        self._threads = [threading.Thread(target=run) for run in (self._ask_health, self._ask_status, self._watch)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def outage_s(self, since: float) -> float:
        """The longest time without an answer since that moment of the monotonic clock."""
        times = [at for at in self._healthy_at if at >= since]
        return max((after - before for before, after in zip([since, *times], [*times, time.monotonic()], strict=True)))

    def know(self, number: int) -> None:
        """Return once the watching client was sent this event."""
        until = time.monotonic() + WITHIN_S
        while self.known < number:
            assert time.monotonic() < until, f"the client knows event {self.known} of {number}"
            self._over.wait(0.1)

    def start_once(self, number: int, within_s: float) -> None:
        """Start a study, repeating the request until it is accepted; note what contradicts what the server says.

        It is cancelled at once: another study that trains would show no more, and costs as much as a round.
        """
        body = SMALL | {"trials": 1, "max_epochs_per_trial": 1, "seed": number}
        headers = {"Idempotency-Key": f"start-{number}"}
        until, refused_while_ready = time.monotonic() + within_s, 0
        with httpx.Client(base_url=self.address, timeout=60) as client:
            while time.monotonic() < until:
                before = self._status(client, "GET", "/ready")
                started = self._status(client, "POST", "/jobs", json=body, headers=headers)
                if started == 201:
                    break
                assert started is None or started >= 500, f"a valid start was refused with {started}"
                ready = before == 200 == self._status(client, "GET", "/ready")
                refused_while_ready = refused_while_ready + 1 if ready else 0
                if refused_while_ready == 2:
                    self.false.append(f"ready while two starts failed, the last one with {started}")
                self._over.wait(1)
            else:
                raise AssertionError(f"no study could be started within {within_s:g} s")
            found = [study.name for study in self._store.studies() if study.spec.seed == number]
            if len(found) != 1:
                self.doubled.append(f"one request started {found}")
            for name in found:
                self._status(client, "POST", f"/jobs/{name}/cancel")

    @staticmethod
    def _status(client: httpx.Client, method: str, path: str, **content: Any) -> int | None:
        """The status of an answer; None: there was none."""
        try:
            return client.request(method, path, **content).status_code
        except httpx.TransportError:
            return None

    def _ask(self, path: str, look: Callable[[httpx.Response], None]) -> None:
        """Ask again and again, and look at each answer."""
        with httpx.Client(base_url=self.address, timeout=ANSWER_S) as client:
            while not self._over.wait(PAUSE_S):
                try:
                    answer = client.get(path)
                except httpx.TransportError:
                    continue
                look(answer)

    def _ask_health(self) -> None:
        def look(answer: httpx.Response) -> None:
            if answer.status_code == 200:
                self._healthy_at.append(time.monotonic())

        self._ask("/health", look)

    def _ask_status(self) -> None:
        def look(answer: httpx.Response) -> None:
            if answer.status_code == 404:
                self.false.append(f"404 for a study that exists: {answer.text}")
            if answer.status_code >= 400 and "application/problem+json" not in answer.headers.get("content-type", ""):
                self.false.append(f"{answer.status_code} is no problem document: {answer.text}")
            dead_s = self._driver_dead_s()
            if answer.status_code == 200 and answer.json()["status"] == "running" and dead_s > INTERRUPTED_WITHIN_S:
                self.false.append(f"running {dead_s:.0f} s after its driver died")

        self._ask(f"/jobs/{self._study}", look)

    def _driver_dead_s(self) -> float:
        """Seconds since the process of a study that should run was last seen; 0: it lives, or the store is away."""
        try:
            study = self._store.study(self._study)
        except TunerError:
            return 0.0
        if study.status != "running" or _lives(study):
            self._dead_since = None
            return 0.0
        self._dead_since = self._dead_since or time.monotonic()
        return time.monotonic() - self._dead_since

    def _watch(self) -> None:
        asyncio.run(self._watch_feed())

    async def _watch_feed(self) -> None:
        cursor = ""
        address = f"{self.address.replace('http', 'ws')}/ws/jobs/{self._study}"
        while not self._over.is_set():
            try:
                async with connect(address + (f"?after={cursor}" if cursor else ""), max_size=None) as socket:
                    while not self._over.is_set():
                        try:
                            async with asyncio.timeout(1):
                                message = json.loads(await socket.recv())
                        except TimeoutError:
                            continue
                        cursor = message.get("cursor", cursor)
                        self._take(message)
            except ConnectionClosed as closed:
                self.closed.append(1006 if closed.rcvd is None else closed.rcvd.code)
                if closed.rcvd is not None and closed.rcvd.code == GONE:
                    self.false.append(f"a WebSocket was closed with {closed.rcvd}")
            except (InvalidHandshake, OSError, TimeoutError):
                pass
            await asyncio.sleep(PAUSE_S)

    def _take(self, message: dict[str, Any]) -> None:
        """Compare the number of an event with that of the last one."""
        if "sequence" not in message:
            return
        number = message["sequence"]
        if message["type"] == "snapshot":
            if number < self.known:
                self.lost.append(f"a snapshot of event {number} after event {self.known}")
        elif number <= self.known:
            self.doubled.append(f"event {number} after event {self.known}")
        elif number > self.known + 1:
            self.lost.append(f"event {number} after event {self.known}")
        self.known = max(self.known, number)


def _lives(study: StudyRow) -> bool:
    if study.driver is None:
        return False
    try:
        os.kill(int(study.driver.rpartition(":")[2]), 0)
    except ProcessLookupError:
        return False
    return True


def gaps(store: Store, study: str) -> list[str]:
    """Epochs of trials that are missing in the log or come twice.

    A trial that resumes may train its last ones again. It tells the one that its state has and the log lacks, where the
    process that writes the log was killed between the two.
    """
    found, done = [], dict[int, int]()
    for number, event in store.read(study):
        match event:
            case TrialStart():
                known = done.get(event.trial_number, 0)
                if event.resumed_from_epoch > known + 1:
                    found.append(f"event {number}: trial {event.trial_number} resumes after {event.resumed_from_epoch}")
                    known = event.resumed_from_epoch
                done[event.trial_number] = min(event.resumed_from_epoch, known)
            case EpochProgress():
                if event.epoch != done[event.trial_number] + 1:
                    found.append(f"event {number}: epoch {event.epoch} after {done[event.trial_number]}")
                done[event.trial_number] = event.epoch
    return found
