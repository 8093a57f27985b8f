"""Where uploaded data sets are. Whoever uploaded them knows nothing of this machine, and must not learn from it."""

from __future__ import annotations

from pathlib import Path

FOLDER = ".datasets"
"""The folder with a folder for each own data set, in the results folder."""


def is_uploaded(file: Path) -> bool:
    """Whether a file was uploaded, or is being inspected before it is kept. What the operator registered is elsewhere.

    A table that was uploaded names no files of this machine.
    """
    return file.absolute().parent.parent.name == FOLDER
