"""A study as a whole, read from the store: for `tuner show --json`, the API, notebooks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from tuner.data_report import DataReport
from tuner.health.health_text import METRICS
from tuner.objectives import CLASS_SCORES, Monitored
from tuner.search.pareto import RankedTrial, pareto_front
from tuner.store import JobRow, Store, StoreQueries, StudyRow, TrialOutcome, TrialRow
from tuner.study.kept_models import KeptModels, kept_models, models_to_keep
from tuner.study.notebook import NotebookMethods
from tuner.study.parity import Parity
from tuner.study.paths import StudyPaths
from tuner.study.progress import Progress, progress
from tuner.study.runpod_usage import RunPodUsage, runpod_usage
from tuner.study.saved_model import SavedModel, read_model
from tuner.study.study_figure import StudyRows

if TYPE_CHECKING:
    import pandas as pd


FRONT = (
    "Numbers of the completed trials that meet the constraints and that none of these beats in one objective without "
    "losing in another, the best by the first objective first. Of one objective: the best trial."
)
CLOUD = "What it had of RunPod; null: it does not use it."
WARNINGS = (
    "Why its result may be useless, in sentences: flaws of the data, or a best trial that learned nothing or less than "
    "the baseline."
)
EPOCHS_ENOUGH = 10
"""Epochs below which a network probably trained too short to beat plain methods."""
PARITY = "How trials on RunPod compare with their repetition here; null: none was repeated."


class StudyView(BaseModel):
    """One study with its progress and trials: the JSON that users and the API see."""

    model_config = ConfigDict(frozen=True)

    study: StudyRow
    progress: Progress
    best: TrialRow | None
    front: list[int] = Field(description=FRONT)
    trials: list[TrialRow]
    cloud: RunPodUsage | None = Field(description=CLOUD)
    parity: Parity | None = Field(description=PARITY)
    warnings: tuple[str, ...] = Field(description=WARNINGS)
    kept_models: KeptModels | None = Field(
        description="The models of other trials on this machine; null: with keep_models=best none are kept."
    )
    jobs: list[JobRow] = Field(description="Its jobs on RunPod that have ended, by trial: what each one cost.")

    @property
    def front_trials(self) -> list[TrialRow]:
        """The trials of the front, in its order."""
        by_number = {trial.trial_number: trial for trial in self.trials}
        return [by_number[number] for number in self.front]


def view(store: Store, name: str, live: Mapping[int, Mapping[str, Any]] | None = None) -> StudyView:
    """The study as it stands in the store; `live` holds the latest batch of each running trial, if known."""
    study, trials, epochs = store.study(name), store.trials(name), StoreQueries(store).running_epochs(name)
    jobs = store.jobs(name)
    return StudyView(
        study=study,
        progress=progress(study, trials, epochs, live or {}, store.now()),
        best=best_so_far(study, trials),
        front=front_of(study, trials),
        trials=trials,
        cloud=cloud_of(study, trials, jobs),
        parity=Parity.of(trials),
        warnings=warnings_of(study),
        kept_models=kept_of(study),
        jobs=jobs,
    )


def kept_of(study: StudyRow) -> KeptModels | None:
    """The models of other trials that are in the study's folder; None: it keeps none."""
    return None if models_to_keep(study.spec) == "best" else kept_models(StudyPaths(Path(study.folder)))


def warnings_of(study: StudyRow) -> tuple[str, ...]:
    """Why the study's result may be useless: flaws of its data, or a best trial that plain methods do as well as.

    They are compared by the objective if it counts every class alike, else by accuracy. It has learned nothing if it is
    within one standard error of always answering the most frequent class. It is worse than the baseline if its score on
    validation data is lower, or its test accuracy by a standard error.
    """
    if study.data is None:
        return ()
    report, best, score = study.data.report, study.best_performance, study.spec.monitor
    if best is None or study.best_objective is None or study.completed_at is None:
        return report.warnings
    reached = study.best_objective if score in CLASS_SCORES else best.accuracy
    chance, error = _chance(report, score)
    if reached <= chance + error:
        name = score if score in CLASS_SCORES else "val_accuracy"
        text = f"nothing was learned: the best {name} is {reached:.4f}, and always answering "
        return (*report.warnings, f"{text}{report.most_frequent[0]!r} gives {chance:.4f}")
    worse = _worse_than_baseline(study, report, best.accuracy)
    if worse is not None:
        return (*report.warnings, f"the best network is worse than a plain method: {worse}; {_what_to_try(study)}")
    return report.warnings


