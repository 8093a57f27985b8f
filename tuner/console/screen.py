"""A study on a terminal of any size: what matters most stays when room is short."""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from tuner.console import trial_rows
from tuner.console.bars import Bar
from tuner.console.formatting import about, clean, duration, objective_value, score
from tuner.console.health import NARROWEST, compact_metrics, finding_line
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import cut
from tuner.console.show import ended_as
from tuner.console.snapshot import Snapshot
from tuner.health.health_text import MARK, TOO_FEW, told
from tuner.study.progress import Progress

MOST_ENDED = 6
_SPINNER = "|/-\\"
_HEAD = 4
"""Lines that are always there, where they fit."""
_ROOMY = 18
"""Lines from which on empty lines set parts apart, and health has lines of its own."""
_TALL = 22
"""Lines from which on there is room for more than the latest finding."""


def draw(snapshot: Snapshot, width: int, height: int, note: str = "") -> RenderableType:
    """The study in at most `height` lines of `width` columns.

    Args:
        note: One more line while the study has not begun, such as how far a download is.
    """
    lines: list[RenderableType] = [_title(snapshot, width), _status(snapshot, width)]
    progress = snapshot.progress
    if progress is None:
        if note:
            lines.append(_line(clean(note), style="dim"))
        return _fit(lines[:height], width)
    lines += [_trials_bar(progress, width), _best(snapshot)]
    gap = [Text("")] if height >= _ROOMY else []
    ended = snapshot.ended[:MOST_ENDED]
    health, health_height = _health(snapshot, width, height)
    left = height - len(lines) - 2 * len(gap) - health_height
    rooms = _rooms(left, progress.running_trials, len(ended), bool(gap))
    if rooms.running:
        shown = sorted(progress.running, key=lambda trial: trial.trial_number)[: rooms.running]
        lines += [*gap, trial_rows.running(shown, snapshot.spec, width)]
    if rooms.hint:
        lines.append(_line(f"and {progress.running_trials - rooms.running} more in training", style="dim"))
    if rooms.ended:
        lines += [*gap, trial_rows.ended(ended[: rooms.ended], snapshot.spec, width)]
    lines += health
    return _fit(lines if height > _HEAD else lines[:height], width)


def _health(snapshot: Snapshot, width: int, height: int) -> tuple[list[RenderableType], int]:
    """The six metrics of the trial that is worth a look, the latest findings, each after a gap; and their height."""
    lines: list[RenderableType] = []
    if height < _ROOMY:
        return lines, 0
    taken = 0
    if snapshot.watched is not None and width >= NARROWEST:
        whose, metrics = snapshot.watched
        block = compact_metrics(metrics, width)
        if height - block.row_count >= _ROOMY - 3:
            mark = f"   ({MARK} {TOO_FEW})" if metrics.insufficient else ""
            lines += [Text(""), _line(f"health of {whose}: {told(metrics)}{mark}"), block]
            taken = 2 + block.row_count
    found = snapshot.findings[: 2 if height >= _TALL else 1]
    if found:
        lines += [Text(""), *(_line(f"trial {number}: {finding_line(one)}", "yellow") for number, one in found)]
        taken += 1 + len(found)
    return lines, taken


class _Rooms(NamedTuple):
    """Lines for each part."""

    running: int
    hint: int
    ended: int


def _rooms(left: int, running: int, ended: int, roomy: bool) -> _Rooms:
    """Both lists want the room: the running trials get it first, but leave some to those that ended."""
    if left <= 0:
        return _Rooms(0, 0, 0)
    shown = min(running, max(1, left - min(ended, MOST_ENDED if roomy else 2)))
    hint = 0
    if shown < running and left > 1:
        hint, shown = 1, max(1, shown - 1)
    return _Rooms(shown, hint, min(ended, max(0, left - shown - hint)))


def _fit(lines: list[RenderableType], width: int) -> RenderableType:
    return Constrain(Group(*lines), width)


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


def _status(snapshot: Snapshot, width: int) -> Text:
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
        line.append(f"  about {about(eta)} left", "dim")
    return line


def _trials_bar(progress: Progress, width: int) -> RenderableType:
    done = f"{progress.trials_performed}/{progress.total_trials} trials"
    how = ended_as(progress)
    bar = Bar(
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
    row.add_row(bar, done, cut(how))
    return row


def _best(snapshot: Snapshot) -> Text:
    if snapshot.best_number is None:
        return _line("no trial has ended yet" if not snapshot.ended else "no best trial yet", "dim")
    objective = snapshot.spec.objectives[0]
    line = _line("")
    line.append(f"best: trial {snapshot.best_number}", "bold")
    line.append(f"  {objective} {objective_value(objective, snapshot.best_objective)}", "green")
    best = snapshot.best
    if objective != "val_accuracy" and best is not None and best.performance is not None:
        line.append(f"  val_accuracy {score(best.performance.accuracy)}", "green")
    if snapshot.spec.mode != "simple" and best is not None:
        line.append(f"  health {told(best.health_metrics)}", "green")
    return line
