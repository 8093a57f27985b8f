"""What is to be done about a study's job: decided here from what the database and Ray tell, done by the supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto

from serve_app.launching.jobs import Job
from tuner.store import StudyRow

ATTEMPTS = 4
"""Jobs of one run: the first, and three that go on after a driver that died."""
CANCEL_WITHIN_S = 120.0
"""A study that was asked to stop and has not ended by then is stopped by force."""


class Decision(Enum):
    """What is to be done."""

    WAIT = auto()
    """Nothing yet: look again."""
    SETTLED = auto()
    """Nothing any more."""
    STOP = auto()
    """It was asked to end, and does not."""
    GO_ON = auto()
    """Its driver died: another one goes on."""
    GIVE_UP = auto()
    """Its driver died too often."""
    CANCELLED = auto()
    """The job was stopped by force, or its driver died after a cancel request: the end must be recorded."""


def decide(study: StudyRow, job: Job, *, ended: bool, at: datetime) -> Decision:
    """The decision about a study's latest job.

    Args:
        ended: Whether the study ended since the job was submitted.
        at: The database's time.
    """
    if job.state == "active":
        asked = study.cancel_requested_at if study.cancel_pending else None
        overdue = asked is not None and at - asked > timedelta(seconds=CANCEL_WITHIN_S)
        return Decision.STOP if overdue else Decision.WAIT
    if ended:
        return Decision.SETTLED
    if study.alive:
        return Decision.WAIT  # its lease runs out soon; or somebody resumed it by hand
    if job.state == "stopped" or study.cancel_pending:
        return Decision.CANCELLED
    return Decision.GO_ON if job.attempt < ATTEMPTS else Decision.GIVE_UP
