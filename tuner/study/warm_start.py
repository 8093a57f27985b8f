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
from tuner.trial_spec import TEXT_ARCHITECTURES, SearchedArchitecture

log = logging.getLogger("tuner.study")

AUTO = "auto"

MOST_STUDIES = 50
"""Most studies that `auto` starts with: all of them are read before the first trial starts."""


def check_warm_start(store: Store, spec: StudySpec, architecture: SearchedArchitecture | None) -> None:
    """Raise FixInputError if the study in `warm_start_from` does not exist or is not of the new study's kind.

    Without the new study's architecture, which may not be known yet, kinds of networks are not compared.
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
            searched = _searched(plan.architecture)
            fitting = [one for one in trials if one.architecture is None or one.architecture.type in searched]
            yield EarlierStudy(study.name, study.spec, fitting, epochs)


def _why_not(
    spec: StudySpec, architecture: SearchedArchitecture | None, study: StudyRow, trials: list[TrialRow]
) -> str | None:
    """Return why a study cannot start from an earlier one; None if it can."""
    if not any(trial.status == "completed" for trial in trials):
        return "it has no completed trial"
    theirs, ours = study.spec.objectives[0], spec.objectives[0]
    if theirs != ours:
        return f"it optimises {theirs}, this study {ours}"
    if spec.model != study.spec.model:
        return f"it searches {_kind(study.spec, trials)}, this study {_shown(spec, architecture)}"
    if architecture is None or spec.model is not None or _searched(architecture) & _architectures(trials):
        return None
    return f"it searches {_kind(study.spec, trials)}, this study {_shown(spec, architecture)}"


def _searched(architecture: SearchedArchitecture) -> set[str]:
    return {*TEXT_ARCHITECTURES} if architecture == "auto" else {architecture}


def _architectures(trials: list[TrialRow]) -> set[str]:
    return {trial.architecture.type for trial in trials if trial.architecture is not None}


def _kind(spec: StudySpec, trials: list[TrialRow]) -> str:
    return _shown(spec, " and ".join(sorted(_architectures(trials))))


def _shown(spec: StudySpec, architecture: str | None) -> str:
    if spec.model is not None:
        return f"the model {spec.model}"
    return f"{'text' if architecture == 'auto' else architecture} networks"
