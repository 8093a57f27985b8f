"""`tuner show`: one study with all its trials."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.front import MARK, front_line
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import cut, table
from tuner.console.text import about, clean, duration, local_time, objective_value, scalar, score
from tuner.store import Store, StudyRow, TrialRow
from tuner.study.progress import Progress
from tuner.study.result import StudyView, view

KEY_HYPERPARAMETERS = ("optimizer", "learning_rate", "batch_size")
"""What most often decides how a trial goes; `tuner best` and --json show all."""
_TIME_FROM, _LOSS_FROM, _REASON_FROM, _HYPERPARAMETERS_FROM = 48, 60, 76, 118
"""Columns of the terminal from which on a part of the table is shown."""


def study_json(store: Store, name: str) -> dict[str, Any]:
    """The study's own fields, with `progress`, `best`, `front` and `trials` beside them."""
    document = view(store, name).model_dump(mode="json")
    study: dict[str, Any] = document.pop("study")
    return study | document


def print_study(store: Store, name: str, out: Console) -> None:
    """The study, its progress, its best trial and a table of all trials."""
    shown = view(store, name)
    out.print(_head(shown))
    if not shown.trials:
        out.print("\nNo trial has begun yet.")
        return
    out.print()
    out.print(_trials(shown, out.width))
    if shown.best is not None:
        out.print(Text(f"\nThe best trial in detail: tuner best {name}"), soft_wrap=True)


def ended_as(progress: Progress, cancelled: int = 0) -> str:
    """How many trials ended how: only what there is."""
    counts = {
        "completed": progress.completed_trials,
        "pruned": progress.pruned_trials,
        "failed": progress.failed_trials,
        "rejected": progress.rejected_trials,
        "running": progress.running_trials,
        "cancelled": cancelled,
    }
    return ", ".join(f"{number:,} {name}" for name, number in counts.items() if number) or "none yet"


def best_line(shown: StudyView) -> str:
    """The best trial and its scores, validation and test beside each other."""
    if shown.best is None:
        return "-"
    objectives = shown.study.spec.objectives
    parts = [f"{name} {objective_value(name, shown.best.values.get(name))}" for name in objectives]
    if shown.best.performance is not None and "val_accuracy" not in objectives:
        parts.append(f"val_accuracy {score(shown.best.performance.accuracy)}")
    if shown.study.test_accuracy is not None:
        parts.append(f"test_accuracy {score(shown.study.test_accuracy)}")
    return f"trial {shown.best.trial_number}: {', '.join(parts)}"


def facts(*pairs: tuple[str, str | Text]) -> Table:
    """Names and values, one pair a line; long values go on in the next line."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(name, Text(value) if isinstance(value, str) else value)
    return made


def _head(shown: StudyView) -> Table:
    study, progress = shown.study, shown.progress
    status = Text(study.standing, STATUS_STYLES.get(study.standing, ""))
    if reason := _why(study):
        status.append(f": {clean(reason)}", "default")
    cancelled = sum(trial.status == "cancelled" for trial in shown.trials)
    left = "" if progress.eta is None else f", about {about(progress.eta)} left"
    front = front_line(shown)
    return facts(
        ("study", Text(study.name, "bold")),
        ("data set", clean(study.spec.dataset)),
        ("status", status),
        ("started", f"{local_time(study.started_at)}, took {duration(progress.elapsed_time)}{left}"),
        (
            "trials",
            f"{progress.trials_performed}/{progress.total_trials} done ({ended_as(progress, cancelled)})",
        ),
        ("best", best_line(shown)),
        *([("front", f"{front} (marked {MARK} below)" if shown.front else front)] if front else []),
        ("folder", clean(study.folder)),
    )


def _why(study: StudyRow) -> str | None:
    if study.standing == "interrupted":
        return f"its process ended without a word; to go on: tuner resume {study.name}"
    if study.status == "running" and study.cancel_requested_at is not None:
        return "it was asked to stop"
    return study.reason


def _trials(shown: StudyView, width: int) -> Table:
    objectives = shown.study.spec.objectives
    by_accuracy, counted = "val_accuracy" in objectives, "parameter_count" in objectives
    headings = [">trial", "status", *(f">{objective}" for objective in objectives)]
    if width >= _LOSS_FROM:
        headings += [">val_loss"] if by_accuracy else [">accuracy"]
    headings += [">epochs", ">time"] if width >= _TIME_FROM else [">epochs"]
    if width >= _HYPERPARAMETERS_FROM:
        headings += [] if counted else [">parameters"]
        headings += [name if name == "optimizer" else f">{name}" for name in KEY_HYPERPARAMETERS]
    if width >= _REASON_FROM:
        headings += ["~why it ended"]
    made = table(*headings)
    marked = set(shown.front) if len(objectives) > 1 else set()
    for trial in shown.trials:
        number = f"{MARK if trial.trial_number in marked else ''}{trial.trial_number}"
        cells = [Text(number), Text(trial.status, STATUS_STYLES.get(trial.status, ""))]
        cells += [Text(objective_value(name, trial.values.get(name))) for name in objectives]
        if width >= _LOSS_FROM:
            cells.append(Text(score(_other_score(trial, by_accuracy))))
        cells.append(Text(str(trial.epochs_trained)))
        if width >= _TIME_FROM:
            cells.append(Text(duration(trial.duration_seconds)))
        if width >= _HYPERPARAMETERS_FROM:
            if not counted:
                size = trial.architecture.total_parameters if trial.architecture else None
                cells.append(Text("-" if size is None else f"{size:,}"))
            cells += [Text(scalar(trial.hyperparameters.get(name, "-"))) for name in KEY_HYPERPARAMETERS]
        if width >= _REASON_FROM:
            cells.append(cut(trial.reason or ""))
        is_best = shown.best is not None and trial.trial_number == shown.best.trial_number
        made.add_row(*cells, style="bold" if is_best else "")
    return made


def _other_score(trial: TrialRow, by_accuracy: bool) -> float | None:
    if trial.performance is None:
        return None
    return trial.performance.loss if by_accuracy else trial.performance.accuracy
