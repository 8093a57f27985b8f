"""Studies to look at: one that runs, one that ended, one without health."""

from __future__ import annotations

from pathlib import Path

from tests import saved_models
from tests.store.samples import at, epoch, finding, health, start, vital_signs
from tuner.events import (
    Architecture,
    BestModel,
    HealthAlert,
    Layer,
    NewBest,
    Performance,
    StudyStatus,
    TrialComplete,
)
from tuner.spec import StudySpec
from tuner.store import Lease, Store

HYPERPARAMETERS = {"conv_layers": 1, "learning_rate": 0.01, "optimizer": "adam", "epochs": 3}
BUILT = Architecture(
    type="cnn",
    conv_layers=1,
    filters_per_layer=[16],
    kernel_size=3,
    dense_layers=1,
    first_dense_nodes=64,
    activation="relu",
    batch_normalization=False,
    use_global_pooling=True,
    total_parameters=1_898,
    layers=[
        Layer(layer_id="pixels", layer_type="InputLayer", input_shape=[8, 8, 1], output_shape=[8, 8, 1], parameters=0),
        Layer(
            layer_id="block1_conv",
            layer_type="Conv2D",
            input_shape=[8, 8, 1],
            output_shape=[8, 8, 16],
            parameters=160,
            activation="relu",
            filters=16,
            kernel_size=[3, 3],
        ),
        Layer(
            layer_id="pool",
            layer_type="GlobalAveragePooling2D",
            input_shape=[8, 8, 16],
            output_shape=[16],
            parameters=0,
        ),
        Layer(
            layer_id="dense1",
            layer_type="Dense",
            input_shape=[16],
            output_shape=[64],
            parameters=1_088,
            activation="relu",
            units=64,
        ),
        Layer(
            layer_id="classes",
            layer_type="Dense",
            input_shape=[64],
            output_shape=[10],
            parameters=650,
            activation="softmax",
            units=10,
        ),
    ],
)
LSTM = Architecture(
    type="lstm",
    dense_layers=1,
    first_dense_nodes=16,
    activation="relu",
    batch_normalization=False,
    lstm_units=32,
    total_parameters=9_058,
    layers=[
        Layer(layer_id="words", layer_type="Embedding", input_shape=[None], output_shape=[None, 32], parameters=640),
        Layer(
            layer_id="lstm", layer_type="LSTM", input_shape=[None, 32], output_shape=[32], parameters=8_320, units=32
        ),
        Layer(
            layer_id="classes",
            layer_type="Dense",
            input_shape=[32],
            output_shape=[3],
            parameters=98,
            activation="softmax",
            units=3,
        ),
    ],
)


def make(store: Store, folder: Path, name: str, **fields: object) -> Path:
    """A study that has not begun."""
    (folder / name).mkdir(parents=True)
    store.create_study(StudySpec(run_name=name, **fields), folder=str(folder / name))
    return folder / name


def trained(
    store: Store, name: str, number: int, accuracy: float = 0.9, *, healthy: bool = True, built: Architecture = BUILT
) -> None:
    """A trial from its start to its end."""
    measured = {"health_metrics": health(), "vital_signs": vital_signs()} if healthy else {}
    found = {"findings": [finding()]} if healthy else {}
    store.append(
        name, start(number, trial_id=f"{name}-{number:05d}", hyperparameters=HYPERPARAMETERS, architecture=built)
    )
    for number_of_epoch in (1, 2, 3):
        store.append(name, epoch(number_of_epoch, number, epochs=3, **measured))
    if healthy:
        store.append(name, HealthAlert(trial_number=number, finding=finding()))
    score = 0.7 * accuracy + 0.3 * measured["health_metrics"].overall_health if healthy else accuracy
    store.append(
        name,
        TrialComplete(
            trial_number=number,
            trial_id=f"{name}-{number:05d}",
            status="completed",
            cause="all_epochs",
            reason="trained all epochs",
            hyperparameters=HYPERPARAMETERS,
            performance=Performance(total_score=score, accuracy=accuracy, loss=0.3),
            objective=score,
            values={"val_accuracy": accuracy},
            best_epoch=3,
            epochs_trained=3,
            duration_seconds=30,
            time=at(60 * number),
            **measured,
            **found,
        ),
    )


def leads(store: Store, name: str, number: int, accuracy: float) -> None:
    performance = Performance(total_score=accuracy, accuracy=accuracy, loss=0.3)
    store.append(name, NewBest(trial_number=number, objective=accuracy, performance=performance))


def running(store: Store, folder: Path, name: str = "running") -> None:
    """Trial 1 ended and leads, trial 2 trains its second epoch of three."""
    make(store, folder, name, mode="health", trials=10, max_epochs_per_trial=3)
    store.take_lease(name, Lease.new())
    store.append(name, StudyStatus(status="running"))
    trained(store, name, 1, 0.9)
    leads(store, name, 1, 0.9)
    store.append(name, start(2, trial_id=f"{name}-00002", hyperparameters=HYPERPARAMETERS, architecture=BUILT))
    store.append(name, epoch(1, 2, epochs=3, health_metrics=health(), vital_signs=vital_signs()))


def ended(
    store: Store, folder: Path, name: str = "ended", *, mode: str = "health", built: Architecture = BUILT
) -> None:
    """Two trials ended, the second one better; its model is saved."""
    place = make(store, folder, name, mode=mode, trials=2, max_epochs_per_trial=3)
    store.append(name, StudyStatus(status="running", time=at(0)))
    for number, accuracy in ((1, 0.8), (2, 0.9)):
        trained(store, name, number, accuracy, healthy=mode != "simple", built=built)
        leads(store, name, number, accuracy)
    saved = BestModel(
        trial_number=2, val_accuracy=0.9, test_accuracy=0.875, test_loss=0.4, folder=str(place / "best_model")
    )
    store.append(name, saved)
    save_model(place)
    store.append(name, StudyStatus(status="completed", reason="all trials done", time=at(200)))


def save_model(place: Path) -> None:
    """What an exporter leaves in a study's folder."""
    saved_models.save(place / "best_model", place.name, spec={"dataset": "/secret/folder"})
    (place / "plots").mkdir()
    (place / "plots" / "curves.png").write_bytes(b"a figure")
    (place / "study.log").write_text("one\ntwo\nthree\n")
