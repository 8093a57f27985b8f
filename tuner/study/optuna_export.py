"""Writes a study into Optuna's own tables, beside ours in the same database, for `optuna-dashboard`.

It reads the study's log by sequence number and may run at any time, on any machine that reaches the database. The next
export continues after the last written event, whose number is kept with Optuna's study.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import optuna

from tuner import datasets
from tuner.data import ImageInput, TextInput
from tuner.events import TrialComplete, TrialStart
from tuner.models import own
from tuner.search.optuna_study import OptunaStudyWriter, WrittenEvent
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space, make_space
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.trial_spec import SearchedArchitecture

SEQUENCE = "tuner_sequence"
"""User attribute of Optuna's study: sequence number of the last event that was written."""

EVENTS_AT_ONCE = 5_000
BUSY_TIMEOUT_S = 30
"""Longest wait for another writer of a SQLite file."""


class OptunaExport:
    """The export of one study. Use it as a context manager: it closes its connections."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name, self._spec = store, name, store.study(name).spec
        self._storage = open_storage(store.url)
        self._writer: OptunaStudyWriter | None = None
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._storage.engine.dispose()

    def write_new(self) -> int:
        """Write the events that were not written yet; return the number of the study's trials in Optuna's tables.

        Raises FixInputError if the data of a text study, or the module of an own model, cannot be read here.
        """
        while found := self._store.read(self._name, self._written, EVENTS_AT_ONCE):
            events = [event for _, event in found if isinstance(event, WrittenEvent)]
            last = found[-1][0]
            if events and self._writer is None:
                self._writer = self._open_writer(events)
                continue  # after the events that an earlier export wrote
            if self._writer is not None:
                for of_one_trial in _by_trial(events):
                    self._writer.learn_trial(of_one_trial)
                self._writer.study.set_user_attr(SEQUENCE, last)
            self._written = last
        return 0 if self._writer is None else len(self._writer.study.get_trials(deepcopy=False))

    def _open_writer(self, events: list[WrittenEvent]) -> OptunaStudyWriter:
        known = next(event.hyperparameters for event in events if isinstance(event, TrialStart | TrialComplete))
        space = _space_of(self._spec, known)
        writer = OptunaStudyWriter(self._storage, self._spec, space, for_people=True)
        written = int(writer.study.user_attrs.get(SEQUENCE, 0))
        if written > self._store.last_sequence(self._name):  # of an earlier study with the same name
            optuna.delete_study(study_name=self._name, storage=self._storage)
            writer, written = OptunaStudyWriter(self._storage, self._spec, space, for_people=True), 0
        self._written = written
        return writer


def open_storage(url: str) -> optuna.storages.RDBStorage:
    """Return Optuna's storage in the database at a SQLAlchemy address; its tables are made if they do not exist."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    waiting = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    return optuna.storages.RDBStorage(url, engine_kwargs=waiting)


def delete_export(url: str, name: str) -> None:
    """Remove a study from Optuna's tables in the database at a SQLAlchemy address, if it is in them."""
    storage = open_storage(url)
    try:
        if any(study.study_name == name for study in storage.get_all_studies()):
            optuna.delete_study(study_name=name, storage=storage)
    finally:
        storage.engine.dispose()


def _by_trial(events: Iterable[WrittenEvent]) -> list[list[WrittenEvent]]:
    found: dict[int, list[WrittenEvent]] = {}
    for event in events:
        found.setdefault(event.trial_number, []).append(event)
    return list(found.values())


def _space_of(spec: StudySpec, hyperparameters: Hyperparameters) -> Space:
    # The data are read only for texts: bounds of their parameters depend on the vocabulary.
    data_input: ImageInput | TextInput = ImageInput(1, 1, 1, scale=1.0, offset=0.0)
    if "vocabulary_size" in hyperparameters:
        data_input = datasets.load(spec.data)[0].input
    if spec.model is not None:
        # The stored space of a function that was given in Python is complete.
        own_space = spec.space if own.is_of_a_script(spec.model) else own.load(spec.model).space
        return make_space(spec, "own", data_input, own_space)
    architecture: SearchedArchitecture = spec.architecture
    if "architecture" not in hyperparameters and architecture == "auto":  # of images, or of an earlier version of tuner
        architecture = "cnn" if "conv_layers" in hyperparameters else "lstm"
    return make_space(spec, architecture, data_input, {})
