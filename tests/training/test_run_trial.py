"""The one training path: the order of its events, its promise of the same numbers, and every way it can end."""

import gc
import importlib
import math
import pickle
import textwrap
import weakref
from dataclasses import replace
from functools import cache
from itertools import count, pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from tests.training.samples import (
    SGD,
    TRAINED,
    TRIALS,
    VALIDATED,
    changed,
    data,
    data_of,
    end_of,
    epochs_of,
    numbers,
)
from tuner import models
from tuner.data import ImageInput, Split
from tuner.events import BatchProgress, EpochProgress, Metrics, TrialComplete, TrialStart
from tuner.training import TrainingState, run_trial
from tuner.training.steps import SingleDeviceSteps

pytestmark = pytest.mark.tensorflow

# The package's attribute of that name is the function.
module = importlib.import_module("tuner.training.run_trial")

TRIAL = TRIALS["cnn, adam, dropout"]
BATCHES = math.ceil(TRAINED / 10)
every_kind = pytest.mark.parametrize("name", list(TRIALS))


def run(one=TRIAL, samples=None, resume_from=None):
    return list(run_trial(one, samples or data_of(one), resume_from))


@cache
def whole(name="cnn, adam, dropout"):
    """An uninterrupted training: its events, and its state after each epoch. Done once for all that look at it."""
    events, states = [], []
    for event in run_trial(TRIALS[name], data_of(TRIALS[name])):
        if isinstance(event, EpochProgress):
            states.append(event.snapshot())
            event = event.model_copy(update={"snapshot": None})
        events.append(event)
    return events, states


@pytest.fixture
def clock(monkeypatch):
    """A clock that is advanced by `step` seconds at each look; training looks once per batch."""
    hands = SimpleNamespace(now=0.0, step=0.0)

    def monotonic():
        hands.now += hands.step
        return hands.now

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=monotonic))
    return hands


@pytest.fixture
def steps(monkeypatch):
    """Numbers of all training steps done; `script` may replace what the n-th step gives (from 0) or raise."""
    import keras

    made = keras.Model.make_train_function
    done = SimpleNamespace(count=0, script=lambda step, logs: logs)

    def make(self, force=False):
        made(self, force)
        train = self.train_function

        def step(batches):
            logs = done.script(done.count, train(batches))
            done.count += 1
            return logs

        self.train_function = step

    monkeypatch.setattr(keras.Model, "make_train_function", make)
    return done


@pytest.fixture
def networks(monkeypatch):
    """Weak references to all networks built."""
    references = []
    build = models.build

    def spy(*arguments):
        network = build(*arguments)
        references.append(weakref.ref(network))
        return network

    monkeypatch.setattr(models, "build", spy)
    return references


# --- the order of events ---


@every_kind
def test_a_trial_starts_trains_its_epochs_and_completes(name):
    events, _ = whole(name)
    assert isinstance(events[0], TrialStart)
    assert [epoch.epoch for epoch in epochs_of(events)] == [1, 2, 3]
    assert sum(isinstance(event, TrialStart) for event in events) == 1
    end = end_of(events)
    assert (end.status, end.reason) == ("completed", "all epochs done: 3")
    assert end.epochs_trained == 3
    for event in events:
        assert event.trial_number == 1


def test_the_start_tells_hyperparameters_and_architecture():
    start = whole()[0][0]
    assert start.trial_id == "a-00001"
    assert start.hyperparameters == TRIAL.hyperparameters
    assert start.resumed_from_epoch == 0
    assert start.architecture.type == "cnn"
    assert start.architecture.filters_per_layer == [4]


