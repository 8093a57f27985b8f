"""What the figures of a trial are drawn from, and their captions.

The rows are plain values, so that the process that draws needs no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from tuner.errors import FixInputError
from tuner.events import TrainingSummary
from tuner.plots.style import Caption
from tuner.store import EpochRow, Store, StoreQueries, StudyRow, TrialRow

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class TrialRows:
    """A trial with its epochs and the summaries of its training, by epoch."""

    study: StudyRow
    trial: TrialRow
    epochs: Sequence[EpochRow]
    summaries: Mapping[int, TrainingSummary]

    @classmethod
    def read(cls, store: Store, name: str, number: int) -> Self:
        """Raises UnknownStudyError or FixInputError if there is no such study or trial."""
        study, queries = store.study(name), StoreQueries(store)
        trial = queries.trial(name, number)
        if trial is None:
            raise FixInputError(f"study {name!r} has no trial {number}", remedy=f"see `tuner show {name}`")
        return cls(study, trial, store.epochs(name, number), queries.summaries(name, number))


def caption_of(study: StudyRow, trial: int | None = None, part: Part | None = None, note: str | None = None) -> Caption:
    """The caption of a figure of a study, or of one of its trials; `part`: the split that it was measured on."""
    samples = None if part is None else samples_in(study, part)
    return Caption(dataset_name(study), part and _SPLITS[part], samples, trial, note)


def dataset_name(study: StudyRow) -> str:
    """The data set's name; of a file or folder, its name without suffix."""
    path = Path(study.spec.dataset)
    return path.stem if path.suffix else path.name


def samples_in(study: StudyRow, part: Part) -> int | None:
    """The number of samples in a part of the study's data; None: its data were not read yet."""
    if study.data is None:
        return None
    return int(sum(getattr(count, part) for count in study.data.report.classes))


_SPLITS: Mapping[Part, str] = {"train": "training", "validation": "validation", "test": "test"}
