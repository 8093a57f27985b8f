"""Loads the user's own network, given as `module:function` or, from Python, as the function itself.

The function is `build(hyperparameters, input_shape, classes)`. It returns a Keras model (not compiled) that maps a
batch of shape (samples, *input_shape) - pixels scaled to [0, 1], or tokens below `hyperparameters["vocabulary_size"]` -
to probabilities of shape (samples, classes). A dict `space` in the same module is the search space, in the forms of
`tuner run space.NAME=...`:

    import keras
    space = {"units": "16..256", "activation": ["relu", "swish"]}

    def build(hyperparameters, input_shape, classes):
        return keras.Sequential([
            keras.Input(input_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(hyperparameters["units"], activation=hyperparameters["activation"]),
            keras.layers.Dense(classes, activation="softmax"),
        ])

Choices may be any objects, such as None, tuples or functions: `build` receives the object, everything else its label
(see `tuner.choices`).
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from tuner.errors import FixInputError, TunerError, in_one_line, nearest, shortened
from tuner.given_function import GivenFunction
from tuner.models.keras_settings import prepare_environment, without_banners

Builder = Callable[[Mapping[str, Any], tuple[int, ...], int], Any]

OURS = (
    "write def build(hyperparameters, input_shape, classes): hyperparameters['units'] stands where KerasTuner has "
    "hp.Int('units', 32, 512), and space = {'units': '32..512'} beside build says its range"
)
"""The remedy for a network or a space that is written for another tuner."""


@dataclass(frozen=True)
class OwnModel:
    """A user's network: the function that builds it, and its search space as the user wrote it."""

    build: Builder
    space: Mapping[str, Any]


@dataclass(frozen=True)
class OwnSource:
    """What another process needs to load a user's network; `install` makes it available there."""

    model: str
    folder: str
    """Where its modules are."""
    pickled: bytes | None = None
    """The function and its space, by cloudpickle; None: they are imported from the module."""

    def install(self) -> None:
        """Make `load` find the network in this process."""
        append_module_folder(self.folder)
        if self.pickled is not None:
            prepare_environment()  # the function's module imports Keras
            with _importing(self.model), without_banners():
                _given[self.model] = pickle.loads(self.pickled)


_given: dict[str, OwnModel] = {}
"""Networks of this process that were given as functions."""
_imported_now: list[str] = []
"""The models whose modules are being imported."""


def source_of(model: str, given: GivenFunction | None) -> OwnSource:
    """Return what other processes need to load this model, after it was found here.

    Raises:
        FixInputError: the function cannot be sent to other processes.
    """
    if given is None:
        return OwnSource(model, str(Path.cwd()))
    try:
        pickled = cloudpickle.dumps(OwnModel(given.function, given.space))
    except Exception as error:  # whatever an object of the user raises
        raise FixInputError(
            f"model={model} cannot be sent to the workers: {shortened(in_one_line(error), 160)}",
            remedy="put it into a module, such as my_model.py, and write model='my_model:build'",
        ) from error
    return OwnSource(model, _folder_of(given.function), pickled)


def load(model: str) -> OwnModel:
    """Return the network that was given as a function or is in a module.

    A module in the current folder comes before an installed one of the same name, but must not hide a package in use.
    FixInputError says why the function is not available.
    """
    if model in _given:
        found = _given[model]
    else:
        module_name, function_name = model.split(":")
        module = _import(module_name)
        builder = getattr(module, function_name, None)
        if not callable(builder):
            functions = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
            raise FixInputError(
                f"model={model}: {module_name} has no function {function_name}",
                remedy=nearest(function_name, functions),
            )
        found = OwnModel(builder, GivenFunction.space_of(builder) or getattr(module, "space", {}))
    if not isinstance(found.space, dict):
        raise FixInputError(f"model={model}: space must be a dict", remedy='such as space = {"units": "16..256"}')
    _check_arguments(model, found.build)
    return found


def check_module_exists(model: str) -> None:
    """Check that the module of an own model can be found, without running its code."""
    if is_of_a_script(model):
        raise FixInputError(
            f"model={model} was a function of a script or notebook, which only its own process knew",
            remedy="put it into a module, such as my_model.py, and write model=my_model:build; to resume its study, "
            "call tuner.resume(name, model='my_model:build') in Python",
        )
    name = model.split(":")[0]
    folder, top = str(Path.cwd()), name.split(".")[0]
    append_module_folder(folder)
    if _found_in_folders(top) is None and importlib.util.find_spec(top) is None:
        raise _no_module(name, folder)


