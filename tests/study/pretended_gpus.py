"""A Ray cluster of two nodes on this machine that pretends to have GPUs, in a process of its own.

    python -m tests.study.pretended_gpus FILE FOLDER

`FOLDER` comes to hold what the workers find: an `nvidia-smi` that tells of GPUs of 40 GiB, and a `sitecustomize` by
which a CPU stands in for the GPU that a worker was given. What the trials were given is left in `FILE`, as JSON.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]
TOLD = ("trial_number", "node", "gpus", "visible", "process", "began", "ended")
SLEEP_S = 1.0
"""Of a trial, so that trials are seen to train at once."""
AT_ONCE = 6
"""Most trials at once: more than there are GPUs."""
NVIDIA_SMI = """#!/bin/sh
for gpu in 0 1 2 3; do echo "NVIDIA A100-SXM4-40GB, 40960, 8.0"; done
"""
STAND_IN = """
import os
if os.environ.get("STAND_IN_GPUS"):
    from tuner.devices.capacity import Gpu
    from tuner.training import devices
    devices.accelerators = lambda: ("CPU:0",)
    devices.gpus = lambda: (Gpu("stand-in"),)
"""
HUNGRY_ONCE = """
import os
from pathlib import Path
import keras
import tensorflow as tf

space = {"units": "4..8"}

@keras.saving.register_keras_serializable()
class Hungry(keras.layers.Layer):
    def call(self, x):
        return x + tf.reduce_sum(tf.zeros(tf.stack([tf.shape(x)[0] * 10**6, 10**8])))

def build(hyperparameters, input_shape, classes):
    layers = [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes, activation="softmax")]
    fed = Path(os.environ["HUNGRY_FOLDER"], "fed")
    if os.environ.get("CUDA_VISIBLE_DEVICES") and not fed.exists():
        fed.touch()
        layers.insert(1, Hungry())
    return keras.Sequential(layers)
"""


def main(file: Path, folder: Path) -> None:
    prepare(folder)
    os.chdir(folder)  # the own network is there
    with tempfile.TemporaryDirectory(prefix="r") as short:  # the paths of sockets have 107 characters at most
        os.environ["RAY_TMPDIR"] = short
        on_cluster(file, folder)


def on_cluster(file: Path, folder: Path) -> None:
    from ray.cluster_utils import Cluster

    from tuner.runners.cluster import ray_cluster

    head = {"num_cpus": 4, "num_gpus": 1, "include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        cluster.add_node(num_cpus=8, num_gpus=4)
        os.environ["RAY_ADDRESS"] = cluster.address
        with ray_cluster():
            file.write_text(json.dumps({"placement": placement(folder), "memory": memory(folder)}))
    finally:
        cluster.shutdown()


def prepare(folder: Path) -> None:
    smi = folder / "nvidia-smi"
    smi.write_text(NVIDIA_SMI)
    smi.chmod(smi.stat().st_mode | stat.S_IEXEC)
    (folder / "sitecustomize.py").write_text(STAND_IN)
    (folder / "hungry_once.py").write_text(HUNGRY_ONCE)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), str(ROOT)])
    os.environ["HUNGRY_FOLDER"] = str(folder)
    os.environ["STAND_IN_GPUS"] = "1"
    # Ray would begin with a process for each of the 12 CPUs, and then start more before they are needed.
    os.environ.update({"RAY_prestart_worker_first_driver": "0", "RAY_enable_worker_prestart": "0"})


# --- placement: no network is trained ---


def placement(folder: Path) -> dict[str, Any]:
    import ray
    from ray import tune

    from tests.devices.samples import LARGE, SMALL
    from tests.store.samples import trial_spec
    from tuner.runners.nodes import cluster_nodes
    from tuner.runners.placement import hide_unassigned_gpus, resources_of
    from tuner.spec import StudySpec, parse_study_spec
    from tuner.study.device_allocation import DeviceAllocator

    class Witness(tune.Trainable):  # type: ignore[misc]
        """Tells what it was given, and when it had it."""

        def setup(self, config: dict[str, Any]) -> None:
            hide_unassigned_gpus()

        def reset_config(self, new_config: dict[str, Any]) -> bool:
            return True

        def step(self) -> dict[str, Any]:
            began = time.time()
            time.sleep(SLEEP_S)
            context = ray.get_runtime_context()
            return {
                "done": True,
                "trial_number": self.config["one"]["trial"],
                "node": context.get_node_id(),
                "gpus": context.get_accelerator_ids()["GPU"],
                "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
                "process": os.getpid(),
                "began": began,
                "ended": time.time(),
            }

    def given(load: Any, trials: int, **fields: Any) -> list[dict[str, Any]]:
        spec = parse_study_spec({"run_name": "a", **fields})
        least = {"cpus": 1.0, "gpus": 0.125}
        plan: Any = SimpleNamespace(spec=spec, load=lambda hyperparameters: load, least_of_a_trial=least)
        allocator = DeviceAllocator(plan, cluster_nodes, trials, [])
        configs = [
            {"trial": number, **allocator.allocate(trial_spec(number, StudySpec(run_name="a"), {}, epochs=1))}
            for number in range(1, trials + 1)
        ]
        tuner = tune.Tuner(
            tune.with_resources(Witness, lambda config: resources_of(config["one"])),
            tune_config=tune.TuneConfig(reuse_actors=True, max_concurrent_trials=AT_ONCE),
            param_space={"one": tune.grid_search(configs)},
            run_config=tune.RunConfig(
                name=f"run-{time.time()}",
                storage_path=str(folder),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        )
        results = tuner.fit()
        asked = {config["trial"]: config["allocation"] for config in configs}
        return [
            {key: result.metrics[key] for key in TOLD} | {"asked": asked[result.metrics["trial_number"]]}
            for result in results
        ]

    return {
        "nodes": [{"cpus": node.cpus, "gpus": len(node.gpus), "known": str(node.gpus[:1])} for node in cluster_nodes()],
        "shares": given(SMALL, 16),
        "several": given(LARGE, 1),
        "pairs": given(SMALL, 2, use_multi_gpu=True, target_gpus_per_worker=2),
        "none": given(SMALL, 1, gpus_per_trial=0),
    }


# --- a study whose first trial runs out of memory ---


def memory(folder: Path) -> dict[str, Any]:
    import tuner
    from tuner.settings import Settings

    spec = {
        "run_name": "hungry",
        "dataset": "digits",
        "sample_percentage": 0.2,
        "model": "hungry_once:build",
        "trials": 1,
        "max_epochs_per_trial": 1,
        "gpus_per_trial": 0.25,
        "plot_generation": "none",
        "baseline": False,
    }
    result = tuner.run(tuner.StudySpec(**spec), settings=Settings(results_dir=folder / "results"))
    (trial,) = result.view.trials
    return {"trial": trial.model_dump(mode="json"), "log": (result.folder / "study.log").read_text()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
