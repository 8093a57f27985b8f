"""`tuner show`: one study with all its trials."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.formatting import about, clean, duration, local_time, score
from tuner.console.front import MARK, front_line
from tuner.console.health import print_health
from tuner.console.listing import STATUS_STYLES
from tuner.console.trials import trials_table, value_of
from tuner.health.health_text import MARK as UNSURE
from tuner.health.health_text import told
from tuner.store import Store, StudyRow
from tuner.study.progress import Progress
from tuner.study.result import StudyView, view


def study_json(store: Store, name: str) -> dict[str, Any]:
    """The study's own fields, with `progress`, `best`, `front` and `trials` beside them."""
    document = view(store, name).model_dump(mode="json")
    study: dict[str, Any] = document.pop("study")
    return study | document


def print_study(store: Store, name: str, out: Console) -> None:
    """The study, its progress, a table of all trials, and how well the best one is where that was measured."""
    shown = view(store, name)
    out.print(_head(shown))
    if not shown.trials:
        out.print("\nNo trial has begun yet.")
        return
    out.print()
    out.print(trials_table(shown, out.width))
    if shown.study.spec.mode != "simple":
        if any(trial.health_metrics and trial.health_metrics.insufficient for trial in shown.trials):
            out.print(Text(f"{UNSURE} some metrics had too few epochs: each counts as 0.5", "dim"), soft_wrap=True)
        if shown.best is not None:
            print_health(shown.best, shown.study.spec, out)
    if shown.best is not None:
        out.print(Text(f"\nThe best trial in detail: tuner best {name}"), soft_wrap=True)
    if shown.study.spec.mode != "simple":
        out.print(Text(f"What is unwell, and what to try: tuner explain {name}"), soft_wrap=True)


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
    parts = [f"{name} {value_of(shown.best, name)}" for name in objectives]
    if shown.best.performance is not None and "val_accuracy" not in objectives:
        parts.append(f"val_accuracy {score(shown.best.performance.accuracy)}")
    if shown.study.spec.mode != "simple" and "overall_health" not in objectives:
        parts.append(f"health {told(shown.best.health_metrics)}")
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
    status = Text(study.current_status, STATUS_STYLES.get(study.current_status, ""))
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
        *([("RunPod", clean(str(shown.cloud)))] if shown.cloud else []),
        *([("parity", str(shown.parity))] if shown.parity else []),
        *([("front", f"{front} (marked {MARK} below)" if shown.front else front)] if front else []),
        ("folder", clean(study.folder)),
    )


def _why(study: StudyRow) -> str | None:
    if study.current_status == "interrupted":
        return f"its process ended without a word; to go on: tuner resume {study.name}"
    if study.status == "running" and study.cancel_requested_at is not None:
        return "it was asked to stop"
    return study.reason
