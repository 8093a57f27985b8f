"""What a report is made from: the rows of a study, with the diagnosis and the scores that are derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any, Literal

from tuner.data_report import DataReport
from tuner.errors import FixInputError
from tuner.events import Refit
from tuner.objectives import Objective
from tuner.spec import StudySpec
from tuner.store import EpochRow, Store, StudyRow, TrialRow
from tuner.study.class_scores import ClassScores, scores_in
from tuner.study.explain import Explanation, explain
from tuner.study.importance import Importance, importance_of
from tuner.study.progress import Progress
from tuner.study.report.shares import NO_BREAK
from tuner.study.result import saved_model, view
from tuner.study.saved_model import DamagedModelError

Split = Literal["train", "validation", "test"]
OUT_OF_TIME = ("time budget of ", "too little time is left ")
"""Words in the reason of a study that its time budget ended, one of which it contains."""


@dataclass(frozen=True)
class StudyFacts:
    """One study at one time."""

    study: StudyRow
    trials: tuple[TrialRow, ...]
    best: TrialRow | None
    front: tuple[int, ...]
    """Numbers of the trials on the Pareto front, the best by the first objective first; of one objective: the best."""
    curve: tuple[EpochRow, ...]
    """The epochs of the best trial."""
    progress: Progress
    explanation: Explanation | None
    """Null: no trial has begun."""
    importance: Importance
    warnings: tuple[str, ...]
    """Why its result may be useless, in sentences without a final period."""
    at: datetime
    """Time of the database's clock at which the study was read."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Metadata of the best trial's saved model; empty: none is saved, or it is damaged."""

    @property
    def spec(self) -> StudySpec:
        return self.study.spec

    @property
    def objective(self) -> Objective:
        """The first objective, which decides which trial is the best."""
        return self.spec.objectives[0]

    @property
    def report(self) -> DataReport | None:
        """The report on its data; None: they were not read yet."""
        return None if self.study.data is None else self.study.data.report

    @property
    def dataset(self) -> str:
        """Name of the data set; of a file or folder, only the last part of its path."""
        return PurePath(self.spec.dataset).name or self.spec.dataset

    @property
    def scores(self) -> ClassScores:
        """The saved model's test scores by class; empty if they are not known."""
        return scores_in(dict(self.metadata)) if self.tested else ClassScores()

    @property
    def tested(self) -> bool:
        """Whether the test scores are known and are those of the best trial, not of an earlier one."""
        return self.study.test_accuracy is not None and (bool(self.metadata) or self.ended)

    @property
    def refit(self) -> Refit | None:
        """How the saved model was trained once more on training and validation data; None: it was not."""
        known = self.metadata.get("refit")
        return None if known is None else Refit.model_validate(known)

    @property
    def ended(self) -> bool:
        """Whether its last run has ended."""
        return self.study.current_status in ("completed", "failed", "cancelled")

    @property
    def out_of_time(self) -> bool:
        """Whether it is complete because its time budget was used up, not because all trials were done."""
        limited = self.spec.time_budget_s is not None and self.study.current_status == "completed"
        return limited and any(words in (self.study.reason or "") for words in OUT_OF_TIME)

    @property
    def partial_data(self) -> str | None:
        """A sentence that says how few of the training data were used; None: all were used."""
        share = self.spec.sample_percentage
        if share >= 1:
            return None
        used = "" if self.report is None else f": {self.counted('train')} and {self.counted('validation')}"
        return f"Only {share * 100:.3g}{NO_BREAK}% of the training data were used{used}."

    def samples(self, split: Split) -> int | None:
        """Number of samples of a split; None: not known."""
        return None if self.report is None else sum(getattr(count, split) for count in self.report.classes)

    def counted(self, split: Split) -> str:
        """Such as `300 test images`; `the test samples` if their number is not known."""
        number = self.samples(split)
        name = "training" if split == "train" else split
        if number is None or self.report is None:
            return f"the {name} samples"
        return f"{number:,} {name} {self.report.kind}{'' if number == 1 else 's'}"


def read_facts(store: Store, name: str) -> StudyFacts:
    """The facts about a study as it stands in the store. Raises UnknownStudyError."""
    shown = view(store, name)
    best, trials = shown.best, tuple(shown.trials)
    return StudyFacts(
        study=shown.study,
        trials=trials,
        best=best,
        front=tuple(shown.front),
        curve=() if best is None else tuple(store.epochs(name, trial_number=best.trial_number)),
        progress=shown.progress,
        explanation=_explanation(store, name) if trials else None,
        importance=importance_of(trials, shown.study.spec.objectives[0]),
        warnings=shown.warnings,
        at=store.now(),
        metadata=_metadata(shown.study, best),
    )


def _explanation(store: Store, name: str) -> Explanation | None:
    try:
        return explain(store, name)
    except FixInputError:
        return None


def _metadata(study: StudyRow, best: TrialRow | None) -> Mapping[str, Any]:
    if best is None:
        return {}
    try:
        saved = saved_model(study, best)
    except DamagedModelError:
        return {}
    return {} if saved is None else saved.metadata
