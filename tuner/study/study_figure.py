"""Makes each figure of a study from its rows: for files, reports, the API and notebooks alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

from tuner.errors import FixInputError, nearest
from tuner.objectives import Objective
from tuner.plots.style import Caption
from tuner.plots.trial_style import counts_text
from tuner.search.pareto import pareto_front
from tuner.store import EpochRow, StudyRow, TrialRow
from tuner.study.importance import Importance, importance_of

if TYPE_CHECKING:  # both take a second to import
    import optuna
    from matplotlib.figure import Figure

StudyFigureName = Literal[
    "history", "curves", "importance", "parallel", "slices", "timeline", "rungs", "front", "health"
]
STUDY_FIGURE_NAMES: tuple[StudyFigureName, ...] = get_args(StudyFigureName)


@dataclass(frozen=True)
class StudyRows:
    """What the figures of a study are made of."""

    study: StudyRow
    trials: Sequence[TrialRow]
    epochs: Sequence[EpochRow] = ()
    """The curves of the trials; the figures `curves` and `rungs` need them."""
    now: datetime | None = None
    """The time at which running trials are; None: the latest time of any trial."""

    @property
    def objective(self) -> Objective:
        """The study's first objective."""
        return self.study.spec.objectives[0]

    @property
    def front(self) -> list[int]:
        """Numbers of the trials on the Pareto front."""
        spec = self.study.spec
        return [trial.trial_number for trial in pareto_front(self.trials, spec.objectives, spec.bounds)]

    @cached_property
    def importance(self) -> Importance:
        """The importance of each hyperparameter. Takes seconds; it is computed once."""
        return importance_of(self.trials, self.objective)

    @cached_property
    def optuna_study(self) -> optuna.Study:
        """The study in memory, with its curves if they are known."""
        from tuner.study.optuna_view import optuna_study_of

        return optuna_study_of(self.study, self.trials, self.epochs)

    @property
    def parameters(self) -> list[str]:
        """The hyperparameters that varied, the most important first; by name if the importance is not known."""
        values: dict[str, set[str]] = {}
        for trial in self.trials:
            for name, value in trial.hyperparameters.items():
                values.setdefault(name, set()).add(str(value))
        varied = [name for name, found in values.items() if len(found) > 1]
        known = self.importance.importance or {}
        return sorted(varied, key=lambda name: -known.get(name, 0.0)) or list(values)


def study_caption(rows: StudyRows) -> Caption:
    """Data set, split, number of samples and of trials, for below a figure."""
    study = rows.study
    samples = None if study.data is None else sum(count.validation for count in study.data.report.classes)
    path = PurePath(study.spec.dataset)  # of a file or folder, its name alone
    return Caption(
        (path.stem if path.suffix else path.name) or str(path),
        split="validation",
        samples=samples,
        note=counts_text(rows.trials),
    )


def makes_sense(name: StudyFigureName, rows: StudyRows) -> bool:
    """Whether the figure can ever show something for this study: not a front of one objective, for example."""
    if name == "front":
        return len(rows.study.spec.objectives) > 1
    if name == "health":
        return any(trial.health_metrics is not None for trial in rows.trials)
    if name == "rungs":
        return any(trial.stopped_by is not None for trial in rows.trials)
    return True


def study_figure(name: StudyFigureName, rows: StudyRows) -> Figure:
    """The figure as matplotlib's. With too little data it says so. Raises FixInputError for an unknown name."""
    study, trials, caption = rows.study, rows.trials, study_caption(rows)
    spec = study.spec
    match name:
        case "history":
            from tuner.plots.study import history_figure

            baseline = _baseline(study, rows.objective)
            return history_figure(rows.objective, trials, caption, baseline=baseline, constraints=spec.bounds)
        case "curves":
            from tuner.plots.study import curves_figure

            baseline, best = _baseline(study, spec.monitor), study.best_trial_number
            return curves_figure(spec.monitor, trials, rows.epochs, best, caption, baseline=baseline)
        case "importance":
            from tuner.plots.importance import importance_figure

            found = rows.importance
            return importance_figure(rows.objective, found.importance, found.trials_used, found.reason, caption)
        case "parallel":
            from tuner.plots.optuna_figures import parallel_figure

            return parallel_figure(rows.optuna_study, 0, rows.parameters, caption)
        case "slices":
            from tuner.plots.optuna_figures import slices_figure

            return slices_figure(rows.optuna_study, 0, rows.parameters, caption)
        case "timeline":
            from tuner.plots.workers import timeline_figure

            return timeline_figure(trials, Caption(caption.dataset, note=caption.note), rows.now)
        case "rungs":
            from tuner.plots.rungs import rungs_figure

            return rungs_figure(trials, rows.epochs, spec.monitor, caption)
        case "front":
            from tuner.plots.front import front_figure

            return front_figure(spec.objectives, spec.bounds, trials, rows.front, caption)
        case "health":
            from tuner.plots.health import health_figure

            return health_figure(spec.health_weights, trials, study.best_trial_number, caption)
        case _:
            raise FixInputError(f"unknown figure {name!r}", remedy=nearest(str(name), STUDY_FIGURE_NAMES))


def interactive_figure(name: str, rows: StudyRows) -> Any:
    """The figure as Plotly's, by Optuna. Raises FixInputError: Plotly is missing, or this figure is not interactive."""
    from tuner.plots.optuna_figures import interactive

    given: dict[str, Any] = {}
    if name == "importance":
        known = rows.importance
        if known.importance is None:
            raise FixInputError(f"the importance is not known: {known.reason}")
        given["importance"] = known.importance
    if name in ("parallel", "slices"):
        given["names"] = rows.parameters
    figure = interactive(rows.optuna_study, name, **given)
    figure.update_layout(title={"text": f"{_TITLES[name]} · {study_caption(rows)}"})
    return figure


_TITLES: Mapping[str, str] = {
    "history": "Objective by trial",
    "curves": "Curves by epoch",
    "importance": "Importance of hyperparameters",
    "parallel": "Hyperparameters of completed trials",
    "slices": "The objective by each hyperparameter",
    "timeline": "Trials by time",
    "front": "Pareto front",
}


def _baseline(study: StudyRow, objective: str) -> float | None:
    """The baseline's value of this objective; None: it has none, or is not known."""
    if study.baseline is None:
        return None
    name, value = study.baseline.score(objective)
    return value if name == objective else None
