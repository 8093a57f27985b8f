"""Loads the user's own network, given as `module:function`.

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
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from tuner.errors import FixInputError, in_one_line, nearest
from tuner.events import Scalar
from tuner.models.keras_settings import prepare_environment, without_banners

Builder = Callable[[Mapping[str, Scalar], tuple[int, ...], int], Any]


def load_builder(model: str) -> tuple[Builder, dict[str, Any]]:
    """Return the function that builds the network, and the module's search space (empty if it has none).

    A module in the current folder comes before an installed one of the same name, but must not hide a package in use.
    FixInputError says why the function is not available.
    """
    module_name, function_name = model.split(":")
    module = _import(module_name)
    builder = getattr(module, function_name, None)
    if not callable(builder):
        functions = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        raise FixInputError(
            f"model={model}: {module_name} has no function {function_name}", remedy=nearest(function_name, functions)
        )
    space = getattr(module, "space", {})
    if not isinstance(space, dict):
        raise FixInputError(f"model={model}: space must be a dict", remedy='such as space = {"units": "16..256"}')
    return builder, space


def check_module_exists(model: str) -> None:
    """Check that the module of an own model can be found, without running its code."""
    name = model.split(":")[0]
    folder = str(Path.cwd())
    append_module_folder(folder)
    top = name.split(".")[0]
    if _found_in_folders(top) is None and importlib.util.find_spec(top) is None:
        raise _no_module(name, folder)


def _no_module(name: str, folder: str) -> FixInputError:
    return FixInputError(f"model={name}: module not found", remedy=f"put it into {folder} or install its package")


_folders: list[str] = []
"""Folders of own modules, in the order in which they are searched."""


def append_module_folder(folder: str | None) -> None:
    """Make this process find modules in `folder` too, after installed packages; None changes nothing.

    Files there may have the names of packages, such as `numpy.py` or `tuner.py`.
    """
    if folder is not None:
        if folder not in _folders:
            _folders.append(folder)
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


def _import(name: str) -> ModuleType:
    folder = str(Path.cwd())
    append_module_folder(folder)
    prepare_environment()  # the module imports Keras
    try:
        with without_banners():
            _import_from_folders(name.split(".")[0])
            return importlib.import_module(name)
    except FixInputError:
        raise
    except ModuleNotFoundError as error:
        if error.name is not None and name.split(".")[0] == error.name.split(".")[0]:
            raise _no_module(name, folder) from None
        raise FixInputError(f"model={name}: {error}", remedy="install what the module imports") from error
    except Exception as error:  # any error of the user's module is reported to the user
        raise FixInputError(f"model={name}: import fails: {in_one_line(error)}", remedy="correct the module") from error
