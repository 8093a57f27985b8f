"""The job of each running trial, in a file per trial, so that the job of a killed worker can be cancelled.

A job that is not cancelled continues, and is billed, until its execution timeout.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path

from tuner.runners.shared_folder import job_file, open_folder


class JobFiles:
    """The files of a study's jobs. A file that cannot be written or read is ignored: it must not end a trial."""

    def __init__(self, place: str | Path) -> None:
        """`place` is the path of a folder that all nodes share, or its address in an object store."""
        self._folder = open_folder(place)

    def write(self, trial_number: int, job_id: str) -> None:
        with suppress(OSError):
            self._folder.put(job_file(trial_number), partial(Path.write_text, data=job_id))

    def read(self, trial_number: int) -> str | None:
        """Return the trial's job that may still run; None if no such job is known."""
        try:
            with self._folder.local_file(job_file(trial_number)) as file:
                return None if file is None else file.read_text() or None
        except OSError:
            return None

    def remove(self, trial_number: int, job_id: str) -> None:
        """Remove the file of a job that has ended, unless the trial has a later job."""
        if self.read(trial_number) == job_id:
            with suppress(OSError):
                self._folder.remove(job_file(trial_number))
