"""Measures the overhead of a study of many short trials on a cluster of several nodes, beside bare Ray Tune.

    python tests/benchmarks/bench_cluster_overhead.py [--trials 2000] [--cpus 16] [--nodes 4]

The nodes are simulated on this machine (`ray.cluster_utils.Cluster`), so trials wait for a second instead of
training. Everything else of this project takes part: the default search, the worker's actor, the live samples, the
recorder, the database and the metrics. Only `run_trial` is replaced, and no best model is saved. Bare Ray Tune runs
a class trainable that waits as long, with reused actors, a random search, no scheduler, no checkpoint and no logger.

The ideal spreads all waiting evenly over the CPUs. "Steady" counts from the moment when all CPUs had a trial, "with
start-up" from the beginning; both end with the last trial. `returned_s` is when the caller had its result. Each of
them runs in its own process on the same cluster, one after the other. It takes about eight minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import serving  # noqa: E402

WAIT_S = 1.0
BATCHES = 5
"""Reports to the live progress in a trial."""
DRIVER_MS = 12.0
"""Most processor time of the driver per trial. The other goal: no more over the ideal than bare Ray Tune."""
PUBLISHED = "bare Ray Tune, 10,000 x 1 s on 16 CPUs of one node: 14.4 % over ideal (Ray's documentation)"


@dataclass(frozen=True)
class Waited:
    """One trial, by the worker's clock."""

    began: float
    ended: float


@dataclass(frozen=True)
class Measured:
    """What one run came to."""

    trials: int
    start_up_s: float
    """From the call to when as many trials ran at once as ever did."""
    most_at_once: int
    steady_s: float
    """From then to the end of the last trial."""
    steady_ideal_s: float
    steady_over_ideal: float
    with_start_up_s: float
    ideal_s: float
    over_ideal: float
    returned_s: float
    """From the call to its return."""
    overhead_ms: float
    """Between two trials of a CPU, on average, in the steady time."""
    driver_cpu_s: float
    driver_peak_rss_mb: float


def main() -> None:
    asked = arguments()
    if asked.run:
        measured = {"tuner": run_tuner, "bare": run_bare}[asked.run](asked.trials, asked.cpus)
        print(json.dumps(asdict(measured)))
        return
    with cluster(asked.cpus, asked.nodes) as environment:
        found = {who: driven(who, asked, environment) for who in ("bare", "tuner")}
    print(f"{asked.trials:,} trials of {WAIT_S:g} s over {asked.cpus} CPUs on {asked.nodes} nodes")
    print(f"{'':<24}" + "".join(f"{who:>12}" for who in found))
    for name in asdict(found["tuner"]):
        print(f"{name:<24}" + "".join(f"{getattr(one, name):>12,.3f}" for one in found.values()))
    print(PUBLISHED)
    about = {"wait_s": WAIT_S, "cpus": asked.cpus, "nodes": asked.nodes, "published": PUBLISHED}
    serving.keep("cluster_overhead", serving.about() | about | {who: asdict(one) for who, one in found.items()})
    if missed := missed_goals(found["tuner"], found["bare"]):
        raise SystemExit(f"goals missed: {'; '.join(missed)}")


