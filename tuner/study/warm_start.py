"""Finds the earlier studies that a new one begins with (`warm_start_from`).

Of the same kind are studies of the same kind of network (or the same own model) with the same first objective. All is
read from the database, nothing from the other studies' folders.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice

from tuner.errors import FixInputError, UnknownStudyError
from tuner.search.warm_start import LEARNERS, EarlierStudy, WarmStart, comparable, warm_start
from tuner.spec import StudySpec
from tuner.store import Store, StudyRow, TrialRow
from tuner.study.plan import Plan

log = logging.getLogger("tuner.study")

AUTO = "auto"

MOST_STUDIES = 50
"""Most studies that `auto` starts with: all of them are read before the first trial starts."""


def check_warm_start(store: Store, spec: StudySpec, architecture: str) -> None:
    """Raise FixInputError if the study in `warm_start_from` does not exist or is not of the new study's kind.

    The architecture "auto" is not known yet, and not compared.
    """
    name = spec.warm_start_from
    if name is None or name == AUTO:
        return
    try:
        study = store.study(name)
    except UnknownStudyError as error:
        raise FixInputError(f"warm_start_from: {error.message}", remedy=error.remedy) from None
    reason = _why_not(spec, architecture, study, store.trials(name))
    if reason is not None:
        raise FixInputError(f"warm_start_from={name!r}: {reason}", remedy="name another study, or auto, or none")


def find_warm_start(store: Store, plan: Plan) -> WarmStart:
    """What the study begins with; logs it. A resumed study does without an earlier study that was deleted."""
    spec = plan.spec
    if spec.warm_start_from is None:
        return WarmStart()
    earlier = list(islice(_earlier(store, plan), MOST_STUDIES))
    if not earlier:
        log.info("warm_start_from=%s: no earlier study of this kind; the search begins without", spec.warm_start_from)
        return WarmStart()
    found = warm_start(spec, plan.space, earlier)
    log.info(
        "warm start from %s; results known: %d (%s); configurations tried first, once: %d",
        ", ".join(study.name for study in earlier),
        len(found.results),
        _what_is_known(spec, earlier),
        len(found.first),
    )
    return found


def _what_is_known(spec: StudySpec, earlier: list[EarlierStudy]) -> str:
    if spec.searcher not in LEARNERS:
        return f"searcher={spec.searcher} learns from none"
    if not any(comparable(spec, study.spec) for study in earlier):
        return "other data or epochs"
    return "same data and epochs"


def _earlier(store: Store, plan: Plan) -> Iterator[EarlierStudy]:
    """The studies to begin with: those on the same data set first, each group the newest first."""
    spec = plan.spec
    newest_first = store.studies()
    itself = next((study for study in newest_first if study.name == spec.run_name), None)
    if spec.warm_start_from == AUTO:
        before = newest_first if itself is None else newest_first[newest_first.index(itself) + 1 :]
        candidates = [study for study in before if study.status in ("completed", "cancelled")]
    else:
        candidates = [study for study in newest_first if study.name == spec.warm_start_from]
    for study in sorted(candidates, key=lambda study: study.spec.dataset != spec.dataset):
        if study.spec.objectives[0] != spec.objectives[0]:
            continue  # known without reading its trials
        trials = store.trials(study.name)
        if _why_not(spec, plan.architecture, study, trials) is None:
            epochs = store.epochs(study.name) if comparable(spec, study.spec) else []
            yield EarlierStudy(study.name, study.spec, trials, epochs)


def _why_not(spec: StudySpec, architecture: str, study: StudyRow, trials: list[TrialRow]) -> str | None:
    """Return why a study cannot start from an earlier one; None if it can."""
    if not any(trial.status == "completed" for trial in trials):
        return "it has no completed trial"
    theirs, ours = study.spec.objectives[0], spec.objectives[0]
    if theirs != ours:
        return f"it optimises {theirs}, this study {ours}"
    theirs_kind = _kind(study.spec, _architecture(study.spec, trials))
    ours_kind = _kind(spec, architecture)
    if architecture == "auto" or theirs_kind == ours_kind:
        return None
    return f"it searches {theirs_kind}, this study {ours_kind}"


def _architecture(spec: StudySpec, trials: list[TrialRow]) -> str:
    if spec.architecture != "auto":
        return spec.architecture
    return next((trial.architecture.type for trial in trials if trial.architecture is not None), "auto")


def _kind(spec: StudySpec, architecture: str) -> str:
    return f"the model {spec.model}" if spec.model is not None else f"{architecture} networks"