@pytest.mark.parametrize("objective", ["val_accuracy", "val_loss"])
def test_the_end_tells_the_best_epoch_by_the_objective_and_of_equal_ones_by_the_loss(objective):
    name = "cnn, sgd, normalised"
    events = whole(name)[0] if objective == "val_accuracy" else run(changed(TRIALS[name], objective=objective))
    epochs, end = epochs_of(events), end_of(events)
    values = [getattr(epoch.validation, objective.removeprefix("val_")) for epoch in epochs]
    assert [epoch.objective for epoch in epochs] == values
    at_best = epochs[end.best_epoch - 1].validation
    assert end.objective == (max(values) if objective == "val_accuracy" else min(values))
    assert at_best.loss == min(epoch.validation.loss for epoch in epochs if epoch.objective == end.objective)
    assert (end.performance.accuracy, end.performance.loss) == (at_best.accuracy, at_best.loss)
    assert end.performance.total_score == end.performance.accuracy


def test_a_network_learns_what_can_be_learnt():
    end = end_of(run(changed(TRIAL, {"dropout": 0.0}, epochs=30)))
    assert end.performance.accuracy > 0.8


def test_epochs_measure_shares_and_finite_losses():
    for epoch in epochs_of(whole()[0]):
        for metrics, samples in ((epoch.train, TRAINED), (epoch.validation, VALIDATED)):
            assert metrics.accuracy * samples == pytest.approx(round(metrics.accuracy * samples), abs=1e-4)
            assert metrics.loss > 0
        assert epoch.duration_s > 0


def test_only_the_last_epoch_is_marked_as_the_last():
    assert [epoch.last for epoch in epochs_of(whole()[0])] == [False, False, True]


def test_an_epoch_leaves_its_snapshot_behind_when_it_travels():
    events, states = whole()
    epoch = epochs_of(events)[0].model_copy(update={"snapshot": lambda: states[0]})
    assert "snapshot" not in epoch.model_dump()
    again = EpochProgress.model_validate_json(epoch.model_dump_json())
    assert again == epoch.model_copy(update={"snapshot": None})
    assert pickle.loads(pickle.dumps(again)) == again


def test_tensorflow_is_set_up_for_the_trials_threads(monkeypatch):
    threads = []
    monkeypatch.setattr(module.devices, "configure", threads.append)
    events = run_trial(changed(TRIAL, threads=3), data())
    assert isinstance(next(events), TrialStart)
    events.close()
    assert threads == [3]


# --- batch progress ---


def test_batch_progress_comes_at_most_ten_times_a_second(clock):
    clock.step = 0.03
    seen = []
    for event in run_trial(changed(TRIAL, {"batch_size": 2}), data()):
        if isinstance(event, BatchProgress):
            seen.append(clock.now)
    assert len(seen) > 10
    assert all(later - earlier >= 0.1 - 1e-9 for earlier, later in pairwise(seen))
    assert max(later - earlier for earlier, later in pairwise(seen)) < 0.1 + 6 * clock.step


