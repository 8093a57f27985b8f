"""The interface through which the API starts, stops and removes studies."""

from __future__ import annotations

from typing import Protocol

from tuner.spec import StudySpec


class Launcher(Protocol):
    """Starts, stops and removes studies. All state is in the database, so any replica can act on any study.

    Every method raises FixInputError, in one line, if the caller can correct the cause, and UnknownStudyError if there
    is no such study.
    """

    async def start(self, spec: StudySpec) -> str:
        """Start a new study and return its name once the study is in the database."""

    async def resume(self, name: str, trials: int | None) -> None:
        """Resume a study that is not running.

        Args:
            trials: The study's new total number of trials; None: unchanged.
        """

    async def cancel(self, name: str) -> None:
        """Ask a running study to end. Returns once it has been asked, before it has ended."""

    async def delete(self, name: str) -> None:
        """Remove a study that is not running: its rows, its Optuna tables and its folder."""
