"""`tuner delete`: deletes a study, or its kept models, after a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from tuner.console.formatting import clean, counted
from tuner.console.output import print_line
from tuner.store import Store, StoreQueries, StudyRow, already_running
from tuner.study.deletion import delete, delete_kept_models
from tuner.study.kept_models import kept_models
from tuner.study.paths import StudyPaths

KEPT = 1


def delete_study(store: Store, name: str, out: Console, ask: Callable[[str], bool] | None) -> int:
    """Delete a study and return the exit code: 0, or 1 if the answer was no. Without `ask`, there is no question."""
    study = _resting(store, name)
    totals = StoreQueries(store).totals([name])[name]
    what = f"study {name}, {counted(sum(totals.counts.values()), 'trial')}, folder {clean(study.folder)}"
    if ask is not None and not ask(f"Delete {what}?"):
        print_line(out, "nothing was deleted")
        return KEPT
    delete(store, name)
    print_line(out, f"deleted {what}")
    return 0


def delete_models(store: Store, name: str, out: Console, ask: Callable[[str], bool] | None) -> int:
    """Delete the kept models of a study, but not its best one; return the exit code as `delete_study`."""
    kept = kept_models(StudyPaths(Path(_resting(store, name).folder)))
    if kept.trials and ask is not None and not ask(f"Delete {kept} of study {name}?"):
        print_line(out, "nothing was deleted")
        return KEPT
    deleted = delete_kept_models(store, name)
    print_line(out, f"deleted {deleted} of study {name}; its best model stays")
    return 0


def _resting(store: Store, name: str) -> StudyRow:
    """The study; an error if a process runs it."""
    study = store.study(name)
    if study.alive:
        raise already_running(name, study.driver)
    return study
