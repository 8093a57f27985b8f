"""What the API asks of whatever runs studies."""

from __future__ import annotations

from typing import Protocol

from tuner.spec import StudySpec


class Launcher(Protocol):
    """Starts, stops and removes studies. State is in the database: any replica may ask about any study.

    Every method raises FixInputError, in one line, for what the caller can mend, and UnknownStudyError for a study that
    does not exist.
    """

    async def start(self, spec: StudySpec) -> str:
        """Begin a new study.

        Returns:
            The study's name, once its row exists.
        """

    async def resume(self, name: str, trials: int | None) -> None:
        """Go on with a study that does not run; `trials` is its new total number, None: as asked for before."""

    async def cancel(self, name: str) -> None:
        """Ask a study that runs to end. Returns once it was asked, before it has ended."""

    async def delete(self, name: str) -> None:
        """Remove a study that does not run: its rows, Optuna's record of it, and its folder."""
