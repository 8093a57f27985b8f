"""`tuner explain`: what is unwell, in words, and what to try."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import clean, counted
from tuner.console.output import cut, table
from tuner.health.advice import Advice
from tuner.health.health_text import told
from tuner.store import Store
from tuner.study.explain import StudyDiagnosis, TrialDiagnosis, explain
from tuner.study.importance import Importance

MOST_NAMED = 12
"""Trials with a finding that a line names."""

HOW = "to have it measured: mode=health; health_stop=true gives findings without it"


def explain_json(store: Store, name: str, number: int | None) -> dict[str, Any]:
    """The reading of a trial, and of the study where none was named."""
    return explain(store, name, number).model_dump(mode="json")


def print_explanation(store: Store, name: str, number: int | None, out: Console) -> None:
    """What is unwell with the trial, and then with the study.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: there is no such trial, or none has begun.
    """
    said = explain(store, name, number)
    if not said.measured:
        _say(out, f"Health was not measured in study {name}; {HOW}.\n")
    if said.trial is None:
        _say(out, f"No trial of study {name} is the best one yet.")
    else:
        _trial(said.trial, out)
    if said.all_trials is not None:
        _all(said.all_trials, out)
    elif number is None:
        objective = store.study(name).spec.objectives[0]
        _say(out, f"\nWhich hyperparameters decided {objective}: tuner importance {name}")


def _trial(read: TrialDiagnosis, out: Console) -> None:
    title = f"Trial {read.trial_number}, {read.status}"
    if read.health_metrics is not None:
        title += f": health {told(read.health_metrics)}"
    _say(out, title, "bold")
    if read.reason:
        _say(out, f"  ended: {clean(read.reason)}", "dim")
    for advice in read.advice:
        out.print()
        _advice(advice, out)
    if not read.advice:
        _say(out, f"\n{_verdict(read)}")
    if read.unknown:
        _say(out, f"\nToo few epochs to say: {', '.join(read.unknown)}.", "dim")


def _verdict(read: TrialDiagnosis) -> str:
    """Of one that nothing was found in: no more than is known."""
    if read.health_metrics is not None:
        return "Nothing is unwell with it."
    if read.metrics:
        return "Nothing that its curves tell is unwell."
    return "Nothing is known of it: no epoch tells enough."


def _advice(advice: Advice, out: Console) -> None:
    title = advice.about if advice.epoch is None else f"{advice.about} after epoch {advice.epoch}"
    _say(out, f"  {title}: {clean(advice.unwell)}", "yellow")
    _say(out, f"    {advice.meaning}" + (" The trial would not have got better." if advice.hopeless else ""))
    for number, remedy in enumerate(advice.remedies):
        _say(out, f"    {'try: ' if number == 0 else '     '}{clean(remedy)}")


def _all(read: StudyDiagnosis, out: Console) -> None:
    trials = counted(read.trials_watched, "trial")
    health = "" if read.mean_health is None else f"health {read.mean_health:.2f} on average of "
    _say(out, f"\nThe study: {health}{trials}", "bold")
    if not read.findings:
        _say(out, "  No trial had a finding.")
    else:
        found = table("  finding", ">trials", "~which")
        for name, numbers in read.findings.items():
            found.add_row(Text(f"  {name}"), Text(f"{len(numbers)}"), cut(_named(numbers)))
        out.print(found)
    if read.mean_health is None:
        _say(out, f"\nThe health itself was not measured; {HOW}.")
    else:
        _drivers(read.drivers, read, out)


def _drivers(drivers: Importance, read: StudyDiagnosis, out: Console) -> None:
    if drivers.importance is None:
        _say(out, f"\nWhich hyperparameters drive health is not known: {drivers.reason}.")
        return
    out.print(f"\nWhat drives health, by {counted(drivers.trials_used, 'trial')} ({drivers.evaluator})", soft_wrap=True)
    shown = table("~  parameter", ">share", "~")
    for name, share in drivers.importance.items():
        direction = read.directions.get(name)
        way = Text("no clear direction", "dim") if direction is None else Text(clean(str(direction)))
        shown.add_row(cut(f"  {name}"), Text(f"{share:.2f}"), way)
    out.print(shown)


def _named(numbers: list[int]) -> str:
    more = len(numbers) - MOST_NAMED
    return ", ".join(map(str, numbers[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def _say(out: Console, text: str, style: str = "") -> None:
    out.print(Text(text, style), soft_wrap=True)
