"""A network of the user's own, named as `module:function`.

The function is `build(hyperparameters, input_shape, classes)`. It returns a Keras model (not compiled) that maps a
batch of shape (samples, *input_shape) - pixels scaled to [0, 1], or tokens below `hyperparameters["vocabulary_size"]` -
to probabilities of shape (samples, classes). A dict `space` in the same module names what to search, in the forms of
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
from pathlib import Path
from types import ModuleType
from typing import Any

from tuner.errors import FixInputError, in_one_line, nearest
from tuner.events import Scalar

Builder = Callable[[Mapping[str, Scalar], tuple[int, ...], int], Any]


def load(model: str) -> tuple[Builder, dict[str, Any]]:
    """The function that builds the network, and the module's search space (empty if it names none).

    The current folder is searched first, as `python -m` does.

    Raises:
        FixInputError: the module cannot be imported, or has no such function.
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
    """Check that the module of an own model can be found, without running its code.

    Raises:
        FixInputError: there is no module or package of that name.
    """
    name = model.split(":")[0]
    here = str(Path.cwd())
    search_first(here)
    if importlib.util.find_spec(name.split(".")[0]) is None:
        raise _no_module(name, here)


def _no_module(name: str, here: str) -> FixInputError:
    return FixInputError(f"model={name}: no module of that name", remedy=f"looked in {here} and the installed packages")


def search_first(folder: str | None) -> None:
    """From now on this process looks for modules in `folder` first; None changes nothing."""
    if folder is not None and folder not in sys.path:
        sys.path.insert(0, folder)


def _import(name: str) -> ModuleType:
    here = str(Path.cwd())
    search_first(here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and name.split(".")[0] == error.name.split(".")[0]:
            raise _no_module(name, here) from None
        raise FixInputError(f"model={name}: {error}", remedy="install what the module imports") from error
    except Exception as error:  # whatever the user's module raises is the user's to mend
        raise FixInputError(f"model={name}: {in_one_line(error)}", remedy="the module fails on import") from error
