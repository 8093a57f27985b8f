"""Accepts the resume of a study that another process will begin: in the database before that process starts.

So every reader sees at once that the study will go on, and with how many trials.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tuner.errors import FixInputError
from tuner.events import StudyStatus
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import Store, StudyRow
from tuner.study.result import view
from tuner.study.saved_model import is_lost

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


def spec_to_resume(
    store: Store, study: StudyRow, trials: int | None, model: str | Callable[..., Any] | None = None
) -> StudySpec:
    """Return the spec of a resumed study. Raises FixInputError if it ended with all trials, or a change is wrong."""
    spec = study.spec
    if study.workers is not None:
        spec = spec.model_copy(update={"concurrent_workers": study.workers})
    if model is not None:
        if spec.model is None:
            raise FixInputError(f"study {study.name!r} has no own model", remedy="resume it without model")
        spec = spec.with_model(model)
    if trials is not None:  # today's input rules hold for the new number alone
        spec = spec.model_copy(update={"trials": parse_study_spec({"trials": trials}).trials})
    done = view(store, study.name).progress.trials_performed
    # A study with all its trials may lack the best model: its last run was killed, or its files were damaged.
    ended = study.status == "completed" or (study.status == "failed" and study.best_trial_number is None)
    if done > spec.trials or (done == spec.trials and ended and not is_lost(study)):
        raise FixInputError(
            f"study {study.name!r} has all its {done} trials",
            remedy=f"ask for more: `tuner resume {study.name} trials={done + 10}`",
        )
    return spec


def _last_status(study: StudyRow, store: Store) -> StudyStatus:
    """The event after which the study's row is as it is."""
    time = study.completed_at or study.running_since or store.now()
    return StudyStatus(status=study.status, reason=study.reason, time=time)
