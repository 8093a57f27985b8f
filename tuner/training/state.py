"""The state of a training after an epoch: everything it needs to continue as if it had never stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from tuner.data import Array


class DamagedStateError(Exception):
    """A file was not written by `TrainingState.save`, or is only a part: train from the start."""


@dataclass(frozen=True)
class TrainingState:
    """State of a training after `epoch`: all variables of the model and its optimizer, and the best weights so far."""

    epoch: int
    variables: list[Array]
    best_weights: list[Array]
    history: list[dict[str, Any]]
    """One `EpochProgress` per trained epoch, as JSON values."""

    def save(self, file: Path) -> None:
        """Write one .npz file, without pickled objects."""
        groups = {"variables": self.variables, "best_weights": self.best_weights}
        arrays = {f"{name}_{i}": array for name, group in groups.items() for i, array in enumerate(group)}
        header = {"epoch": self.epoch, "history": self.history} | {name: len(group) for name, group in groups.items()}
        with file.open("wb") as stream:
            np.savez(stream, header=np.array(json.dumps(header)), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: Path) -> TrainingState:
        """Return the state that `save` wrote; raise OSError if unreadable, DamagedStateError if damaged."""
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                header = json.loads(str(stored["header"]))
                variables, best_weights = (
                    [stored[f"{name}_{i}"] for i in range(header[name])] for name in ("variables", "best_weights")
                )
                return cls(header["epoch"], variables, best_weights, header["history"])
        except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
            raise DamagedStateError(f"{file.name}: {error}") from error
