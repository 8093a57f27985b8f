"""`tuner explain`: training problems and how to fix them."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import clean, counted, trial_list
from tuner.console.importance import basis
from tuner.console.output import print_json, print_line, table, truncated
from tuner.health.advice import Advice
from tuner.health.health_text import health_label
from tuner.store import Store
from tuner.study.explain import HOW_TO_MEASURE, StudyDiagnosis, TrialDiagnosis, explain, no_problem_text
from tuner.study.importance import Importance


def print_explanation(store: Store, name: str, number: int | None, out: Console, *, as_json: bool = False) -> None:
    """Print the problems of the trial (default: the best one), then of the study if no trial is given."""
    explanation = explain(store, name, number)
    if as_json:
        print_json(explanation.model_dump(mode="json"))
        return
    if not explanation.measured:
        print_line(out, f"Health was not measured in study {name}; {HOW_TO_MEASURE}.")
        print_line(out, "The following is from learning curves and sizes alone.\n")
    if explanation.trial is None:
        print_line(out, f"Study {name} has no best trial yet.")
    else:
        _print_trial(explanation.trial, out)
    if explanation.all_trials is not None:
        _print_study(explanation.all_trials, out)
    elif number is None:
        objective = store.study(name).spec.objectives[0]
        print_line(out, f"\nWhich hyperparameters influenced {objective} most: tuner importance {name}")


def _print_trial(trial: TrialDiagnosis, out: Console) -> None:
    title = f"Trial {trial.trial_number}, {trial.status}"
    if trial.health_metrics is not None:
        title += f": health {health_label(trial.health_metrics)}"
    print_line(out, title, "bold")
    if trial.reason:
        print_line(out, f"  ended: {clean(trial.reason)}", "dim")
    for advice in trial.advice:
        out.print()
        _print_advice(advice, out)
    if not trial.advice:
        print_line(out, f"\n{no_problem_text(trial)}")
    if trial.unknown:
        print_line(out, f"\nNot known, too few epochs: {', '.join(trial.unknown)}.", "dim")


def _print_advice(advice: Advice, out: Console) -> None:
    title = advice.about if advice.epoch is None else f"{advice.about} after epoch {advice.epoch}"
    print_line(out, f"  {title}: {clean(advice.evidence)}", "yellow")
    print_line(out, f"    {advice.meaning}" + (" More epochs would not have helped." if advice.hopeless else ""))
    for number, remedy in enumerate(advice.remedies):
        print_line(out, f"    {'try: ' if number == 0 else '     '}{clean(remedy)}")


def _print_study(study: StudyDiagnosis, out: Console) -> None:
    trials = counted(study.trials_watched, "trial")
    health = "" if study.mean_health is None else f"mean health {study.mean_health:.2f} of "
    print_line(out, f"\nStudy: {health}{trials}", "bold")
    if not study.findings:
        print_line(out, "  No problem was detected during training.")
    else:
        found = table("  problem", ">trials", "~which")
        for name, numbers in study.findings.items():
            found.add_row(Text(f"  {name}"), Text(f"{len(numbers)}"), truncated(trial_list(numbers)))
        out.print(found)
    if study.mean_health is None:
        print_line(out, f"\nHealth itself was not measured; {HOW_TO_MEASURE}.")
    else:
        _print_drivers(study.drivers, study, out)


def _print_drivers(drivers: Importance, study: StudyDiagnosis, out: Console) -> None:
    if drivers.importance is None:
        print_line(out, f"\nWhich hyperparameters influence health is not known: {drivers.reason}.")
        return
    print_line(out, f"\nInfluence on health, from {basis(drivers)}")
    shown = table("~  parameter", ">share", "~")
    for name, share in drivers.importance.items():
        direction = study.directions.get(name)
        way = Text("no clear direction", "dim") if direction is None else Text(clean(str(direction)))
        shown.add_row(truncated(f"  {name}"), Text(f"{share:.2f}"), way)
    out.print(shown)
