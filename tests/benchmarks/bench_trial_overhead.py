"""Measures what one more trial costs beyond its training in a warm worker: this project beside bare Ray Tune.

Both train the same networks on the same data, one after the other, in one reused actor of the same Ray cluster. The
overhead of a trial is the time from the end of the trial before it to its own end, minus the seconds of `run_trial`.
Bare Ray Tune has a random searcher, no scheduler, no store and no checkpoint: the least that Ray itself can do.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path

TRIALS = 30
EPOCHS = 2
FIXED = {
    "conv_layers": 1,
    "filters_1": 8,
    "kernel_size": 3,
    "batch_normalization": False,
    "use_global_pooling": True,
    "dense_layers": 1,
    "first_dense_nodes": 16,
    "activation": "relu",
    "initializer": "he_normal",
    "dropout": 0.0,
    "optimizer": "adam",
    "batch_size": 64,
}


def main() -> None:
    import ray

    from tuner.runners.cluster import ray_cluster

    with tempfile.TemporaryDirectory() as folder, ray_cluster():
        bare = measure_bare(Path(folder))
        ours = measure_tuner(Path(folder))
        report(ours, bare, ray.cluster_resources())


def measure_tuner(folder: Path) -> list[float]:
    """Overheads of a real study, in seconds."""
    from tuner.settings import Settings
    from tuner.store import Store
    from tuner.study import run

    settings = Settings(results_dir=folder / "results")
    result = run(make_spec(), settings=settings)
    with Store.open(settings.store_url()) as store:
        trials = store.trials(result.name)
    return overheads([(t.completed_at.timestamp(), t.duration_seconds) for t in trials])


def measure_bare(folder: Path) -> list[float]:
    """Overheads of the same trainings under nothing but Ray Tune, in seconds."""
    import ray
    from ray import tune

    from tuner.settings import Settings
    from tuner.study.plan import make_plan
    from tuner.training import run_trial

    plan = make_plan(make_spec(), Settings(results_dir=folder))
    numbers = iter(range(1, TRIALS + 1))
    trial = plan.trial(1, FIXED | {"epochs": EPOCHS, "learning_rate": 1e-3})

    class Bare(tune.Trainable):
        def setup(self, config, data):
            self.data = data

        def reset_config(self, config):
            return True

        def step(self):
            for event in run_trial(trial, self.data):
                if event.type == "trial_complete":
                    return {"loss": event.objective, "duration_s": event.duration_seconds, "done": True}
            raise AssertionError("run_trial ends in trial_complete")

    ended: list[tuple[float, float]] = []

    class Clock(tune.Callback):
        def on_trial_result(self, iteration, trials, trial, result, **info):
            ended.append((time.time(), result["duration_s"]))

    tune.Tuner(
        tune.with_resources(tune.with_parameters(Bare, data=ray.put(plan.data)), {"CPU": 1}),
        param_space={"number": tune.sample_from(lambda spec: next(numbers))},
        tune_config=tune.TuneConfig(num_samples=TRIALS, max_concurrent_trials=1, reuse_actors=True),
        run_config=tune.RunConfig(
            storage_path=str(folder),
            name="bare",
            verbose=0,
            callbacks=[Clock()],
            checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
        ),
    ).fit()
    return overheads(ended)


def make_spec():
    from tuner import StudySpec

    space = {name: {"choices": (value,)} for name, value in FIXED.items()}
    return StudySpec(
        dataset="digits", trials=TRIALS, max_epochs_per_trial=EPOCHS, concurrent_workers=1, scheduler="none",
        plot_generation="none", space=space,
    )  # fmt: skip


def overheads(ended: list[tuple[float, float]]) -> list[float]:
    """From (time of end, seconds of training) of trials one after the other; the first, cold, is left out."""
    return [end - before - took for (before, _), (end, took) in pairwise(sorted(ended))]


def report(ours: list[float], bare: list[float], resources) -> None:
    lines = [
        "# What a further trial costs beyond its training",
        "",
        f"{TRIALS} trials of {EPOCHS} epochs on digits, one after the other in one warm worker; "
        f"{int(resources['CPU'])} CPUs ({os.uname().machine}).",
        "",
        "| | median | mean | worst |",
        "| --- | --- | --- | --- |",
    ]
    for name, values in (("tuner", ours), ("bare Ray Tune", bare)):
        lines.append(
            f"| {name} | {statistics.median(values):.3f} s | {statistics.mean(values):.3f} s | {max(values):.3f} s |"
        )
    text = "\n".join(lines) + "\n"
    print(text)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "trial_overhead.md").write_text(text)
    if statistics.median(ours) >= 0.1:
        raise SystemExit("goal missed: a further trial is to cost under 0.1 s beyond its training")


if __name__ == "__main__":
    main()
