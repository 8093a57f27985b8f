"""`tuner.run` and `tuner.resume` for Python. The study is shown live in a terminal or a notebook."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from tuner.console.output import console, is_screen
from tuner.console.screen import study_screen
from tuner.console.show import summary
from tuner.console.snapshot import Snapshot
from tuner.console.terminal import live_screen
from tuner.console.watcher import StudyDisplay, Watcher
from tuner.events import DurableEvent
from tuner.models import own
from tuner.settings import Settings, private_files
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study import driver
from tuner.study.plan import complete
from tuner.study.result import StudyResult
from tuner.study.stop_signal import StopSignal

NOTEBOOK_SIZE = 100, 24
"""Columns and lines of the live view in a notebook."""


def run(
    spec: StudySpec,
    *,
    settings: Settings | None = None,
    signal: StopSignal | None = None,
    progress: bool | None = None,
) -> StudyResult:
    """Run a new study and return what it came to, also when it was cancelled (Ctrl-C).

    Args:
        spec: What to search, on which data and for how long.
        settings: Folders, database and permissions; None: those of the environment.
        signal: Lets another thread stop the study.
        progress: Whether the study is shown live; None: if stderr is a terminal, or in a notebook.

    Raises:
        FixInputError: the spec, its data or its model is wrong. Nothing was written.
        StudyFailedError: every trial failed, or the database stayed away for minutes; the message says why.
        LeaseLostError: this process was silent for so long that another one took the study over.
        ClusterLostError: the Ray cluster ended; the study is interrupted.
    """
    own.check_not_importing("tuner.run")
    settings, signal = settings or Settings(), signal or StopSignal()
    spec = complete(spec, settings)
    with private_files(settings):
        return _shown(spec, settings, signal, progress, 0, lambda: driver.run(spec, settings=settings, signal=signal))


def resume(
    name: str,
    *,
    trials: int | None = None,
    model: str | Callable[..., Any] | None = None,
    settings: Settings | None = None,
    signal: StopSignal | None = None,
    progress: bool | None = None,
) -> StudyResult:
    """Continue a study that was stopped or killed, or train more trials of a finished one; see `run`.

    Args:
        name: Name of the study.
        trials: New total number of trials; None: as before.
        model: The own model of a study whose model was a function of a script or notebook, as in StudySpec.
        settings, signal, progress: As of `run`.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: its data or model is gone or has changed, it has all its trials, or another process runs it.
        StudyFailedError, LeaseLostError, ClusterLostError: as `run`.
    """
    own.check_not_importing("tuner.resume")
    settings, signal = settings or Settings(), signal or StopSignal()
    with private_files(settings), Store.open(settings.store_url(), create=False) as store:
        spec = store.study(name).spec
        last = max((number for number, _ in store.read(name)), default=0)
    if trials is not None:
        spec = spec.model_copy(update={"trials": trials})

    def action() -> StudyResult:
        return driver.resume(name, trials=trials, model=model, settings=settings, signal=signal)

    with private_files(settings):
        return _shown(spec, settings, signal, progress, last, action)


def _shown(
    spec: StudySpec,
    settings: Settings,
    signal: StopSignal,
    progress: bool | None,
    after: int,
    action: Callable[[], StudyResult],
) -> StudyResult:
    out = console(stderr=True)
    notebook = _in_notebook()
    if progress is False or (progress is None and not notebook and not is_screen(out)):
        return action()

    def stop_reason() -> str | None:
        return None if signal.stop is None else signal.stop.reason

    with (
        Store.open(settings.store_url()) as store,
        _display(out, notebook=notebook) as display,
        Watcher(store, spec, display, stop_reason) as watcher,
    ):
        watcher.watch(spec, after)
        watcher.ray_imported()
        result = action()
    if not notebook:
        out.print(summary(result.view))
    return result


@contextmanager
def _display(out: Console, *, notebook: bool) -> Iterator[StudyDisplay]:
    if notebook:
        yield NotebookDisplay()
    else:
        with live_screen(out) as screen:
            yield screen


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookDisplay:
    """The live screen below a notebook's cell."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html = HTML
        self._shown: Any = display(HTML(""), display_id=True)

    def show_event(self, event: DurableEvent) -> None:
        """Do nothing: the next snapshot includes the event."""

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Replace the picture."""
        width, height = NOTEBOOK_SIZE
        out = Console(file=io.StringIO(), record=True, width=width, highlight=False)
        out.print(study_screen(snapshot, width, height))
        self._shown.update(self._html(out.export_html(inline_styles=True, code_format="<pre>{code}</pre>")))