def _chance(report: DataReport, score: Monitored) -> tuple[float, float]:
    """What always answering the most frequent class scores on the validation samples, and its standard error."""
    share = report.most_frequent[1]
    sizes = [count.validation for count in report.classes if count.validation]
    if score not in CLASS_SCORES:
        return share, _standard_error(share, sum(sizes))
    recall = 1 / max(1, len(sizes))
    error = recall * math.sqrt(sum(_standard_error(recall, size) ** 2 for size in sizes))
    return recall if score == "val_balanced_accuracy" else recall * 2 * share / (1 + share), error


def _worse_than_baseline(study: StudyRow, report: DataReport, accuracy: float) -> str | None:
    """Both scores where the best trial loses against the baseline; None: it does not."""
    baseline, tested = study.baseline, study.test_accuracy
    if baseline is None:
        return None
    name, value = baseline.score(study.spec.monitor)
    reached = accuracy if name == "val_accuracy" else study.best_objective
    if reached is not None and reached < value:
        return f"{name} {reached:.4f}, and {baseline.name} reaches {value:.4f}"
    if name != "val_accuracy":
        return None
    error = _standard_error(baseline.test_accuracy, sum(count.test for count in report.classes))
    if tested is not None and tested < baseline.test_accuracy - error:
        return f"test_accuracy {tested:.4f}, and {baseline.name} reaches {baseline.test_accuracy:.4f}"
    return None


def _standard_error(share: float, samples: int) -> float:
    return math.sqrt(share * (1 - share) / samples) if samples else 0.0


def _what_to_try(study: StudyRow) -> str:
    """The likely cause of a network that loses against the baseline, and what to do about it."""
    spec = study.spec
    if study.reason is not None and study.reason.startswith("time budget"):
        return f"the time was short: `tuner resume {study.name}` goes on"
    if spec.max_epochs_per_trial < EPOCHS_ENOUGH:
        more = 3 * spec.max_epochs_per_trial
        return f"its networks had {spec.max_epochs_per_trial} epochs at most: try max_epochs_per_trial={more}"
    return f"few networks were tried, or few samples are there: `tuner resume {study.name} trials=+20` tries more"


def best_so_far(study: StudyRow, trials: Iterable[TrialRow]) -> TrialRow | None:
    """The study's best trial, among these; while it still trains, with the scores that it has reached."""
    best = next((trial for trial in trials if trial.trial_number == study.best_trial_number), None)
    scores, objective = study.best_performance, study.best_objective
    if best is None or best.completed_at is not None or scores is None or objective is None:
        return best
    values = {"val_accuracy": scores.accuracy, "val_loss": scores.loss, study.spec.objectives[0]: objective}
    return best.model_copy(update={"performance": scores, "objective": objective, "values": values})


def cloud_of(study: StudyRow, trials: Sequence[TrialRow | TrialOutcome], jobs: Sequence[JobRow]) -> RunPodUsage | None:
    """What the study had of RunPod; None: it does not use it."""
    return runpod_usage(trials, jobs) if study.spec.use_runpod_service or jobs else None


def saved_model(study: StudyRow, best: TrialRow) -> SavedModel | None:
    """The saved model of the best trial; None: it was not saved, or moved. Raises DamagedModelError."""
    saved = read_model(StudyPaths(Path(study.folder)).best_model, study.name)
    return None if saved is None or saved.trial_number != best.trial_number else saved


def front_of(study: StudyRow, trials: Sequence[RankedTrial]) -> list[int]:
    """The study's front among its trials, which matter only where there are several objectives."""
    if len(study.spec.objectives) == 1:
        return [] if study.best_trial_number is None else [study.best_trial_number]
    return [trial.trial_number for trial in pareto_front(trials, study.spec.objectives, study.spec.bounds)]