@cache
def slow():
    """A training whose batches take a second each."""
    hands = count(0.0, 1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", SimpleNamespace(monotonic=lambda: next(hands)))
        return run()


def test_slow_batches_are_all_seen_in_every_epoch():
    events = slow()
    for number in (1, 2, 3):
        progress = [e for e in events if isinstance(e, BatchProgress) and e.epoch == number]
        trained = [e for e in progress if e.loss is not None]
        assert [e.batch for e in trained] == list(range(1, BATCHES + 1))
        assert {(e.batches, e.epochs) for e in progress} == {(BATCHES, 3)}
        validated = progress[len(trained) :]
        assert [(e.batch, e.loss) for e in validated] == [(BATCHES, None)]
    order = [(e.epoch, isinstance(e, EpochProgress)) for e in events[1:-1]]
    assert order == sorted(order), "an epoch's batches come before its end"


def test_batch_progress_tells_the_mean_of_the_epoch_so_far():
    events = slow()
    for epoch in epochs_of(events):
        last = [e for e in events if isinstance(e, BatchProgress) and e.epoch == epoch.epoch and e.loss is not None][-1]
        assert (last.loss, last.accuracy) == (epoch.train.loss, epoch.train.accuracy)


def test_fast_batches_are_not_told_at_all(clock):
    clock.step = 0.0
    assert not [event for event in run(changed(TRIAL, epochs=1)) if isinstance(event, BatchProgress)]


# --- closing ---


def test_closing_ends_the_training_within_one_batch_and_frees_the_network(clock, steps, networks):
    clock.step = 1.0
    events = run_trial(TRIAL, data())
    taken = [next(events) for _ in range(3)]
    assert [type(event) for event in taken] == [TrialStart, BatchProgress, BatchProgress]
    assert steps.count == 2
    events.close()
    assert steps.count == 2
    assert next(events, None) is None
    assert [network() for network in networks] == [None]


@pytest.mark.parametrize("moment", [TrialStart, EpochProgress, TrialComplete, None])
def test_closing_frees_the_network(moment, clock, networks):
    clock.step = 1.0
    events = run_trial(changed(TRIAL, epochs=1), data())
    kinds = map(type, events)  # keeps no event: an epoch would keep its network, by its snapshot
    assert moment in kinds or moment is None
    events.close()
    assert [network() for network in networks] == [None]


# --- the same numbers ---


def test_the_same_trial_gives_the_same_history_bit_for_bit_also_of_images_without_a_channel_axis():
    full = data()
    flat = [Split(part.x[..., 0], part.y) for part in (full.train, full.validation)]
    bare = replace(full, train=flat[0], validation=flat[1])
    assert numbers(run(samples=bare)) == numbers(whole()[0])


@pytest.mark.parametrize("other", [{"trial_number": 2}, {"data": TRIAL.data.model_copy(update={"seed": 1})}])
def test_another_number_or_seed_gives_another_history(other):
    assert numbers(run(changed(TRIAL, epochs=1, **other)))[0] != numbers(whole()[0])[0]


@pytest.mark.parametrize(
    "hyperparameters",
    [
        {"optimizer": "rmsprop"},
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"learning_rate": 0.001},
        {"batch_size": 5},
        {"dropout": 0.5},
    ],
    ids=str,
)
def test_every_hyperparameter_of_training_has_an_effect(hyperparameters):
    other = run(changed(TRIAL, hyperparameters, epochs=1))
    assert numbers(other)[0] != numbers(whole()[0])[0]


# --- going on ---


def same(one, other):
    return len(one) == len(other) and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize(("name", "epoch"), [(name, 1) for name in TRIALS] + [("cnn, adam, dropout", 2)])
def test_a_resumed_training_goes_on_as_if_it_had_never_stopped(name, epoch, tmp_path):
    uninterrupted, states = whole(name)
    states[epoch - 1].save(tmp_path / "state.npz")
    events, last = [], None
    for event in run_trial(TRIALS[name], data_of(TRIALS[name]), TrainingState.load(tmp_path / "state.npz")):
        events.append(event)
        last = event.snapshot() if isinstance(event, EpochProgress) else last
    assert events[0].resumed_from_epoch == epoch
    assert numbers(events) == numbers(uninterrupted)[epoch:]
    assert [one.last for one in epochs_of(events)] == [one.last for one in epochs_of(uninterrupted)][epoch:]
    assert last.epoch == 3
    assert same(last.variables, states[-1].variables)
    assert same(last.best_weights, states[-1].best_weights)
    measured = {"training_time", "inference_time"}
    clocks = {"time": True, "duration_seconds": True, "resources": True, "values": measured}
    assert end_of(events).model_dump(exclude=clocks) == end_of(uninterrupted).model_dump(exclude=clocks)


def test_a_training_that_was_interrupted_after_its_last_epoch_only_ends():
    _, states = whole()
    events = run(resume_from=states[-1])
    assert [type(event) for event in events] == [TrialStart, TrialComplete]
    assert end_of(events).objective == max(epoch["objective"] for epoch in states[-1].history)
    assert end_of(events).epochs_trained == 3


