"""The scores of a study in tables, each with its split and number of samples."""

from __future__ import annotations

from tuner.objectives import maximised
from tuner.store import TrialRow
from tuner.study.event_text import refit_text
from tuner.study.report.facts import StudyFacts
from tuner.study.report.shares import percent
from tuner.study.report.tables import Table
from tuner.study.wording import duration, objective_value, score

UNKNOWN = "not measured"
TOP = 5
"""Trials in the table of the best ones."""
MOST_CLASSES = 10
"""Classes in the table of classes: of more, the worst ones."""


def number_tables(facts: StudyFacts) -> list[Table]:
    """The tables that this study has numbers for."""
    found = [_scores(facts), _top(facts), _front(facts), _classes(facts)]
    return [table for table in found if table is not None]


def _scores(facts: StudyFacts) -> Table | None:
    """Validation and test scores of the best network, the baseline, and always the same answer."""
    study, best, performance = facts.study, facts.best, facts.study.best_performance
    if best is None or performance is None:
        return None
    few, fewer = facts.samples("validation"), facts.samples("test")
    tested = study.test_accuracy if facts.tested else None
    rows: list[tuple[str, ...]] = [
        ("Accuracy", percent(performance.accuracy, few), UNKNOWN if tested is None else percent(tested, fewer)),
    ]
    by_class = facts.scores
    for name, label, tested_score in (
        ("val_balanced_accuracy", "Balanced accuracy", by_class.test_balanced_accuracy),
        ("val_macro_f1", "Macro F1", by_class.test_macro_f1),
    ):
        value = best.values.get(name)
        if value is not None or tested_score is not None:
            rows.append((label, *(UNKNOWN if one is None else percent(one) for one in (value, tested_score))))
    rows.append(("Loss", score(performance.loss), UNKNOWN if tested is None else score(study.test_loss)))
    baseline = study.baseline
    if baseline is not None:
        on_test = UNKNOWN if tested is None else percent(baseline.test_accuracy, fewer)
        rows.append((f"Accuracy of the baseline: {baseline.name}", percent(baseline.val_accuracy, few), on_test))
    if facts.report is not None and few:
        label, share = facts.report.most_frequent
        of_test = next(count.test for count in facts.report.classes if count.label == label)
        on_test = UNKNOWN if not fewer else percent(of_test / fewer, fewer)
        rows.append((f"Accuracy of always answering {label!r}", percent(share, few), on_test))
    columns = ("Score", *(f">{_split(facts, split)}" for split in ("validation", "test")))
    return Table(f"Scores of trial {best.trial_number}", columns, tuple(rows), _honest(facts))


def _split(facts: StudyFacts, split: str) -> str:
    number = facts.samples("test" if split == "test" else "validation")
    return split.capitalize() + ("" if number is None else f" ({number:,} samples)")


def _honest(facts: StudyFacts) -> str:
    """What may be believed of these scores."""
    known = "Validation data chose the best trial, so their scores are optimistic."
    if facts.partial_data is not None:
        known = f"{facts.partial_data} {known}"
    if not facts.tested:
        return f"{known} Test data are used once, when the study ends."
    text = f"{known} Test data were used once, after the choice. Loss is the cross-entropy in nats: lower is better."
    if facts.refit is not None:
        text += f" The saved model was {refit_text(facts.refit)}; test scores are its own."
    return text


def _top(facts: StudyFacts) -> Table | None:
    """The best trials: how close they are tells whether the choice was luck."""
    ranked = [trial for trial in facts.trials if trial.status == "completed" and trial.objective is not None]
    if len(ranked) < 2:
        return None
    objective = facts.objective
    ranked.sort(key=lambda trial: trial.objective or 0.0, reverse=maximised(objective))
    shown = ranked[:TOP]
    columns = ("Trial", f">{objective}", *_more_columns(facts), ">Weights", ">Epochs", ">Time", "Network")
    rows = tuple(
        (
            str(trial.trial_number),
            objective_value(objective, trial.objective),
            *_more(facts, trial),
            "-" if trial.architecture is None else f"{trial.architecture.total_parameters:,}",
            str(trial.epochs_trained),
            duration(trial.duration_seconds),
            "-" if trial.architecture is None else trial.architecture.type,
        )
        for trial in shown
    )
    bold = next((row for row, trial in enumerate(shown) if _is_best(facts, trial)), None)
    title = f"The best {len(shown)} of {len(ranked):,} completed trials, on validation data"
    return Table(title, columns, rows, bold=bold)


def _is_best(facts: StudyFacts, trial: TrialRow) -> bool:
    return facts.best is not None and trial.trial_number == facts.best.trial_number


def _more_columns(facts: StudyFacts) -> list[str]:
    return [] if facts.objective == "val_accuracy" else [">Accuracy"]


def _more(facts: StudyFacts, trial: TrialRow) -> list[str]:
    if facts.objective == "val_accuracy":
        return []
    return ["-" if trial.performance is None else percent(trial.performance.accuracy, facts.samples("validation"))]


def _front(facts: StudyFacts) -> Table | None:
    objectives = facts.spec.objectives
    if len(objectives) == 1 or not facts.front:
        return None
    by_number = {trial.trial_number: trial for trial in facts.trials}
    rows = tuple(
        (str(number), *(objective_value(one, by_number[number].values.get(one)) for one in objectives))
        for number in facts.front
    )
    columns = ("Trial", *(f">{objective}" for objective in objectives))
    note = f"No other trial improves one of {', '.join(objectives)} without losing in another."
    return Table("Pareto front, on validation data", columns, rows, note)


def _classes(facts: StudyFacts) -> Table | None:
    scores = facts.scores
    if not scores.per_class:
        return None
    shown = scores.worst(MOST_CLASSES)
    many = len(shown) < len(scores.per_class)
    title = "Test scores by class" + (f": the worst {len(shown)} of {len(scores.per_class)}" if many else "")
    rows = tuple(
        (one.label, *(_share(value) for value in (one.precision, one.recall, one.f1)), f"{one.samples:,}")
        for one in shown
    )
    note = (
        "Precision: how many of its predictions are right. Recall: how many of its samples are recognised. "
        "F1: their harmonic mean."
    )
    return Table(title, ("Class", ">Precision", ">Recall", ">F1", ">Samples"), rows, note)


def _share(value: float | None) -> str:
    return "-" if value is None else percent(value)
