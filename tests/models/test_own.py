"""Networks of a user's own: the documented example works, and every mistake is answered with a remedy."""

import sys
import textwrap

import numpy as np
import pytest

from tests.models.samples import CLASSES, INPUTS, raw_samples, trial
from tuner.errors import FixInputError
from tuner.models import build, network_architecture, own


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The current folder, empty; modules that are loaded from it are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(own, "_folders", [])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def write(folder, source, name="own_example"):
    (folder / f"{name}.py").write_text(textwrap.dedent(source))


def example():
    """The code in the documentation."""
    lines = own.__doc__.splitlines()
    return "\n".join(line for line in lines if line.startswith("    ") or not line)


def refused(model="own_example:build", hyperparameters=(), name="8x8x1"):
    with pytest.raises(FixInputError) as caught:
        build(trial("own", dict(hyperparameters), model=model), INPUTS[name], CLASSES)
    line = str(caught.value)
    assert line.startswith(f"model={model.split(':')[0]}")
    assert "\n" not in line
    return line


# --- finding it ---


def test_a_function_and_its_space_are_found_in_the_current_folder(folder):
    write(folder, "space = {'units': '16..256'}\ndef build(hyperparameters, input_shape, classes): return 'a network'")
    builder, space = own.load_builder("own_example:build")
    assert builder({}, (1,), 2) == "a network"
    assert space == {"units": "16..256"}


def test_its_module_comes_before_an_installed_one_of_the_same_name_and_hides_no_package(folder):
    write(folder, "def build(*_): return 'a network'", "alembic_example")
    write(folder, "raise RuntimeError('the package that the process uses')", "numpy")
    (folder / "installed").mkdir()
    write(folder / "installed", "build = 3", "alembic_example")
    sys.path.insert(0, str(folder / "installed"))
    assert own.load_builder("alembic_example:build")[0]() == "a network"
    assert sys.path[-1] == str(folder), "packages are found first"


@pytest.mark.parametrize("name", ["numpy", "tuner", "wave"])
def test_a_module_with_the_name_of_a_package_in_use_is_refused(folder, name):
    write(folder, "def build(*_): pass", name)
    assert refused(f"{name}:build") == (
        f"model={name}: {folder / name}.py has the name of a package that is in use - rename the file"
    )


def test_a_module_in_a_package_is_found(folder):
    (folder / "own_package").mkdir()
    write(folder / "own_package", "def make(*_): return 1", "nets")
    assert own.load_builder("own_package.nets:make")[0]() == 1


def test_a_module_without_space_has_an_empty_one(folder):
    write(folder, "def build(*_): pass")
    assert own.load_builder("own_example:build")[1] == {}


def test_a_missing_module_is_refused_with_where_it_was_looked_for(folder):
    assert refused("no_such_module_here:build") == (
        f"model=no_such_module_here: module not found - put it into {folder} or install its package"
    )


def test_a_missing_function_is_refused_with_the_nearest(folder):
    write(folder, "def build_it(*_): pass")
    assert refused() == "model=own_example:build: own_example has no function build - did you mean 'build_it'?"


def test_a_name_that_is_no_function_is_refused(folder):
    write(folder, "build = 3")
    assert "own_example has no function build" in refused()


def test_a_space_that_is_no_dict_is_refused(folder):
    write(folder, "space = [16, 256]\ndef build(*_): pass")
    assert refused() == ('model=own_example:build: space must be a dict - such as space = {"units": "16..256"}')


def test_a_module_that_imports_what_is_not_installed_is_refused_with_its_name(folder):
    write(folder, "import no_such_module_here")
    assert refused() == ("model=own_example: No module named 'no_such_module_here' - install what the module imports")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def build(:", "SyntaxError: invalid syntax"),
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
    ],
)
def test_a_module_that_fails_on_import_is_refused_with_the_reason(folder, source, reason):
    write(folder, source)
    line = refused()
    assert reason in line
    assert line.endswith("correct the module")


# --- building it ---


@pytest.mark.tensorflow
def test_the_documented_example_works(folder):
    write(folder, example())
    builder, space = own.load_builder("own_example:build")
    assert callable(builder)
    assert set(space) == {"units", "activation"}
    one = trial("own", {"units": 20, "activation": "swish"}, model="own_example:build")
    network = build(one, INPUTS["8x8x1"], CLASSES)
    probabilities = np.asarray(network(raw_samples(INPUTS["8x8x1"], 5)))
    assert probabilities.shape == (5, CLASSES)
    found = network_architecture(network, one)
    assert found.type == "own"
    assert found.total_parameters == 64 * 20 + 20 + 20 * 3 + 3 == sum(layer.parameters for layer in found.layers)
    assert [layer.layer_type for layer in found.layers if layer.parameters] == ["Dense", "Dense"]
    assert found.conv_layers is None


@pytest.mark.tensorflow
def test_an_own_network_sees_scaled_pixels(folder):
    write(
        folder,
        """
        import keras
        def build(hyperparameters, input_shape, classes):
            inputs = keras.Input(input_shape)
            top = keras.layers.GlobalMaxPooling2D()(inputs)
            return keras.Model(inputs, keras.layers.Concatenate()([top, top, top]))
        """,
    )
    network = build(trial("own", {}, model="own_example:build"), INPUTS["8x8x1"], CLASSES)
    white = np.full((1, 8, 8, 1), 255, np.uint8)
    np.testing.assert_allclose(np.asarray(network(white)), [[1, 1, 1]], rtol=1e-6)


@pytest.mark.tensorflow
def test_an_own_network_on_texts_sees_tokens(folder):
    write(
        folder,
        """
        import keras
        def build(hyperparameters, input_shape, classes):
            return keras.Sequential([
                keras.Input(input_shape),
                keras.layers.Embedding(hyperparameters["vocabulary_size"], 4),
                keras.layers.Flatten(),
                keras.layers.Dense(classes, activation="softmax"),
            ])
        """,
    )
    one = trial("own", {"vocabulary_size": 32, "sequence_length": 12}, model="own_example:build")
    network = build(one, INPUTS["strings"], CLASSES)
    assert network.input_shape == (None, 12)
    assert network(raw_samples(INPUTS["strings"], 5)).shape == (5, CLASSES)


@pytest.mark.tensorflow
def test_an_output_of_the_wrong_shape_is_refused_with_the_right_one(folder):
    write(folder, example().replace("Dense(classes", "Dense(classes + 1"))
    assert refused(hyperparameters={"units": 4, "activation": "relu"}) == (
        "model=own_example:build has an output of shape (None, 4) - it must be (None, 3), a softmax over the classes"
    )


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def build(hyperparameters, input_shape, classes): return hyperparameters['width']", "KeyError: 'width'"),
        ("def build(hyperparameters): pass", "TypeError: build() takes 1 positional argument but 3 were given"),
        ("def build(hyperparameters, input_shape, classes): pass", "AttributeError: 'NoneType' object has no"),
        ("def build(*_): raise ValueError('two\\nlines')", "ValueError: two lines"),
    ],
)
def test_a_function_that_fails_is_refused_with_the_reason_and_how_it_is_called(folder, source, reason):
    write(folder, source)
    line = refused(hyperparameters={"units": 4})
    assert line.startswith("model=own_example:build fails to build with {'units': 4}: " + reason)
    assert line.endswith(" - it is called with input_shape=(8, 8, 1), classes=3")
