"""Which job a trial runs as, in a file per trial: whoever begins the trial of a killed worker again cancels that job.

A job that nobody cancels goes on, and is billed, until its execution timeout.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path

from tuner.runners.shared_folder import open_folder
from tuner.runners.state_files import job_file


class JobFiles:
    """The notes in a folder that all nodes see. A full disk is no reason to end a trial: then there is no note."""

    def __init__(self, place: str | Path) -> None:
        """`place` is the folder's path, or its address in an object store."""
        self._folder = open_folder(place)

    def write(self, trial_number: int, job_id: str) -> None:
        with suppress(OSError):
            self._folder.put(job_file(trial_number), partial(Path.write_text, data=job_id))

    def read(self, trial_number: int) -> str | None:
        """The job that was not ended, as far as anybody knows."""
        try:
            with self._folder.at_hand(job_file(trial_number)) as file:
                return None if file is None else file.read_text() or None
        except OSError:
            return None

    def remove(self, trial_number: int, job_id: str) -> None:
        """The job has ended; the note of a later one stays."""
        if self.read(trial_number) == job_id:
            with suppress(OSError):
                self._folder.remove(job_file(trial_number))
