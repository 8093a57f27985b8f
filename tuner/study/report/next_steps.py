"""What to try next, by the results of a study: each step with its evidence and what to type."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tuner.objectives import maximised, violations
from tuner.search.cost_model import EPOCHS
from tuner.store import TrialRow
from tuner.study.event_text import words
from tuner.study.report.edges import edges
from tuner.study.report.facts import StudyFacts
from tuner.study.report.reproduce import command
from tuner.study.report.shares import interval, percent, points
from tuner.study.wording import capital, counted, duration

MOST_REMEDIES = 3
"""Remedies of one problem that are shown, the most promising first."""
ENOUGH_TRIALS = 8
"""Completed trials from which on the place of the best one says something about more trials."""
LATE, EARLY = 0.75, 0.4
"""Shares of the trials: after the first, the search still finds better ones; before the second, hardly any more."""
FEW_TRIALS = 20
"""Performed trials below which a time budget was short for a search."""
MUCH_LONGER, LONGER = 5, 2
"""Factors by which a time budget is raised: after few trials, and after more."""
CLEARLY_MORE_ACCURATE = 0.005
"""Difference of validation accuracies from which on another trial than the best one is pointed out."""
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
    found = [*_continue(facts), *_search_longer(facts), *_all_data(facts), *_problems(facts), *_longer(facts)]
    found += [*_what_counts(facts), *_more_trials(facts), *_wider(facts)]
    return [*found, *_weak_class(facts), *_more_test_samples(facts)]


def _continue(facts: StudyFacts) -> Iterator[Step]:
    study = facts.study
    if study.current_status in ("interrupted", "cancelled", "failed"):
        why = f"{facts.progress.trials_performed:,} of {counted(facts.progress.total_trials, 'trial')} were performed."
        yield Step("Continue the study", why, (f"`tuner resume {study.name}`",))


def _search_longer(facts: StudyFacts) -> Iterator[Step]:
    """Whether the time budget ended the search too early."""
    budget_s, done, place = facts.spec.time_budget_s, facts.progress.trials_performed, _place(facts)
    late = place is not None and place.late
    if budget_s is None or facts.best is None or not facts.out_of_time or (done >= FEW_TRIALS and not late):
        return
    few = "" if done >= FEW_TRIALS else "only "
    why = f"Its time budget of {_brief(budget_s)} ended the search after {few}{counted(done, 'trial')}."
    if place is not None and late:
        why += f" {place}: it was still finding better networks."
    longer_s = _longer_s(facts, budget_s)
    how = (
        f"`tuner resume {facts.study.name}` searches for another {_brief(budget_s)} and keeps these trials",
        f"`{command(facts, time_budget_s=longer_s)}` starts again, with {_brief(longer_s)}",
    )
    yield Step("Search longer", why, how)


def _longer_s(facts: StudyFacts, budget_s: float) -> float:
    """A longer time budget, in seconds, that a study takes."""
    factor = MUCH_LONGER if facts.progress.trials_performed < FEW_TRIALS else LONGER
    return min(float(factor * budget_s), 1e9)


def _brief(seconds: float) -> str:
    """A duration without the zeros at its end: `2 min`, not `2 min 00 s`."""
    return duration(seconds).removesuffix(" 00 s").removesuffix(" 00 min")


def _all_data(facts: StudyFacts) -> Iterator[Step]:
    if facts.best is None or facts.partial_data is None:
        return
    how = "`sample_percentage=1` in a new study"
    if facts.spec.time_budget_s is not None:
        times = round(1 / facts.spec.sample_percentage, 1)
        how += f"; give it more time too, since an epoch takes about {times:,g} times as long"
    yield Step("Use all data", facts.partial_data, (how,))


def _problems(facts: StudyFacts) -> Iterator[Step]:
    """The training problems of the best trial."""
    diagnosis = None if facts.explanation is None else facts.explanation.trial
    for advice in () if diagnosis is None else diagnosis.advice:
        at = "" if advice.epoch is None else f" after epoch {advice.epoch}"
        name = words(advice.about)
        why = f"{capital(name)}{at}: {advice.evidence}. {advice.meaning}"
        yield Step(f"Correct the best network: {name}", why, advice.remedies[:MOST_REMEDIES])


def _longer(facts: StudyFacts) -> Iterator[Step]:
    best, budget_s = facts.best, facts.spec.time_budget_s
    if best is None or best.cause != "all_epochs" or (evidence := _might_improve(facts, best)) is None:
        return
    trained, most = best.epochs_trained, facts.spec.max_epochs_per_trial
    why = f"{evidence}, so it might still improve."
    if trained >= most:
        yield Step("Train longer", why, (f"`max_epochs_per_trial={2 * trained}` in a new study",))
    elif budget_s is not None and EPOCHS not in facts.spec.space:
        why += f" The time left was enough for only {trained} of at most {most} epochs."
        yield Step("Train longer", why, (f"`time_budget_s={_longer_s(facts, budget_s):g}` in a new study",))
    # Otherwise its number of epochs was a choice of the search.


def _might_improve(facts: StudyFacts, best: TrialRow) -> str | None:
    """The evidence that the best trial was still improving when its epochs ended; None: there is none."""
    at, last, number = best.best_epoch, best.epochs_trained, best.trial_number
    if at is None or at < 2:
        return None
    if at == last:
        return f"The best epoch of trial {number} was its last one, {at}"
    if at == last - 1:
        return f"The best epoch of trial {number} was {at} of {last}"
    if facts.curve and min(facts.curve, key=lambda epoch: epoch.val_loss) is facts.curve[-1]:
        return f"The validation loss of trial {number} was still falling in its last epoch, {last}"
    return None


def _what_counts(facts: StudyFacts) -> Iterator[Step]:
    """Whether health decided against a trial that is clearly more accurate."""
    best = facts.best
    if best is None or best.performance is None or best.health_metrics is None or facts.objective != "total_score":
        return
    others = [
        (trial.performance.accuracy, trial.health_metrics.overall_health, trial)
        for trial in _ranked(facts)
        if trial.performance is not None
        and trial.health_metrics is not None
        and max(violations(facts.spec.bounds, trial.values).values(), default=0.0) <= 0
    ]
    accuracy, health, other = max(others, key=lambda one: one[0], default=(0.0, 0.0, best))
    more, lost = accuracy - best.performance.accuracy, best.health_metrics.overall_health - health
    if more < CLEARLY_MORE_ACCURATE or lost <= 0:
        return
    samples = facts.samples("validation")
    why = (
        f"Trial {other.trial_number} is more accurate on validation data ({percent(accuracy, samples)} beside "
        f"{percent(best.performance.accuracy, samples)}) but less healthy ({health:.2f} beside "
        f"{best.health_metrics.overall_health:.2f})."
    )
    how = ["`mode=simple` in a new study, if only accuracy counts"]
    if facts.spec.keep_models == "all":
        how.insert(0, f"`tuner export {facts.study.name} --trial {other.trial_number}` gives you its model")
    weight = math.floor(100 * lost / (lost + more) + 1) / 100
    if weight < 1:
        how.append(f"`accuracy_weight={weight:g}` in a new study: with it, trial {other.trial_number} would have won")
    yield Step("Decide what counts", why, tuple(how))


@dataclass(frozen=True)
class _Place:
    """The place of the best trial among all that were trained, in their order."""

    place: int
    trained: int

    @property
    def late(self) -> bool:
        return self.place > LATE * self.trained

    @property
    def early(self) -> bool:
        return self.place <= EARLY * self.trained

    def __str__(self) -> str:
        return f"The best trial was number {self.place:,} of {self.trained:,} that were trained"


def _place(facts: StudyFacts) -> _Place | None:
    """None: the study has not ended, or has too few trials for it to mean something."""
    numbers = [trial.trial_number for trial in facts.trials if trial.status in ("completed", "pruned")]
    if facts.best is None or not facts.ended or len(numbers) < ENOUGH_TRIALS:
        return None
    number = facts.best.trial_number
    return _Place(numbers.index(number) + 1, len(numbers)) if number in numbers else None


def _more_trials(facts: StudyFacts) -> Iterator[Step]:
    """Whether more trials of the same search are likely to find a better network."""
    place = _place(facts)
    if place is None or any(_search_longer(facts)):
        return
    if place.late:
        more = max(10, place.trained // 2)
        how = (f"`tuner resume {facts.study.name} trials=+{more}`",)
        yield Step("Run more trials", f"{place}: the search still finds better networks.", how)
    elif place.early:
        yield Step(
            "Change the search instead of running more trials",
            f"{place}: the later ones brought no gain, so more of the same will hardly help.",
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
