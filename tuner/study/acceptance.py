"""Accepts the resume of a study that another process will begin: in the database before that process starts.

So every reader sees at once that the study will go on, and with how many trials.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tuner.events import StudyStatus
from tuner.store import Store, StudyRow
from tuner.study.driver import spec_to_resume

RESUMED = "resumed; its process is starting"


@contextmanager
def accepted_resume(store: Store, name: str, trials: int | None) -> Iterator[int]:
    """Context manager that accepts a resume and yields the number of its event, after which the new run begins.

    Enter it with the study's lease (`brief_lease`). If its body raises, the study is as it was before.

    Args:
        trials: New total number of trials; None: unchanged.

    Raises:
        FixInputError: the study has all these trials, or `trials` is wrong.
    """
    before = store.study(name)
    spec = spec_to_resume(store, before, trials)
    number = store.append(name, StudyStatus(status="created", reason=RESUMED, time=store.now()), spec=spec)
    try:
        yield number
    except BaseException:  # also an interrupt
        store.append(name, _last_status(before, store), spec=before.spec)
        raise


def _last_status(study: StudyRow, store: Store) -> StudyStatus:
    """The event after which the study's row is as it is."""
    time = study.completed_at or study.running_since or store.now()
    return StudyStatus(status=study.status, reason=study.reason, time=time)
