"""Training on several devices: up to rounding, what one does with the same batches. CPUs stand in for 2 and 3 GPUs."""

from __future__ import annotations

import pickle
import subprocess
import sys
from math import sqrt
from typing import Any

import numpy as np
import pytest

from tests.training.logical_devices import GROWN, KINDS, Trained
from tests.training.samples import TRAINED, VALIDATED
from tuner.training.batches import evaluation_parts, training_batches, training_parts

pytestmark = [pytest.mark.slow, pytest.mark.tensorflow, pytest.mark.timeout(1_500)]

CLOSE = 2e-3
"""Relative: after 3 epochs of 7 steps, each of which rounds differently."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All trainings of two processes, with 2 and with 3 stand-ins, by name."""
    done: dict[str, Any] = {}
    for gpus in (2, 3):
        file = tmp_path_factory.mktemp("replicas") / "done"
        command = [sys.executable, "-m", "tests.training.logical_devices", str(file), str(gpus)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr[-3_000:]
        done |= pickle.loads(file.read_bytes())
    return done


def losses(one: Trained) -> list[float]:
    return [value for _, train, validation, _ in one.numbers for value in (train.loss, validation.loss)]


def assert_alike(one: Trained, other: Trained) -> None:
    assert losses(one) == pytest.approx(losses(other), rel=CLOSE)
    for first, second in zip(one.states[-1].best_weights, other.states[-1].best_weights, strict=True):
        np.testing.assert_allclose(first, second, rtol=0.02, atol=2e-3)


# --- the data ---


def order(dataset: Any) -> list[list[int]]:
    return [list(map(int, element[1].numpy())) for element in dataset]


@pytest.mark.parametrize("replicas", [1, 3, 4])
@pytest.mark.parametrize("batch_size", [1, 8, 50])
def test_the_parts_of_a_batch_are_its_samples_in_its_order(replicas: int, batch_size: int) -> None:
    x, y = np.arange(TRAINED, dtype=np.float32), np.arange(TRAINED, dtype=np.int32)
    batches = order(training_batches(x, y, batch_size, 3, 1, 2))
    elements = list(training_parts(x, y, batch_size, 3, 1, 2, replicas))
    assert len(elements) == replicas * len(batches)
    for number, batch in enumerate(batches):
        parts = elements[number * replicas : (number + 1) * replicas]
        weights = np.concatenate([part[2].numpy() for part in parts])
        told = np.concatenate([part[1].numpy() for part in parts])
        assert list(told[weights > 0]) == batch
        assert weights.sum() == pytest.approx(1.0)
        assert np.allclose(weights[weights > 0], 1 / len(batch)), "every sample of a batch counts the same"
        sizes = [int((part[2].numpy() > 0).sum()) for part in parts]
        assert max(sizes) - min(sizes) <= 1
        assert all(len(part[1]) for part in parts), "no device is given an empty batch"
        assert set(np.unique(told, return_counts=True)[1]) == {replicas if len(batch) < replicas else 1}, (
            "batch normalisation sees every sample of a batch equally often"
        )


def test_validation_sees_every_sample_once_and_in_order() -> None:
    x, y = np.arange(600, dtype=np.float32), np.arange(600, dtype=np.int32)
    elements = list(evaluation_parts(x, y, 4))
    counted = [part[1].numpy()[part[2].numpy() > 0] for part in elements]
    assert list(np.concatenate(counted)) == list(range(600))


# --- the numbers ---


@pytest.mark.parametrize("gpus", [2, 3])
def test_several_devices_learn_what_one_learns_from_the_same_batches(gpus, trained) -> None:
    """7 batches of 50 samples, the last one of 2: of 3 replicas one has none of it."""
    together, alone = trained[f"cnn on {gpus}"], trained["cnn alone"]
    assert (together.start.devices.replicas, alone.start.devices.replicas) == (gpus, 1)
    assert_alike(together, alone)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_network_is_learned_as_on_one_device(kind, trained) -> None:
    together, alone = trained[f"{kind} on 2"], trained[f"{kind} alone"]
    assert (together.start.devices.replicas, alone.start.devices.replicas) == (2, 1)
    assert len(set(losses(alone))) == 4, "two epochs, in which something is learned"
    assert_alike(together, alone)


@pytest.mark.parametrize(("name", "gpus"), [("cnn", 2), ("lstm", 3)])
def test_smoothed_labels_and_weighted_classes_are_learned_as_on_one_device(name, gpus, trained) -> None:
    together, alone = trained[f"{name} of a rare class on {gpus}"], trained[f"{name} of a rare class alone"]
    assert_alike(together, alone)
    for mine, other in zip(together.epochs, alone.epochs, strict=True):
        assert len(mine.class_scores) == 2
        assert mine.class_scores == pytest.approx(other.class_scores, abs=0.05), "a sample on the border may differ"


@pytest.mark.parametrize(("name", "gpus"), [("cnn", 2), ("lstm", 3)])
def test_answers_are_counted_over_all_devices(name, gpus, trained) -> None:
    together, alone = trained[f"{name} of a rare class on {gpus}"], trained[f"{name} of a rare class alone"]
    for mine, other in zip(together.epochs, alone.epochs, strict=True):
        assert np.sum(mine.summary.confusion) == VALIDATED
        assert np.abs(np.subtract(mine.summary.confusion, other.summary.confusion)).sum() <= 4, "some on the border"
        assert np.mean(mine.summary.recalls) == pytest.approx(mine.val_balanced_accuracy, abs=1e-3)
        assert mine.summary.learning_rate == pytest.approx(other.summary.learning_rate)


def test_weights_and_gradients_are_kept_as_on_one_device(trained) -> None:
    epochs = zip(trained["cnn with health"].epochs, trained["cnn with health alone"].epochs, strict=True)
    for mine, other in epochs:
        for one, same in zip(mine.summary.layers, other.summary.layers, strict=True):
            assert one.layer_id == same.layer_id
            assert one.weights == pytest.approx(same.weights, rel=0.02, abs=2e-3)
            assert one.drift == pytest.approx(same.drift, rel=0.02)
            assert one.gradient == pytest.approx(same.gradient, rel=0.05)


def test_long_gradients_are_shortened_as_a_whole(trained) -> None:
    assert losses(trained["steep on 2"]) == pytest.approx(losses(trained["steep alone"]), rel=0.02)


def test_the_same_trial_on_several_devices_gives_the_same_numbers_bit_for_bit(trained) -> None:
    """Also while its health is measured."""
    one, other = trained["cnn on 2"], trained["cnn with health"]
    assert [numbers[:3] for numbers in one.numbers] == [numbers[:3] for numbers in other.numbers]
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one.weights, other.weights, strict=True))


