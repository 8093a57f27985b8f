"""How a trial trains on its devices: in 16 bits, several steps a call, out of memory, and leaving nothing behind."""

from __future__ import annotations

import gc
import textwrap
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.training.samples import TRIALS, changed, data, data_of, end_of, epochs_of, numbers
from tuner.devices.capacity import Gpu
from tuner.events import TrialStart
from tuner.spec_parts import DeviceSpec, HealthSpec, HealthWeights
from tuner.training import devices, run_trial

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(900)]

TRIAL = TRIALS["cnn, adam, dropout"]
HEALTH = HealthSpec(accuracy_weight=0.7, weights=HealthWeights(), stop=False)


def run(one=TRIAL, samples=None, **asked):
    one = one.model_copy(update={"devices": DeviceSpec(**asked)})
    return list(run_trial(one, samples or data_of(one)))


def start_of(events) -> TrialStart:
    (start,) = (event for event in events if isinstance(event, TrialStart))
    return start


# --- the record ---


def test_a_trial_tells_its_devices_and_what_it_took():
    events = run(changed(TRIAL, epochs=1))
    told, end = start_of(events).devices, end_of(events)
    assert (told.gpus, told.names, told.replicas, told.threads) == (0, (), 1, 1)
    assert (told.batch_size, told.learning_rate) == (10, 0.01)
    assert (told.precision, told.xla, told.steps_per_execution) == ("float32", False, 1)
    assert told.node
    assert end.resources.samples >= 1
    assert end.resources.memory_bytes.peak > 10**8, "TensorFlow alone takes that"
    assert end.resources == epochs_of(events)[-1].resources


def test_a_gpu_that_was_given_and_is_not_there_is_a_failed_trial_with_a_remedy():
    (end,) = run(gpus=2)
    assert (end.status, end.cause) == ("failed", "error")
    assert "was given 2 GPUs, but its process sees 0" in end.reason


def test_of_the_gpus_that_are_seen_a_trial_that_was_given_a_share_uses_one(monkeypatch):
    monkeypatch.setattr(devices, "accelerators", lambda: ("CPU:0",))
    monkeypatch.setattr(devices, "gpus", lambda: (Gpu("stand-in"),))
    told = start_of(run(changed(TRIAL, epochs=1), gpus=0.25)).devices
    assert (told.gpus, told.names, told.replicas) == (0.25, ("stand-in",), 1)


# --- precision ---


@pytest.mark.parametrize("name", ["cnn, sgd, normalised", "lstm of texts, adamw, dropout"])
def test_mixed_precision_learns_and_its_weights_and_health_are_in_32_bits(name):
    import keras

    one = changed(TRIALS[name], {"dropout": 0.0}, epochs=2)
    events = run(changed(one, health=HEALTH), mixed_precision=True)
    assert end_of(events).status == "completed", end_of(events).error
    assert start_of(events).devices.precision == "mixed_bfloat16"
    assert {array.dtype for array in epochs_of(events)[-1].snapshot().best_weights} == {np.dtype(np.float32)}
    plain = epochs_of(run(one))
    assert epochs_of(events)[0].train.loss == pytest.approx(plain[0].train.loss, rel=0.1)
    assert numbers(events) != numbers(plain)
    assert end_of(events).health_metrics is not None
    assert keras.config.dtype_policy().name == "float32", "the next trial is not mixed"


# --- several steps in a call ---


@cache
def in_batches_of_4(steps, healthy):
    """50 samples in batches of 4 are 13 steps: never a multiple of what is taken together."""
    one = changed(TRIAL, {"batch_size": 4, "dropout": 0.0}, epochs=2, health=HEALTH if healthy else None)
    return run(one, **({"steps_per_execution": steps} if steps > 1 else {}))


@pytest.mark.parametrize(("steps", "health"), [(2, False), (50, False), (2, True), (3, True), (50, True)])
def test_several_steps_in_a_call_give_the_same_numbers(steps, health):
    together, alone = in_batches_of_4(steps, health), in_batches_of_4(1, health)
    assert start_of(together).devices.steps_per_execution == steps
    for mine, other in zip(epochs_of(together), epochs_of(alone), strict=True):
        assert mine.train.loss == pytest.approx(other.train.loss, rel=1e-5)
        assert mine.validation.loss == pytest.approx(other.validation.loss, rel=1e-5)
        assert mine.train.accuracy == other.train.accuracy
    if health:
        updates = [[layer.update for layer in epochs_of(run_)[0].vital_signs.layers] for run_ in (together, alone)]
        assert updates[0] == pytest.approx(updates[1], rel=1e-4), "health looks at the same steps"


# --- memory ---


HUNGRY = """
    import keras, tensorflow as tf

    @keras.saving.register_keras_serializable()
    class Hungry(keras.layers.Layer):
        def call(self, x):
            return x + tf.reduce_sum(tf.zeros(tf.stack([tf.shape(x)[0] * 10**6, 10**8])))

    def build(hyperparameters, input_shape, classes):
        {body}
        return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), {layer}
            keras.layers.Dense(classes, activation="softmax")])
"""


@pytest.mark.parametrize(
    ("body", "layer"), [("tf.zeros([10**7, 10**8])", ""), ("", "Hungry(),")], ids=["built", "trained"]
)
def test_a_device_without_memory_left_is_told_apart_from_a_crash(body, layer, tmp_path: Path, monkeypatch):
    """TensorFlow itself refuses 4 petabytes."""
    name = f"hungry_{'built' if body else 'trained'}"
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(HUNGRY).format(body=body, layer=layer))
    end = end_of(run(changed(TRIAL, architecture="own", model=f"{name}:build"), data()))
    assert (end.status, end.cause) == ("failed", "out_of_memory"), end.error
    assert "OOM" in end.reason
    again = end_of(run(changed(TRIAL, epochs=1)))
    assert again.status == "completed", "the process is of use still"


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4_096


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="the system does not tell")
def test_twenty_trials_one_after_the_other_leave_no_memory_behind():
    """From the 8th on: before, TensorFlow fills caches of its own. A network that stayed would be 6 MB."""
    sizes = []
    for number in range(20):
        wide = changed(TRIAL, {"first_dense_nodes": 8_192}, epochs=1, trial_number=number + 1)
        assert end_of(list(run_trial(wide, data()))).status == "completed"
        gc.collect()
        sizes.append(resident_bytes())
    growth = np.polyfit(range(12), np.array(sizes[8:]) / 2**20, 1)[0]
    assert growth < 1.0, f"{growth:.2f} MiB a trial: {[size >> 20 for size in sizes]}"
