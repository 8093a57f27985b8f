"""TensorFlow still has the internals that `tuner.training.keras_internals` uses, and no other module uses any."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "tuner"


@pytest.mark.tensorflow
def test_tensorflow_keeps_gradients_where_they_are_removed() -> None:
    import tensorflow as tf

    from tuner.training import keras_internals

    before = keras_internals.registered_gradients()
    assert "MatMul" in before, f"TensorFlow {tf.__version__} keeps gradients elsewhere: change keras_internals.py"

    @tf.custom_gradient
    def double(x):
        return 2 * x, lambda upstream: 2 * upstream

    tf.function(double)(tf.constant(1.0))
    new = keras_internals.registered_gradients() - before
    assert new, f"TensorFlow {tf.__version__} registers no gradient of a traced function any more"
    assert all(name.startswith(keras_internals.CUSTOM_GRADIENT) for name in new)

    keras_internals.remove_gradients(keep=before)
    assert keras_internals.registered_gradients() == before


def test_no_other_module_uses_an_internal_of_tensorflow_or_keras() -> None:
    private = re.compile(r"tensorflow\.python|keras\.src|\b(?:tf|keras)(?:\.\w+)*\._|tf\.__internal__")
    uses = {str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py") if private.search(file.read_text())}
    assert uses == {"training/keras_internals.py"}
