"""What is kept of a training for its figures, compared with what NumPy, scikit-learn and Keras compute on their own."""

from __future__ import annotations

import json
import weakref
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from tests.models.samples import CNN, INPUTS, trial
from tests.training.samples import TRIALS, changed, data, data_of, end_of, epochs_of, numbers
from tuner import models
from tuner.data import Array
from tuner.events import QUANTILES, EpochProgress, TrainingSummary, TrialEvent
from tuner.spec_parts import DeviceSpec, HealthSpec, HealthWeights
from tuner.training import TrainingState, run_trial, summaries
from tuner.training.class_scores import confusion, confusion_counts
from tuner.training.learning_rate import current_rate, scheduled
from tuner.training.summaries import TrainingSummaries, kernel_layers, quantiles, sample
from tuner.trial_spec import TrialSpec

pytestmark = pytest.mark.tensorflow

KINDS = [name for name in TRIALS if not name.startswith("lstm")]
"""Of the recurrent networks one, in both directions and with biases of two axes."""
every_kind = pytest.mark.parametrize("name", KINDS)
TRIAL = changed(TRIALS["cnn, adam, dropout"], summaries=True)
HEALTH = HealthSpec(accuracy_weight=0.6, weights=HealthWeights(), stop=False)


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every epoch has a complete summary, whatever its time."""
    monkeypatch.setattr(summaries, "SHARE", 1e9)


@dataclass
class Epoch:
    """An epoch, and the network after it: its weights, predictions, gradients and the inputs of its last layer."""

    event: EpochProgress
    state: TrainingState
    weights: dict[str, list[Array]]
    biases: dict[str, list[Array]]
    gradients: dict[str, list[Array]]
    predicted: Array
    last_gradient: Array
    rate: float


@dataclass
class Seen:
    start: dict[str, list[Array]] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    events: list[TrialEvent] = field(default_factory=list)


@cache
def seen(name: str) -> Seen:
    """A training with summaries, and what independent means say about it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summaries, "SHARE", 1e9)
        return trained(changed(TRIALS[name], summaries=True))


def trained(one: TrialSpec, resume_from: TrainingState | None = None) -> Seen:
    samples, built = data_of(one), []
    build = models.build
    found = Seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", lambda *given: built.append(build(*given)) or built[-1])
        for event in run_trial(one, samples, resume_from):
            if isinstance(event, EpochProgress):
                found.epochs.append(looked_at(one, samples, built[0], event))
                event = event.model_copy(update={"snapshot": None})
            elif not found.start:  # the network has just been built
                found.start = parts(built[0])[0]
            found.events.append(event)
    return found


def parts(network: Any) -> tuple[dict[str, list[Array]], dict[str, list[Array]]]:
    """The kernels and the biases of each layer with kernels."""
    kernels, biases = {}, {}
    for layer in models.flat_layers(network):
        trainable = layer.trainable_variables
        own = [one.numpy() for one in trainable if len(one.shape) >= 2 and one.name != "bias"]
        if own:
            kernels[layer.name] = own
            biases[layer.name] = [one.numpy() for one in trainable if one.name == "bias"]
    return kernels, biases


def looked_at(one: TrialSpec, samples: Any, network: Any, event: EpochProgress) -> Epoch:
    import keras
    import tensorflow as tf

    split = samples.validation
    x = models.clipped_tokens(split.x, one) if samples.input.kind == "text" else split.x
    y = split.y
    by_layer = {layer.layer_id: layer.variables for layer in models.kernel_weights(network)}
    with tf.GradientTape() as tape:
        probabilities = network(x, training=False)
        loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, probabilities))
    probabilities = probabilities.numpy()
    tensors = tape.gradient(loss, [one.value for variables in by_layer.values() for one in variables])
    flat = iter(part.values if isinstance(part, tf.IndexedSlices) else part for part in tensors)
    gradients = {name: [next(flat).numpy() for _ in variables] for name, variables in by_layer.items()}
    inner = network if not hasattr(network.layers[-1], "layers") else network.layers[-1]
    last = inner.layers[-1]
    before = keras.Model(network.inputs[0], last.input)(x, training=False) if inner is network else None
    assert event.snapshot is not None
    kernels, biases = parts(network)
    wrong = probabilities - np.eye(samples.classes)[y]
    return Epoch(
        event=event.model_copy(update={"snapshot": None}),
        state=event.snapshot(),
        weights=kernels,
        biases=biases,
        gradients=gradients,
        predicted=probabilities.argmax(axis=1),
        last_gradient=np.array([]) if before is None else before.numpy().T @ wrong / len(y),
        rate=float(network.optimizer.learning_rate),
    )


