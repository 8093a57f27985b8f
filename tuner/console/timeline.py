"""`tuner timeline`: where the time of a study went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import clean, counted, duration
from tuner.console.output import print_json, print_line, table, truncated
from tuner.errors import FixInputError
from tuner.store import Store
from tuner.study.timeline import PHASES, WORK, Timeline, study_timeline

MAX_WIDTH = 90
"""Maximum number of columns; longer bars are not easier to compare."""
LEAST_WIDTH_OF_BARS = 60
"""In a smaller terminal there are no bars, so that the numbers stay whole."""
SUFFIXES = (".png", ".svg")


def print_timeline(store: Store, name: str, picture: Path | None, out: Console, *, as_json: bool = False) -> None:
    """Print a row for each phase of the study, and one for each use of its workers; draw them into `picture`.

    Raises:
        FixInputError: the study has not run yet, or the picture cannot be written.
    """
    found = study_timeline(store, name)
    if not found.seconds and not as_json:
        raise FixInputError(f"study {name!r} has not run yet", remedy=f"`tuner resume {name}` starts it")
    if picture is not None and picture.suffix not in SUFFIXES:
        raise FixInputError(f"{picture} is neither PNG nor SVG", remedy="end the name of --output with .png or .svg")
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print_tables(found, out)
    if picture is not None:
        _draw(found, store.study(name).spec.dataset, picture)
        if not as_json:
            print_line(out, f"\n{clean(str(picture.absolute()))}")


def _print_tables(found: Timeline, out: Console) -> None:
    print_line(out, title_of(found), "bold")
    _print_table({PHASES[phase]: seconds for phase, seconds in found.phases.items()}, out)
    if found.trials:
        print_line(out, f"\n{work_title_of(found)}", "bold")
        _print_table({WORK[kind]: seconds for kind, seconds in found.work.items()}, out)


def title_of(found: Timeline) -> str:
    """Such as `first: 1 min 2 s from the command to the end`."""
    return f"{found.study}: {duration(found.seconds)} from the command to {'the end' if found.ended else 'now'}"


def work_title_of(found: Timeline) -> str:
    """Such as `While searching: 8 trials, 2 at a time`."""
    return f"While searching: {counted(found.trials, 'trial')}, {found.places} at a time"


def _print_table(parts: Mapping[str, float], out: Console) -> None:
    total = sum(parts.values()) or 1.0
    bars = out.width >= LEAST_WIDTH_OF_BARS
    shown = table("~", ">seconds", ">share", *(["~"] if bars else []))
    for label, seconds in parts.items():
        if seconds > 0:
            share = seconds / total
            cells = truncated(label), Text(f"{seconds:,.1f}"), Text(f"{share:.0%}")
            shown.add_row(*cells, *([share_bar(share)] if bars else []))
    out.print(shown, width=min(out.width, MAX_WIDTH))


def _draw(found: Timeline, dataset: str, picture: Path) -> None:
    from tuner.plots.phases import phases_figure
    from tuner.plots.style import Caption, save

    phases = {PHASES[phase]: seconds for phase, seconds in found.phases.items()}
    work = {WORK[kind]: seconds for kind, seconds in found.work.items()}
    figure = phases_figure(title_of(found), phases, work_title_of(found), work, Caption(Path(dataset).stem))
    try:
        save(figure, picture.parent, picture.stem, "svg" if picture.suffix == ".svg" else "png")
    except OSError as error:
        raise FixInputError(f"cannot write to {picture}: {error.strerror}", remedy="choose another --output") from None
