"""The Pareto front of a study with several objectives: in a line, and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from tuner.console.formatting import objective_value
from tuner.console.output import table
from tuner.objectives import Objective
from tuner.store import TrialRow
from tuner.study.result import StudyView

MARK = "*"
"""Beside the number of a trial that is on the front."""

MOST_NAMED = 12
"""Trials of a front that a line names."""


def front_line(shown: StudyView) -> str | None:
    """The trials of the front; None for one objective, which has no front."""
    objectives = shown.study.spec.objectives
    if len(objectives) == 1:
        return None
    if not shown.front:
        return "-"
    named = ", ".join(map(str, shown.front[:MOST_NAMED]))
    more = len(shown.front) - MOST_NAMED
    return f"{'trial' if len(shown.front) == 1 else 'trials'} {named}" + (f" and {more} more" if more > 0 else "")


def front_table(objectives: Sequence[Objective], front: Sequence[TrialRow]) -> Table:
    """The values of each trial of the front, the best by the first objective first."""
    made = table(">trial", *(f">{objective}" for objective in objectives))
    for trial in front:
        values = (Text(objective_value(objective, trial.values.get(objective))) for objective in objectives)
        made.add_row(Text(str(trial.trial_number)), *values)
    return made