def summary_of(epoch: EpochProgress) -> TrainingSummary:
    assert epoch.summary is not None
    return epoch.summary


def flat(arrays: list[Array]) -> Array:
    return np.concatenate([array.ravel() for array in arrays])


# --- the numbers ---


@every_kind
def test_weights_biases_and_drift_are_those_of_the_network(name: str) -> None:
    found = seen(name)
    assert len(found.epochs) == 3
    for epoch in found.epochs:
        layers = summary_of(epoch.event).layers
        assert [layer.layer_id for layer in layers] == list(epoch.weights)
        for layer in layers:
            weights, start = flat(epoch.weights[layer.layer_id]), flat(found.start[layer.layer_id])
            assert len(weights) < summaries.MOST_WEIGHTS
            assert layer.weights == pytest.approx(np.quantile(weights, QUANTILES), rel=6e-4, abs=1e-9)
            biases = epoch.biases[layer.layer_id]
            assert (layer.biases is None) == (not biases)
            if biases:
                assert layer.biases == pytest.approx(np.quantile(flat(biases), QUANTILES), rel=6e-4, abs=1e-9)
            drift = np.linalg.norm(weights - start) / np.linalg.norm(start)
            assert layer.drift == pytest.approx(drift, rel=1e-3)
            assert layer.drift is not None
            assert layer.drift > 0


@every_kind
def test_gradients_are_those_of_the_validation_loss(name: str) -> None:
    for epoch in seen(name).epochs:
        for layer in summary_of(epoch.event).layers:
            gradient = flat(epoch.gradients[layer.layer_id])
            assert layer.gradient == pytest.approx(np.sqrt(np.mean(gradient.astype(np.float64) ** 2)), rel=2e-3)


def test_the_gradient_of_the_last_layer_is_that_of_pencil_and_paper() -> None:
    compared = 0
    for name in KINDS:
        for epoch in seen(name).epochs:
            if epoch.last_gradient.size:
                layer = summary_of(epoch.event).layers[-1]
                assert layer.gradient == pytest.approx(np.sqrt(np.mean(epoch.last_gradient**2)), rel=2e-3)
                compared += 1
    assert compared >= 9


@every_kind
def test_recalls_and_confusion_are_those_of_the_predictions(name: str) -> None:
    y = data_of(TRIALS[name]).validation.y
    for epoch in seen(name).epochs:
        summary = summary_of(epoch.event)
        assert np.array_equal(summary.confusion, confusion_matrix(y, epoch.predicted, labels=range(3)))
        recalls = recall_score(y, epoch.predicted, labels=range(3), average=None, zero_division=0)
        assert summary.recalls == pytest.approx(recalls, rel=6e-4)


@every_kind
def test_hidden_units_are_known_of_hidden_layers(name: str) -> None:
    *hidden, last = summary_of(seen(name).epochs[-1].event).layers
    assert last.units is None
    assert any(layer.units and layer.dead is not None for layer in hidden)


@every_kind
def test_the_learning_rate_is_that_of_the_epoch(name: str) -> None:
    found = seen(name)
    if "plateau" in name:  # it falls after the epoch
        assert summary_of(found.epochs[0].event).learning_rate == pytest.approx(0.01)
        return
    for epoch in found.epochs:
        assert summary_of(epoch.event).learning_rate == pytest.approx(epoch.rate, rel=1e-5, abs=1e-9)


