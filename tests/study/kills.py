"""Kills the processes of a real study at seeded moments, and resumes it until it is done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.study.conftest import SMALL_CNN
from tuner.events import DurableEvent
from tuner.store import Store

TUNER = Path(sys.executable).parent / "tuner"
NAME = "s"
TRIALS, EPOCHS, MORE = 4, 8, 3
STUDY = {
    "dataset": "digits",
    "run_name": NAME,
    "trials": TRIALS,
    "max_epochs_per_trial": EPOCHS,
    "early_stopping_patience": "null",
    "scheduler": "none",
    "concurrent_workers": 2,
    "plot_generation": "none",
    **{f"space.{name}": value for name, value in SMALL_CNN.items()},
}
TRIAL, SAVER, BOARD = ("ray::ResourceTrainable", "ray::RayTrial"), ("ray::ModelExporter",), ("ray::LiveProgress",)
"""What the operating system calls the processes of a study beside its driver; a trial's between two calls, too."""

WORKER_KILLS = 3
"""Most in one run: a trial that loses one more of its workers has failed, as it should."""

LAST = "best_model"
"""After this event a run does little more: a kill whose moment did not come until then is done then."""

GONE_WITHIN_S = 90.0
"""What trains ends 3 s after its driver; two idle agents of Ray try for 60 s to tell their lost cluster."""
SILENCE_S = 600.0
"""Longest wait for the next event: a run starts Ray and TensorFlow, on a machine that may be busy."""
POLL_S = 0.005

Victim = Literal["worker", "driver", "both"]


@dataclass(frozen=True)
class Kill:
    """One kill: so many seconds after the `count`-th event of a kind that comes from now on (or after LAST)."""

    victim: Victim
    kind: str
    count: int
    delay_s: float


@dataclass
class Report:
    """What was done to a study."""

    kills: list[str] = field(default_factory=list)
    trials: int = TRIALS
    slowest_end_s: float = 0.0
    """Longest time that a process of the study outlived its driver."""


def moment(rng: random.Random, victim: Victim) -> Kill:
    """A moment that is worth a kill: in an epoch, about its report, about a trial's end, while the best is saved."""
    kind, most, longest_s = rng.choices(
        [
            ("epoch_progress", 6, 0.4),  # within an epoch
            ("epoch_progress", 6, 0.02),  # between a report, its place in the store and in Optuna, its checkpoint
            ("trial_start", 2, 0.3),
            ("trial_complete", 2, 0.01),  # between a trial's end and who leads
            ("new_best", 1, 1.0),
            ("best_model", 1, 0.05),  # between the best model and the study's end
        ],
        weights=[4, 3, 2, 3, 2, 1],
    )[0]
    return Kill(victim, kind, rng.randint(1, most), rng.uniform(0, longest_s))


def kill_and_resume(folder: Path, seed: int, kills: int) -> Report:
    """Run a study in `folder`, kill its processes so many times, and go on until it is done.

    Kills of the driver alternate with one to three kills of workers. It is resumed at once, while what the last run
    started may still be ending; a study that is done before all kills are is asked for more trials. Every process is
    gone when this returns or raises.
    """
    rng, report = random.Random(seed), Report()
    command = ["run", *(f"{name}={value}" for name, value in STUDY.items()), f"seed={seed}"]
    lives: list[Life] = []
    try:
        with Store.open(database(folder)) as store:
            while True:
                life = Life(folder, command)
                lives.append(life)
                for kill in _plan(rng, kills - len(report.kills)):
                    done = life.suffer(kill, store, rng)
                    if done is None:
                        break  # it ended before
                    report.kills.append(done)
                life.end()
                command = ["resume", NAME]
                if store.study(NAME).status == "completed":
                    if len(report.kills) >= kills:
                        break
                    report.trials += MORE
                    command.append(f"trials={report.trials}")
        report.slowest_end_s = max(life.outlived() for life in lives)
    finally:
        for life in lives:
            life.clear_away()
    return report


def database(folder: Path) -> str:
    """The address of the database of the studies in a folder."""
    return f"sqlite:///{folder / 'tuner.db'}"


