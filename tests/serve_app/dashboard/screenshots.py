"""Takes a picture of every page at the widths of a phone, a tablet and a desktop, in both themes.

make screenshots                        of sample studies
make screenshots RESULTS=./results      of the studies in a results folder, which is only read
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.serve_app.dashboard import browser, sample_studies
from tests.serve_app.dashboard.browser import ROOT, Tab, Theme
from tests.serve_app.dashboard.sample_studies import TRIED
from tests.serve_app.dashboard.server import House, house

SIZES = {360: 780, 768: 1024, 1440: 900}
"""Widths with their heights."""
THEMES: tuple[Theme, ...] = ("light", "dark")
PARTS = {
    "live": "",
    "trials": "/trials",
    "table": "/trials?view=table",
    "panel": "/trials?trial={best}",
    "panel-curves": "/trials?trial={best}&tab=curves",
    "panel-network": "/trials?trial={best}&tab=network",
    "panel-parameters": "/trials?trial={best}&tab=parameters",
    "panel-log": "/trials?trial={best}&tab=log",
    "network": "/network",
    "network-flat": "/network?drawing=svg&colour=parameters",
    "panel-figures": "/trials?trial={best}&tab=figures",
    "network-what-if": "/network?what-if=1",
    "network-with": "/network?trial={best}&with={other}&drawing=svg",
    "network-epoch": "/network?trial={best}&epoch=3&drawing=svg",
    "analysis": "/analysis",
    "compare": "/compare?t={best},{other}",
    "try": "/try",
    "log": "/log",
}
"""Pages of a study, by the name of the picture; {best} is its best trial, {other} another one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, help="results folder with real studies; default: sample studies")
    parser.add_argument("--into", type=Path, default=ROOT / "build/screenshots")
    parser.add_argument("--width", type=int, choices=SIZES, action="append", help="only this width; default: all")
    parser.add_argument("--only", default="", help="only pictures whose name contains this text")
    options = parser.parse_args()
    if (reason := browser.why_not()) is not None:
        raise SystemExit(reason)
    shutil.rmtree(options.into, ignore_errors=True)
    options.into.mkdir(parents=True)
    with ExitStack() as stack:
        pictures = dict(_pictures(stack, options.results))
        chromium = stack.enter_context(browser.chromium())
        for width in options.width or SIZES:
            for theme in THEMES:
                for name, (address, path) in pictures.items():
                    if options.only in name:
                        file = options.into / f"{name}-{width}-{theme}.png"
                        tab = Tab(chromium, address, theme=theme, width=width, height=SIZES[width])
                        tab.go(path)
                        tab.settled()
                        tab.page.wait_for_timeout(700)  # curves and networks are drawn lazily
                        tab.page.screenshot(path=file, full_page="panel" not in name)
                        tab.close()
                        print(file)


def _pictures(stack: ExitStack, results: Path | None) -> Iterator[tuple[str, tuple[str, str]]]:
    """The name of each picture, the address of its server, and the path of the page."""
    opened = stack.enter_context(_house(results))
    address = stack.enter_context(opened.serving()).address
    yield "login", (stack.enter_context(opened.serving(token="secret")).address, "/login")
    nothing = stack.enter_context(house(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "results"))
    yield "empty", (stack.enter_context(nothing.serving()).address, "/")
    for name, path in _paths(opened, sample=results is None):
        yield name, (address, path)


@contextmanager
def _house(results: Path | None) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "results"
        if results is not None:
            shutil.copytree(results, copy, ignore=shutil.ignore_patterns("checkpoints", ".ray"))
        with house(copy) as opened:
            if results is None:
                sample_studies.fill(opened.store, opened.results, opened.boards)
                sample_studies.tried(opened.study(TRIED, dataset="digits", trials=3, keep_models="all"))
            yield opened


def _paths(opened: House, *, sample: bool) -> Iterator[tuple[str, str]]:
    yield "studies", "/"
    yield "new", "/new"
    yield "new-advanced", "/new?advanced=1"
    yield "history", "/history"
    yield "data", "/data"
    yield "data-digits", "/data?dataset=digits"
    yield "not-found", "/nowhere"
    shown = [study for study in opened.store.studies() if study.best_trial_number is not None]
    whole = {sample_studies.RUNNING, sample_studies.HEALTH} if sample else {study.name for study in shown[:2]}
    yield "compare-studies", f"/compare?s={','.join(study.name for study in shown[:2])}"
    for study in opened.store.studies():
        best = study.best_trial_number or 1
        other = 2 if best == 1 else 1
        for name, path in PARTS.items():
            if study.name in whole or name in ("live", "trials"):
                yield f"{study.name}-{name}", f"/s/{study.name}{path.format(best=best, other=other)}"
        if study.name == TRIED:
            yield f"{TRIED}-try", f"/s/{TRIED}/try?input=sample&sample=0&with={other}"


if __name__ == "__main__":
    main()
