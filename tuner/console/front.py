"""Shows the Pareto front of a study with several objectives, as a line and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from tuner.console.formatting import objective_value, trial_list
from tuner.console.output import table
from tuner.objectives import Objective
from tuner.store import TrialRow
from tuner.study.result import StudyView

FRONT_MARK = "*"
"""Marks the number of a trial on the front."""


def front_line(shown: StudyView) -> str | None:
    """The numbers of the trials on the front; None for a study with one objective."""
    objectives = shown.study.spec.objectives
    if len(objectives) == 1:
        return None
    if not shown.front:
        return "-"
    return f"{'trial' if len(shown.front) == 1 else 'trials'} {trial_list(shown.front)}"


def front_table(objectives: Sequence[Objective], front: Sequence[TrialRow]) -> Table:
    """A row per trial on the front with its objectives, best by the first objective first."""
    made = table(">trial", *(f">{objective}" for objective in objectives))
    for trial in front:
        values = (Text(objective_value(objective, trial.values.get(objective))) for objective in objectives)
        made.add_row(Text(str(trial.trial_number)), *values)
    return made
