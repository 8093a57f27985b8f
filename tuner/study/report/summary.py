"""What a study came to, in sentences: how good its best network is, how sure that is, and how the search went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuner.objectives import Objective
from tuner.study.class_scores import never_predicted_text
from tuner.study.event_text import baseline_name
from tuner.study.report.facts import StudyFacts
from tuner.study.report.shares import NO_BREAK, by_chance, interval, percent, points, whole_percent
from tuner.study.wording import counted, duration, objective_value

OBJECTIVES: dict[Objective, str] = {
    "val_accuracy": "validation accuracy",
    "val_balanced_accuracy": "balanced accuracy on validation data",
    "val_macro_f1": "macro F1 on validation data",
    "val_loss": "validation loss",
    "total_score": "total score of accuracy and health",
    "overall_health": "health",
    "parameter_count": "number of weights",
    "training_time": "training time",
    "inference_time": "prediction time",
}
WEAK_CLASS = 0.1
"""A class whose recall is this much below the accuracy is named."""
CLEAR_GAP = 0.05
"""Training minus validation accuracy from which on the summary calls it overfitting, as the dashboard does."""


@dataclass(frozen=True)
class KeyFigure:
    """A number that stands out, and what it is based on."""

    name: str
    value: str
    basis: str


def key_figures(facts: StudyFacts) -> list[KeyFigure]:
    """The few numbers that matter most; empty without a result."""
    performance, tested = facts.study.best_performance, facts.study.test_accuracy
    if facts.best is None or performance is None:
        return []
    baseline, samples = facts.study.baseline, facts.samples("test")
    found = []
    if tested is not None and facts.tested:
        found.append(KeyFigure("Test accuracy", percent(tested, samples), f"of {facts.counted('test')}"))
        if samples:
            low, high = interval(tested, samples)
            value = f"{percent(low)} to {percent(high)}".replace(f"{NO_BREAK}% to", " to")
            found.append(KeyFigure("Expected on new samples", value, f"{whole_percent(0.95)} confidence interval"))
        if baseline is not None:
            found.append(KeyFigure("Baseline", percent(baseline.test_accuracy, samples), "of the same test samples"))
    else:
        samples = facts.samples("validation")
        value = percent(performance.accuracy, samples)
        found.append(KeyFigure("Validation accuracy", value, f"of {facts.counted('validation')}"))
        if baseline is not None:
            value = percent(baseline.val_accuracy, samples)
            found.append(KeyFigure("Baseline", value, "of the same validation samples"))
    done = facts.progress
    found.append(KeyFigure("Networks trained", f"{done.trials_performed:,}", f"in {duration(done.elapsed_time)}"))
    return found


def summary(facts: StudyFacts) -> list[str]:
    """The sentences, the most important first; at least one."""
    found = [*_state(facts), *_result(facts), *_certainty(facts), *_baseline(facts), *_honesty(facts), *_classes(facts)]
    return [*found, *_training(facts), *_search(facts), *_data(facts), *_influence(facts)]


def _state(facts: StudyFacts) -> Iterator[str]:
    """What a reader must know before all numbers: the study has not ended as planned."""
    study, done = facts.study, facts.progress
    after = f"after {done.trials_performed:,} of {counted(done.total_trials, 'trial')}"
    why = f": {study.reason.rstrip('.')}" if study.reason else ""
    match study.current_status:
        case "created":
            yield "The study has not begun yet."
        case "running":
            yield f"The study still runs, {after}: all numbers may change."
        case "interrupted":
            yield f"The study was interrupted {after}: its process ended. `tuner resume {study.name}` continues it."
        case "cancelled":
            yield f"The study was cancelled {after}{'' if 'cancelled' in why else why}."
        case "failed":
            yield f"The study failed{why}."


def _result(facts: StudyFacts) -> Iterator[str]:
    best, study = facts.best, facts.study
    if best is None or study.best_performance is None:
        if facts.trials:
            failed = facts.progress.failed_trials
            yield "No network has a result" + (
                f": {counted(failed, 'trial')} failed or diverged." if failed else " yet."
            )
        return
    value = objective_value(facts.objective, study.best_objective)
    accuracy = percent(study.best_performance.accuracy, facts.samples("validation"))
    if study.test_accuracy is not None and facts.tested:
        right = percent(study.test_accuracy, facts.samples("test"))
        yield (
            f"The best network (trial {best.trial_number}) classifies {right} of {facts.counted('test')} correctly. "
            "None of them was used to train or to choose it."
        )
    else:
        yield (
            f"The best network {'' if facts.ended else 'so far '}(trial {best.trial_number}) classifies {accuracy} of "
            f"{facts.counted('validation')} correctly. It was not tested on test data yet."
        )
    if facts.objective != "val_accuracy":
        others = " and ".join(f"the {OBJECTIVES[one]}" for one in facts.spec.objectives[1:])
        yield (
            f"It was chosen for the best {OBJECTIVES[facts.objective]}, {value}"
            + (f"; the search also weighed {others}." if others else ".")
        )


def _certainty(facts: StudyFacts) -> Iterator[str]:
    share, samples = facts.study.test_accuracy, facts.samples("test")
    if not facts.tested or share is None or not samples or facts.report is None:
        return
    low, high = interval(share, samples)
    yield (
        f"On new {facts.report.kind}s of the same kind, expect between {percent(low)} and {percent(high)} "
        f"({whole_percent(0.95)} confidence interval of {facts.counted('test')})."
    )


def _baseline(facts: StudyFacts) -> Iterator[str]:
    """The network against a plain method: on test data, or on validation data while it is not tested."""
    baseline, performance = facts.study.baseline, facts.study.best_performance
    if baseline is None or performance is None:
        return
    if facts.tested and facts.study.test_accuracy is not None:
        own, other, samples = facts.study.test_accuracy, baseline.test_accuracy, facts.samples("test")
    else:
        own, other, samples = performance.accuracy, baseline.val_accuracy, facts.samples("validation")
    method = baseline_name(baseline, facts.samples("train"))
    sentence = f"The baseline, {method}, classifies {percent(other, samples)} of the same samples correctly"
    if own <= other:
        yield f"{sentence}: the network is not better than this plain method."
    elif samples and by_chance(own, samples, other, samples):
        yield f"{sentence}. The difference may be chance: {samples:,} samples are too few to decide."
    else:
        yield f"{sentence}: the network makes {whole_percent((own - other) / (1 - other))} fewer errors."


def _honesty(facts: StudyFacts) -> Iterator[str]:
    """Validation against test scores: the choice among many trials makes the former optimistic."""
    tested, performance = facts.study.test_accuracy, facts.study.best_performance
    few, fewer = facts.samples("validation"), facts.samples("test")
    if not facts.tested or tested is None or performance is None or not few or not fewer:
        return
    lost = performance.accuracy - tested
    text = f"Its validation accuracy is {percent(performance.accuracy, few)}"
    if by_chance(performance.accuracy, few, tested, fewer):
        yield f"{text}: the difference from the test may be chance."
    elif lost > 0:
        compared = counted(facts.progress.trials_performed, "trial")
        yield (
            f"{text}, {points(lost)} above the test, which is more than chance. Validation data chose among "
            f"{compared}, so their scores are optimistic: trust the test."
        )
    else:
        yield f"{text}, {points(lost)} below the test, which is more than chance: the two splits differ."


def _classes(facts: StudyFacts) -> Iterator[str]:
    scores, tested = facts.scores, facts.study.test_accuracy
    if missing := never_predicted_text(scores):
        yield f"{missing}."
        return
    known = [one for one in scores.per_class if one.recall is not None]
    if not known or tested is None:
        return
    worst = min(known, key=lambda one: one.recall or 0.0)
    if worst.recall is not None and worst.recall < tested - WEAK_CLASS:
        yield (
            f"Class {worst.label!r} is recognised worst: {percent(worst.recall)} of its {worst.samples:,} test samples."
        )


def _training(facts: StudyFacts) -> Iterator[str]:
    best = facts.best
    if best is None or not facts.curve:
        return
    epoch = next((one for one in facts.curve if one.epoch == best.best_epoch), facts.curve[-1])
    gap = epoch.train_accuracy - epoch.val_accuracy
    trained = f"It trained {counted(len(facts.curve), 'epoch')}"
    if best.duration_seconds:
        trained += f" in {duration(best.duration_seconds)}"
    at = f"{trained}; its best one was epoch {epoch.epoch}, where training accuracy was {points(gap)}"
    if gap > CLEAR_GAP:
        yield f"{at} above validation accuracy, a sign of overfitting."
    elif gap < -CLEAR_GAP / 2:
        yield f"{at} below validation accuracy, as usual with dropout or augmentation, which only training has."
    else:
        yield f"{at} {'above' if gap >= 0 else 'below'} validation accuracy."


def _search(facts: StudyFacts) -> Iterator[str]:
    done = facts.progress
    if not done.trials_performed:
        return
    parts = {
        "completed": done.completed_trials,
        "stopped early": done.pruned_trials,
        "failed or diverged": done.failed_trials,
    }
    counts = ", ".join(f"{number:,} {name}" for name, number in parts.items() if number)
    saved = f" Stopping early saved about {duration(done.saved_s)}." if done.saved_s and done.saved_s >= 1 else ""
    trained = f"The search trained {counted(done.trials_performed, 'network')} in {duration(done.elapsed_time)}"
    large = f" {done.rejected_trials:,} more would have been too large." if done.rejected_trials else ""
    yield f"{trained}: {counts}.{saved}{large}"


def _data(facts: StudyFacts) -> Iterator[str]:
    if facts.trials and facts.partial_data is not None:
        yield facts.partial_data


def _influence(facts: StudyFacts) -> Iterator[str]:
    known = [(name, share) for name, share in (facts.importance.importance or {}).items() if share >= 0.05][:3]
    if not known:
        return
    (first, share), *rest = known
    then = " and ".join(f"`{name}` ({whole_percent(one)})" for name, one in rest)
    yield (
        f"`{first}` influenced the {OBJECTIVES[facts.objective]} most: it explains {whole_percent(share)} of the "
        "differences between trials" + (f", then {then}." if then else ".")
    )
