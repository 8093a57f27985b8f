"""Draws one figure into a file, in a process of its own: `python -m tuner.study.figures STUDY --figure NAME ...`.

The database and the data are those of the environment (`tuner.settings`). The exit code is 0 if the file was written;
otherwise the reason is on stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tuner.errors import FixInputError, TunerError
from tuner.settings import Settings, private_files
from tuner.store import Store
from tuner.study.figures import ANIMATION, SampleSource, StudyFigures, TrialFigures

FORMATS = ("png", "svg", "html", "gif", "mp4")


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the figure and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tuner.study.figures", description="Draws one figure.")
    parser.add_argument("study", help="name of a study")
    parser.add_argument("--trial", type=int, help="number of a trial; default: a figure of the study")
    parser.add_argument("--figure", required=True, help="name of the figure")
    parser.add_argument("--format", choices=FORMATS, default="png", help="gif and mp4: the animation of a trial")
    parser.add_argument("--output", type=Path, required=True, help="file to write")
    given = parser.parse_args(arguments)
    settings = Settings()
    try:
        with private_files(settings), Store.open(settings.store_url(), create=False) as store:
            content = _content(store, settings, given)
            if content is not None:
                _write(given.output, content)
    except TunerError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _content(store: Store, settings: Settings, given: argparse.Namespace) -> bytes | None:
    """The content of the file; None: it is written already."""
    if given.trial is None:
        return _of_study(StudyFigures(store, given.study), given.figure, given.format)
    samples = SampleSource.of(store.study(given.study), settings)
    figures = TrialFigures(store, given.study, given.trial, samples)
    if given.figure == ANIMATION:
        if given.format not in ("gif", "mp4"):
            raise FixInputError("the animation is a film", remedy="use --format gif")
        unfinished = given.output.with_name(f".unfinished-{given.output.stem}.{given.format}")
        figures.animation(unfinished)
        unfinished.replace(given.output)
        return None
    return _drawn(figures.figure(given.figure), given.format)


def _of_study(figures: StudyFigures, name: str, form: str) -> bytes:
    if form == "html":
        page: str = figures.interactive(name).to_html(include_plotlyjs=True, full_html=True)
        return page.encode()
    return _drawn(figures.figure(name), form)


def _drawn(figure: object, form: str) -> bytes:
    from tuner.plots.style import to_png, to_svg

    if form == "png":
        return to_png(figure)  # type: ignore[arg-type]
    if form == "svg":
        return to_svg(figure).encode()  # type: ignore[arg-type]
    raise FixInputError(f"this figure has no format {form}", remedy="use --format png or svg")


def _write(file: Path, content: bytes) -> None:
    """Write the file, whole or not at all."""
    unfinished = file.with_name(f".unfinished-{file.name}")
    unfinished.write_bytes(content)
    unfinished.replace(file)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # without TensorFlow's and Ray's own endings, which take seconds
