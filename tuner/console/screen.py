"""A study on a terminal of any size: what matters most stays when room is short."""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from tuner.console.bars import Bar, share_bar
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import cut
from tuner.console.show import ended_as
from tuner.console.snapshot import Snapshot
from tuner.console.text import about, clean, duration, objective_value, score
from tuner.events import TrialStatus
from tuner.store import TrialRow
from tuner.study.progress import Progress, RunningTrial

MOST_ENDED = 6
_SPINNER = "|/-\\"
_HEAD = 4
"""Lines that are always there, where they fit."""
_ROOMY = 18
"""Lines from which on empty lines set parts apart."""


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
    rooms = _rooms(height - len(lines) - 2 * len(gap), progress.running_trials, len(ended), bool(gap))
    if rooms.running:
        lines += [
            *gap,
            _running(sorted(progress.running, key=lambda trial: trial.trial_number)[: rooms.running], width),
        ]
    if rooms.hint:
        lines.append(_line(f"and {progress.running_trials - rooms.running} more in training", style="dim"))
    if rooms.ended:
        lines += [*gap, _ended(ended[: rooms.ended], snapshot.spec.objectives[0], width)]
    return _fit(lines if height > _HEAD else lines[:height], width)


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
    return line


def _running(trials: list[RunningTrial], width: int) -> Table:
    rows = Table.grid(padding=(0, 2, 0, 0), expand=True)
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True)
    rows.add_column(ratio=1)
    if width >= 60:
        rows.add_column(no_wrap=True)
    if width >= 78:
        rows.add_column(no_wrap=True)
    rows.add_column(no_wrap=True)
    for trial in trials:
        batch = f"batch {trial.batch}/{trial.batches}" if trial.batches else "-"
        cells: list[RenderableType] = [
            f"trial {trial.trial_number}",
            f"epoch {trial.epoch}/{trial.epochs}" if width >= 50 else f"{trial.epoch}/{trial.epochs}",
            share_bar(trial.share if width < 60 else trial.batch / trial.batches if trial.batches else 0.0),
        ]
        if width >= 60:
            cells.append(batch)
        if width >= 78:
            cells.append(f"loss {score(trial.loss)}")
        cells.append(f"accuracy {score(trial.accuracy)}" if width >= 50 else score(trial.accuracy))
        rows.add_row(*cells)
    return rows


def _ended(trials: list[TrialRow], objective: str, width: int) -> Table:
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True)
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True, justify="right")
    if width >= 50:
        rows.add_column(style="dim")  # the one that gives way
    for trial in trials:
        cells = [
            Text(f"trial {trial.trial_number}"),
            _status_word(trial.status),
            Text(objective_value(objective, trial.objective)),
            Text(duration(trial.duration_seconds)),
        ]
        if width >= 50:
            cells.append(cut(trial.reason or ""))
        rows.add_row(*cells)
    return rows


def _status_word(status: TrialStatus) -> Text:
    return Text(status, STATUS_STYLES.get(status, ""))
