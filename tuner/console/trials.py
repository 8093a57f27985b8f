"""The trials of a study as a table: what matters most stays when the terminal is narrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from tuner.console.formatting import duration, objective_value, scalar, score
from tuner.console.front import MARK
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import cut, table
from tuner.health.health_text import MARK as UNSURE
from tuner.health.health_text import told
from tuner.objectives import Objective
from tuner.store import TrialRow
from tuner.study.event_text import words
from tuner.study.result import StudyView

KEY_HYPERPARAMETERS = ("optimizer", "learning_rate", "batch_size")
"""What most often decides how a trial goes; `tuner best` and --json show all."""
_TIME_FROM, _LOSS_FROM, _REASON_FROM, _SUGGESTED_BY_FROM, _HYPERPARAMETERS_FROM = 48, 60, 76, 94, 136
"""Columns of the terminal from which on a part of the table is shown."""


@dataclass(frozen=True)
class _Column:
    heading: str
    cell: Callable[[TrialRow], Text]
    room: int = 0
    """Columns of the terminal from which on it is shown."""


def trials_table(shown: StudyView, width: int) -> Table:
    """A line per trial; the best one is bold, those on a front are marked."""
    columns = [column for column in _columns(shown) if width >= column.room]
    made = table(*(column.heading for column in columns))
    for trial in shown.trials:
        is_best = shown.best is not None and trial.trial_number == shown.best.trial_number
        made.add_row(*(column.cell(trial) for column in columns), style="bold" if is_best else "")
    return made


def value_of(trial: TrialRow, objective: Objective) -> str:
    """A trial's value of an objective; marked where it is a health that lacked data."""
    unsure = objective == "overall_health" and trial.health_metrics is not None and trial.health_metrics.insufficient
    return f"{UNSURE if unsure else ''}{objective_value(objective, trial.values.get(objective))}"


def _columns(shown: StudyView) -> list[_Column]:
    spec = shown.study.spec
    objectives = spec.objectives
    marked = set(shown.front) if len(objectives) > 1 else set()
    health, more = _health(shown) if spec.mode != "simple" else ([], 0)
    by_accuracy = "val_accuracy" in objectives
    columns = [
        _Column(">trial", lambda t: Text(f"{MARK if t.trial_number in marked else ''}{t.trial_number}")),
        _Column("status", lambda t: Text(t.status, STATUS_STYLES.get(t.status, ""))),
        *(_Column(f">{one}", lambda t, one=one: Text(value_of(t, one))) for one in objectives),  # type: ignore[misc]
        *health,
        _Column(">val_loss" if by_accuracy else ">accuracy", lambda t: _other(t, by_accuracy), _LOSS_FROM + more),
        _Column(">epochs", lambda t: Text(str(t.epochs_trained)), more and _NARROWEST + more),
        _Column(">time", lambda t: Text(duration(t.duration_seconds)), _TIME_FROM + more),
    ]
    if "parameter_count" not in objectives:
        columns.append(_Column(">parameters", _size, _HYPERPARAMETERS_FROM + more))
    columns += [
        _Column(name if name == "optimizer" else f">{name}", _hyperparameter(name), _HYPERPARAMETERS_FROM + more)
        for name in KEY_HYPERPARAMETERS
    ]
    columns.append(_Column("suggested by", lambda t: Text(words(t.suggested_by or "-")), _SUGGESTED_BY_FROM + more))
    return [*columns, _Column("~why it ended", lambda t: cut(t.reason or ""), _REASON_FROM + more)]


_NARROWEST = 38
"""Of the trial, its status, one objective and the epochs."""


def _health(shown: StudyView) -> tuple[list[_Column], int]:
    """Health and score, as far as they are no objectives; and how much wider a terminal must be for all else."""
    objectives = shown.study.spec.objectives
    in_training = {trial.trial_number: trial.health_metrics for trial in shown.progress.running}
    added, more = [], 0
    if "overall_health" not in objectives:
        added.append(_Column(">health", lambda t: Text(told(t.health_metrics or in_training.get(t.trial_number)))))
        more += len("health") + 2
    else:
        more += len("overall_health") + 2
    if "total_score" not in objectives:
        more += len("total_score") + 2
        added.append(
            _Column(">total_score", lambda t: Text(objective_value("total_score", t.values.get("total_score"))), 66)
        )
    return added, more


def _other(trial: TrialRow, by_accuracy: bool) -> Text:
    """What the objective does not tell of accuracy and loss."""
    if trial.performance is None:
        return Text(score(None))
    return Text(score(trial.performance.loss if by_accuracy else trial.performance.accuracy))


def _size(trial: TrialRow) -> Text:
    return Text("-" if trial.architecture is None else f"{trial.architecture.total_parameters:,}")


def _hyperparameter(name: str) -> Callable[[TrialRow], Text]:
    return lambda trial: Text(scalar(trial.hyperparameters.get(name, "-")))
