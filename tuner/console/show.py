"""`tuner show`: one study and all its trials; and the summary of a study that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tuner.console.class_scores import class_line
from tuner.console.formatting import clean, duration, estimate, finished, local_time, score, trial_list
from tuner.console.health import print_health
from tuner.console.importance import most_important
from tuner.console.listing import STATUS_STYLES
from tuner.console.output import print_json, print_line
from tuner.console.trials import FRONT_MARK, objective_text, trials_table
from tuner.health.health_text import MARK as INSUFFICIENT_MARK
from tuner.health.health_text import health_label
from tuner.store import Store, StudyRow, TrialRow
from tuner.study.class_scores import scores_in
from tuner.study.event_text import baseline_name
from tuner.study.explain import training_samples
from tuner.study.importance import importance_of
from tuner.study.loggers.packages import TITLES, opening_commands
from tuner.study.paths import StudyPaths
from tuner.study.progress import Progress
from tuner.study.result import StudyView, saved_model, view
from tuner.study.saved_model import DamagedModelError


def study_json(store: Store, name: str) -> dict[str, Any]:
    """The study's fields together with `progress`, `best`, `front` and `trials`, as JSON."""
    document = view(store, name).model_dump(mode="json")
    study: dict[str, Any] = document.pop("study")
    return study | document


def print_study(store: Store, name: str, out: Console, *, as_json: bool = False) -> None:
    """Print the study, its progress, a table of all trials, and the health of the best one if it was measured."""
    if as_json:
        print_json(study_json(store, name))
        return
    shown = view(store, name)
    out.print(_header(shown))
    if not shown.trials:
        out.print("\nNo trial has begun yet.")
        return
    out.print()
    out.print(trials_table(shown, out.width))
    if shown.study.spec.mode != "simple":
        if any(trial.health_metrics and trial.health_metrics.insufficient for trial in shown.trials):
            print_line(out, f"{INSUFFICIENT_MARK} too few epochs for some metrics: each counts as 0.5", "dim")
        if shown.best is not None:
            print_health(shown.best, shown.study.spec, out)
    if shown.best is not None:
        print_line(out, f"\nBest trial in detail: tuner best {name}")
    if shown.study.spec.mode != "simple":
        print_line(out, f"Training problems and how to fix them: tuner explain {name}")


def summary(shown: StudyView) -> RenderableType:
    """How the study ended, its best trial, its front, its folder, and the next commands."""
    study = shown.study
    headline = Text.assemble(
        ("study ", ""),
        (study.name, "bold"),
        " ",
        (study.status, STATUS_STYLES.get(study.status, "")),
        f" after {duration(shown.progress.elapsed_time)}",
    )
    if study.reason:
        headline.append(f": {clean(study.reason)}", "default")
    front = front_line(shown)
    influence = most_important(importance_of(shown.trials, study.spec.objectives[0]))
    lines = field_table(
        ("  trials", trials_line(shown)),
        ("  best", Text(best_line(shown), "bold" if shown.best else "")),
        *_baseline_line(study, "  baseline"),
        *([("  classes", by_class)] if (by_class := _class_line(shown)) else []),
        *([("  front", front)] if front else []),
        *([("  RunPod", clean(str(shown.cloud)))] if shown.cloud else []),
        *([("  parity", str(shown.parity))] if shown.parity else []),
        *_kept_line(shown, "  models"),
        *([("  influence", influence)] if influence else []),
        *warning_lines(shown.warnings, "  warning"),
        ("  folder", clean(study.folder)),
        *_figures_line(study, "  figures"),
        *_logger_lines(study),
        ("  next", Text("\n").join(Text(command) for command in _next_commands(shown))),
    )
    return Group(headline, lines)


def _next_commands(shown: StudyView) -> list[str]:
    name = shown.study.name
    commands = [f"tuner show {name}"]
    if shown.study.status in ("cancelled", "failed"):
        commands.insert(0, f"tuner resume {name}")
    if shown.study.spec.mode != "simple":
        commands.append(f"tuner explain {name}")
    if shown.best is not None:
        commands += [f"tuner best {name}", f"tuner report {name}", f"tuner predict {name} PATH"]
    return commands


def trial_counts(progress: Progress, cancelled: int = 0) -> str:
    """The number of trials by status, without zeros, such as `3 completed, 1 pruned`."""
    counts = {
        "completed": progress.completed_trials,
        "pruned": progress.pruned_trials,
        "failed": progress.failed_trials,
        "rejected": progress.rejected_trials,
        "running": progress.running_trials,
        "cancelled": cancelled,
    }
    return ", ".join(f"{number:,} {name}" for name, number in counts.items() if number) or "none yet"


def trials_line(shown: StudyView) -> str:
    """How many of the requested trials have finished, and the number of trials by status."""
    cancelled = sum(trial.status == "cancelled" for trial in shown.trials)
    return f"{finished(shown.progress, shown.study.spec)} finished ({trial_counts(shown.progress, cancelled)})"


def trial_label(trial: TrialRow) -> str:
    """Such as `trial 3`, or `trial 3 (cancelled)` if it has not completed: such a trial can be the best so far."""
    return f"trial {trial.trial_number}" + ("" if trial.status == "completed" else f" ({trial.status})")


def best_line(shown: StudyView) -> str:
    """The best trial with its validation and test scores in one line."""
    if shown.best is None:
        return "-"
    objectives = shown.study.spec.objectives
    parts = [f"{name} {objective_text(shown.best, name)}" for name in objectives]
    if shown.best.performance is not None and "val_accuracy" not in objectives:
        parts.append(f"val_accuracy {score(shown.best.performance.accuracy)}")
    if shown.study.spec.mode != "simple" and "overall_health" not in objectives:
        parts.append(f"health {health_label(shown.best.health_metrics)}")
    if shown.study.test_accuracy is not None:
        refitted = _saved_metadata(shown).get("refit") is not None
        parts.append(f"test_accuracy {score(shown.study.test_accuracy)}{' (refitted)' if refitted else ''}")
    return f"{trial_label(shown.best)}: {', '.join(parts)}"


