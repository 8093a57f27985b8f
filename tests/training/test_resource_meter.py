"""Samples of what a training takes, by a scripted clock; and what becomes of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tuner.events import MeanAndPeak, ResourceUse
from tuner.training import nvml, resource_meter
from tuner.training.resource_meter import ResourceMeter


@pytest.fixture
def machine(monkeypatch):
    """A clock, the process's CPU seconds and memory, and its GPUs."""
    known = SimpleNamespace(clock=0.0, cpu=0.0, memory=100, gpus=None)
    monkeypatch.setattr(resource_meter, "time", SimpleNamespace(monotonic=lambda: known.clock))
    monkeypatch.setattr(resource_meter, "_cpu_s", lambda: known.cpu)
    monkeypatch.setattr(resource_meter, "_memory_bytes", lambda: known.memory)
    monkeypatch.setattr(resource_meter, "use_of_gpus", lambda: known.gpus)

    def later(seconds, cpu_s, memory=100, gpus=None):
        known.clock, known.cpu = known.clock + seconds, known.cpu + cpu_s
        known.memory, known.gpus = memory, gpus

    return later


def test_a_sample_is_due_every_two_seconds(machine):
    one = ResourceMeter(3)
    machine(1.9, 1.0)
    assert one.due() is None
    machine(0.1, 1.0, memory=200)
    sample = one.due()
    assert (sample.trial_number, sample.cpu_percent, sample.memory_bytes) == (3, 100.0, 200)
    assert (sample.gpu_percent, sample.gpu_memory_bytes) == (None, None)
    assert one.due() is None


def test_means_and_peaks_are_over_all_samples(machine):
    one = ResourceMeter(1)
    for cpu_s, memory, busy in ((2.0, 100, 10.0), (6.0, 300, 90.0), (1.0, 200, 20.0)):
        machine(2.0, cpu_s, memory, (busy, 1_000))
        one.due()
    assert one.use == ResourceUse(
        samples=3,
        cpu_percent=MeanAndPeak(mean=150.0, peak=300.0),
        memory_bytes=MeanAndPeak(mean=200.0, peak=300.0),
        gpu_percent=MeanAndPeak(mean=40.0, peak=90.0),
        gpu_memory_bytes=MeanAndPeak(mean=1_000.0, peak=1_000.0),
    )


def test_what_a_trial_took_before_it_was_interrupted_counts_too(machine):
    first = ResourceMeter(1)
    machine(2.0, 2.0)
    first.due()
    second = ResourceMeter(1, first.use)
    machine(2.0, 6.0)
    second.due()
    assert (second.use.samples, second.use.cpu_percent) == (2, MeanAndPeak(mean=200.0, peak=300.0))


def test_a_trial_shorter_than_a_sample_has_one_all_the_same(machine):
    one = ResourceMeter(1)
    assert one.now() is None
    machine(0.5, 0.25)
    assert one.now().cpu_percent.mean == 50.0
    machine(0.5, 0.5)
    assert one.now().samples == 1, "then they come when they are due"


def test_this_process_takes_memory_and_time():
    assert resource_meter._cpu_s() > 0
    assert resource_meter._memory_bytes() is None or resource_meter._memory_bytes() > 10**6


# --- NVML ---


class DriverError(Exception):
    """NVML's own."""


@pytest.fixture
def library(monkeypatch):
    """NVML of a machine with 4 GPUs: number n has n GiB, of which n MiB are in use, and is 10 n percent busy."""
    fake = SimpleNamespace(
        NVMLError=DriverError,
        nvmlDeviceGetCount=lambda: 4,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetHandleByUUID=lambda name: int(name[-1]),
        nvmlDeviceGetMemoryInfo=lambda n: SimpleNamespace(total=n * 2**30, used=n * 2**20),
        nvmlDeviceGetUtilizationRates=lambda n: SimpleNamespace(gpu=10 * n),
    )
    monkeypatch.setattr(nvml, "_library", lambda: fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return fake


@pytest.mark.parametrize(
    ("shown", "used"),
    [
        (None, (15.0, 6 * 2**20)),
        ("2", (20.0, 2 * 2**20)),
        ("1,3", (20.0, 4 * 2**20)),
        ("GPU-abc3", (30.0, 3 * 2**20)),
        ("1,-1,3", (10.0, 2**20)),
        ("", None),
    ],
)
def test_only_the_gpus_that_a_process_sees_are_measured(shown, used, library, monkeypatch):
    if shown is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    assert nvml.use_of_gpus() == used


def test_memory_is_told_in_the_order_of_the_process(library, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    assert nvml.memory_of_gpus(2) == [3 * 2**30, 2**30]
    assert nvml.memory_of_gpus(3) == [3 * 2**30, 2**30, None]


def test_a_driver_that_fails_is_one_that_does_not_tell(library):
    def fail(*_):
        raise DriverError

    library.nvmlDeviceGetMemoryInfo = fail
    assert nvml.use_of_gpus() is None
    assert nvml.memory_of_gpus(2) == [None, None]


def test_a_machine_without_the_library_does_not_tell(monkeypatch):
    monkeypatch.setattr(nvml, "_library", lambda: None)
    assert nvml.use_of_gpus() is None
    assert nvml.memory_of_gpus(1) == [None]