def _plan(rng: random.Random, left: int) -> list[Kill]:
    """The kills of one run: of workers first, of the driver last."""
    if left <= 0:
        return []
    workers = rng.randint(min(1, left - 1), min(WORKER_KILLS, left - 1))
    victims: list[Victim] = [*["worker"] * workers, rng.choice(["driver", "driver", "both"])]
    return [moment(rng, victim) for victim in victims]


class Life:
    """One process that drives the study, with all that it starts: a session of the operating system."""

    def __init__(self, folder: Path, arguments: list[str]) -> None:
        environment = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"} | {"TUNER_RESULTS_DIR": str(folder)}
        folder.mkdir(parents=True, exist_ok=True)
        self._output = (folder / "output.txt").open("a+")
        self.driver = subprocess.Popen(
            [TUNER, *arguments],
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        self._ended: float | None = None

    def end(self) -> None:
        """Wait until the driver has ended, by a kill or well.

        Raises:
            AssertionError: it ended otherwise; with all that it said.
        """
        code = self.driver.wait(SILENCE_S)
        self._ended = time.monotonic()
        if code not in (0, -signal.SIGKILL):
            self._output.seek(0)
            raise AssertionError(self._output.read())

    def outlived(self) -> float:
        """Wait until all that the driver started has ended too; seconds since its own end, 0 if that was earlier."""
        assert self._ended is not None
        if not self.processes():
            return 0.0
        wait_until(lambda: not self.processes(), GONE_WITHIN_S, self._left)
        return time.monotonic() - self._ended

    def clear_away(self) -> None:
        """See that nothing stays behind, whatever happened."""
        if self.driver.poll() is None:
            _kill(self.driver.pid)
            self.driver.wait()
        for process in self.processes():
            _kill(process)
        self._output.close()

    def _left(self) -> str:
        left = self.processes()
        return f"left behind: {[(process, name) for process, _, name in _processes() if process in left]}"

    def processes(self, *names: str) -> list[int]:
        """The processes of this session that live, those of such names or all."""
        return [process for process, session, name in _processes() if session == self.driver.pid and _is(name, names)]

    def suffer(self, kill: Kill, store: Store, rng: random.Random) -> str | None:
        """Wait for the moment, kill, and tell what was killed when; None if the driver ended before."""
        seen = self._last_number(store)
        count = 0

        def due() -> bool:
            nonlocal seen, count
            for number, event in self._new(store, seen):
                seen = number
                count = kill.count if event.type == LAST else count + (event.type == kill.kind)
            return count >= kill.count or self.driver.poll() is not None

        wait_until(due, SILENCE_S, lambda: f"no {kill} came")
        time.sleep(kill.delay_s)  # the moment itself, not a wait for anything
        kind = rng.choices([TRIAL, SAVER, BOARD], weights=[6, 2, 1])[0]
        victims = [] if kill.victim == "driver" else self.processes(*kind) or self.processes(*TRIAL, *SAVER, *BOARD)
        chosen = [rng.choice(sorted(victims))] if victims else []
        if kill.victim != "worker":
            chosen.append(self.driver.pid)
        if self.driver.poll() is not None or not chosen:
            return None
        names = [name for process, _, name in _processes() if process in chosen]
        for process in chosen:
            _kill(process)
        if kill.victim != "worker":
            self.driver.wait()
        return f"{kill.victim} {names} {kill.delay_s:.3f} s after {kill.kind} {kill.count}, at event {seen}"

    def _last_number(self, store: Store) -> int:
        return max((number for number, _ in self._new(store, 0)), default=0)

    def _new(self, store: Store, after: int) -> list[tuple[int, DurableEvent]]:
        return store.read(NAME, after) if any(study.name == NAME for study in store.studies()) else []


def wait_until(condition: Callable[[], bool], timeout_s: float, otherwise: Callable[[], str]) -> None:
    """Return once the condition holds; AssertionError with `otherwise()` if it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise())
        time.sleep(POLL_S)


def _is(name: str, names: tuple[str, ...]) -> bool:
    return not names or name.startswith(names)


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def _processes() -> list[tuple[int, int, str]]:
    """Identifier, session and name of every process that is not dead."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            name = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        if state not in "ZX":
            found.append((int(folder.name), int(session), name[:40]))
    return found
