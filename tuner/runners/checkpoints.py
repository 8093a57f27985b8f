"""Keeps the state of each trial's training in a file, so that a trial which was cut short goes on after its last epoch.

One file per trial, replaced as a whole: whoever dies in the middle leaves the state before. Writing goes on while the
next epoch trains.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tuner.errors import TryAgainError
from tuner.runners.shared_folder import open_folder
from tuner.runners.state_files import state_file
from tuner.training import TrainingState


class Checkpoints:
    """Writes the states of one worker's trials, one after the other, into a folder that all nodes see.

    A write that failed (a full disk) is told by the next call, as a TryAgainError.
    """

    def __init__(self, place: str | Path) -> None:
        """`place` is the folder's path, or its address in an object store; it is made if absent."""
        self._place, self._folder = place, open_folder(place)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="keeper")
        self._writing: Future[None] | None = None

    def keep(self, trial_number: int, state: TrainingState) -> None:
        """Replace what is kept of the trial; returns before it is written."""
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
                    remedy="make room there, then `tuner resume`",
                ) from error

    def load(self, trial_number: int) -> TrainingState | None:
        """What a training of the trial can go on from; None if nothing is kept, or the weights of another machine.

        Raises:
            TryAgainError: it cannot be read.
        """
        try:
            with self._folder.at_hand(state_file(trial_number)) as file:
                state = None if file is None else TrainingState.load(file)
        except OSError as error:
            raise TryAgainError(
                f"the state of a training cannot be read from {self._place}: {error.strerror or error}",
                remedy="see that this machine may read there, then `tuner resume`",
            ) from error
        return state if state is not None and state.variables else None
