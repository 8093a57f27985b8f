"""The table of a study's trials; a narrow terminal shows only the most important columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from tuner.console.formatting import duration, objective_value, scalar, score
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import table, truncated
from tuner.health.health_text import MARK as INSUFFICIENT_MARK
from tuner.health.health_text import health_label
from tuner.objectives import Objective
from tuner.store import TrialRow
from tuner.study.event_text import words
from tuner.study.result import StudyView

FRONT_MARK = "*"
"""Marks the number of a trial on the front."""
KEY_HYPERPARAMETERS = ("optimizer", "learning_rate", "batch_size")
"""The hyperparameters that matter most often; `tuner best` and --json show all."""
_TIME_MIN, _LOSS_MIN, _REASON_MIN, _SUGGESTED_BY_MIN, _HYPERPARAMETERS_MIN = 48, 60, 76, 94, 136
"""Terminal width from which on these columns are shown."""


@dataclass(frozen=True)
class _Column:
    heading: str
    cell: Callable[[TrialRow], Text]
    min_width: int = 0


def trials_table(shown: StudyView, width: int) -> Table:
    """A row per trial; the best one is bold, and those on a Pareto front are marked."""
    columns = [column for column in _columns(shown) if width >= column.min_width]
    made = table(*(column.heading for column in columns))
    for trial in shown.trials:
        is_best = shown.best is not None and trial.trial_number == shown.best.trial_number
        made.add_row(*(column.cell(trial) for column in columns), style="bold" if is_best else "")
    return made


def objective_text(trial: TrialRow, objective: Objective) -> str:
    """A trial's value of an objective; marked if it is a health that was measured with too few epochs."""
    insufficient = (
        objective == "overall_health" and trial.health_metrics is not None and trial.health_metrics.insufficient
    )
    return f"{INSUFFICIENT_MARK if insufficient else ''}{objective_value(objective, trial.values.get(objective))}"


def _columns(shown: StudyView) -> list[_Column]:
    spec = shown.study.spec
    objectives = spec.objectives
    on_front = set(shown.front) if len(objectives) > 1 else set()
    health, more = _health_columns(shown) if spec.mode != "simple" else ([], 0)
    by_accuracy = "val_accuracy" in objectives
    columns = [
        _Column(">trial", lambda t: Text(f"{FRONT_MARK if t.trial_number in on_front else ''}{t.trial_number}")),
        _Column("status", lambda t: Text(t.status, STATUS_STYLES.get(t.status, ""))),
        *(_Column(f">{name}", lambda t, name=name: Text(objective_text(t, name))) for name in objectives),  # type: ignore[misc]
        *health,
        _Column(
            ">val_loss" if by_accuracy else ">accuracy", lambda t: _loss_or_accuracy(t, by_accuracy), _LOSS_MIN + more
        ),
        _Column(">epochs", lambda t: Text(str(t.epochs_trained)), more and _MIN_WIDTH + more),
        _Column(">time", lambda t: Text(duration(t.duration_seconds)), _TIME_MIN + more),
    ]
    if "parameter_count" not in objectives:
        columns.append(_Column(">parameters", _size, _HYPERPARAMETERS_MIN + more))
    columns += [
        _Column(name if name == "optimizer" else f">{name}", _hyperparameter(name), _HYPERPARAMETERS_MIN + more)
        for name in KEY_HYPERPARAMETERS
    ]
    columns.append(_Column("suggested by", lambda t: Text(words(t.suggested_by or "-")), _SUGGESTED_BY_MIN + more))
    return [*columns, _Column("~why it ended", lambda t: truncated(t.reason or ""), _REASON_MIN + more)]


_MIN_WIDTH = 38
"""Width of trial, status, one objective and epochs."""


def _health_columns(shown: StudyView) -> tuple[list[_Column], int]:
    """Health and total score unless they are objectives; and the extra width that they and longer objectives need."""
    objectives = shown.study.spec.objectives
    running = {trial.trial_number: trial.health_metrics for trial in shown.progress.running}
    added, more = [], 0
    if "overall_health" not in objectives:
        added.append(_Column(">health", lambda t: Text(health_label(t.health_metrics or running.get(t.trial_number)))))
        more += len("health") + 2
    else:
        more += len("overall_health") + 2
    if "total_score" not in objectives:
        more += len("total_score") + 2
        added.append(
            _Column(">total_score", lambda t: Text(objective_value("total_score", t.values.get("total_score"))), 66)
        )
    return added, more


def _loss_or_accuracy(trial: TrialRow, by_accuracy: bool) -> Text:
    if trial.performance is None:
        return Text(score(None))
    return Text(score(trial.performance.loss if by_accuracy else trial.performance.accuracy))


def _size(trial: TrialRow) -> Text:
    return Text("-" if trial.architecture is None else f"{trial.architecture.total_parameters:,}")


def _hyperparameter(name: str) -> Callable[[TrialRow], Text]:
    return lambda trial: Text(scalar(trial.hyperparameters.get(name, "-")))
