"""`tuner report`: the report on a study as an HTML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from tuner.console.formatting import clean
from tuner.console.output import print_line
from tuner.errors import FixInputError
from tuner.settings import Settings, private_files
from tuner.store import Store
from tuner.study.paths import StudyPaths
from tuner.study.report import write_report


def print_report(
    store: Store,
    name: str,
    file: Path | None,
    settings: Settings,
    out: Console,
    opens: Callable[[str], bool] | None = None,
) -> None:
    """Write the report on a study and print its path.

    Args:
        file: Where it is written; None: report.html in the study's folder.
        opens: Opens an address in the browser and returns whether there is one; None: it is not opened.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: the file cannot be written.
    """
    target = (file or StudyPaths(Path(store.study(name).folder)).report).absolute()
    try:
        with private_files(settings):
            write_report(store, name, target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FixInputError(
            f"{target} cannot be written: {reason}", remedy="choose another file with --output"
        ) from error
    print_line(out, clean(str(target)))
    if opens is not None and not opens(target.as_uri()):
        print_line(out, "No browser was found: open the file yourself.", "yellow")
