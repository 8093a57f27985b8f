"""A trial that was trained on changed images: its saved model changes none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests.models.samples import CNN, trial
from tests.training.samples import CHANGED, SHORT, data, end_of
from tuner.data import Split
from tuner.events import EpochProgress
from tuner.models.architecture import flat_layers
from tuner.models.saved_form import only_keras
from tuner.runners.shared_folder import state_file
from tuner.spec import StudySpec
from tuner.study.export import ModelExporter
from tuner.study.paths import MODEL_FILE
from tuner.training import run_trial

pytestmark = pytest.mark.tensorflow

AUGMENTED = trial(hyperparameters={**CNN, **SHORT, **CHANGED})


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The model that is saved of a trained trial, as plain Keras loads it; and how its training ended."""
    import keras

    folder, events, samples = tmp_path_factory.mktemp("augmented"), [], data()
    for event in run_trial(AUGMENTED, samples):
        if isinstance(event, EpochProgress):
            event.snapshot().save(folder / state_file(AUGMENTED.trial_number))
        events.append(event)
    end = end_of(events)
    assert end.status == "completed", end.error
    ModelExporter(1, None).keep(StudySpec(), AUGMENTED, end, samples, str(folder), folder / "model")
    with only_keras():
        return SimpleNamespace(end=end, model=keras.saving.load_model(folder / "model" / MODEL_FILE))


def predicted(model, split: Split):
    return model.predict(split.x, verbose=0)


def test_a_model_trained_on_changed_images_has_no_layer_that_changes_them(saved):
    kinds = [type(layer).__name__ for layer in flat_layers(saved.model)]
    between = ["Resizing", "Rescaling", "Conv2D", "MaxPooling2D", "Flatten", "Dropout", "Dense", "Dense"]
    assert [kind for kind in kinds if kind not in ("InputLayer", "Functional")] == between


def test_it_predicts_the_same_for_the_same_image(saved):
    validation = data().validation
    np.testing.assert_array_equal(predicted(saved.model, validation), predicted(saved.model, validation))


def test_raw_images_get_the_scores_that_the_training_measured_for_unchanged_ones(saved):
    validation = data().validation
    probabilities = predicted(saved.model, validation)
    loss = -np.log(probabilities[np.arange(len(validation)), validation.y]).mean()
    assert (probabilities.argmax(axis=1) == validation.y).mean() == pytest.approx(saved.end.performance.accuracy)
    assert loss == pytest.approx(saved.end.performance.loss, rel=1e-5)