@dataclass(frozen=True, repr=False)
class StudyResult(NotebookMethods):
    """What a study came to. A notebook shows it with its best trials; its `plot_` methods draw figures."""

    view: StudyView

    def __repr__(self) -> str:
        """Name, status, best trial and its scores, in one line."""
        parts = [f"{self.name!r} {self.status}"]
        if self.best is not None:
            objective = self.view.study.spec.objectives[0]
            parts.append(f"best trial {self.best.trial_number}: {objective} {self.best.objective:.4f}")
        if self.test_accuracy is not None:
            parts.append(f"test_accuracy {self.test_accuracy:.4f}")
        return f"<StudyResult {', '.join(parts)}>"

    @cached_property
    def _rows(self) -> StudyRows:  # kept, since the importance takes seconds
        return StudyRows(self.view.study, self.view.trials)

    @property
    def _warnings(self) -> tuple[str, ...]:
        return self.view.warnings

    @property
    def name(self) -> str:
        return self.view.study.name

    @property
    def status(self) -> str:
        """completed, cancelled (`tuner.resume` goes on) or failed."""
        return self.view.study.status

    @property
    def folder(self) -> Path:
        return Path(self.view.study.folder)

    @property
    def best(self) -> TrialRow | None:
        """The best trial by the study's first objective on validation data; None if no trial gave one."""
        return self.view.best

    @property
    def front(self) -> list[TrialRow]:
        """The Pareto front of several objectives, the best by the first one first; of one objective: the best trial."""
        return self.view.front_trials

    @property
    def model_path(self) -> Path:
        """The best trial's model, for `keras.saving.load_model`."""
        return StudyPaths(self.folder).model

    @property
    def test_accuracy(self) -> float | None:
        """Share of test samples that the best model gets right, in [0, 1]."""
        return self.view.study.test_accuracy

    @property
    def importance(self) -> dict[str, float] | None:
        """Importance of each hyperparameter for the objective: in [0, 1], sum 1, the most important first.

        None if it is unknown: `tuner importance NAME` tells the reason.
        """
        return self._rows.importance.importance

    @property
    def trials(self) -> pd.DataFrame:
        """One line per trial, hyperparameters as columns of their own names."""
        return trials_table(self.view.trials, self.view.jobs)

    @property
    def cloud(self) -> RunPodUsage | None:
        """Where the trials ran and what that cost; None: the study does not use RunPod."""
        return self.view.cloud

    @property
    def parity(self) -> Parity | None:
        """How trials on RunPod compare with their repetition here (`runpod_parity_trials`); None: none was repeated."""
        return self.view.parity


def trials_table(trials: list[TrialRow], jobs: Sequence[JobRow] = ()) -> pd.DataFrame:
    """Trials as a table, with columns for RunPod and for health only if some trial has them."""
    import pandas as pd

    lines = []
    remote = bool(jobs) or any(trial.place == "runpod" or trial.why_local for trial in trials)
    measured = any(trial.health_metrics or trial.vital_signs for trial in trials)
    for trial in trials:
        scores = trial.performance.model_dump() if trial.performance else {}
        size = trial.architecture.total_parameters if trial.architecture else None
        line: dict[str, Any] = {
            **{
                name: getattr(trial, name) for name in ("trial_number", "status", "reason", "suggested_by", "objective")
            },
            **{name: scores.get(name) for name in ("total_score", "accuracy", "loss")},
            **{name: getattr(trial, name) for name in ("best_epoch", "epochs_trained", "duration_seconds")},
            "parameters": size,
        }
        if remote:
            line |= _place(trial, [job for job in jobs if job.trial_number == trial.trial_number])
        line |= _health(trial) if measured else {}
        # An own model may have a hyperparameter named as a column, such as loss.
        lines.append(
            line | {f"space.{name}" if name in line else name: of for name, of in trial.hyperparameters.items()}
        )
    return pd.DataFrame(lines)


def _place(trial: TrialRow, jobs: Sequence[JobRow]) -> dict[str, Any]:
    usage = runpod_usage([trial], jobs).model_dump(include={"billed_s", "cost_usd", "saved_s"})
    return {"place": trial.place, "why_local": trial.why_local, **usage}


def _health(trial: TrialRow) -> dict[str, Any]:
    """Columns of a trial's health: names in a cell are separated by blanks."""
    metrics, signs = trial.health_metrics, trial.vital_signs
    return {
        **{name: metrics and getattr(metrics, name) for name in ("overall_health", *METRICS)},
        "insufficient": metrics and " ".join(metrics.insufficient),
        "gradient_norm": signs and signs.gradient_norm,
        "train_validation_gap": signs and signs.train_validation_gap,
        "findings": " ".join(finding.name for finding in trial.findings),
    }
