"""`tuner list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import local_time, objective_value
from tuner.console.output import cut, table
from tuner.store import Store, StoreQueries, StudyRow
from tuner.study.progress import COUNTED

STATUS_STYLES = {
    "completed": "green",
    "running": "cyan",
    "pruned": "yellow",
    "rejected": "yellow",
    "cancelled": "yellow",
    "interrupted": "yellow",
    "failed": "red",
    "diverged": "red",
}
NO_STUDIES = "No studies yet. Begin one: tuner run dataset=digits trials=8"


def studies_json(store: Store) -> list[dict[str, Any]]:
    """All studies, the newest first: their fields and the number of performed trials."""
    studies = store.studies()
    done = _done(store, studies)
    return [row.model_dump(mode="json") | {"trials_performed": done[row.name]} for row in studies]


def print_studies(store: Store, out: Console) -> None:
    """All studies as a table, the newest first."""
    rows = store.studies()
    done = _done(store, rows)
    if not rows:
        out.print(Text(NO_STUDIES), soft_wrap=True)
        return
    names = max(len(row.name) for row in rows)
    shown_from = {"study": 0, "status": 0, "~data set": 74, ">trials": 0, "objective": 44, "started": 62}
    headings = [heading for heading, room in shown_from.items() if out.width - names >= room]
    shown = table(*headings)
    shown.columns[0].min_width = names  # a name is never cut: all other commands ask for it
    for row in rows:
        cells = {
            "study": Text(row.name, "bold"),
            "status": Text(row.current_status, STATUS_STYLES.get(row.current_status, "")),
            "~data set": cut(row.spec.dataset),
            ">trials": Text(f"{done[row.name]}/{row.spec.trials}"),
            "objective": Text("-" if row.best_objective is None else _best(row.spec.objectives[0], row.best_objective)),
            "started": Text(local_time(row.started_at or row.created_at)),
        }
        shown.add_row(*(cells[heading] for heading in headings))
    out.print(shown)


def _best(objective: str, value: float) -> str:
    return f"{objective} {objective_value(objective, value)}"


def _done(store: Store, studies: Sequence[StudyRow]) -> dict[str, int]:
    """The number of performed trials of each study."""
    totals = StoreQueries(store).totals([study.name for study in studies])
    return {name: sum(of_study.counts.get(status, 0) for status in COUNTED) for name, of_study in totals.items()}
