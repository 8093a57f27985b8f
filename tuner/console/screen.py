"""Lays out a running study on a terminal of any size; a small terminal shows only the most important parts."""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from tuner.console import trial_rows
from tuner.console.bars import Bar, share_bar
from tuner.console.formatting import clean, duration, estimate, finished, objective_value, score
from tuner.console.health import MIN_WIDTH, compact_metrics, finding_line
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import truncated
from tuner.console.show import trial_counts, trial_label
from tuner.console.snapshot import Snapshot
from tuner.health.health_text import MARK, TOO_FEW_EPOCHS, health_label
from tuner.spec import StudySpec
from tuner.study.progress import Progress

MAX_ENDED = 6
_SPINNER = "|/-\\"
_HEADER_LINES = 4
_SPACIOUS = 18
"""Height from which on parts are separated by empty lines, and health is shown."""
_TALL = 22
"""Height from which on two findings are shown."""


def study_screen(snapshot: Snapshot, width: int, height: int, note: str = "") -> RenderableType:
    """The study in at most `height` lines of `width` columns; `note` is an extra line before the study has begun."""
    lines: list[RenderableType] = [_title(snapshot, width), _status_line(snapshot, width)]
    progress = snapshot.progress
    if progress is None:
        if note:
            lines.append(_line(clean(note), "dim"))
        return Constrain(Group(*lines[:height]), width)
    lines += [_trials_bar(progress, snapshot.spec, width), _best_line(snapshot)]
    gap = [Text("")] if height >= _SPACIOUS else []
    ended = snapshot.ended[:MAX_ENDED]
    health, health_height = _health(snapshot, width, height)
    left = height - len(lines) - 2 * len(gap) - health_height
    rows = _row_counts(left, progress.running_trials, len(ended), bool(gap))
    if rows.running:
        shown = sorted(progress.running, key=lambda trial: trial.trial_number)[: rows.running]
        lines += [*gap, trial_rows.running_trials(shown, snapshot.spec, width)]
    if rows.more:
        lines.append(_line(f"and {progress.running_trials - rows.running} more running", style="dim"))
    if rows.ended:
        lines += [*gap, trial_rows.ended_trials(ended[: rows.ended], snapshot.spec, width)]
    lines += health
    return Constrain(Group(*(lines if height > _HEADER_LINES else lines[:height])), width)


def _health(snapshot: Snapshot, width: int, height: int) -> tuple[list[RenderableType], int]:
    """The metrics of the highlighted trial and the latest findings, each after an empty line; and their height."""
    lines: list[RenderableType] = []
    if height < _SPACIOUS:
        return lines, 0
    used = 0
    if snapshot.highlighted_health is not None and width >= MIN_WIDTH:
        trial, metrics = snapshot.highlighted_health
        block = compact_metrics(metrics, width)
        if height - block.row_count >= _SPACIOUS - 3:
            mark = f"   ({MARK} {TOO_FEW_EPOCHS})" if metrics.insufficient else ""
            lines += [Text(""), _line(f"health of {trial}: {health_label(metrics)}{mark}"), block]
            used = 2 + block.row_count
    found = snapshot.findings[: 2 if height >= _TALL else 1]
    if found:
        lines += [Text(""), *(_line(f"trial {number}: {finding_line(finding)}", "yellow") for number, finding in found)]
        used += 1 + len(found)
    return lines, used


class _RowCounts(NamedTuple):
    running: int
    more: int
    ended: int


def _row_counts(left: int, running: int, ended: int, spacious: bool) -> _RowCounts:
    """Splits the remaining rows: running trials come first, but some rows are kept for ended trials."""
    if left <= 0:
        return _RowCounts(0, 0, 0)
    shown = min(running, max(1, left - min(ended, MAX_ENDED if spacious else 2)))
    more = 0
    if shown < running and left > 1:
        more, shown = 1, max(1, shown - 1)
    return _RowCounts(shown, more, min(ended, max(0, left - shown - more)))


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _title(snapshot: Snapshot, width: int) -> Text:
    spec = snapshot.spec
    title = _line("")
    title.append(spec.run_name or "new study", "bold")
    title.append(f"  {clean(spec.dataset)}")
    if width >= 60:
        title.append(f"  {', '.join(spec.objectives)}", "dim")
    return title


def _status_line(snapshot: Snapshot, width: int) -> Text:
    line = _line("")
    elapsed = duration(max(snapshot.elapsed_s, 10) if snapshot.elapsed_s >= 9.95 else int(snapshot.elapsed_s))
    if snapshot.busy:
        line.append(_SPINNER[int(snapshot.elapsed_s * 4) % 4] + " ", "cyan")
        line.append(f"{clean(snapshot.status)} ...", "yellow" if snapshot.progress else "")
    else:
        line.append(snapshot.status, STATUS_STYLES.get(snapshot.status, ""))
    line.append(f"  {elapsed.replace('.0', '')}", "dim")
    eta = snapshot.progress.eta if snapshot.progress else None
    if eta is not None and not snapshot.busy:
        line.append(f"  about {estimate(eta)} left", "dim")
    return line


def _trials_bar(progress: Progress, spec: StudySpec, width: int) -> RenderableType:
    """The share of the trials that have ended; with a time budget, the share of the time that is used."""
    done = f"{finished(progress, spec)} trials"
    counts = trial_counts(progress)
    budget_s, left_s = spec.time_budget_s, progress.eta
    time_bar = None if budget_s is None or left_s is None else share_bar(1 - left_s / budget_s)
    bar = time_bar or Bar(
        [
            (progress.completed_trials, "green", "━", "="),
            (progress.pruned_trials, "yellow", "━", "="),
            (progress.failed_trials, "red", "━", "x"),
            (sum(trial.share for trial in progress.running), "cyan", "╍", "-"),
        ],
        progress.total_trials,
    )
    row = Table.grid(padding=(0, 2, 0, 0), expand=True)
    row.add_column(ratio=1)
    row.add_column(no_wrap=True)
    if width < 50:
        row.add_row(bar, done)
        return row
    row.add_column(style="dim")
    row.add_row(bar, done, truncated(counts))
    return row


def _best_line(snapshot: Snapshot) -> Text:
    best, objective = snapshot.best, snapshot.spec.objectives[0]
    if best is None:
        return _line("no best trial yet", "dim")
    line = _line("")
    line.append(f"best: {trial_label(best)}", "bold")
    line.append(f"  {objective} {objective_value(objective, best.objective)}", "green")
    if objective != "val_accuracy" and best.performance is not None:
        line.append(f"  val_accuracy {score(best.performance.accuracy)}", "green")
    if snapshot.spec.mode != "simple":
        line.append(f"  health {health_label(best.health_metrics)}", "green")
    if snapshot.baseline is not None:
        _, reached = snapshot.baseline.score(objective)
        line.append(f"  baseline {score(reached)} ({snapshot.baseline.name})", "dim")
    return line
