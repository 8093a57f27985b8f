"""Which job a trial runs as, in a file per trial: whoever begins the trial of a killed worker again cancels that job.

A job that nobody cancels goes on, and is billed, until its execution timeout.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tuner.runners.files import job_file


class Notes:
    """The notes in `folder`, which all nodes see. A full disk is no reason to end a trial: then there is no note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, trial_number: int, job_id: str) -> None:
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            job_file(self._folder, trial_number).write_text(job_id)

    def read(self, trial_number: int) -> str | None:
        """The job that was not ended, as far as anybody knows."""
        try:
            return job_file(self._folder, trial_number).read_text() or None
        except OSError:
            return None

    def remove(self, trial_number: int, job_id: str) -> None:
        """The job has ended; the note of a later one stays."""
        if self.read(trial_number) == job_id:
            with suppress(OSError):
                job_file(self._folder, trial_number).unlink(missing_ok=True)