def test_the_rate_of_a_schedule_is_that_of_keras_after_every_step() -> None:
    import keras

    rate = scheduled({"learning_rate_schedule": "cosine"}, 0.05, 60)
    optimizer = keras.optimizers.SGD(rate)
    for step in range(65):
        optimizer.iterations.assign(step)
        assert current_rate(optimizer, rate) == pytest.approx(float(optimizer.learning_rate), rel=1e-5, abs=1e-8)


def test_answers_are_counted_with_several_steps_in_one_call() -> None:
    one = changed(TRIAL, devices=DeviceSpec(steps_per_execution=2), class_scores=True, epochs=1)
    (epoch,) = trained(one).epochs
    y = data_of(one).validation.y
    assert np.array_equal(summary_of(epoch.event).confusion, confusion_matrix(y, epoch.predicted, labels=range(3)))
    balanced = recall_score(y, epoch.predicted, average="macro")
    assert epoch.event.val_balanced_accuracy == pytest.approx(balanced)


@pytest.mark.parametrize("classes", [12, 13, 200, 201])
def test_many_classes_have_recalls_only_and_very_many_have_none(classes: int) -> None:
    import keras

    random = np.random.default_rng(classes)
    y, answers = random.integers(0, classes, 3_000), random.random((3_000, classes), np.float32)
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(classes, activation="softmax")])
    network.compile("sgd", loss="sparse_categorical_crossentropy")
    made = TrainingSummaries(network, np.zeros((3_000, 4), np.float32), y, 0.01, seed=0)
    predicted = answers.argmax(axis=1)
    found = made.after_epoch(confusion(y, predicted, classes) if made.with_confusion else None, None)
    assert np.array_equal(confusion(y, predicted, classes), confusion_counts(y, answers, np.ones(len(y))))
    assert (found.recalls is None) == (classes > 200)
    if found.recalls is not None:
        recalls = recall_score(y, predicted, labels=range(classes), average=None, zero_division=0)
        assert found.recalls == pytest.approx(recalls, rel=6e-4)
    assert (found.confusion is None) == (classes > 12)
    if found.confusion is not None:
        assert np.array_equal(found.confusion, confusion_matrix(y, predicted, labels=range(classes)))


def test_only_counted_samples_count() -> None:
    y, answers = np.array([0, 1, 1, 2]), np.eye(3, dtype=np.float32)[[0, 1, 2, 2]]
    counted = np.array([True, True, False, False])
    assert np.asarray(confusion_counts(y, answers, counted)).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_large_layers_are_sampled_evenly() -> None:
    import keras

    values = np.random.default_rng(0).normal(size=(2_000, 64)).astype(np.float32) + np.arange(64)
    chosen = sample([keras.Variable(values)])
    assert 5_000 < len(chosen) <= summaries.MOST_WEIGHTS
    assert {int(np.round(one)) for one in chosen} >= set(range(64)), "weights of all units"
    assert np.array_equal(chosen, sample([keras.Variable(values)])), "always the same ones"
    assert quantiles(chosen)[1:-1] == pytest.approx(np.quantile(values, QUANTILES)[1:-1], abs=1.0)


def test_a_layer_that_began_with_zeros_has_no_drift() -> None:
    import keras

    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    network.compile("sgd")
    x, y = np.zeros((64, 4), np.float32), np.zeros(64, np.int32)
    made = TrainingSummaries(network, x, y, 0.01, seed=0, clock=iter(range(1_000)).__next__)
    (layer,) = made.after_epoch(None, None).layers
    assert (layer.drift, layer.weights) == (None, (0.0,) * len(QUANTILES))
    assert [one.name for one in kernel_layers(network)] == [layer.layer_id]


# --- the training is the same ---