def test_each_replica_draws_dropout_of_its_own(trained) -> None:
    one, other = trained["seeds"]
    assert one != other
    assert one == [3, 0], "the first replica draws what one device would draw"


def test_a_training_with_dropout_goes_on_as_if_it_had_never_stopped(trained) -> None:
    whole, rest = trained["dropout"], trained["dropout that went on"]
    assert rest.start.resumed_from_epoch == 1
    assert rest.numbers == whole.numbers[1:]
    assert all(a.tobytes() == b.tobytes() for a, b in zip(rest.weights, whole.weights, strict=True))


def test_a_training_on_several_devices_can_go_on_on_one(trained) -> None:
    whole, rest = trained["cnn on 2"], trained["cnn that went on alone"]
    assert losses(rest) == pytest.approx(losses(whole)[2:], rel=CLOSE)


def test_batch_and_learning_rate_grow_by_their_rule(trained) -> None:
    grown, alike = trained["grown"], trained["as grown alone"]
    assert grown.start.devices.batch_size == 2 * int(GROWN.hyperparameters["batch_size"])
    assert grown.start.devices.learning_rate == pytest.approx(sqrt(2) * float(GROWN.hyperparameters["learning_rate"]))
    assert_alike(grown, alike)


# --- what looks at a training ---


def test_health_is_measured_under_the_strategy(trained) -> None:
    healthy, alone = trained["cnn with health"], trained["cnn with health alone"]
    for together, one in zip(healthy.epochs, alone.epochs, strict=True):
        assert together.vital_signs.gradient_norm == pytest.approx(one.vital_signs.gradient_norm, rel=0.05)
        assert [layer.layer_id for layer in together.vital_signs.layers] == [
            layer.layer_id for layer in one.vital_signs.layers
        ]
        for mine, other in zip(together.vital_signs.layers, one.vital_signs.layers, strict=True):
            assert mine.update == pytest.approx(other.update, rel=0.05)
    assert healthy.end.health_metrics is not None


def test_the_record_tells_the_devices(trained) -> None:
    told = trained["cnn on 2"].start.devices
    assert told.names == ("stand-in 0", "stand-in 1")
    assert (told.gpus, told.threads, told.precision, told.xla) == (2, 1, "float32", False)
    assert trained["cnn alone"].start.devices.names == ()


# --- what is not to be had with several devices ---


def test_keras_still_crashes_with_two_replicas_and_several_steps_in_a_call(trained) -> None:
    """Once it does not, `tuner.devices.training_settings` need not refuse it any more."""
    assert trained["steps_per_execution"] == "InvalidArgumentError"
