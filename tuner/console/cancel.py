"""`tuner cancel`: asks, waits, and says what came of it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tuner.console.error_output import CANCELLED
from tuner.console.formatting import clean
from tuner.store import Store, StudyRow
from tuner.study.cancellation import WAIT_S, request_stop, wait_for_end

STILL_RUNS = 1


def cancel_study(store: Store, name: str, out: Console, wait_s: float = WAIT_S) -> int:
    """Stop a study; gives the exit code: 0, 1 if it still ends after `wait_s`, or 130 after Ctrl-C while waiting.

    Raises:
        FixInputError: the study does not run.
    """
    study = request_stop(store, name)
    if study.alive:
        host, _, process = (study.driver or "").rpartition(":")
        _say(out, f"asked process {process} on host {host} to stop; it saves the best model and ends ...")
        try:
            study = wait_for_end(store, name, wait_s)
        except KeyboardInterrupt:
            _say(out, f"not waiting any longer; the study still stops: tuner show {name}")
            return CANCELLED
    if study.alive:
        _say(out, f"study {name} has not ended after {wait_s:g} s, but was asked to: tuner show {name}")
        return STILL_RUNS
    _say(out, _ended(study))
    return 0


def _ended(study: StudyRow) -> str:
    said = f"study {study.name} {study.status}" + (f": {clean(study.reason)}" if study.reason else "")
    return said if study.status == "completed" else f"{said}; to go on: tuner resume {study.name}"


def _say(out: Console, line: str) -> None:
    out.print(Text(line), soft_wrap=True)
