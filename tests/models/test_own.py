"""Networks of a user's own: the documented example works, and every mistake is answered with a remedy."""

import pickle
import sys
import textwrap
import threading

import numpy as np
import pytest

from tests.models.samples import CLASSES, INPUTS, raw_samples, trial
from tuner.errors import FixInputError
from tuner.models import build, network_architecture, own
from tuner.spec import StudySpec, parse_study_spec


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
    found = own.load("own_example:build")
    assert found.build({}, (1,), 2) == "a network"
    assert found.space == {"units": "16..256"}


def test_its_module_comes_before_an_installed_one_of_the_same_name_and_hides_no_package(folder):
    write(folder, "def build(*_): return 'a network'", "alembic_example")
    write(folder, "raise RuntimeError('the package that the process uses')", "numpy")
    (folder / "installed").mkdir()
    write(folder / "installed", "build = 3", "alembic_example")
    sys.path.insert(0, str(folder / "installed"))
    assert own.load("alembic_example:build").build() == "a network"
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
    assert own.load("own_package.nets:make").build() == 1


def test_a_module_without_space_has_an_empty_one(folder):
    write(folder, "def build(*_): pass")
    assert own.load("own_example:build").space == {}


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


@pytest.mark.parametrize("source", ["def build(hp): pass", "def build(hp, shape): pass", "class build: pass"])
def test_a_function_with_other_arguments_is_refused_with_ours_before_it_is_called(folder, source):
    write(folder, source)
    line = refused()
    assert line.startswith("model=own_example:build takes (")
    assert "hyperparameters['units'] stands where KerasTuner has hp.Int('units', 32, 512)" in line
    assert len(line) < 350


@pytest.mark.parametrize("space", ["hp.Int('units', 32, 512)", "tune.choice([1, 2])"])
def test_a_space_of_another_tuner_is_refused_with_ours(folder, space):
    write(folder, f"space = {{'units': {space}}}\ndef build(*_): pass")
    line = refused()
    assert "import fails: NameError" in line
    assert "(own_example.py, line 1)" in line
    assert "space = {'units': '32..512'} beside build says its range" in line


# --- a module that starts a study ---


@pytest.mark.parametrize("call", ["run(tuner.StudySpec(dataset='digits'))", "resume('a')"])
def test_a_module_that_starts_a_study_on_import_is_refused_with_the_guard_to_add(folder, call):
    write(folder, f"import tuner\ndef build(*_): pass\ntuner.{call}")
    with pytest.raises(FixInputError) as caught:
        own.load("own_example:build")
    name = call.split("(")[0]
    assert str(caught.value) == (
        f"tuner.{name} is called while model=own_example is imported: each worker would start a study too - "
        f"put the call to tuner.{name} below `if __name__ == '__main__':`"
    )


# --- given as a function ---


def given(function, **fields):
    """The function's source as another process receives it."""
    spec = StudySpec(model=function, **fields)
    source = own.source_of(spec.model, spec.given)
    return spec, pickle.loads(pickle.dumps(source))


def test_a_function_is_carried_with_its_space_whose_names_are_in_the_spec(folder):
    def build(hyperparameters, input_shape, classes):
        return hyperparameters, input_shape, classes

    build.space = {"kernel": [(3, 3), (5, 5)], "norm": [None, "batch"]}
    spec, source = given(build, space={"norm": [None], "units": "16..64"})
    assert spec.model == f"{__name__}:build"
    assert spec.space["kernel"].choices == ("[3, 3]", "[5, 5]")
    assert spec.space["norm"].choices == ("none",)
    assert (spec.space["units"].low, spec.space["units"].high) == (16, 64)
    assert parse_study_spec(spec.model_dump(mode="json")).model_dump() == spec.model_dump()
    assert pickle.loads(pickle.dumps(spec)).given is None

    source.install()
    found = own.load(spec.model)
    assert found.build({}, (1,), 2) == ({}, (1,), 2)
    assert found.space == {"kernel": [(3, 3), (5, 5)], "norm": [None, "batch"], "units": "16..64"}


def test_the_space_beside_a_function_in_its_module_is_its_space(folder):
    write(folder, "space = {'units': [8, 16]}\ndef build(h, i, c): pass")
    module = own.load("own_example:build").build
    assert StudySpec(model=module).space["units"].choices == (8, 16)
    assert StudySpec(model=module).model == "own_example:build"


def test_a_function_that_cannot_be_sent_is_refused_with_what_to_do(folder):
    lock = threading.Lock()
    with pytest.raises(
        FixInputError, match=r"cannot be sent to the workers: TypeError: .*lock.* - put it into a module"
    ):
        given(lambda h, i, c: lock)


def test_a_network_is_no_function_that_builds_one(folder):
    class Network:
        def __call__(self): ...
        def fit(self): ...

    with pytest.raises(FixInputError, match="model is a network: give the function that builds one"):
        StudySpec(model=Network())


def test_a_function_of_a_script_is_known_to_its_process_alone(folder):
    with pytest.raises(
        FixInputError, match=r"model=__main__:build was a function of a script or notebook.*my_model:build"
    ):
        own.load("__main__:build")


# --- building it ---


@pytest.mark.tensorflow
def test_the_documented_example_works(folder):
    write(folder, example())
    found = own.load("own_example:build")
    assert callable(found.build)
    assert set(found.space) == {"units", "activation"}
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
        ("def build(*_): raise ValueError('two\\nlines')", "ValueError: two lines (own_example.py, line 1)"),
        ("def build(*_):\n    return unknown", "NameError: name 'unknown' is not defined (own_example.py, line 2)"),
    ],
)
def test_a_function_that_fails_is_refused_with_the_reason_and_how_it_is_called(folder, source, reason):
    write(folder, source)
    line = refused(hyperparameters={"units": 4})
    assert line.startswith("model=own_example:build fails to build with {'units': 4}: " + reason)
    assert line.endswith(" - it is called with input_shape=(8, 8, 1), classes=3")


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("None", "returns NoneType, not a Keras model - end it with `return model`"),
        ("keras.layers.Dense(3)", "returns Dense, not a Keras model - return one Keras model"),
        (
            "keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])",
            "expects samples of shape (28, 28, 1), but they are (8, 8, 1) - begin it with keras.Input(input_shape)",
        ),
        (
            "keras.Model(i := keras.Input(input_shape), [d := keras.layers.Dense(3)(keras.layers.Flatten()(i)), d])",
            "has 2 outputs - it must have one, of shape (None, 3)",
        ),
        (
            "keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Lambda(lambda t: t), "
            "keras.layers.Dense(3, activation='softmax')])",
            "has a Lambda layer, which Keras saves but does not load again - use a layer such as keras.layers.Resc",
        ),
        (
            "keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), Mine(), keras.layers.Dense(3)])",
            "uses 'Mine', which Keras does not find when it loads the saved model - put it into an importable module",
        ),
        ("hyperparameters.Int('units', 1, 2)", "fails to build with {'units': 4}: AttributeError"),
        ("hyperparameters.units", "hyperparameters is a dict: write hyperparameters['units']"),
    ],
)
def test_what_cannot_be_trained_or_saved_is_refused_with_the_remedy(folder, returned, said):
    source = "import keras\nclass Mine(keras.layers.Layer):\n    def call(self, x): return x\n"
    write(folder, f"{source}def build(hyperparameters, input_shape, classes): return {returned}")
    assert said in refused(hyperparameters={"units": 4})
