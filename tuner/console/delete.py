"""`tuner delete`: deletes a study after a question."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from tuner.console.formatting import clean, counted
from tuner.console.output import print_line
from tuner.store import Store, StoreQueries, already_running
from tuner.study.deletion import delete

KEPT = 1


def delete_study(store: Store, name: str, out: Console, ask: Callable[[str], bool] | None) -> int:
    """Delete a study and return the exit code: 0, or 1 if the answer was no. Without `ask`, there is no question."""
    study = store.study(name)
    if study.alive:
        raise already_running(name, study.driver)
    totals = StoreQueries(store).totals([name])[name]
    what = f"study {name}, {counted(sum(totals.counts.values()), 'trial')}, folder {clean(study.folder)}"
    if ask is not None and not ask(f"Delete {what}?"):
        print_line(out, "nothing was deleted")
        return KEPT
    delete(store, name)
    print_line(out, f"deleted {what}")
    return 0
