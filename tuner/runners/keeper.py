"""Keeps the state of each trial's training in a file, so that a trial which was cut short goes on after its last epoch.

One file per trial, replaced as a whole: whoever dies in the middle leaves the state before. Writing goes on while the
next epoch trains.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tuner.errors import TryAgainError
from tuner.runners.files import state_file
from tuner.training import TrainingState


class Keeper:
    """Writes the states of one worker's trials, one after the other, into `folder` (made if absent).

    A write that failed (a full disk) is told by the next call, as a TryAgainError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="keeper")
        self._writing: Future[None] | None = None

    def keep(self, trial_number: int, state: TrainingState) -> None:
        """Replace what is kept of the trial; returns before it is written."""
        self.wait()
        self._writing = self._writer.submit(_write, state, state_file(self._folder, trial_number))

    def wait(self) -> None:
        """Return once everything is written."""
        writing, self._writing = self._writing, None
        if writing is not None:
            try:
                writing.result()
            except OSError as error:
                raise TryAgainError(
                    f"the state of a training cannot be written to {self._folder}: {error.strerror}",
                    remedy="make room there, then `tuner resume`",
                ) from error

    def load(self, trial_number: int) -> TrainingState | None:
        """What a training of the trial can go on from; None if nothing is kept, or the weights of another machine."""
        file = state_file(self._folder, trial_number)
        state = TrainingState.load(file) if file.is_file() else None
        return state if state is not None and state.variables else None


def _write(state: TrainingState, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    try:
        state.save(unfinished)
        os.replace(unfinished, file)  # noqa: PTH105 - whole or not at all
    except BaseException:  # an interrupt too must leave no half of a file; it goes on
        unfinished.unlink(missing_ok=True)
        raise
