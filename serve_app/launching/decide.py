"""Decides what the supervisor does about a study's latest job. Pure: the supervisor acts on the decision."""

from __future__ import annotations

from enum import Enum, auto

from serve_app.launching.jobs import Job
from tuner.store import StudyRow

ATTEMPTS = 4
"""Jobs of one run: the first one, and three more if drivers die."""
CANCEL_WITHIN_S = 120.0
"""The supervisor stops the job of a study that has not ended so long after it was asked to."""


class Decision(Enum):
    """What the supervisor does about a job."""

    WAIT = auto()
    """Look again later."""
    SETTLED = auto()
    """Never look at this job again."""
    STOP = auto()
    """Stop the job: the study was asked to end and has not ended in time."""
    RESTART = auto()
    """Submit the next job: the driver died."""
    GIVE_UP = auto()
    """Mark the study as failed: its driver died too often."""
    CANCELLED = auto()
    """Mark the study as cancelled: its job was stopped in Ray, or its driver died after the study was asked to end."""


def decide(study: StudyRow, job: Job, *, ended: bool, cancel_age_s: float) -> Decision:
    """The decision about a study's latest job.

    Args:
        ended: Whether the study has ended since the job was submitted.
        cancel_age_s: Seconds since the supervisor first saw that the study was asked to end; 0 if it was not asked.
    """
    if job.state == "active":
        return Decision.STOP if cancel_age_s > CANCEL_WITHIN_S else Decision.WAIT
    if ended:
        return Decision.SETTLED
    if study.alive:
        return Decision.WAIT  # its lease has not expired yet, or somebody resumed the study by hand
    if job.state == "stopped" or study.cancel_pending:
        return Decision.CANCELLED
    return Decision.RESTART if job.attempt < ATTEMPTS else Decision.GIVE_UP
