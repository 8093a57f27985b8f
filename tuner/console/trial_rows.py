"""The lines of trials on the screen of a running study: those in training, and those that ended.

In modes health and pareto each has its health and its total score beside its accuracy, in what room there is.
"""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import duration, objective_value, score
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import cut
from tuner.health.health_text import told
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.progress import RunningTrial

_WORDS_FROM, _BATCH_FROM, _LOSS_FROM, _ALL_FROM = 50, 60, 78, 90
"""Columns from which on a line says `epoch` and why a trial ended, which batch, the loss, and all of these."""
_SCORE, _HEALTH = 12, 14
"""Columns that `score 0.8765` and `health ~0.81` take, with the blanks before them."""


def running(trials: list[RunningTrial], spec: StudySpec, width: int) -> Table:
    """A line per trial in training, with a bar; batches and loss give way to score and health."""
    scored = spec.mode != "simple" and width >= _BATCH_FROM
    healthy = scored and width >= _LOSS_FROM
    room = width - (_SCORE + _HEALTH if healthy else _SCORE if scored else 0)
    rows = Table.grid(padding=(0, 2, 0, 0), expand=True)
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1)
    for _ in range((room >= _BATCH_FROM) + (room >= _LOSS_FROM) + 1 + healthy + scored):
        rows.add_column(no_wrap=True)
    for trial in trials:
        batch = f"batch {trial.batch}/{trial.batches}" if trial.batches else "-"
        cells: list[RenderableType] = [
            f"trial {trial.trial_number}",
            f"epoch {trial.epoch}/{trial.epochs}" if width >= _WORDS_FROM else f"{trial.epoch}/{trial.epochs}",
            share_bar(trial.share if room < _BATCH_FROM else trial.epoch_share or 0.0),
        ]
        if room >= _BATCH_FROM:
            cells.append(batch)
        if room >= _LOSS_FROM:
            cells.append(f"loss {score(trial.loss)}")
        cells.append(f"accuracy {score(trial.accuracy)}" if width >= _WORDS_FROM else score(trial.accuracy))
        if healthy:
            cells.append(f"health {told(trial.health_metrics)}")
        if scored:
            cells.append(f"score {score(trial.total_score)}")
        rows.add_row(*cells)
    return rows


def ended(trials: list[TrialRow], spec: StudySpec, width: int) -> Table:
    """A line per trial that ended; why it did gives way first, how long it took where health is told."""
    healthy = spec.mode != "simple" and width >= _BATCH_FROM
    accurate = healthy and width >= _LOSS_FROM
    timed = not accurate or width >= _ALL_FROM
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True)
    for _ in range((accurate + 2 if healthy else 1) + timed):
        rows.add_column(no_wrap=True, justify="right")
    if width >= _WORDS_FROM:
        rows.add_column(style="dim")  # the one that gives way
    for trial in trials:
        performance = trial.performance
        cells = [Text(f"trial {trial.trial_number}"), Text(trial.status, STATUS_STYLES.get(trial.status, ""))]
        if accurate:
            cells.append(Text(f"accuracy {score(performance.accuracy if performance else None)}"))
        if healthy:
            cells.append(Text(f"health {told(trial.health_metrics)}"))
            cells.append(Text(f"score {score(performance.total_score if performance else None)}"))
        else:
            cells.append(Text(objective_value(spec.objectives[0], trial.objective)))
        if timed:
            cells.append(Text(duration(trial.duration_seconds)))
        if width >= _WORDS_FROM:
            cells.append(cut(trial.reason or ""))
        rows.add_row(*cells)
    return rows
