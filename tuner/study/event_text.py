"""Formats an event as one line of text, for the log and for output that is not a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from tuner.events import (
    Baseline,
    BaselineFitted,
    BestModel,
    DataRead,
    DurableEvent,
    EpochProgress,
    HealthAlert,
    HealthMetrics,
    NewBest,
    Performance,
    Refit,
    RemoteJob,
    StudyChanged,
    StudyStatus,
    TrialBilled,
    TrialChanged,
    TrialComplete,
    TrialRepeated,
    TrialStart,
)
from tuner.health.health_text import health_label
from tuner.objectives import CLASS_SCORES


def event_lines(event: DurableEvent) -> list[str]:
    """The event as lines, without its time: the whole report on the data, else one line."""
    if isinstance(event, DataRead):
        return [f"data: {line}" for line in event.data.report.lines()]
    return [event_line(event)]


def event_line(event: DurableEvent) -> str:
    """The event in one line, without its time."""
    match event:
        case StudyStatus():
            return f"study {event.status}" + (f": {event.reason}" if event.reason else "")
        case DataRead():
            return f"data: {event.data.report.lines()[0]}"
        case BaselineFitted():
            return f"baseline: {baseline_text(event.baseline)}"
        case TrialStart():
            size = f"{event.architecture.total_parameters:,} parameters"
            where = " on RunPod" if event.place == "runpod" else ""
            why = f", on this cluster: {event.why_local}" if event.why_local else ""
            by = f", suggested by {words(event.suggested_by)}" if event.suggested_by else ""
            return f"trial {event.trial_number} started{where}: {event.architecture.type}, {size}{by}{why}"
        case EpochProgress():
            return (
                f"trial {event.trial_number} epoch {event.epoch}/{event.epochs}: "
                f"loss {event.train.loss:.4f}, accuracy {event.train.accuracy:.4f}, "
                f"val_loss {event.validation.loss:.4f}, val_accuracy {event.validation.accuracy:.4f}"
                f"{_class_scores(event.class_scores)}"
                f"{_health(event.health_metrics)}{_epoch_score(event)}, {event.duration_s:.1f} s"
            )
        case TrialComplete():
            accuracy = f", val_accuracy {event.performance.accuracy:.4f}" if event.performance else ""
            known = f"{accuracy}{_class_scores(event.values)}{_health(event.health_metrics)}{_score(event.performance)}"
            return f"trial {event.trial_number} {event.status}{known}: {event.reason}"
        case HealthAlert():
            finding = event.finding
            hopeless = " (more epochs would not help)" if finding.hopeless else ""
            return f"trial {event.trial_number} epoch {finding.epoch}: {finding.name}{hopeless}: {finding.evidence}"
        case TrialBilled():
            return f"trial {event.trial_number} billed by RunPod: {_bill(event.job)}"
        case TrialRepeated():
            repeat = event.repeat
            gap = "identical" if repeat.largest_difference == 0 else f"accuracy gap {repeat.accuracy_gap:.4f}"
            return f"trial {event.trial_number} trained again locally: val_accuracy {repeat.accuracy:.4f}, {gap}"
        case NewBest():
            performance = event.performance
            accuracy = f"val_accuracy {performance.accuracy:.4f}"
            return f"new best: trial {event.trial_number}, {accuracy}{_score(performance)}"
        case BestModel():
            again = event.retrained_val_accuracy
            note = "" if again is None else f" (trained again here: {again:.4f})"
            refit = "" if event.refit is None else f", {refit_text(event.refit)}"
            return (
                f"best model: trial {event.trial_number}, val_accuracy {event.val_accuracy:.4f}{note}{refit}, "
                f"test_accuracy {event.test_accuracy:.4f}, saved in {event.folder}"
            )
        case StudyChanged() | TrialChanged():
            which = f"trial {event.trial_number}" if isinstance(event, TrialChanged) else "study"
            return f"{which}: {'; '.join(_change(event, name) for name in event.changed)}"


def _change(event: StudyChanged | TrialChanged, field: str) -> str:
    """What a person changed in a field, in a few words; the text of a note is left out."""
    value = getattr(event, field)
    match field:
        case "note":
            return "note removed" if value is None else "note changed"
        case "tags":
            return f"tags: {', '.join(value)}" if value else "tags removed"
        case "concurrent_workers":
            return f"concurrent_workers={value}"
        case "starred":
            return "starred" if value else "star removed"
    return "a person asked to cancel it"


def _class_scores(values: Mapping[str, float]) -> str:
    """Such as `, val_macro_f1 0.5000`, of those that were measured."""
    return "".join(f", {name} {values[name]:.4f}" for name in CLASS_SCORES if name in values)


def baseline_text(baseline: Baseline) -> str:
    """Such as `TF-IDF + logistic regression over words, val_accuracy 0.8430, in 1.2 s`; its test is told at the end."""
    return f"{baseline.name}, val_accuracy {baseline.val_accuracy:.4f}, in {baseline.seconds:.1f} s"


def baseline_name(baseline: Baseline, training_samples: int | None) -> str:
    """Its name, such as `logistic regression over 28 x 28 pixels (learned from 10,000 of 54,000 training samples)`.

    What it learned from is left out if it learned from all of the study's training samples, or these are not known.
    """
    if training_samples is None or baseline.training_samples >= training_samples:
        return baseline.name
    return f"{baseline.name} (learned from {baseline.training_samples:,} of {training_samples:,} training samples)"


def refit_text(refit: Refit) -> str:
    """Such as `refitted on 1,438 samples (training and validation) for 8 epochs in 9.5 s`."""
    epochs = f"{refit.epochs} epoch{'' if refit.epochs == 1 else 's'}"
    return f"refitted on {refit.samples:,} samples (training and validation) for {epochs} in {refit.seconds:.1f} s"


def words(name: str) -> str:
    """A name for programs as words, such as `gaussian process`."""
    return name.replace("_", " ")


def _bill(job: RemoteJob) -> str:
    cost = "" if job.cost_usd is None else f", ${job.cost_usd:.4f}"
    saved = "" if job.saved_s is None else f", about {job.saved_s:.0f} s saved"
    return f"{job.billed_s:.1f} s{' (estimated)' if job.estimated else ''}{cost}{saved}, job {job.status.lower()}"


def _health(metrics: HealthMetrics | None) -> str:
    return "" if metrics is None else f", health {health_label(metrics)}"


def _score(performance: Performance | None) -> str:
    if performance is None or performance.total_score == performance.accuracy:
        return ""
    return f", total_score {performance.total_score:.4f}"


def _epoch_score(event: EpochProgress) -> str:
    """The total score of an epoch: the monitored objective unless the line already has it."""
    metrics = event.health_metrics
    others = (event.validation.accuracy, event.validation.loss, metrics and metrics.overall_health)
    return "" if metrics is None or event.objective in others else f", total_score {event.objective:.4f}"
