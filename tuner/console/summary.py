"""What a study came to, in a few lines, with the commands that a user may want next."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tuner.console.formatting import clean
from tuner.console.front import front_line
from tuner.console.importance import most_important
from tuner.console.listing import STATUS_STYLES
from tuner.console.show import best_line, ended_as, facts
from tuner.study.importance import importance_of
from tuner.study.result import StudyView


def summary(shown: StudyView, took: str) -> RenderableType:
    """How the study ended, its best trial, its front, its folder, and what to do next."""
    study = shown.study
    headline = Text.assemble(
        ("study ", ""), (study.name, "bold"), " ", (study.status, STATUS_STYLES.get(study.status, "")), f" after {took}"
    )
    if study.reason:
        headline.append(f": {clean(study.reason)}", "default")
    cancelled = sum(trial.status == "cancelled" for trial in shown.trials)
    done = f"{shown.progress.trials_performed}/{shown.progress.total_trials}"
    front = front_line(shown)
    decided = most_important(importance_of(shown.trials, study.spec.objectives[0]))
    lines = facts(
        ("  trials", f"{done} ({ended_as(shown.progress, cancelled)})"),
        ("  best", Text(best_line(shown), "bold" if shown.best else "")),
        *([("  front", front)] if front else []),
        *([("  RunPod", clean(str(shown.cloud)))] if shown.cloud else []),
        *([("  parity", str(shown.parity))] if shown.parity else []),
        *([("  decided by", decided)] if decided else []),
        ("  folder", clean(study.folder)),
        ("  next", Text("\n").join(Text(command) for command in _next(shown))),
    )
    return Group(headline, lines)


def _next(shown: StudyView) -> list[str]:
    name = shown.study.name
    commands = [f"tuner show {name}"]
    if shown.study.status in ("cancelled", "failed"):
        commands.insert(0, f"tuner resume {name}")
    if shown.study.spec.mode != "simple":
        commands.append(f"tuner explain {name}")
    if shown.best is not None:
        commands += [f"tuner best {name}", f"tuner export {name}"]
    return commands