def missed_goals(tuner: Measured, bare: Measured) -> list[str]:
    missed = []
    if tuner.steady_over_ideal > bare.steady_over_ideal:
        missed.append(f"{tuner.steady_over_ideal:.1%} over ideal, bare Ray Tune {bare.steady_over_ideal:.1%}")
    driver_ms = 1_000 * tuner.driver_cpu_s / tuner.trials
    if driver_ms > DRIVER_MS:
        missed.append(f"{driver_ms:.0f} ms of the driver's processor per trial, at most {DRIVER_MS:g}")
    return missed


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2_000)
    parser.add_argument("--cpus", type=int, default=16)
    parser.add_argument("--nodes", type=int, default=4, help="that have CPUs; the head has none")
    parser.add_argument("--run", choices=("tuner", "bare"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.cpus % asked.nodes:
        parser.error("--cpus must be a multiple of --nodes")
    return asked


@contextmanager
def cluster(cpus: int, nodes: int) -> Iterator[dict[str, str]]:
    """Gives the environment in which it is joined."""
    with tempfile.TemporaryDirectory(prefix="r") as short:  # the paths of sockets have 107 characters at most
        os.environ |= {"RAY_TMPDIR": short, "PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}
        from ray.cluster_utils import Cluster  # reads them when it is imported

        memory = {"object_store_memory": 128 * 2**20}
        head = {"num_cpus": 0, "include_dashboard": False, **memory}
        made = Cluster(initialize_head=True, head_node_args=head)
        try:
            for _ in range(nodes):
                made.add_node(num_cpus=cpus // nodes, **memory)
            made.wait_for_nodes()
            yield {"RAY_ADDRESS": made.address, "RAY_TMPDIR": short}
        finally:
            made.shutdown()


def driven(who: str, asked: argparse.Namespace, environment: dict[str, str]) -> Measured:
    """One of the two, in a process of its own: the last line that it prints is what it measured."""
    command = [sys.executable, __file__, "--run", who, "--trials", str(asked.trials), "--cpus", str(asked.cpus)]
    variables = os.environ | environment | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "--nodes", str(asked.nodes)], env=variables, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{who} failed:\n{done.stdout[-2000:]}")
    return Measured(**json.loads(done.stdout.strip().splitlines()[-1]))


def run_tuner(trials: int, cpus: int) -> Measured:
    from tuner.runners.cluster import ray_cluster
    from tuner.runners.ray_actor import RayTrial

    class WaitingTrial(RayTrial):
        """The worker's actor as it is, but for what it advances."""

        def setup(self, config: dict[str, Any], **given: Any) -> None:
            from tuner.runners import local_training

            local_training.run_trial = waits_like_a_trial
            super().setup(config, **given)

    with tempfile.TemporaryDirectory() as folder, ray_cluster():
        from tuner import StudySpec
        from tuner.settings import Settings
        from tuner.store import Store
        from tuner.study import finish, run, tune_run

        class NoModel(finish.Finish):
            """The finish as it is: no trial has weights to save, and TensorFlow is loaded nowhere."""

            def save_models(self) -> None:
                """There is none."""

            def start_exporter(self) -> None:
                """Nothing will be exported."""

        tune_run.RayTrial, finish.Finish = WaitingTrial, NoModel
        spec = StudySpec(
            run_name="waiting", dataset="digits", trials=trials, max_epochs_per_trial=1, plot_generation="none"
        )
        settings = Settings(results_dir=Path(folder), database_url=None)
        before, began = driver_cpu_s(), time.time()
        run(spec, settings=settings)
        returned, used = time.time(), driver_cpu_s() - before
        with Store.open(settings.store_url()) as store:
            rows = store.trials("waiting")
    waited = [
        Waited(row.started_at.timestamp(), row.completed_at.timestamp())
        for row in rows
        if row.status == "completed" and row.started_at and row.completed_at
    ]
    return made_of(waited, trials, cpus, began, returned, used)


def waits_like_a_trial(trial: Any, data: Any, resume_from: Any = None) -> Iterator[Any]:
    """The events of a training of one epoch that takes WAIT_S, with a state to keep, by the contract of `run_trial`."""
    import numpy as np

    from tuner.events import (
        Architecture,
        BatchProgress,
        EpochProgress,
        Metrics,
        Performance,
        TrialComplete,
        TrialStart,
    )
    from tuner.training import TrainingState

    its = {"trial_number": trial.trial_number}
    named = its | {"trial_id": trial.trial_id, "hyperparameters": trial.hyperparameters}
    yield TrialStart(**named, architecture=Architecture(type=trial.architecture, total_parameters=1_000, layers=[]))
    for batch in range(1, BATCHES + 1):
        time.sleep(WAIT_S / BATCHES)
        yield BatchProgress(**its, epoch=1, epochs=1, batch=batch, batches=BATCHES, loss=0.5, accuracy=0.5)
    # Some are better than others, so that the search has something to learn.
    value = 0.9 - abs(float(trial.hyperparameters["dropout"]) - 0.2)
    metrics = Metrics(loss=1 - value, accuracy=value)
    weights = [np.zeros((25, 40), dtype=np.float32)]
    yield EpochProgress(
        **its,
        epoch=1,
        epochs=1,
        train=metrics,
        validation=metrics,
        objective=value,
        duration_s=WAIT_S,
        inference_ms=0.1,
        last=True,
        snapshot=lambda: TrainingState(1, weights, weights, [{"duration_s": WAIT_S}]),
    )
    yield TrialComplete(
        **named,
        status="completed",
        cause="all_epochs",
        reason="all epochs done: 1",
        performance=Performance(total_score=value, accuracy=value, loss=1 - value),
        objective=value,
        values={"val_accuracy": value, "val_loss": 1 - value, "parameter_count": 1_000.0},
        best_epoch=1,
        epochs_trained=1,
        duration_seconds=WAIT_S,
    )


def run_bare(trials: int, cpus: int) -> Measured:
    from tuner.runners.cluster import ray_cluster

    with (
        tempfile.TemporaryDirectory() as folder,
        ray_cluster(),
    ):  # the same settings of Ray Tune: no logger, no snapshot
        from ray import tune

        class Bare(tune.Trainable):
            def setup(self, config: dict[str, Any]) -> None:
                """Nothing to set up."""

            def reset_config(self, new_config: dict[str, Any]) -> bool:
                return True

            def step(self) -> dict[str, Any]:
                began = time.time()
                time.sleep(WAIT_S)
                return {"loss": self.config["dropout"], "began": began, "ended": time.time(), "done": True}

        waited: list[Waited] = []

        class Clock(tune.Callback):
            def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any) -> None:
                waited.append(Waited(result["began"], result["ended"]))

        space = {name: tune.uniform(0.0, 1.0) for name in ("dropout", "learning_rate", "momentum", "width", "depth")}
        before, began = driver_cpu_s(), time.time()
        tune.Tuner(
            tune.with_resources(Bare, {"CPU": 1}),
            param_space=space,
            tune_config=tune.TuneConfig(num_samples=trials, max_concurrent_trials=cpus, reuse_actors=True),
            run_config=tune.RunConfig(
                storage_path=folder,
                name="bare",
                verbose=0,
                callbacks=[Clock()],
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
            ),
        ).fit()
        return made_of(waited, trials, cpus, began, time.time(), driver_cpu_s() - before)


def made_of(waited: list[Waited], trials: int, cpus: int, began: float, returned: float, driver_cpu: float) -> Measured:
    """What the trials' times come to."""
    if len(waited) != trials:
        raise SystemExit(f"{len(waited)} trials of {trials} ended as they should")
    most, all_busy = busiest(waited)
    last = max(one.ended for one in waited)
    # What was left to wait then: less of the trials that had begun before, nothing of those that had ended.
    left_s = sum(min(WAIT_S, max(0.0, WAIT_S - (all_busy - one.began))) for one in waited)
    steady_s, ideal_s = last - all_busy, trials * WAIT_S / cpus
    return Measured(
        trials=trials,
        start_up_s=all_busy - began,
        most_at_once=most,
        steady_s=steady_s,
        steady_ideal_s=left_s / cpus,
        steady_over_ideal=steady_s / (left_s / cpus) - 1,
        with_start_up_s=last - began,
        ideal_s=ideal_s,
        over_ideal=(last - began) / ideal_s - 1,
        returned_s=returned - began,
        overhead_ms=(steady_s * cpus - left_s) / (left_s / WAIT_S) * 1e3,
        driver_cpu_s=driver_cpu,
        driver_peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def busiest(waited: list[Waited]) -> tuple[int, float]:
    """How many trials ran at once at most, and when that was so for the first time."""
    changes = sorted([(one.began, 1) for one in waited] + [(one.ended, -1) for one in waited])
    running = list(accumulate(change for _, change in changes))
    most = max(running)
    return most, changes[running.index(most)][0]


def driver_cpu_s() -> float:
    """CPU seconds of this process, all threads."""
    return time.process_time()


if __name__ == "__main__":
    main()
