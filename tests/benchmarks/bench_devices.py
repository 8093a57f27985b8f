"""Checks whether the choices of `tuner.devices` are the fastest ones on this hardware.

For a small and a large CNN and an LSTM on made-up data, it measures the seconds of an epoch (the median of those
after the first): on 1, 2, 4 and 8 GPUs; with 1, 2, 4 and 8 trials that share a GPU; in float32 and mixed precision;
with and without XLA; with 1 and 16 steps a call. Beside each it prints the policy's choice, and `SLOWER` if another
choice is faster by more than the noise. Without a GPU it measures threads only, and the file says so.

    python tests/benchmarks/bench_devices.py

Every training is a process of its own, like a worker: TensorFlow keeps its devices and threads as long as it lives.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.models.samples import CNN, INPUTS, LSTM, TEXT, raw_samples, trial
from tuner import models
from tuner.data import Data, ImageInput, Split
from tuner.data_report import DataReport
from tuner.devices.allocation import choose_allocation
from tuner.devices.capacity import ClusterSize, Gpu, Node
from tuner.devices.epoch_cost import MeasuredEpochs, TrialLoad
from tuner.devices.training_settings import choose_training_settings
from tuner.events import EpochProgress, TrialComplete
from tuner.runners.nodes import nvidia_smi, parse
from tuner.spec import StudySpec
from tuner.spec_parts import DeviceSpec
from tuner.trial_spec import TrialSpec

RESULTS = Path(__file__).parent / "results" / "devices.json"
EPOCHS, SAMPLES, VALIDATED = 4, 20_000, 1_000
NOISE = 1.05
PIXELS = ImageInput(32, 32, 3, 1 / 255, 0.0)
COMMON = {"dropout": 0.0, "learning_rate": 1e-3, "batch_size": 64, "epochs": EPOCHS, "optimizer": "adam"}
WIDE = {f"filters_{block}": 128 * min(block, 3) for block in range(1, 5)}
NETWORKS: dict[str, TrialSpec] = {
    "small CNN": trial(hyperparameters={**CNN, **COMMON, "filters_1": 16, "filters_2": 32}, epochs=EPOCHS),
    "large CNN": trial(
        hyperparameters={**CNN, **COMMON, **WIDE, "conv_layers": 4, "first_dense_nodes": 512}, epochs=EPOCHS
    ),
    "LSTM": trial("lstm", {**TEXT, **LSTM, **COMMON, "lstm_units": 64, "embedding_size": 64}, epochs=EPOCHS),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(train(**json.loads(arguments.one))))
        return
    gpus = tuple(parse(nvidia_smi()))
    cpus = os.cpu_count() or 1
    document: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": cpus, "gpus": [gpu.name for gpu in gpus]},
        "samples": SAMPLES,
        "ran_on_a_gpu": bool(gpus),
        "networks": {},
    }
    if not gpus:
        print("no GPU: only threads are measured; nothing is known of GPUs")
    for name in NETWORKS:
        rows = {"threads": threads(name, cpus)} | (on_gpus(name, gpus, cpus) if gpus else {})
        document["networks"][name] = rows
        show(name, rows)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


def on_gpus(name: str, gpus: tuple[Gpu, ...], cpus: int) -> dict[str, Any]:
    """All choices for one network, measured, and what the policy picks once it knows how long one GPU takes."""
    load = training_load(name)
    alone = epoch_s(name, [0])
    measured = MeasuredEpochs()
    measured.learn(load, 1, alone)
    counts = [count for count in (1, 2, 4, 8) if count <= len(gpus)]
    several = {count: epoch_s(name, list(range(count)), gpus=count) for count in counts[1:]} | {1: alone}
    node = Node(cpus, gpus)
    picked = choose_allocation(StudySpec(), load, ClusterSize((node,), 1), measured).gpus
    shared = {count: shared_epoch_s(name, count) / count for count in (1, 2, 4, 8)}
    share = choose_allocation(StudySpec(), load, ClusterSize((Node(cpus, gpus[:1]),), 100), measured).gpus
    chosen = choose_training_settings(DeviceSpec(gpus=1), gpus[:1], load)
    plain = {"gpus": 1, "mixed_precision": False, "xla": False, "steps_per_execution": 1}
    return {
        "gpus": compared(several, max(1, int(picked))),
        "trials on one GPU, seconds of an epoch each": compared(shared, round(1 / share)),
        "mixed precision": compared(
            {on: epoch_s(name, [0], **plain | {"mixed_precision": on}) for on in (False, True)},
            chosen.precision != "float32",
        ),
        "xla": compared({on: epoch_s(name, [0], **plain | {"xla": on}) for on in (False, True)}, chosen.xla),
        "steps a call": compared(
            {steps: epoch_s(name, [0], **plain | {"steps_per_execution": steps}) for steps in (1, 16)},
            chosen.steps_per_execution,
        ),
    }


def threads(name: str, cpus: int) -> dict[str, Any]:
    """One trial alone on all CPUs, with the threads that `cpus_per_trial=auto` gives it, and others."""
    spec = StudySpec(cpus_per_trial="auto")
    picked = int(choose_allocation(spec, training_load(name), ClusterSize((Node(cpus),), 1), MeasuredEpochs()).cpus)
    counts = sorted({1, picked, *(count for count in (2, 4, 8) if count <= cpus)})
    return compared({count: epoch_s(name, [], threads=count) for count in counts}, picked)


def compared(seconds: Mapping[Any, float], picked: Any) -> dict[str, Any]:
    """`picked` may be a choice that was not measured, such as 7 steps: then the next one above it counts."""
    if picked not in seconds:
        picked = min((one for one in seconds if one >= picked), default=max(seconds))
    best = min(seconds, key=lambda one: seconds[one])
    slower = seconds[picked] > NOISE * seconds[best]
    return {"epoch_s": {str(one): took for one, took in seconds.items()}, "picked": picked, "slower": slower}


def shared_epoch_s(name: str, trials: int) -> float:
    """Seconds of an epoch while so many trials train on one GPU at once."""
    return statistics.mean([finished(process) for process in [begun(name, [0]) for _ in range(trials)]])


def epoch_s(name: str, gpus: list[int], threads: int = 1, **devices: Any) -> float:
    return finished(begun(name, gpus, threads, **devices))


def begun(name: str, gpus: list[int], threads: int = 1, **devices: Any) -> subprocess.Popen[str]:
    """A training that runs in a process of its own, which sees these GPUs."""
    asked = json.dumps({"name": name, "threads": threads, "devices": {"gpus": len(gpus), **devices}})
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus)), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, "--one", asked]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def finished(process: subprocess.Popen[str]) -> float:
    told, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"a training failed with code {process.returncode}")
    return float(json.loads(told.splitlines()[-1]))


def train(name: str, threads: int, devices: dict[str, Any]) -> float:
    """In the process of one training: the median seconds of its epochs after the first."""
    from tuner.training import run_trial

    one = NETWORKS[name].model_copy(update={"threads": threads, "devices": DeviceSpec(**devices)})
    seconds = []
    for event in run_trial(one, data_of(name)):
        if isinstance(event, EpochProgress):
            seconds.append(event.duration_s)
        if isinstance(event, TrialComplete) and event.status != "completed":
            raise SystemExit(event.error or event.reason)
    return statistics.median(seconds[1:])


def data_of(name: str) -> Data:
    data_input = INPUTS["strings"] if name == "LSTM" else PIXELS
    x = raw_samples(data_input, SAMPLES + VALIDATED)
    y = (np.arange(len(x)) % 10).astype(np.int32)
    train, validation = Split(x[:SAMPLES], y[:SAMPLES]), Split(x[SAMPLES:], y[SAMPLES:])
    return Data(
        "made up",
        data_input,
        tuple(map(str, range(10))),
        train,
        validation,
        "0",
        DataReport(kind=data_input.kind, samples="", classes=()),
    )


def training_load(name: str) -> TrialLoad:
    one, data_input = NETWORKS[name], INPUTS["strings"] if name == "LSTM" else PIXELS
    load = models.training_load(one.architecture, one.hyperparameters, data_input, 10, SAMPLES)
    assert load is not None
    return load


def show(name: str, rows: Mapping[str, Any]) -> None:
    for question, row in rows.items():
        told = ", ".join(f"{choice}: {seconds:.2f} s" for choice, seconds in row["epoch_s"].items())
        print(f"{name:10} {question}: {told}; picked {row['picked']}{' SLOWER' if row['slower'] else ''}")


if __name__ == "__main__":
    main()
