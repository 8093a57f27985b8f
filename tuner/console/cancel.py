"""`tuner cancel`: requests a stop, waits for it and prints the outcome."""

from __future__ import annotations

from rich.console import Console

from tuner.console.error_output import CANCELLED
from tuner.console.formatting import clean
from tuner.console.output import print_line
from tuner.store import Store
from tuner.study.cancellation import WAIT_S, request_stop, wait_for_end

STILL_RUNNING = 1


def cancel_study(store: Store, name: str, out: Console, wait_s: float = WAIT_S) -> int:
    """Stop a study and return the exit code: 0, 1 if it still runs after `wait_s`, 130 after Ctrl-C while waiting."""
    study = request_stop(store, name)
    if study.alive:
        host, _, process = (study.driver or "").rpartition(":")
        print_line(out, f"stopping process {process} on host {host}; it saves the best model first ...")
        try:
            study = wait_for_end(store, name, wait_s)
        except KeyboardInterrupt:
            print_line(out, f"no longer waiting, but the study will stop: tuner show {name}")
            return CANCELLED
    if study.alive:
        print_line(out, f"study {name} is still stopping after {wait_s:g} s: tuner show {name}")
        return STILL_RUNNING
    reason = f": {clean(study.reason)}" if study.reason else ""
    remedy = "" if study.status == "completed" else f"; to continue: tuner resume {study.name}"
    print_line(out, f"study {study.name} {study.status}{reason}{remedy}")
    return 0
