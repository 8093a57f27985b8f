"""Saved models in a process that did not build them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tuner.datasets.unlabelled import Unlabelled
from tuner.errors import FixInputError
from tuner.models import own
from tuner.models.saved_form import only_keras

pytestmark = pytest.mark.tensorflow

MODULE = """
import keras

@keras.saving.register_keras_serializable("doubling")
class Doubling(keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2

def build(hyperparameters, input_shape, classes):
    return keras.Sequential([keras.Input(input_shape), Doubling(), keras.layers.Dense(classes, activation="softmax")])
"""


@pytest.fixture
def module(tmp_path: Path) -> str:
    """A name that no other test has given to a module."""
    return f"net_of_{tmp_path.name}"


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> Path:
    """A model with a layer that only a module in the current folder knows, which this process has not imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{module}.py").write_text(MODULE)
    with only_keras():
        own.load(f"{module}:build").build({}, (3,), 2).save(tmp_path / "model.keras")
    del sys.modules[module]
    return tmp_path / "model.keras"


def test_a_registered_layer_is_found_in_the_module_of_the_network(saved: Path, module: str) -> None:
    from tuner.study.prediction import classify

    samples = Unlabelled(["a", "b"], lambda some: np.ones((2, 3), np.float32)[some])
    with only_keras():
        (found,) = classify(samples, saved, f"{module}:build", 1)
    assert found.shape == (2, 2)
    assert np.allclose(found.sum(axis=1), 1)


def test_without_the_module_the_error_names_it(saved: Path, module: str) -> None:
    from tuner.study.prediction import load_model

    saved.with_name(f"{module}.py").unlink()
    with only_keras(), pytest.raises(FixInputError, match=f"model={module}: module not found"):
        load_model(saved, f"{module}:build", 1)


def test_a_network_of_keras_layers_needs_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    from tuner.study.prediction import load_model

    monkeypatch.chdir(tmp_path)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(tmp_path / "model.keras")
    assert load_model(tmp_path / "model.keras", "gone_away:build", 1).output_shape == (None, 2)
