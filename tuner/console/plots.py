"""`tuner plots`: draws the figures of a study or of one of its trials into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.console import Console

from tuner.console.formatting import clean
from tuner.console.output import console, print_line
from tuner.errors import FixInputError
from tuner.models.keras_settings import without_banners
from tuner.plots.animation import ffmpeg
from tuner.settings import Settings, private_files
from tuner.store import Store, StudyRow
from tuner.study.figures import ANIMATION, SHOWS, Drawn, SampleSource, StudyFigures, TrialFigures
from tuner.study.figures.drawing import draw, why
from tuner.study.paths import StudyPaths

Format = Literal["png", "svg", "html"]


def draw_plots(
    store: Store, name: str, trial: int | None, output: Path | None, form: Format, settings: Settings, out: Console
) -> None:
    """Draw the figures and print the folder, and for each file what it shows. A figure that fails is a warning.

    Args:
        trial: Number of a trial; None: the figures of the study.
        output: Folder to draw into; None: the study's own.
        form: html: interactive figures, of the study only.

    Raises:
        FixInputError: there is no such trial, it has no figures, or the folder cannot be used.
    """
    study = store.study(name)
    folder = output or _own_folder(study, trial)
    width = max(map(len, SHOWS))

    def show(file: Path) -> None:
        print_line(out, f"  {file.name:<{width + 5}} {SHOWS[file.stem]}")

    with private_files(settings):
        if form == "html" and trial is not None:
            raise FixInputError("a trial has no interactive figures", remedy=f"use `tuner plots {name} --format html`")
        figures: StudyFigures | TrialFigures = StudyFigures(store, name)
        if trial is not None:
            figures = TrialFigures(store, name, trial, SampleSource.of(study, settings))
        if not figures.names():
            what = f"study {name!r}" if trial is None else f"trial {trial}"
            raise FixInputError(f"{what} has no figures yet", remedy="wait until an epoch has been trained")
        _make(folder)
        print_line(out, f"{clean(str(folder.absolute()))}")
        with without_banners():  # of TensorFlow, which figures of samples load
            if isinstance(figures, TrialFigures):
                drawn = draw(figures, folder, "svg" if form == "svg" else "png", on_file=show)
                if ffmpeg() and folder.joinpath(f"{ANIMATION}.gif") in drawn.files:
                    show(figures.animation(folder / f"{ANIMATION}.mp4"))
            elif form == "html":
                drawn = _pages(figures, folder)
                for file in drawn.files:
                    show(file)
            else:
                drawn = draw(figures, folder, form, on_file=show)
    _print_failures(drawn.failures)
    if trial is None and study.best_trial_number is not None:
        print_line(out, f"Figures of a trial: tuner plots {name} {study.best_trial_number}")


def _own_folder(study: StudyRow, trial: int | None) -> Path:
    paths = StudyPaths(Path(study.folder))
    if not paths.folder.is_dir():
        raise FixInputError(
            f"the folder {paths.folder} of study {study.name!r} is not on this machine",
            remedy="choose a folder with --output DIR",
        )
    return paths.plots if trial is None else paths.trial_plots(trial)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FixInputError(f"cannot write to {folder}: {error.strerror}", remedy="choose another --output") from None


def _pages(figures: StudyFigures, folder: Path) -> Drawn:
    """Write interactive figures; they share the file plotly.min.js, so that each is small and needs no network."""
    drawn = Drawn()
    for name in figures.interactive_names():
        file = folder / f"{name}.html"
        try:
            page = figures.interactive(name).to_html(include_plotlyjs="directory", full_html=True)
        except Exception as error:  # noqa: BLE001 - a figure harms no other one
            drawn.failures.append(f"{name}: {why(error)}")
            continue
        file.write_text(page, encoding="utf-8")
        drawn.files.append(file)
    if drawn.files:
        from plotly.offline import get_plotlyjs

        (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    return drawn


def _print_failures(failures: Sequence[str]) -> None:
    errors = console(stderr=True)
    for failure in failures:
        print_line(errors, f"warning: left out {clean(failure)}", "yellow")
