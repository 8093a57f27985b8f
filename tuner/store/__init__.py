"""What happened, kept: the only room that knows SQL.

A log is two verbs: `Store.append` an event, `Store.read` the events from a number on. Everything else that the store
answers (studies, trials, epochs; `StoreQueries`) is a projection of that log, written in the same transaction.
Beside it stands, in the study's row, who runs the study and whether it was asked to stop.
"""

from tuner.store.driven import DrivenStore
from tuner.store.lease import Lease, runs_already
from tuner.store.log_watch import LogEnd, LogWatch
from tuner.store.queries import StoreQueries
from tuner.store.retry import Retry
from tuner.store.rows import (
    INTERRUPTED,
    EpochRow,
    JobRow,
    StandingName,
    StudyRow,
    TrialOutcome,
    TrialPlacement,
    TrialRow,
    TrialSummary,
    TrialTotals,
)
from tuner.store.store import Store
from tuner.store.study_snapshot import StudySnapshot, StudySummary

__all__ = [
    "INTERRUPTED",
    "DrivenStore",
    "EpochRow",
    "JobRow",
    "Lease",
    "LogEnd",
    "LogWatch",
    "Retry",
    "StandingName",
    "Store",
    "StoreQueries",
    "StudyRow",
    "StudySnapshot",
    "StudySummary",
    "TrialOutcome",
    "TrialPlacement",
    "TrialRow",
    "TrialSummary",
    "TrialTotals",
    "runs_already",
]
