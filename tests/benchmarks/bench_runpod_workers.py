"""Measures how well many RunPod workers are used: a real study, client and worker, with handlers that only wait.

    python tests/benchmarks/bench_runpod_workers.py [workers ...]

The time runs from the first moment when all workers had a job to the submission of the last job; the efficiency is
the share of it in which the workers did work. It also reports the CPU time per second of the whole orchestrator
(driver, Ray, waiting workers; not the service and its worker, which run elsewhere in real life), the memory of a
waiting worker (its proportional share of shared memory), and the seconds until all workers had a job.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.runpod.control_plane import ControlPlane
from tests.runpod.worker import Worker

RESULTS = Path(__file__).parent / "results" / "runpod_workers.json"
WAIT_S = {6: 30.0, 24: 30.0, 64: 60.0}
WAVES = 5
EPOCHS = 3
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """What one study of so many workers came to."""

    workers: int
    wait_s: float
    trials: int
    efficiency: float
    start_up_s: float
    """From the command to when all workers had a job."""
    orchestrator_cores: float
    worker_memory_mb: float
    orchestrator_memory_mb: float


def main() -> None:
    measured = [measure(int(workers)) for workers in sys.argv[1:] or map(str, WAIT_S)]
    for one in measured:
        print(
            f"{one.workers} workers, handlers of {one.wait_s:g} s: efficiency {one.efficiency:.1%}, "
            f"{one.orchestrator_cores:.2f} cores, {one.worker_memory_mb:.0f} MB per waiting worker "
            f"({one.orchestrator_memory_mb:,.0f} MB in all), all busy after {one.start_up_s:.0f} s"
        )
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    kept = [one for one in known if one["workers"] not in [each.workers for each in measured]]
    RESULTS.write_text(json.dumps([*kept, *map(asdict, measured)], indent=2) + "\n")


def measure(workers: int) -> Measured:
    wait_s, trials = WAIT_S.get(workers, 30.0), workers * WAVES
    handler = "tests.runpod.waiting:waits_like_a_trial"
    with (
        tempfile.TemporaryDirectory() as folder,
        ControlPlane() as plane,
        Worker(plane, handler=handler, concurrency=workers, environment={"WAIT_S": str(wait_s)}),
    ):
        environment = os.environ | {
            "RUNPOD_API_KEY": plane.api_key,
            "RUNPOD_ENDPOINT_ID": plane.endpoint_id,
            "RUNPOD_ENDPOINT_BASE_URL": f"{plane.base_url}/v2",
            "TUNER_RESULTS_DIR": folder,
        }
        began = time.monotonic()
        study = subprocess.Popen([sys.executable, __file__, "study", str(workers), str(trials)], env=environment)
        usage = _Usage(study.pid, workers)
        usage.start()
        plane.wait_for(lambda plane: len(plane.jobs()) == trials or study.poll() is not None, 3_600)
        time.sleep(wait_s / 2)
        usage.ended.set()
        jobs = plane._call(lambda: [(job.queued_at, job.started_at) for job in plane._jobs.all.values()])
        study.kill() if study.poll() is not None else study.terminate()
        study.wait(120)
    taken = sorted(started for _, started in jobs if started is not None)
    window = (taken[workers - 1], max(queued for queued, _ in jobs))
    busy = sum(max(0.0, min(at + wait_s, window[1]) - max(at, window[0])) for at in taken)
    length = window[1] - window[0]
    return Measured(
        workers,
        wait_s,
        trials,
        busy / (workers * length),
        window[0] - began,
        usage.cores(*window),
        usage.worker_memory_mb,
        usage.memory_mb,
    )


class _Usage(threading.Thread):
    """Looks at the process tree of a study now and then."""

    def __init__(self, pid: int, workers: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._workers = pid, workers
        self.ended = threading.Event()
        self._seconds: list[tuple[float, float]] = []
        self.worker_memory_mb = self.memory_mb = 0.0

    def run(self) -> None:
        looks = 0
        while not self.ended.wait(1.0):
            tree = _tree(self._pid)
            self._seconds.append((time.monotonic(), sum(map(_cpu_s, tree))))
            looks += 1
            if looks % 15 == 0:
                memory = {pid: _pss_mb(pid) for pid in tree}
                # An actor is called IDLE while it awaits; so are Ray's spare processes, which are smaller.
                ours = [pid for pid in tree if _command(pid).startswith(("ray::IDLE", "ray::RemoteTrial"))]
                waiting = sorted((memory[pid] for pid in ours), reverse=True)[: self._workers]
                # At its largest: at the end some workers are gone already.
                self.memory_mb = max(self.memory_mb, sum(memory.values()))
                self.worker_memory_mb = max(self.worker_memory_mb, mean(waiting) if waiting else 0.0)

    def cores(self, since: float, until: float) -> float:
        """CPU seconds per second in between."""
        within = [(at, used) for at, used in self._seconds if since <= at <= until]
        (first, before), (last, after) = within[0], within[-1]
        return (after - before) / (last - first)


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(folder.name))
    found, at = [pid], 0
    while at < len(found):
        found += parents.get(found[at], [])
        at += 1
    return found


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""


def _cpu_s(pid: int) -> float:
    """Of the process and of those it waited for."""
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0


def _pss_mb(pid: int) -> float:
    line = next((line for line in _read(pid, "smaps_rollup").splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(line.split()[1]) / 1024


def _command(pid: int) -> str:
    return _read(pid, "cmdline")


def study(workers: int, trials: int) -> None:
    """The study: the smallest networks, searched at random, none ended early."""
    import tuner

    tuner.run(
        tuner.StudySpec(
            dataset="digits",
            trials=trials,
            concurrent_workers=workers,
            max_epochs_per_trial=EPOCHS,
            min_epochs_per_trial=EPOCHS,
            use_runpod_service=True,
            runpod_fallback_local=False,
            searcher="random",
            scheduler="none",
            plot_generation="none",
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["study"]:
        study(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
