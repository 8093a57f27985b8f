"""Finds a user's file that hides a package which tuner needs, such as a `numpy.py` beside the user's script.

Python searches the folder of the script (or the current folder) and PYTHONPATH before its own library and the
installed packages. Workers are not affected: they search these folders last.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGES = frozenset(
    (
        *("IPython", "PIL", "alembic", "cloudpickle", "fastapi", "httpx", "jinja2", "keras", "matplotlib"),
        *("mlflow", "numpy", "optuna", "pandas", "plotly", "pooch", "pyarrow", "tensorboardX", "wandb"),
        *("pydantic", "pydantic_core", "pydantic_settings", "pynvml", "ray", "requests", "rich", "scipy", "sklearn"),
        *("sqlalchemy", "starlette", "tenacity", "tensorflow", "tqdm", "typer", "yaml"),
    )
)
"""The packages that tuner imports."""

_NOT_NEEDED = {"antigravity", "ensurepip", "idlelib", "lib2to3", "this", "tkinter", "turtle", "turtledemo", "venv"}
_NAMES = PACKAGES | (sys.stdlib_module_names - set(sys.builtin_module_names) - _NOT_NEEDED)


def check_import_path() -> None:
    """Raise ImportError, in one line, if a user's file hides a package that this process has yet to import."""
    hiding = next(hiding_files(sys.path), None)
    if hiding is not None:
        raise ImportError(f"{hiding} hides the package {hiding.stem!r}, which tuner needs - rename that file")


def hiding_files(path: Sequence[str]) -> Iterator[Path]:
    """Yield the files and folders that hide a package which was not imported from elsewhere yet.

    Args:
        path: Folders in the order in which Python searches them.
    """
    library = os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib is slow to import
    before = path[: path.index(library)] if library in path else path[:1]
    for place, folder in enumerate(before):
        try:
            names = os.listdir(folder or os.curdir)  # noqa: PTH208
        except OSError:  # a zip file, or a folder that does not exist
            continue
        for name in sorted(names):
            stem, suffix = os.path.splitext(name)  # noqa: PTH122
            found = Path(folder or os.curdir, name).absolute()
            if stem not in _NAMES or not (suffix == ".py" or (place == 0 and (found / "__init__.py").is_file())):
                continue
            if not _imported_from_elsewhere(stem, found):
                yield found


def _imported_from_elsewhere(name: str, hiding: Path) -> bool:
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    return module is not None and (file is None or hiding not in (Path(file), Path(file).parent))