def same(one: list[Array], other: list[Array]) -> bool:
    return len(one) == len(other) and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True)
    )


@every_kind
def test_summaries_change_nothing_of_the_training(name: str) -> None:
    plain, last = [], None
    for event in run_trial(TRIALS[name], data_of(TRIALS[name])):
        if isinstance(event, EpochProgress):
            assert event.snapshot is not None
            assert event.summary is None
            assert "summary" not in event.model_dump(mode="json")
            last = event.snapshot()
        plain.append(event)
    found = seen(name)
    assert numbers(found.events) == numbers(plain)
    assert last is not None
    assert same(found.epochs[-1].state.variables, last.variables)
    assert same(found.epochs[-1].state.best_weights, last.best_weights)


@pytest.mark.usefixtures("unlimited")
def test_with_health_its_measurements_are_kept_and_nothing_is_measured_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    without = list(run_trial(changed(TRIALS["cnn, adam, dropout"], health=HEALTH), data()))
    monkeypatch.setattr(summaries, "Probe", None)
    events = list(run_trial(changed(TRIAL, health=HEALTH), data()))
    assert numbers(events) == numbers(without)
    assert end_of(events).health_metrics == end_of(without).health_metrics
    for epoch in epochs_of(events):
        assert epoch.vital_signs is not None
        for layer, known in zip(summary_of(epoch).layers, epoch.vital_signs.layers, strict=True):
            assert (layer.layer_id, layer.units) == (known.layer_id, known.units)
            assert layer.gradient == pytest.approx(known.gradient, rel=6e-4)
            assert layer.dead == known.dead


@pytest.mark.usefixtures("unlimited")
def test_a_resumed_training_keeps_the_same_summaries(tmp_path: Any) -> None:
    found = seen("cnn, adam, dropout")
    state = found.epochs[0].state
    state.save(tmp_path / "state.npz")
    again = trained(TRIAL, TrainingState.load(tmp_path / "state.npz"))
    assert [epoch.event.summary for epoch in again.epochs] == [epoch.event.summary for epoch in found.epochs[1:]]
    assert numbers(again.events) == numbers(found.events)[1:]
    histories = [epoch.state.history for epoch in found.epochs]
    assert [["summary" in one for one in history] for history in histories] == [
        [True],
        [False, True],
        [False] * 2 + [True],
    ]


@pytest.mark.usefixtures("unlimited")
def test_a_trial_that_continues_another_one_has_no_drift() -> None:
    state = seen("cnn, adam, dropout").epochs[0].state
    summary = summary_of(epochs_of(list(run_trial(changed(TRIAL, trial_number=7), data(), state)))[0])
    assert {layer.drift for layer in summary.layers} == {None}
    assert all(layer.gradient for layer in summary.layers)


def test_a_network_with_counted_answers_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    references: list[weakref.ref[Any]] = []
    build = models.build

    def spy(*given: Any) -> Any:
        network = build(*given)
        references.append(weakref.ref(network))
        return network

    monkeypatch.setattr(models, "build", spy)
    events = run_trial(changed(TRIAL, epochs=1), data())
    assert "trial_complete" in (event.type for event in events)
    events.close()
    assert [network() for network in references] == [None]


# --- the time ---


class Hands:
    """A clock that moves when something takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Summaries of a training whose parts take these seconds: returns the clock and a function that makes them."""
    hands = Hands()

    def make(first_s: float, later_s: float, weights_s: float = 0.003, *, recurrent: bool = False) -> TrainingSummaries:
        times = iter([first_s, *[later_s] * 10_000])
        layer_id = "block1_conv"

        class ScriptedProbe:
            def __init__(self, *_: Any) -> None:
                self.recurrent = recurrent
                hands.now += 0.005

            def measure(self, *, first: bool) -> tuple[None, list[Any]]:
                assert first
                hands.now += next(times)
                return None, [summaries.LayerHealth(layer_id=layer_id, gradient=0.1)]

        def summary(layer: Any, measured: Any) -> Any:
            hands.now += weights_s
            return summaries.LayerSummary(
                layer_id=layer_id, weights=(0.0,) * 7, gradient=measured and measured.gradient
            )

        monkeypatch.setattr(summaries, "Probe", ScriptedProbe)
        monkeypatch.setattr(summaries._LayerWeights, "summary", summary)
        network = models.build(trial(hyperparameters=CNN), INPUTS["8x8x1"], 3)
        network.compile("sgd")
        made = TrainingSummaries(network, np.zeros((64, 8, 8, 1)), np.zeros(64, np.int32), 0.01, 0, clock=hands)
        made._layers = made._layers[:1]
        assert made._layers[0].layer_id == layer_id
        return made

    return hands, make


