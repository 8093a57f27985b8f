"""Texts that replace the figures of a report for readers who cannot see them: the most important numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tuner.study.report.facts import StudyFacts
from tuner.study.report.pictures import Picture
from tuner.study.report.shares import percent, whole_percent
from tuner.study.wording import counted, objective_value, trial_list


def alternative(picture: Picture, facts: StudyFacts) -> str:
    """The text for one picture: its title, its caption, and its numbers where few suffice."""
    numbers = _NUMBERS.get(picture.name)
    parts = [picture.title, picture.caption, None if numbers is None else numbers(facts)]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _history(facts: StudyFacts) -> str | None:
    best, value = facts.best, facts.study.best_objective
    if best is None:
        return None
    scored = sum(trial.objective is not None for trial in facts.trials)
    return (
        f"Of {counted(scored, 'trial')} with a result, trial {best.trial_number} is the best with a "
        f"{facts.objective} of {objective_value(facts.objective, value)}"
    )


def _importance(facts: StudyFacts) -> str | None:
    known = facts.importance.importance
    if not known:
        return None
    return "The most important ones are " + ", ".join(
        f"{name} ({whole_percent(share)})" for name, share in list(known.items())[:3]
    )


def _front(facts: StudyFacts) -> str | None:
    return f"On the front: {'trial' if len(facts.front) == 1 else 'trials'} {trial_list(facts.front)}"


def _training(facts: StudyFacts) -> str | None:
    if not facts.curve:
        return None
    first, last = facts.curve[0], facts.curve[-1]
    return (
        f"Validation accuracy goes from {percent(first.val_accuracy)} after epoch {first.epoch} to "
        f"{percent(last.val_accuracy)} after epoch {last.epoch}, training accuracy from "
        f"{percent(first.train_accuracy)} to {percent(last.train_accuracy)}"
    )


def _health(facts: StudyFacts) -> str | None:
    best = facts.best
    if best is None or best.health_metrics is None or best.performance is None:
        return None
    return (
        f"Trial {best.trial_number} has a health of {best.health_metrics.overall_health:.2f} and a validation "
        f"accuracy of {percent(best.performance.accuracy)}"
    )


def _confusion(facts: StudyFacts) -> str | None:
    known = [one for one in facts.scores.per_class if one.recall is not None]
    if not known:
        return None
    worst = min(known, key=lambda one: one.recall or 0.0)
    return f"The class that is recognised worst is {worst.label}: {percent(worst.recall or 0.0)} of its samples"


_NUMBERS: Mapping[str, Callable[[StudyFacts], str | None]] = {
    "history": _history,
    "curves": _history,
    "importance": _importance,
    "front": _front,
    "health": _health,
    "training": _training,
    "test_confusion": _confusion,
    "test_class_scores": _confusion,
}