def _baseline_line(study: StudyRow, name: str) -> list[tuple[str, str]]:
    """What a plain method reaches, with its test accuracy once the best model was tested too."""
    if study.baseline is None:
        return []
    tested = "" if study.test_accuracy is None else f", test_accuracy {score(study.baseline.test_accuracy)}"
    compared, value = study.baseline.score(study.spec.monitor)
    method = baseline_name(study.baseline, training_samples(study))
    return [(name, f"{method}: {compared} {score(value)}{tested}")]


def _kept_line(shown: StudyView, name: str) -> list[tuple[str, str]]:
    """The models of other trials that the study keeps, with their size."""
    kept = shown.kept_models
    return [] if kept is None or not kept.trials else [(name, f"{kept} ({trial_list(kept.trials)})")]


def _figures_line(study: StudyRow, name: str) -> list[tuple[str, str]]:
    """The folder of the study's figures, if some are in it on this machine."""
    folder = StudyPaths(Path(study.folder)).plots
    return [(name, clean(str(folder)))] if any(folder.glob("*.[ps][nv]g")) else []


def _logger_lines(study: StudyRow) -> list[tuple[str, str]]:
    """For each logger the command that opens what it wrote."""
    commands = opening_commands(study.spec.loggers, StudyPaths(Path(study.folder)))
    return [(f"  {TITLES[name]}", clean(command)) for name, command in commands.items()]


def _class_line(shown: StudyView) -> str | None:
    """The saved model's test scores that count every class alike; None if they are not known."""
    return class_line(scores_in(_saved_metadata(shown)))


def _saved_metadata(shown: StudyView) -> dict[str, Any]:
    """The metadata of the best trial's saved model; empty without a usable one, which `tuner best` explains."""
    if shown.best is None:
        return {}
    try:
        saved = saved_model(shown.study, shown.best)
    except DamagedModelError:
        return {}
    return {} if saved is None else saved.metadata


def front_line(shown: StudyView) -> str | None:
    """The numbers of the trials on the front; None for a study with one objective."""
    objectives = shown.study.spec.objectives
    if len(objectives) == 1:
        return None
    if not shown.front:
        return "-"
    return f"{'trial' if len(shown.front) == 1 else 'trials'} {trial_list(shown.front)}"


def field_table(*pairs: tuple[str, str | Text]) -> Table:
    """A table of names and values; long values continue on the next line."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(name, Text(value) if isinstance(value, str) else value)
    return made


def _header(shown: StudyView) -> Table:
    study, progress = shown.study, shown.progress
    status = Text(study.current_status, STATUS_STYLES.get(study.current_status, ""))
    if reason := _status_reason(study):
        status.append(f": {clean(reason)}", "default")
    left = "" if progress.eta is None else f", about {estimate(progress.eta)} left"
    front = front_line(shown)
    return field_table(
        ("study", Text(study.name, "bold")),
        ("data set", clean(study.spec.dataset)),
        *_data_lines(study),
        ("status", status),
        ("started", f"{local_time(study.started_at)}, ran {duration(progress.elapsed_time)}{left}"),
        ("trials", trials_line(shown)),
        ("best", best_line(shown)),
        *_baseline_line(study, "baseline"),
        *([("classes", by_class)] if (by_class := _class_line(shown)) else []),
        *([("RunPod", clean(str(shown.cloud)))] if shown.cloud else []),
        *([("parity", str(shown.parity))] if shown.parity else []),
        *([("front", f"{front} (marked {FRONT_MARK} below)" if shown.front else front)] if front else []),
        *_kept_line(shown, "models"),
        *_noted_lines(shown),
        *warning_lines(shown.warnings, "warning"),
        ("folder", clean(study.folder)),
        *_figures_line(study, "figures"),
    )


def _noted_lines(shown: StudyView) -> list[tuple[str, str]]:
    """What people wrote on the dashboard: tags and note of the study, its starred trials, and notes of trials."""
    study, starred = shown.study, [trial.trial_number for trial in shown.trials if trial.starred]
    notes = [f"trial {trial.trial_number}: {clean(trial.note)}" for trial in shown.trials if trial.note]
    return [
        *([("tags", clean(", ".join(study.tags)))] if study.tags else []),
        *([("note", clean(study.note))] if study.note else []),
        *([("starred", f"{'trial' if len(starred) == 1 else 'trials'} {trial_list(starred)}")] if starred else []),
        *(("notes" if place == 0 else "", note) for place, note in enumerate(notes)),
    ]


def _data_lines(study: StudyRow) -> list[tuple[str, Text]]:
    """The report on the study's data without its warnings, which are shown with the others."""
    if study.data is None:
        return []
    report = study.data.report
    lines = report.model_copy(update={"notes": tuple(note for note in report.notes if note.kind != "warning")}).lines()
    return [("", Text(clean(line))) for line in lines]


def warning_lines(warnings: Sequence[str], name: str) -> list[tuple[str, Text]]:
    """A line of a `field_table` for each warning."""
    return [(name if number == 0 else "", Text(clean(text), "yellow")) for number, text in enumerate(warnings)]


def _status_reason(study: StudyRow) -> str | None:
    if study.current_status == "interrupted":
        return f"its process ended unexpectedly; to continue: tuner resume {study.name}"
    if study.status == "running" and study.cancel_requested_at is not None:
        return "stop requested"
    return study.reason
