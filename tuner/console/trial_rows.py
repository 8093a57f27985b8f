"""Tables of running and of ended trials for the live screen.

In modes health and pareto each row has health and total score besides accuracy, as far as the terminal is wide enough.
"""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import duration, objective_value, score
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import truncated
from tuner.health.health_text import health_label
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.progress import RunningTrial

_WORDS_MIN, _BATCH_MIN, _LOSS_MIN, _ALL_MIN = 50, 60, 78, 90
"""Width from which on a row shows the word `epoch` and why a trial ended, the batch, the loss, and everything."""
_SCORE_WIDTH, _HEALTH_WIDTH = 12, 14
"""Columns of `score 0.8765` and `health ~0.81` with the spaces before them."""


def running_trials(trials: list[RunningTrial], spec: StudySpec, width: int) -> Table:
    """A row per running trial with a bar; score and health replace batch and loss on a narrow terminal."""
    scored = spec.mode != "simple" and width >= _BATCH_MIN
    healthy = scored and width >= _LOSS_MIN
    free = width - (_SCORE_WIDTH + _HEALTH_WIDTH if healthy else _SCORE_WIDTH if scored else 0)
    rows = Table.grid(padding=(0, 2, 0, 0), expand=True)
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1)
    for _ in range((free >= _BATCH_MIN) + (free >= _LOSS_MIN) + 1 + healthy + scored):
        rows.add_column(no_wrap=True)
    for trial in trials:
        batch = f"batch {trial.batch}/{trial.batches}" if trial.batches else "-"
        cells: list[RenderableType] = [
            f"trial {trial.trial_number}",
            f"epoch {trial.epoch}/{trial.epochs}" if width >= _WORDS_MIN else f"{trial.epoch}/{trial.epochs}",
            share_bar(trial.share if free < _BATCH_MIN else trial.epoch_share or 0.0),
        ]
        if free >= _BATCH_MIN:
            cells.append(batch)
        if free >= _LOSS_MIN:
            cells.append(f"loss {score(trial.loss)}")
        cells.append(f"accuracy {score(trial.accuracy)}" if width >= _WORDS_MIN else score(trial.accuracy))
        if healthy:
            cells.append(f"health {health_label(trial.health_metrics)}")
        if scored:
            cells.append(f"score {score(trial.total_score)}")
        rows.add_row(*cells)
    return rows


def ended_trials(trials: list[TrialRow], spec: StudySpec, width: int) -> Table:
    """A row per ended trial; a narrow terminal drops the reason first, then the duration if health is shown."""
    healthy = spec.mode != "simple" and width >= _BATCH_MIN
    accurate = healthy and width >= _LOSS_MIN
    timed = not accurate or width >= _ALL_MIN
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True)
    for _ in range((accurate + 2 if healthy else 1) + timed):
        rows.add_column(no_wrap=True, justify="right")
    if width >= _WORDS_MIN:
        rows.add_column(style="dim")
    for trial in trials:
        performance = trial.performance
        cells = [Text(f"trial {trial.trial_number}"), Text(trial.status, STATUS_STYLES.get(trial.status, ""))]
        if accurate:
            cells.append(Text(f"accuracy {score(performance.accuracy if performance else None)}"))
        if healthy:
            cells.append(Text(f"health {health_label(trial.health_metrics)}"))
            cells.append(Text(f"score {score(performance.total_score if performance else None)}"))
        else:
            cells.append(Text(objective_value(spec.objectives[0], trial.objective)))
        if timed:
            cells.append(Text(duration(trial.duration_seconds)))
        if width >= _WORDS_MIN:
            cells.append(truncated(trial.reason or ""))
        rows.add_row(*cells)
    return rows
