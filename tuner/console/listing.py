"""`tuner list`: all studies."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import local_time, objective_value
from tuner.console.output import print_json, print_line, table, truncated
from tuner.store import Store, StoreQueries
from tuner.study.progress import performed

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


def print_studies(store: Store, out: Console, *, as_json: bool = False) -> None:
    """Print all studies with the number of their finished trials, newest first, as a table or as JSON."""
    rows = store.studies()
    totals = StoreQueries(store).totals([row.name for row in rows])
    finished = {name: performed(counted) for name, counted in totals.items()}
    if as_json:
        print_json([row.model_dump(mode="json") | {"trials_performed": finished[row.name]} for row in rows])
        return
    if not rows:
        print_line(out, NO_STUDIES)
        return
    longest_name = max(len(row.name) for row in rows)
    min_widths = {"study": 0, "status": 0, "~data set": 74, ">trials": 0, "objective": 44, "started": 62}
    headings = [heading for heading, minimum in min_widths.items() if out.width - longest_name >= minimum]
    shown = table(*headings)
    shown.columns[0].min_width = longest_name  # never truncated: all other commands need it
    for row in rows:
        objective, value = row.spec.objectives[0], row.best_objective
        cells = {
            "study": Text(row.name, "bold"),
            "status": Text(row.current_status, STATUS_STYLES.get(row.current_status, "")),
            "~data set": truncated(row.spec.dataset),
            ">trials": Text(f"{finished[row.name]}/{row.spec.trials}"),
            "objective": Text("-" if value is None else f"{objective} {objective_value(objective, value)}"),
            "started": Text(local_time(row.started_at or row.created_at)),
        }
        shown.add_row(*(cells[heading] for heading in headings))
    out.print(shown)
