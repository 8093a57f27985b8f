"""The packages that loggers need, and the commands that open what they wrote. Imports none of them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec

from tuner.errors import FixInputError
from tuner.spec import LoggerName
from tuner.study.paths import StudyPaths

TITLES: Mapping[LoggerName, str] = {"tensorboard": "TensorBoard", "mlflow": "MLflow", "wandb": "Weights & Biases"}
PACKAGES: Mapping[LoggerName, str] = {"tensorboard": "tensorboardX", "mlflow": "mlflow", "wandb": "wandb"}
TRACKING_URI = "MLFLOW_TRACKING_URI"
"""Environment variable with the address of MLflow's server or database; without it, a file in the study's folder."""


def check_loggers(names: Collection[LoggerName]) -> None:
    """Raise FixInputError, with the command that installs it, if the package of a logger is missing."""
    missing = [name for name in names if not _is_installed(PACKAGES[name])]
    if missing:
        packages = ", ".join(PACKAGES[name] for name in missing)
        extras = ",".join(name for name in missing if name != "tensorboard")
        install = f"'tuner[{extras}]'" if extras else packages
        raise FixInputError(
            f"loggers=[{','.join(names)}] needs {packages}", remedy=f"install with: pip install {install}"
        )


def opening_commands(names: Sequence[LoggerName], paths: StudyPaths) -> dict[LoggerName, str]:
    """Return for each logger the command that opens or uploads what it wrote.

    MLflow's web page is a part of the package `mlflow`; its client, `mlflow-skinny`, has none.
    """
    server = os.environ.get(TRACKING_URI)
    commands: dict[LoggerName, str] = {
        "tensorboard": f"tensorboard --logdir {shlex.quote(str(tensorboard_folder(paths)))}",
        "mlflow": f"mlflow ui --backend-store-uri {shlex.quote(mlflow_address(paths))}"
        if server is None
        else f"the server of {TRACKING_URI}",
        "wandb": f"wandb sync {shlex.quote(str(wandb_folder(paths)))}/wandb/offline-run-*",
    }
    return {name: commands[name] for name in names}


def tensorboard_folder(paths: StudyPaths) -> str:
    return str(paths.folder / "tensorboard")


def mlflow_folder(paths: StudyPaths) -> str:
    """The folder of MLflow's database and artifacts, where no server is named."""
    return str(paths.folder / "mlflow")


def mlflow_address(paths: StudyPaths) -> str:
    """MLflow's own file store is in maintenance mode and refuses new folders; it recommends SQLite."""
    return f"sqlite:///{mlflow_folder(paths)}/mlflow.db"


def wandb_folder(paths: StudyPaths) -> str:
    """The folder in which `wandb` makes its own folder `wandb`."""
    return str(paths.folder)


def _is_installed(package: str) -> bool:
    # A folder `wandb` in the current folder, such as wandb itself makes, is no package: it has no file of its own.
    found = find_spec(package)
    return found is not None and found.origin is not None
