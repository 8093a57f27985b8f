"""An event as one line of text, for the log and for a console that is no terminal."""

from __future__ import annotations

from tuner.events import (
    BestModel,
    DurableEvent,
    EpochProgress,
    HealthAlert,
    NewBest,
    StudyStatus,
    TrialComplete,
    TrialStart,
)


def line(event: DurableEvent) -> str:
    """What happened, in one line without the time."""
    match event:
        case StudyStatus():
            return f"study {event.status}" + (f": {event.reason}" if event.reason else "")
        case TrialStart():
            size = f"{event.architecture.total_parameters:,} parameters"
            return f"trial {event.trial_number} started: {event.architecture.type}, {size}"
        case EpochProgress():
            return (
                f"trial {event.trial_number} epoch {event.epoch}/{event.epochs}: "
                f"loss {event.train.loss:.4f}, accuracy {event.train.accuracy:.4f}, "
                f"val_loss {event.validation.loss:.4f}, val_accuracy {event.validation.accuracy:.4f}, "
                f"{event.duration_s:.1f} s"
            )
        case TrialComplete():
            score = f", val_accuracy {event.performance.accuracy:.4f}" if event.performance else ""
            return f"trial {event.trial_number} {event.status}{score}: {event.reason}"
        case HealthAlert():
            finding = event.finding
            return f"trial {event.trial_number} epoch {finding.epoch}: {finding.name}: {finding.evidence}"
        case NewBest():
            return f"new best: trial {event.trial_number}, val_accuracy {event.performance.accuracy:.4f}"
        case BestModel():
            return (
                f"best model: trial {event.trial_number}, val_accuracy {event.val_accuracy:.4f}, "
                f"test_accuracy {event.test_accuracy:.4f}, saved in {event.folder}"
            )
