"""Writes the state of each trial's training to a file, so that a trial that was interrupted continues.

There is one file per trial, which is replaced as a whole after each epoch, while the next epoch trains: a process that
dies in the middle leaves the previous state.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tuner.errors import TryAgainError
from tuner.runners.shared_folder import open_folder, state_file
from tuner.training import DamagedStateError, TrainingState

log = logging.getLogger("tuner.runners")


class Checkpoints:
    """Writes the states of one worker's trials, one after the other, into a folder that all nodes share.

    A folder that cannot be written or read raises TryAgainError; after `save`, the next call raises it.
    """

    def __init__(self, place: str | Path) -> None:
        """`place` is the folder's path, or its address in an object store; it is created if it does not exist."""
        self._place, self._folder = place, open_folder(place)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._writing: Future[None] | None = None

    def save(self, trial_number: int, state: TrainingState) -> None:
        """Start to replace the state of a trial; return before it is written."""
        self.wait()
        self._writing = self._writer.submit(self._folder.put, state_file(trial_number), state.save)

    def wait(self) -> None:
        """Return once everything is written."""
        writing, self._writing = self._writing, None
        if writing is not None:
            try:
                writing.result()
            except OSError as error:
                raise TryAgainError(
                    f"the state of a training cannot be written to {self._place}: {error.strerror or error}",
                    remedy="free some space there, then `tuner resume`",
                ) from error

    def load(self, trial_number: int) -> TrainingState | None:
        """Return the state from which the training of a trial can continue.

        None if there is none: nothing was saved, the file is damaged, or it holds only weights from RunPod.
        """
        try:
            with self._folder.local_file(state_file(trial_number)) as file:
                state = None if file is None else TrainingState.load(file)
        except DamagedStateError as error:
            log.warning("trial %d starts again: its saved state is damaged: %s", trial_number, error)
            return None
        except OSError as error:
            raise TryAgainError(
                f"the state of a training cannot be read from {self._place}: {error.strerror or error}",
                remedy="check that this machine may read there, then `tuner resume`",
            ) from error
        return state if state is not None and state.variables else None
