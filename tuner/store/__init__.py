"""The database of studies. No other package contains SQL.

The log has two verbs: `Store.append` an event, `Store.read` the events after a number. All other tables (studies,
trials, epochs; `StoreQueries`) are projections of the log, written in the same transaction. A study's row also holds
its lease: the process that runs the study, and whether it was asked to stop. `Changes` appends what people change.
"""

from tuner.errors import DatabaseAwayError
from tuner.store.changes import Asked, Changes
from tuner.store.driver_store import DriverStore
from tuner.store.engine import DatabaseFaultError
from tuner.store.lease import Lease, already_running
from tuner.store.log_watch import LogEnd, LogWatch
from tuner.store.queries import StoreQueries
from tuner.store.requests import OtherRequestError, StartRequest
from tuner.store.rows import (
    BASELINE,
    STATUS_MEANING,
    CurrentStatus,
    EpochRow,
    JobRow,
    StudyRow,
    TrialOutcome,
    TrialRow,
    TrialSummary,
    TrialTotals,
)
from tuner.store.sqlite_file import FileAwayError, NoDatabaseError
from tuner.store.store import Store
from tuner.store.study_snapshot import LiveSnapshot, StudySnapshot, StudySummary
from tuner.store.transactions import Retry
from tuner.store.trial_queries import Curve, CurveMetric, TrialEnd, TrialFilter, TrialOrder, TrialPage, TrialQueries

__all__ = [
    "BASELINE",
    "STATUS_MEANING",
    "Asked",
    "Changes",
    "CurrentStatus",
    "Curve",
    "CurveMetric",
    "DatabaseAwayError",
    "DatabaseFaultError",
    "DriverStore",
    "EpochRow",
    "FileAwayError",
    "JobRow",
    "Lease",
    "LiveSnapshot",
    "LogEnd",
    "LogWatch",
    "NoDatabaseError",
    "OtherRequestError",
    "Retry",
    "StartRequest",
    "Store",
    "StoreQueries",
    "StudyRow",
    "StudySnapshot",
    "StudySummary",
    "TrialEnd",
    "TrialFilter",
    "TrialOrder",
    "TrialOutcome",
    "TrialPage",
    "TrialQueries",
    "TrialRow",
    "TrialSummary",
    "TrialTotals",
    "already_running",
]