def test_a_state_holds_what_is_true_after_its_epoch():
    _, states = whole()
    assert [state.epoch for state in states] == [1, 2, 3]
    assert [len(state.history) for state in states] == [1, 2, 3]
    assert not same(states[0].variables, states[1].variables)
    counts = {len(state.variables) for state in states}
    assert len(counts) == 1


# --- the best weights ---


def validated(one, weights, samples):
    """Loss and accuracy of a network with these weights on the validation samples."""
    network = models.build(one, samples.input, samples.classes)
    network.set_weights(weights)
    probabilities = np.asarray(network(samples.validation.x, training=False))
    accuracy = float((probabilities.argmax(axis=1) == samples.validation.y).mean())
    likelihood = probabilities[np.arange(len(probabilities)), samples.validation.y]
    return Metrics(loss=float(-np.log(likelihood).mean()), accuracy=accuracy)


def test_the_best_weights_are_those_of_the_best_epoch_and_not_of_the_last():
    taught = data()
    misleading = Split(taught.validation.x, (taught.validation.y + 1) % 3)  # the more is learnt, the worse it gets
    samples = replace(taught, validation=misleading)
    one = changed(TRIAL, {"dropout": 0.0}, objective="val_loss", epochs=8)
    epochs, weights = [], None
    for event in run_trial(one, samples):
        if isinstance(event, EpochProgress):
            epochs.append(event)
            weights = event.snapshot().best_weights
    best = min(epochs, key=lambda epoch: epoch.objective)
    assert best is not epochs[-1], "else this test proves nothing"
    found = validated(one, weights, samples)
    assert found.loss == pytest.approx(best.validation.loss, rel=1e-4)
    assert found.accuracy == pytest.approx(best.validation.accuracy)
    assert found.loss < epochs[-1].validation.loss

    *_, last = (event for event in run_trial(one, samples, keep_last=True) if isinstance(event, EpochProgress))
    found = validated(one, last.snapshot().best_weights, samples)
    assert found.loss == pytest.approx(epochs[-1].validation.loss, rel=1e-4), "with keep_last, those of the last epoch"


def test_early_stopping_ends_a_training_that_gets_no_better():
    one = changed(TRIAL, {"learning_rate": 1e-7}, epochs=50, early_stopping_patience=2)
    events = run(one)
    assert len(epochs_of(events)) == end_of(events).epochs_trained == 3
    assert [epoch.last for epoch in epochs_of(events)] == [False, False, True]
    assert end_of(events).reason == "early stopping: no better val_accuracy since epoch 1"
    assert end_of(events).status == "completed"


# --- every other end ---


def test_an_absurd_learning_rate_is_a_diverged_trial():
    absurd = {**SGD, "learning_rate": 10.0, "momentum": 0.99, "activation": "leaky_relu"}
    end = end_of(run(changed(TRIAL, absurd, epochs=20)))
    assert end.status == "diverged"
    assert end.reason == f"the loss was not finite in epoch {end.epochs_trained + 1}"
    assert end.error is None


@pytest.mark.parametrize("step", [0.0, 1.0], ids=["between reports", "at a report"])
def test_data_that_are_no_numbers_are_a_diverged_trial(step, clock):
    clock.step = step
    sound = data()
    x = sound.train.x.astype(np.float32)
    x[0] = np.nan
    broken = replace(sound, train=Split(x, sound.train.y))
    events = run(samples=broken)
    assert epochs_of(events) == []
    end = end_of(events)
    assert end.status == "diverged"
    # Whether relu lets through what is no number depends on the processor.
    assert end.reason in {"the loss was not finite in epoch 1", "weights were not finite in epoch 1"}
    assert (end.objective, end.performance, end.best_epoch, end.epochs_trained) == (None, None, None, 0)


