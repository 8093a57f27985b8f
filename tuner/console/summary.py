"""Summarises an ended study in a few lines, with the commands to use next."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tuner.console.formatting import clean, duration
from tuner.console.front import front_line
from tuner.console.importance import most_important
from tuner.console.listing import STATUS_STYLES
from tuner.console.show import best_line, field_table, trials_line
from tuner.study.importance import importance_of
from tuner.study.result import StudyView


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
        *([("  front", front)] if front else []),
        *([("  RunPod", clean(str(shown.cloud)))] if shown.cloud else []),
        *([("  parity", str(shown.parity))] if shown.parity else []),
        *([("  influence", influence)] if influence else []),
        ("  folder", clean(study.folder)),
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
        commands += [f"tuner best {name}", f"tuner export {name}"]
    return commands
