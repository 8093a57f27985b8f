"""What to try next, by the results of a study: each step with its evidence and what to type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuner.objectives import maximised
from tuner.store import TrialRow
from tuner.study.event_text import words
from tuner.study.report.edges import edges
from tuner.study.report.facts import StudyFacts
from tuner.study.report.shares import interval, points
from tuner.study.wording import capital, counted

MOST_REMEDIES = 3
"""Remedies of one problem that are shown, the most promising first."""
ENOUGH_TRIALS = 8
"""Completed trials from which on the place of the best one says something about more trials."""
LATE, EARLY = 0.75, 0.4
"""Shares of the trials: after the first, the search still finds better ones; before the second, hardly any more."""
WIDE_INTERVAL = 0.02
"""Half width of the test accuracy's confidence interval above which more test samples would help."""


@dataclass(frozen=True)
class Step:
    """One thing to try."""

    what: str
    why: str
    """The evidence for it, in one or two sentences."""
    how: tuple[str, ...] = ()
    """What to change, the most promising first; texts in backquotes are commands or settings."""


def next_steps(facts: StudyFacts) -> list[Step]:
    """The steps, the most promising first; empty if there is nothing to suggest."""
    found = [*_continue(facts), *_problems(facts), *_longer(facts), *_more_trials(facts), *_wider(facts)]
    return [*found, *_weak_class(facts), *_more_test_samples(facts)]


def _continue(facts: StudyFacts) -> Iterator[Step]:
    study = facts.study
    if study.current_status in ("interrupted", "cancelled", "failed"):
        why = f"{facts.progress.trials_performed:,} of {counted(facts.progress.total_trials, 'trial')} were performed."
        yield Step("Continue the study", why, (f"`tuner resume {study.name}`",))


def _problems(facts: StudyFacts) -> Iterator[Step]:
    """The training problems of the best trial."""
    diagnosis = None if facts.explanation is None else facts.explanation.trial
    for advice in () if diagnosis is None else diagnosis.advice:
        at = "" if advice.epoch is None else f" after epoch {advice.epoch}"
        name = words(advice.about)
        why = f"{capital(name)}{at}: {advice.evidence}. {advice.meaning}"
        yield Step(f"Correct the best network: {name}", why, advice.remedies[:MOST_REMEDIES])


def _longer(facts: StudyFacts) -> Iterator[Step]:
    best = facts.best
    if best is None or best.cause != "all_epochs" or best.best_epoch != best.epochs_trained or best.best_epoch < 2:
        return
    if best.epochs_trained < facts.spec.max_epochs_per_trial:
        return  # its number of epochs was a choice of the search
    why = f"The best epoch of trial {best.trial_number} was its last one, {best.best_epoch}, so it might still improve."
    yield Step("Train longer", why, (f"`max_epochs_per_trial={2 * best.epochs_trained}` in a new study",))


def _more_trials(facts: StudyFacts) -> Iterator[Step]:
    """Whether more trials of the same search are likely to find a better network."""
    numbers = [trial.trial_number for trial in facts.trials if trial.status in ("completed", "pruned")]
    if facts.best is None or not facts.ended or len(numbers) < ENOUGH_TRIALS:
        return
    place = numbers.index(facts.best.trial_number) + 1 if facts.best.trial_number in numbers else 0
    if not place:
        return
    found = f"The best trial was number {place:,} of {len(numbers):,} that were trained"
    if place > LATE * len(numbers):
        more = max(10, len(numbers) // 2)
        how = (f"`tuner resume {facts.study.name} trials=+{more}`",)
        yield Step("Run more trials", f"{found}: the search still finds better networks.", how)
    elif place <= EARLY * len(numbers):
        yield Step(
            "Change the search instead of running more trials",
            f"{found}: the later ones brought no gain, so more of the same will hardly help.",
            ("other data, more data or other classes", "another range of the most important hyperparameter"),
        )


def _wider(facts: StudyFacts) -> Iterator[Step]:
    """Hyperparameters whose best values are at an end of their range."""
    for edge in edges(facts.study.space or (), _ranked(facts), facts.importance.importance):
        why = f"The best {edge.trials} trials are all at the {edge.end} end of its range, {edge.range}."
        yield Step(f"Search {edge.way} values of {edge.name}", why, (f"`{edge.setting}` in a new study",))


def _ranked(facts: StudyFacts) -> list[TrialRow]:
    """The completed trials, the best first."""
    done = [trial for trial in facts.trials if trial.status == "completed" and trial.objective is not None]
    return sorted(done, key=lambda trial: trial.objective or 0.0, reverse=maximised(facts.objective))


def _weak_class(facts: StudyFacts) -> Iterator[Step]:
    """Classes that are recognised much worse than the others, if every class does not count alike already."""
    known = [(one.recall, one) for one in facts.scores.per_class if one.recall is not None]
    tested = facts.study.test_accuracy
    if not known or tested is None or facts.spec.monitor in ("val_balanced_accuracy", "val_macro_f1"):
        return
    recall, worst = min(known, key=lambda pair: pair[0])
    if recall < tested - 0.1:
        why = f"{points(tested - recall)} fewer of its test samples are recognised than of all."
        how = (
            "`objective=val_macro_f1` counts every class alike",
            f"more samples of {worst.label!r}, or check its labels",
        )
        yield Step(f"Improve class {worst.label!r}", why, how)


def _more_test_samples(facts: StudyFacts) -> Iterator[Step]:
    share, samples = facts.study.test_accuracy, facts.samples("test")
    if not facts.tested or share is None or not samples:
        return
    low, high = interval(share, samples)
    if (high - low) / 2 > WIDE_INTERVAL:
        why = f"With {facts.counted('test')} the accuracy is known to within {points((high - low) / 2)}."
        yield Step("Test on more samples", why, ("more data, or a larger `test_size` if the data have no test split",))