def test_weights_that_are_no_numbers_are_a_diverged_trial_whatever_the_loss(networks, steps):
    def one_weight_is_lost(step, logs):
        if step == BATCHES:
            kernel = networks[0]().trainable_variables[0]
            value = kernel.numpy()
            value.flat[0] = math.nan
            kernel.assign(value)
        return {**logs, "loss": 0.5}

    steps.script = one_weight_is_lost
    events = run()
    end = end_of(events)
    assert (end.status, end.reason) == ("diverged", "weights were not finite in epoch 2")
    assert [epoch.epoch for epoch in epochs_of(events)] == [1]


def test_a_validation_loss_that_is_no_number_is_a_diverged_trial(monkeypatch):
    monkeypatch.setattr(SingleDeviceSteps, "validate", lambda self: iter([self._logs.update(loss=math.nan) or 1]))
    events = run()
    assert epochs_of(events) == []
    assert (end_of(events).status, end_of(events).reason) == ("diverged", "the loss was not finite in epoch 1")


def test_a_trial_that_diverges_later_keeps_what_it_had(steps):
    steps.script = lambda step, logs: {**logs, "loss": math.inf} if step == 2 * BATCHES - 1 else logs
    events = run()
    end = end_of(events)
    assert (end.status, end.reason) == ("diverged", "the loss was not finite in epoch 2")
    assert [epoch.epoch for epoch in epochs_of(events)] == [1]
    assert (end.epochs_trained, end.best_epoch) == (1, 1)
    assert end.objective == epochs_of(events)[0].objective


def test_a_training_that_crashes_is_a_failed_trial_with_its_traceback_and_frees_its_network(steps, networks):
    def crash(step, logs):
        if step == BATCHES + 2:
            raise RuntimeError("the disk\nis full")
        return logs

    steps.script = crash
    events = run()
    end = end_of(events)
    assert (end.status, end.reason) == ("failed", "RuntimeError: the disk is full")
    assert end.error.startswith("Traceback (most recent call last):")
    assert "in crash" in end.error
    assert end.epochs_trained == 1
    assert end.objective == epochs_of(events)[0].objective
    del events  # an epoch keeps its network, by its snapshot
    gc.collect()
    assert [network() for network in networks] == [None]


@pytest.fixture
def own_model(tmp_path, monkeypatch):
    """Writes a module with an own model and gives its trial."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, body):
        source = f"""
            import keras
            def build(hyperparameters, input_shape, classes):
                {body}
        """
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        return changed(TRIAL, architecture="own", model=f"{name}:build")

    return write


def test_an_own_model_trains_unless_it_has_too_many_weights(own_model):
    one = own_model(
        "own_trains",
        "return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(),"
        " keras.layers.Dense(classes, activation='softmax')])",
    )
    events = run(changed(one, max_parameters=195), data())
    assert end_of(events).status == "completed"
    assert events[0].architecture.type == "own"
    assert events[0].architecture.total_parameters == 64 * 3 + 3
    (end,) = run(changed(one, max_parameters=194), data())
    assert (end.status, end.reason) == ("rejected", "195 parameters, more than max_parameters=194")


def test_an_own_model_that_raises_is_a_rejected_trial_with_its_traceback(own_model):
    (end,) = run(own_model("own_raises", "raise ValueError('no such width')"), data())
    assert (end.status, end.cause) == ("rejected", "cannot_build")
    assert "ValueError: no such width" in end.reason
    assert "own_raises.py" in end.error


def test_float_images_of_any_range_train():
    narrow = data()
    wide = ImageInput(8, 8, 1, scale=1 / 510.0, offset=0.5)
    parts = [Split(part.x.astype(np.float32) * 2 - 255, part.y) for part in (narrow.train, narrow.validation)]
    events = run(changed(TRIAL, epochs=1), replace(narrow, input=wide, train=parts[0], validation=parts[1]))
    expected = epochs_of(whole()[0])[0]
    assert epochs_of(events)[0].train.loss == pytest.approx(expected.train.loss, rel=1e-3)
