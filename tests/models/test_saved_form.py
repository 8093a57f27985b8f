"""An own network is saved, loaded by plain Keras and asked once, before a search begins."""

import sys

import numpy as np
import pytest

from tests.models.samples import CLASSES, INPUTS, raw_samples, trial
from tuner.errors import FixInputError
from tuner.models import build, check_saved_form

pytestmark = pytest.mark.tensorflow

HEAD = """
import keras
from keras import layers, ops

def double(x): return x * 2.0

@keras.saving.register_keras_serializable(package="mine")
class Registered(layers.Layer):
    def call(self, x): return x * 2.0

@keras.saving.register_keras_serializable(package="mine")
class Forgets(layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
    def get_config(self): return {"name": self.name}
    def call(self, x): return x * self.factor

def network(shape, *between, classes, last="softmax"):
    return keras.Sequential([
        keras.Input(shape), layers.Flatten(), *between, layers.Dense(classes, activation=last)
    ])

def build(hyperparameters, input_shape, classes):
    return """


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Checks the network that an expression returns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def of(expression, name="8x8x1", **hyperparameters):
        made.append(f"saved_form_example_{len(made)}")
        (tmp_path / f"{made[-1]}.py").write_text(HEAD + expression)
        one = trial("own", hyperparameters, model=f"{made[-1]}:build")
        texts = np.array(["word1 word2", "unknown", "", "word29"], dtype=object)
        samples = texts if name == "strings" else raw_samples(INPUTS[name], 4)
        return check_saved_form(build(one, INPUTS[name], CLASSES), one, INPUTS[name], samples)

    yield of
    for module in made:
        sys.modules.pop(module, None)


def test_networks_of_keras_alone_pass_compiled_or_not(check):
    assert check("network(input_shape, layers.Dropout(0.5, seed=1), classes=classes)") is None
    compiled = "(n := network(input_shape, classes=classes)).compile('adam', loss=lambda a, b: 0.0) or n"
    assert check(compiled) is None, "a loss of the user's own is not saved"


def test_a_text_network_passes_with_and_without_the_type_of_tokens(check):
    for kind in ("", ", dtype='int32'"):
        expression = (
            f"keras.Sequential([keras.Input(input_shape{kind}), layers.Embedding(32, 4), layers.Flatten(), "
            "layers.Dense(classes, activation='softmax')])"
        )
        assert check(expression, "strings", vocabulary_size=32, sequence_length=12) is None


def test_registered_layers_pass_with_what_to_import(check):
    hint = check("network(input_shape, Registered(), classes=classes)")
    assert hint is not None
    assert hint.startswith(
        "the saved model holds the registered 'Registered': write `import saved_form_example_0` before"
    )


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("network(input_shape, classes=classes, last=None)", "write Dense(classes, activation='softmax')"),
        ("network(input_shape, classes=classes, last='sigmoid')", "must predict probabilities; a row sums to"),
        ("network(input_shape, classes=classes, last='log_softmax')", "its last layer has no softmax"),
        (
            "network(input_shape, layers.Dense(4, activation=double), classes=classes)",
            "uses 'double', which Keras does not find when it loads the saved model - put it into an importable module",
        ),
        (
            "network(input_shape, Forgets(50.0), classes=classes)",
            "predicts other values once it is saved and loaded - create all weights",
        ),
    ],
)
def test_a_useless_network_is_refused_with_the_remedy(check, expression, said):
    with pytest.raises(FixInputError) as caught:
        check(expression)
    line = str(caught.value)
    assert line.startswith("model=saved_form_example_0:build ")
    assert said in line
    assert "\n" not in line
    assert len(line) < 400


def test_registered_objects_are_known_again_afterwards(check):
    import keras

    check("network(input_shape, classes=classes)")
    assert "mine>Registered" in keras.saving.get_custom_objects()