def epochs_with(made: TrainingSummaries, hands: Hands, epoch_s: float, epochs: int) -> tuple[list[int], list[int]]:
    """The epochs whose weights, and whose gradients, were kept."""
    weights, gradients = [], []
    for number in range(1, epochs + 1):
        hands.now += epoch_s
        layers = made.after_epoch(None, None).layers
        weights += [number] if layers else []
        gradients += [number] if layers and layers[0].gradient is not None else []
    return weights, gradients


def test_short_epochs_have_weights_always_and_gradients_every_few_epochs(scripted: Any) -> None:
    hands, make = scripted
    made = make(0.1, 0.025)
    hands.now += 1.0  # TensorFlow prepares the first step
    weights, gradients = epochs_with(made, hands, 0.3, 60)
    assert weights == list(range(1, 61))
    assert 10 <= gradients[0] <= 20
    apart = np.diff(gradients[1:])
    assert 3 <= apart.min() <= apart.max() <= 8
    assert made._gradients.spent_s + made._weights.spent_s <= summaries.SHARE * hands.now


def test_long_epochs_have_everything(scripted: Any) -> None:
    hands, make = scripted
    weights, gradients = epochs_with(make(0.1, 0.025), hands, 6.0, 5)
    assert weights == gradients == [1, 2, 3, 4, 5]


def test_where_even_weights_take_long_they_are_kept_every_few_epochs(scripted: Any) -> None:
    hands, make = scripted
    made = make(0.1, 0.025, weights_s=0.05)
    weights, _ = epochs_with(made, hands, 0.5, 40)
    assert 0 < len(weights) < 20
    assert made._gradients.spent_s + made._weights.spent_s <= summaries.SHARE * hands.now


def test_a_recurrent_network_is_not_compiled_for_a_short_training(scripted: Any) -> None:
    hands, make = scripted
    assert epochs_with(make(1.5, 0.01, recurrent=True), hands, 1.0, 20)[1] == []
    assert epochs_with(make(1.5, 0.01, recurrent=True), hands, 30.0, 10)[1] == list(range(2, 11))


# --- the size ---


@pytest.mark.usefixtures("unlimited")
def test_the_summary_of_a_usual_network_is_short() -> None:
    hyperparameters = {**CNN, "conv_layers": 3, "filters_1": 32, "filters_2": 64, "filters_3": 128}
    network = models.build(trial(hyperparameters=hyperparameters), INPUTS["28x28x1"], 10)
    network.compile("sgd")
    random = np.random.default_rng(0)
    y = random.integers(0, 10, 12_000)
    x = random.integers(0, 255, (len(y), 28, 28, 1)).astype(np.uint8)
    made = TrainingSummaries(network, x, y.astype(np.int32), 0.00123456, 0)
    answers = np.where(random.random(len(y)) < 0.9, y, random.integers(0, 10, len(y)))
    summary = made.after_epoch(confusion(y, answers, 10), None)
    assert len(summary.layers) == 6
    assert all(layer.gradient is not None for layer in summary.layers)
    assert len(json.dumps(summary.model_dump(mode="json"))) < 2_000
    assert TrainingSummary.model_validate_json(summary.model_dump_json()) == summary
