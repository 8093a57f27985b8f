"""`tuner best` shows the devices of a trial."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.store.samples import T0
from tuner.console.best import print_devices
from tuner.events import Devices, MeanAndPeak, ResourceUse
from tuner.store import TrialRow

CPU = Devices(
    node="laptop", gpus=0, threads=2, replicas=1, batch_size=32, learning_rate=0.1, precision="float32", xla=False,
    steps_per_execution=1, why=("no GPU in the cluster", "2 of 2 CPUs: it trains alone"),
)  # fmt: skip
GPUS = CPU.model_copy(
    update={
        "gpus": 2.0, "names": ("A100", "A100"), "replicas": 2, "batch_size": 64, "precision": "mixed_bfloat16",
        "why": (),
    }
)  # fmt: skip


def lines(**fields: object) -> list[str]:
    trial = TrialRow.model_construct(trial_number=1, started_at=T0, **{"devices": None, "resources": None} | fields)
    out = io.StringIO()
    print_devices(trial, Console(file=out, width=100))
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_the_machine_its_cpus_and_a_line_for_each_choice() -> None:
    assert lines(devices=CPU) == [
        "", "Devices", "trained on laptop, 2 CPUs", "precision float32", "why no GPU in the cluster",
        "2 of 2 CPUs: it trains alone",
    ]  # fmt: skip


def test_several_gpus_and_their_replicas() -> None:
    assert lines(devices=GPUS)[2:] == [
        "trained on laptop, 2 GPUs (A100)",
        "precision mixed_bfloat16, 2 replicas, 64 samples per step in total",
    ]


@pytest.mark.parametrize(("share", "text"), [(0.25, "0.25 GPU (A100)"), (1.0, "1 GPU (A100)")])
def test_a_share_of_a_gpu(share: float, text: str) -> None:
    devices = GPUS.model_copy(update={"gpus": share, "replicas": 1, "xla": True, "steps_per_execution": 8})
    assert lines(devices=devices)[2:] == [
        f"trained on laptop, {text}", "precision mixed_bfloat16, XLA, 8 steps per call",
    ]  # fmt: skip


def test_the_resources_it_used() -> None:
    use = ResourceUse(
        samples=3,
        cpu_percent=MeanAndPeak(mean=68.4, peak=99),
        memory_bytes=MeanAndPeak(mean=8e8, peak=828.5e6),
        gpu_percent=MeanAndPeak(mean=91, peak=99),
        gpu_memory_bytes=MeanAndPeak(mean=1e9, peak=1.5e9),
    )
    text = "used 68 % of a CPU, 828 MB of memory, 91 % of the GPUs, 1,500 MB of GPU memory"
    assert lines(devices=CPU, resources=use)[4] == text
    assert lines(devices=CPU, resources=use.model_copy(update={"memory_bytes": None, "gpu_percent": None}))[4] == (
        "used 68 % of a CPU, 1,500 MB of GPU memory"
    )


def test_of_a_trial_that_never_began_nothing() -> None:
    assert lines() == []
