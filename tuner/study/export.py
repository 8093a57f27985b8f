"""A trial's model as a folder that suffices to predict; the one test of the best one; and figures of both."""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tuner import models
from tuner.data import Array, Data, ImageInput, RawTest, TextInput
from tuner.errors import StudyFailedError, in_one_line, shortened
from tuner.events import Baseline, BestModel, Refit, now
from tuner.models.own import OwnSource
from tuner.runners.shared_folder import open_folder, state_file, sync
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.class_scores import class_scores
from tuner.study.figures import Drawn, SampleSource, StudyFigures, StudyRows, TrialFigures, TrialRows
from tuner.study.figures.drawing import draw
from tuner.study.paths import METADATA_FILE, MODEL_FILE, TEST_PREDICTIONS, VALIDATION_PREDICTIONS
from tuner.study.predictions_file import save_predictions
from tuner.study.runpod_usage import RunPodUsage
from tuner.study.saved_model import CHECKSUM, checksum
from tuner.training import DamagedStateError, TrainingState, devices
from tuner.trial_spec import TrialSpec

BATCH = 256
DRAWING_NICENESS = 10
"""Priority of this process while it draws: trials of other studies go first."""
OF_TRIAL = ("place", "why_local", "best_epoch", "epochs_trained", "health_metrics", "vital_signs", "findings")
"""Fields of the best trial's row that are in metadata.json as they are."""


class ModelExporter:
    """Saves models, in a process of its own that loads TensorFlow while the last trials train."""

    def __init__(self, threads: int, own_source: OwnSource | None) -> None:
        devices.configure(threads)
        if own_source is not None:
            own_source.install()
        self._samples: SampleSource | None = None

    def export(
        self,
        spec: StudySpec,
        trial: TrialSpec,
        ended: TrialRow,
        data: Data,
        test: RawTest,
        states: str,
        folder: Path,
        retrained: float | None,
        refit: Refit | None,
        cloud: RunPodUsage | None,
        baseline: Baseline | None,
        search_states: str | None = None,
    ) -> BestModel:
        """Save the trial's model into `folder`, whole or not at all, and test the saved file on raw samples.

        What it predicts for the test samples is saved beside it, and what the weights of the search predict for the
        validation samples, if figures are wanted.

        Args:
            states: The folder or address that holds the trial's `TrainingState`.
            retrained: Validation accuracy of these weights if they are of a second training.
            refit: How these weights were trained on training and validation data; None: they are of the search.
            search_states: As `states`, with the weights of the search; None: they are lost.

        Returns:
            What was saved, with its scores.
        """
        network = _network(trial, data, states)
        model = _with_raw_input(network, trial, data)
        with _whole_or_not_at_all(folder) as unfinished:
            try:
                model.save(unfinished / MODEL_FILE)
                best, probabilities = _tested(unfinished / MODEL_FILE, trial, ended, test, folder)
            except Exception as error:
                if trial.model is None:
                    raise
                raise StudyFailedError(
                    f"the network of trial {trial.trial_number} cannot be saved and loaded: "
                    f"{shortened(in_one_line(error), 250)}",
                    remedy=f"correct model={trial.model} without a change of its weights; its training is kept",
                ) from error
            best = best.model_copy(update={"retrained_val_accuracy": retrained, "refit": refit})
            save_predictions(unfinished / TEST_PREDICTIONS, test.y, probabilities)
            if spec.plot_generation != "none" and (refit is None or search_states is not None):
                searched = network if refit is None else _network(trial, data, search_states or states)
                _save_validation_predictions(searched, trial, data, unfinished)
            scores = best.model_dump(include={"val_accuracy", "retrained_val_accuracy", "test_accuracy", "test_loss"})
            metadata = _metadata(spec, trial, ended, data, scores)
            confusion = _confusion(test.y, probabilities, data.classes)
            metadata |= class_scores(confusion, data.labels).model_dump(mode="json")
            metadata["refit"] = refit and refit.model_dump(mode="json")
            metadata["cloud"] = cloud and cloud.model_dump(mode="json")
            metadata["baseline"] = baseline and baseline.model_dump(mode="json")
            _write(unfinished, metadata)
        return best

    def keep(self, spec: StudySpec, trial: TrialSpec, ended: TrialRow, data: Data, states: str, folder: Path) -> None:
        """Save the model of another trial into `folder`, whole or not at all. It is never tested."""
        assert ended.performance is not None
        network = _network(trial, data, states)
        with _whole_or_not_at_all(folder) as unfinished:
            _with_raw_input(network, trial, data).save(unfinished / MODEL_FILE)
            if spec.plot_generation == "all":
                _save_validation_predictions(network, trial, data, unfinished)
            _write(unfinished, _metadata(spec, trial, ended, data, {"val_accuracy": ended.performance.accuracy}))

    def draw_study(self, rows: StudyRows, folder: Path) -> Drawn:
        """Draw the figures of a study into `folder`."""
        _give_way()
        return draw(StudyFigures.of(rows), folder, leave_out_empty=True)

    def draw_trial(self, rows: TrialRows, data: Data, folder: Path) -> Drawn:
        """Draw the figures of a trial of a study into `folder`. The data are those of its first call."""
        _give_way()
        if self._samples is None:
            self._samples = SampleSource(rows.study, lambda: data)
        return draw(TrialFigures.of(rows, self._samples), folder, leave_out_empty=True)


