"""`tuner list`: all studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import local_time, objective_value
from tuner.console.output import print_line, table, truncated
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
NO_STUDIES = "No studies yet. To start one: tuner run dataset=digits trials=8"


def studies_json(store: Store) -> list[dict[str, Any]]:
    """All studies, newest first, with the number of their finished trials, as JSON."""
    studies = store.studies()
    finished = _finished_trials(store, studies)
    return [row.model_dump(mode="json") | {"trials_performed": finished[row.name]} for row in studies]


def print_studies(store: Store, out: Console) -> None:
    """Print all studies as a table, newest first."""
    rows = store.studies()
    finished = _finished_trials(store, rows)
    if not rows:
        print_line(out, NO_STUDIES)
        return
    longest_name = max(len(row.name) for row in rows)
    min_widths = {"study": 0, "status": 0, "~data set": 74, ">trials": 0, "objective": 44, "started": 62}
    headings = [heading for heading, minimum in min_widths.items() if out.width - longest_name >= minimum]
    shown = table(*headings)
    shown.columns[0].min_width = longest_name  # never truncated: all other commands need it
    for row in rows:
        cells = {
            "study": Text(row.name, "bold"),
            "status": Text(row.current_status, STATUS_STYLES.get(row.current_status, "")),
            "~data set": truncated(row.spec.dataset),
            ">trials": Text(f"{finished[row.name]}/{row.spec.trials}"),
            "objective": Text("-" if row.best_objective is None else _best(row.spec.objectives[0], row.best_objective)),
            "started": Text(local_time(row.started_at or row.created_at)),
        }
        shown.add_row(*(cells[heading] for heading in headings))
    out.print(shown)


def _best(objective: str, value: float) -> str:
    return f"{objective} {objective_value(objective, value)}"


def _finished_trials(store: Store, studies: Sequence[StudyRow]) -> dict[str, int]:
    """By study, the number of ended trials that count towards the requested ones."""
    totals = StoreQueries(store).totals([study.name for study in studies])
    return {name: sum(of_study.counts.get(status, 0) for status in COUNTED) for name, of_study in totals.items()}
