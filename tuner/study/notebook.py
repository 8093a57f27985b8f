"""What a study's result can draw and show of itself in a notebook."""

from __future__ import annotations

import base64
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from tuner.errors import in_one_line
from tuner.objectives import Objective, maximised
from tuner.plots.trial_style import LABELS, counts_text
from tuner.store import TrialRow
from tuner.study.study_figure import StudyFigureName, StudyRows, interactive_figure, study_caption, study_figure
from tuner.study.wording import capital, duration, objective_value

log = logging.getLogger("tuner.study")

SHOWN_TRIALS = 5
"""Lines of the table of the best trials."""

PICTURE_PIXELS = 560
"""Width of the figure in a notebook."""


class NotebookMethods(ABC):
    """Mixin of a study's result: figures by name, and its display as HTML.

    Each `plot_` method returns a matplotlib figure, which a notebook shows and `savefig` saves. With `interactive=True`
    it returns a Plotly figure, which Optuna makes; it raises FixInputError if Plotly is missing
    (`pip install 'tuner[plots]'`). A figure with too little data says so.
    """

    @property
    @abstractmethod
    def _rows(self) -> StudyRows:
        """The study with its trials."""

    @property
    @abstractmethod
    def _warnings(self) -> Sequence[str]:
        """Why the result may be useless, in sentences."""

    def plot_history(self, *, interactive: bool = False) -> Any:
        """The objective of each trial, the best so far, and the baseline."""
        return self._plot("history", interactive)

    def plot_importance(self, *, interactive: bool = False) -> Any:
        """The importance of each hyperparameter for the objective. Takes seconds."""
        return self._plot("importance", interactive)

    def plot_parallel(self, *, interactive: bool = False) -> Any:
        """A line for each completed trial through its most important hyperparameters."""
        return self._plot("parallel", interactive)

    def plot_slices(self, *, interactive: bool = False) -> Any:
        """The objective over each of the most important hyperparameters."""
        return self._plot("slices", interactive)

    def plot_timeline(self, *, interactive: bool = False) -> Any:
        """When each trial trained, and on which machine; interactive: by trial."""
        return self._plot("timeline", interactive)

    def plot_front(self, *, interactive: bool = False) -> Any:
        """The Pareto front of several objectives."""
        return self._plot("front", interactive)

    def _plot(self, name: StudyFigureName, interactive: bool) -> Any:
        return interactive_figure(name, self._rows) if interactive else study_figure(name, self._rows)

    def _repr_html_(self) -> str:
        """The result in a notebook: a summary, warnings, the best trials and their history."""
        parts = (_summary(self._rows), _warning_list(self._warnings), _best_trials(self._rows), _history(self._rows))
        return f'<div style="max-width: {PICTURE_PIXELS + 240}px">{"".join(filter(None, parts))}</div>'


def _summary(rows: StudyRows) -> str:
    """One paragraph: how the study ended, its best trial with scores and their splits, and the baseline."""
    study = rows.study
    name = f"<b>{escape(study.name)}</b>"
    sentences = [
        f"Study {name} on {escape(study_caption(rows).dataset)} is {study.current_status}, {counts_text(rows.trials)}."
    ]
    if study.best_trial_number is not None and study.best_objective is not None:
        value = objective_value(rows.objective, study.best_objective)
        scores = [f"{LABELS[rows.objective]} {value}"]
        if study.best_performance is not None and rows.objective != "val_accuracy":
            scores.append(f"validation accuracy {study.best_performance.accuracy:.4f}")
        if study.test_accuracy is not None:
            scores.append(f"test accuracy {study.test_accuracy:.4f}{_samples(rows, 'test')}")
        sentences.append(f"The best is trial {study.best_trial_number}: {', '.join(scores)}.")
    else:
        sentences.append("No trial has a result.")
    if study.baseline is not None:
        compared, reached = study.baseline.score(study.spec.monitor)
        label = LABELS.get(compared, compared)  # type: ignore[call-overload]
        sentences.append(f"The baseline, {escape(study.baseline.name)}, has {label} {reached:.4f}.")
    return f"<p>{' '.join(sentences)}</p>"


def _samples(rows: StudyRows, part: str) -> str:
    data = rows.study.data
    return "" if data is None else f" on {sum(getattr(count, part) for count in data.report.classes):,} samples"


def _warning_list(warnings: Sequence[str]) -> str:
    return "".join(f"<p>⚠ {escape(capital(warning))}.</p>" for warning in warnings)


def _best_trials(rows: StudyRows) -> str:
    """A table of the best trials by the first objective; empty if no trial has a value."""
    objective = rows.objective
    scored = [trial for trial in rows.trials if trial.objective is not None]
    if not scored:
        return ""
    best = sorted(scored, key=lambda trial: _order(objective, trial, rows.study.best_trial_number))[:SHOWN_TRIALS]
    columns = list(rows.study.spec.objectives)
    names = ["trial", "status", *(LABELS[name] for name in columns), "parameters", "epochs", "duration"]
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(trial, columns))}</tr>" for trial in best)
    more = f" of {len(scored):,}" if len(scored) > len(best) else ""
    caption = f"<caption>The {len(best)} best{more} trials by {LABELS[objective]}</caption>"
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _order(objective: Objective, trial: TrialRow, best: int | None) -> tuple[bool, float, int]:
    value = trial.objective or 0.0
    return trial.trial_number != best, -value if maximised(objective) else value, trial.trial_number


def _cells(trial: TrialRow, objectives: Sequence[Objective]) -> Iterator[str]:
    yield str(trial.trial_number)
    yield trial.status
    yield objective_value(objectives[0], trial.objective)
    for name in objectives[1:]:
        yield objective_value(name, trial.values.get(name))
    yield "-" if trial.architecture is None else f"{trial.architecture.total_parameters:,}"
    yield str(trial.epochs_trained)
    yield duration(trial.duration_seconds)


def _history(rows: StudyRows) -> str:
    """The figure as an image in the page; empty if it cannot be drawn: the text is worth showing without it."""
    from tuner.plots.style import to_png

    try:
        figure = study_figure("history", rows)
        picture = base64.b64encode(to_png(figure)).decode()
    except Exception as error:  # noqa: BLE001
        log.warning("the history was not drawn: %s", in_one_line(error))
        return ""
    text = escape(f"{figure.get_suptitle()}. {figure.get_supxlabel()}", quote=True)
    return f'<img alt="{text}" width="{PICTURE_PIXELS}" src="data:image/png;base64,{picture}">'