def is_of_a_script(model: str) -> bool:
    """Return whether the model was given as a function of a script or notebook, which another process cannot import."""
    return model.startswith("__main__:")


def check_not_importing(call: str) -> None:
    """Raise FixInputError if a module that holds an own model starts a study while it is imported for that model.

    Each worker imports it, so each would start a study, whose workers would import it again.
    """
    if _imported_now:
        raise FixInputError(
            f"{call} is called while model={_imported_now[-1]} is imported: each worker would start a study too",
            remedy=f"put the call to {call} below `if __name__ == '__main__':`",
        )


def _no_module(name: str, folder: str) -> FixInputError:
    return FixInputError(f"model={name}: module not found", remedy=f"put it into {folder} or install its package")


_folders: list[str] = []
"""Folders of own modules, in the order in which they are searched: the one that was named last comes first."""


def append_module_folder(folder: str | None) -> None:
    """Make this process find modules in `folder` too, after installed packages; None changes nothing.

    Files there may have the names of packages, such as `numpy.py` or `tuner.py`.
    """
    if folder is not None:
        if folder in _folders:
            _folders.remove(folder)
        _folders.insert(0, folder)
        if folder not in sys.path:
            sys.path.append(folder)


def _found_in_folders(top: str) -> ModuleSpec | None:
    return PathFinder.find_spec(top, _folders)


def _import_from_folders(top: str) -> None:
    """Import a module or package from the folders of own modules, if one has it.

    Raises FixInputError if its name is that of a package which this process uses.
    """
    spec, known = _found_in_folders(top), sys.modules.get(top)
    if spec is None or spec.loader is None:
        return
    if known is None and top not in sys.stdlib_module_names:
        module = sys.modules[top] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[top]
            raise
    elif known is None or getattr(known, "__file__", None) != spec.origin:
        raise FixInputError(
            f"model={top}: {spec.origin} has the name of a package that is in use", remedy="rename the file"
        )


def _folder_of(function: Any) -> str:
    """Return the folder from which the function's top-level package or script can be imported."""
    name = getattr(function, "__module__", None) or "__main__"
    file = getattr(sys.modules.get(name.split(".")[0]), "__file__", None)
    if file is None:  # a notebook
        return str(Path.cwd())
    path = Path(file).absolute()
    return str(path.parent.parent if path.name == "__init__.py" else path.parent)


def _check_arguments(model: str, builder: Builder) -> None:
    try:
        inspect.signature(builder).bind({}, (), 2)
    except TypeError:
        takes = shortened(str(inspect.signature(builder)), 80)
        raise FixInputError(
            f"model={model} takes {takes}, but is called with hyperparameters, input_shape and classes", remedy=OURS
        ) from None
    except ValueError:
        pass  # a builtin without a signature


@contextmanager
def _importing(model: str) -> Iterator[None]:
    _imported_now.append(model)
    try:
        yield
    finally:
        _imported_now.pop()


def _import(name: str) -> ModuleType:
    check_module_exists(f"{name}:build")
    prepare_environment()  # the module imports Keras
    try:
        with _importing(name), without_banners():
            _import_from_folders(name.split(".")[0])
            return importlib.import_module(name)
    except TunerError as error:
        raise error from None
    except ModuleNotFoundError as error:
        if error.name is not None and name.split(".")[0] == error.name.split(".")[0]:
            raise _no_module(name, str(Path.cwd())) from None
        raise FixInputError(f"model={name}: {error}", remedy="install what the module imports") from error
    except Exception as error:  # any error of the user's module is reported to the user
        of_another_tuner = isinstance(error, NameError) and error.name in ("hp", "kt", "trial", "tune")
        remedy = OURS if of_another_tuner else "correct the module"
        reason = f"{in_one_line(error)}{place_of(error)}"
        raise FixInputError(f"model={name}: import fails: {reason}", remedy=remedy) from error


def place_of(error: BaseException) -> str:
    """Return where in the user's code an error was raised, such as ` (my_model.py, line 7)`; empty if nowhere."""
    step, place = error.__traceback__, ""
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not any(part in file for part in _NOT_THE_USERS):
            place = f" ({Path(file).name}, line {step.tb_lineno})"
        step = step.tb_next
    return place


_NOT_THE_USERS = ("site-packages/", f"{Path(__file__).parent.parent}/", "<frozen", f"{Path(inspect.__file__).parent}/")
"""Parts of the paths of code that is not the user's."""
