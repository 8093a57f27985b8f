"""What happened, kept: the only room that knows SQL.

A log is two verbs: `Store.append` an event, `Store.read` the events from a number on. Everything else that the store
answers (studies, trials, epochs) is a projection of that log, written in the same transaction.
"""

from tuner.store.rows import EpochRow, StudyRow, TrialRow
from tuner.store.store import Store

__all__ = ["EpochRow", "Store", "StudyRow", "TrialRow"]
