"""Finds the best neural network that data and budget allow: a live, distributed, Bayesian search on Ray.

import tuner
result = tuner.run(tuner.StudySpec(dataset="mnist", trials=20))
result.best, result.trials, result.model_path
"""

from __future__ import annotations

from typing import Any

import tuner.import_time  # noqa: F401 - reads the clock
from tuner.shadowing import check_import_path

check_import_path()  # before anything else is imported

# ruff: noqa: E402
from tuner.errors import FixInputError, StudyFailedError, TunerError
from tuner.spec import StudySpec

__all__ = ["FixInputError", "StudyFailedError", "StudySpec", "TunerError", "cancel", "resume", "run"]


def __getattr__(name: str) -> Any:
    """`run`, `resume` and `cancel` import slow packages, so only those who call them wait for that."""
    if name in ("run", "resume"):
        from tuner.console import python_api

        return getattr(python_api, name)
    if name == "cancel":
        from tuner.study import cancel

        return cancel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