def _give_way() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, max(DRAWING_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def _network(trial: TrialSpec, data: Data, states: str) -> Any:
    """Return the trial's network with its best weights, from prepared samples to probabilities."""
    network = models.build(trial, data.input, data.classes)
    with open_folder(states).local_file(state_file(trial.trial_number)) as state:
        if state is None:
            raise FileNotFoundError(f"{states}/{state_file(trial.trial_number)}")
        try:
            network.set_weights(TrainingState.load(state).best_weights)
        except DamagedStateError as error:
            raise StudyFailedError(
                f"the weights of the best trial are damaged in {states}: {error}",
                remedy="ask for more trials with `tuner resume`",
            ) from error
    return network


def _with_raw_input(network: Any, trial: TrialSpec, data: Data) -> Any:
    """Return the network as the model that is saved, from raw samples to probabilities."""
    import keras

    model = models.with_raw_input(network, trial, data.input)
    # Compiled for `evaluate`; without the training's optimizer, whose moments would triple the file.
    model.compile(keras.optimizers.SGD(), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return model


def _save_validation_predictions(network: Any, trial: TrialSpec, data: Data, folder: Path) -> None:
    x = data.validation.x
    prepared = x if isinstance(data.input, ImageInput) else models.clipped_tokens(x, trial)
    probabilities = network.predict(prepared, batch_size=BATCH, verbose=0)
    save_predictions(folder / VALIDATION_PREDICTIONS, data.validation.y, probabilities)


@contextmanager
def _whole_or_not_at_all(folder: Path) -> Iterator[Path]:
    """A folder to write into, which takes the place of `folder` once the context ends well."""
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        shutil.rmtree(folder, ignore_errors=True)
        for path in (*unfinished.iterdir(), unfinished):
            sync(path)
        unfinished.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _tested(file: Path, trial: TrialSpec, ended: TrialRow, test: RawTest, folder: Path) -> tuple[BestModel, Array]:
    """Scores of the saved file itself, as plain Keras loads it, on raw test samples; and what it predicts for them."""
    import keras

    assert ended.performance is not None
    probabilities = keras.saving.load_model(file).predict(test.x, batch_size=BATCH, verbose=0)
    predicted = probabilities.argmax(axis=1)
    likelihood = np.clip(probabilities[np.arange(len(test.y)), test.y], 1e-7, 1.0)
    best = BestModel(
        trial_number=trial.trial_number,
        val_accuracy=ended.performance.accuracy,
        test_accuracy=float((predicted == test.y).mean()),
        test_loss=float(-np.log(likelihood.astype(np.float64)).mean()),
        folder=str(folder),
    )
    return best, probabilities


def _confusion(y: Array, probabilities: Array, classes: int) -> Array:
    """Test samples by true and predicted class, shape (classes, classes), true classes first."""
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (y.astype(np.intp), probabilities.argmax(axis=1)), 1)
    return confusion


def _write(folder: Path, metadata: dict[str, Any]) -> None:
    metadata |= {CHECKSUM: checksum(folder / MODEL_FILE)}
    (folder / METADATA_FILE).write_text(json.dumps(metadata, indent=2, allow_nan=False) + "\n")


def _metadata(spec: StudySpec, trial: TrialSpec, ended: TrialRow, data: Data, scores: dict[str, Any]) -> dict[str, Any]:
    assert ended.performance is not None
    return {
        "study": trial.study,
        "trial_number": trial.trial_number,
        "trial_id": trial.trial_id,
        "created_at": now().isoformat(),
        **scores,
        "val_loss": ended.performance.loss,
        "total_score": ended.performance.total_score,
        **ended.model_dump(mode="json", include=set(OF_TRIAL)),
        "health_weights": None if ended.health_metrics is None else spec.health_weights.shares,
        "hyperparameters": trial.hyperparameters,
        "labels": list(data.labels),
        "preprocessing": _preprocessing(data.input),
        "data_fingerprint": data.fingerprint,
        "data": data.report.model_dump(mode="json"),
        "spec": spec.model_dump(mode="json"),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("tuner", "tensorflow", "keras", "ray", "optuna", "numpy")},
    }


def _preprocessing(data_input: ImageInput | TextInput) -> dict[str, Any]:
    """What a caller of the saved model must know: it does everything else itself."""
    output = "probabilities, one per label"
    if isinstance(data_input, ImageInput):
        return {
            "input": "pixels",
            "shape": ["samples", data_input.height, data_input.width, data_input.channels],
            "raw_range": [_raw(data_input, 0.0), _raw(data_input, 1.0)],
            "other_sizes": "the model resizes images of any other height and width to this shape",
            "image_size": [data_input.height, data_input.width],
            "image_fit": data_input.fit,
            "fill": data_input.fill,
            "background": data_input.background,
            "white": data_input.white,
            "output": output,
        }
    if data_input.form == "strings":
        return {"input": "strings", "shape": ["samples"], "split": data_input.split, "output": output}
    return {
        "input": "word indices, as in the data set's file, padded with 0 on either side to any length",
        "shape": ["samples", "any"],
        "output": output,
    }


def _raw(data_input: ImageInput, scaled: float) -> float:
    raw = (scaled - data_input.offset) / data_input.scale
    return round(raw, 6) if math.isfinite(raw) else 0.0
