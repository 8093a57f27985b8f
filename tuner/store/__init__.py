"""What happened, kept: the only room that knows SQL.

A log is two verbs: `Store.append` an event, `Store.read` the events from a number on. Everything else that the store
answers (studies, trials, epochs; `Pages`: some of many) is a projection of that log, written in the same transaction.
Beside it stands, in the study's row, who runs the study and whether it was asked to stop.
"""

from tuner.store.driven import DrivenStore
from tuner.store.lease import Lease, runs_already
from tuner.store.pages import Pages
from tuner.store.patience import Patience
from tuner.store.rows import (
    INTERRUPTED,
    EpochRow,
    JobRow,
    Outcome,
    Placement,
    StandingName,
    StudyRow,
    Tally,
    TrialLine,
    TrialRow,
)
from tuner.store.standing import BriefStanding, Standing
from tuner.store.store import Store
from tuner.store.tail import Head, Tail

__all__ = [
    "INTERRUPTED",
    "BriefStanding",
    "DrivenStore",
    "EpochRow",
    "Head",
    "JobRow",
    "Lease",
    "Outcome",
    "Pages",
    "Patience",
    "Placement",
    "Standing",
    "StandingName",
    "Store",
    "StudyRow",
    "Tail",
    "Tally",
    "TrialLine",
    "TrialRow",
    "runs_already",
]
