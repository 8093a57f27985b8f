"""What the process of one cell gets: the data, the clock and a folder for the saved model."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.accuracy.sources import source_fields


@dataclass(frozen=True)
class Task:
    """One cell, in its own process."""

    data: str
    seed: int
    limit_s: float
    started: float
    """`time.time()` of the command."""
    shared: Path
    """Folder of the data files."""
    folder: Path
    """An empty folder for files of the cell, such as its saved model."""
    overhead_s: float | None = None
    """Seconds of the tuner's command beyond its time budget, of the latest cell; None: not known."""

    @property
    def fields(self) -> dict[str, Any]:
        return source_fields(self.data, self.shared, self.seed)

    def deadline(self, reserve_s: float) -> float:
        """`time.time()` at which training ends, so that the rest is left for saving the model."""
        return self.started + self.limit_s - reserve_s

    @property
    def model(self) -> Path:
        return self.folder / "model.keras"

    def elapsed_s(self) -> float:
        return time.time() - self.started
