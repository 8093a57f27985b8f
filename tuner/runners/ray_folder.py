"""The folder for Ray's sockets and logs. Ray makes sockets in it, whose paths have at most 107 bytes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tuner.errors import FixInputError

LONGEST = 107 - len("/ray/session_2026-01-01_00-00-00_000000_4194304/sockets/plasma_store")
"""Most bytes in the path of the folder."""


def ray_folder() -> Path:
    """Return the folder that Ray uses for a cluster on this machine: RAY_TMPDIR, else TMPDIR, else /tmp."""
    return Path(os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp")


def choose_ray_folder() -> None:
    """Set RAY_TMPDIR if Ray cannot use the folder that TMPDIR names.

    Raises:
        FixInputError: Ray cannot use RAY_TMPDIR, or no folder for temporary files.
    """
    if named := os.environ.get("RAY_TMPDIR"):
        if problem := _problem(Path(named)):
            raise FixInputError(f"RAY_TMPDIR={named} {problem}", remedy="set RAY_TMPDIR to another folder, or unset it")
        return
    problem = _problem(ray_folder())
    if problem is None:
        return
    for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if _problem(Path(folder)) is None:
            os.environ["RAY_TMPDIR"] = folder
            return
    raise FixInputError(
        f"Ray has no folder for temporary files: {ray_folder()} {problem}",
        remedy="set RAY_TMPDIR to a short path of a folder that you may write to",
    )


def _problem(folder: Path) -> str | None:
    """Return why Ray cannot use the folder, which it makes if it is missing; None if it can."""
    if len(os.fsencode(folder.absolute())) > LONGEST:
        return f"is too long: at most {LONGEST} bytes, since Ray makes sockets there"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder):
            return None
    except OSError as error:
        return f"cannot be used: {error.strerror}"
