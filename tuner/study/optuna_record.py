"""The study in Optuna's own tables, beside ours in the same database: `optuna-dashboard` shows it while it runs.

A copy for people. Nothing is read from it, the study never waits for it and goes on without it: what it missed, it is
told later. A thread of its own writes it, and rests between: where trials end faster than Optuna takes them in, the
record lags behind and is whole at the study's end.
"""

from __future__ import annotations

import logging
import threading
import time

import optuna

from tuner.events import DurableEvent
from tuner.search.optuna_study import OptunaStudyWriter, Told
from tuner.search.space import Space
from tuner.spec import StudySpec
from tuner.store import Store

log = logging.getLogger("tuner.study")

BUSY_TIMEOUT_S = 30
"""How long a write waits for others, on SQLite."""


RESTS = 9.0
"""Times the seconds that a write took: while the study runs, the record takes at most a tenth of one core. Optuna needs
up to 0.1 s for a trial, half of it for one of which all is known already."""


class OptunaRecord:
    """One study's record. Whatever goes wrong with it is logged once, and mended at the next event."""

    def __init__(self, store: Store, spec: StudySpec, space: Space) -> None:
        self._store, self._spec, self._space = store, spec, space
        self._mirror: OptunaStudyWriter | None = None
        self._up_to_date = self._said = False
        self._changed = threading.Condition()
        self._waiting: dict[int, list[Told]] = {}
        """What is to be told of each trial, whose turn comes first first."""
        self._resting, self._closing = True, False
        self._writer = threading.Thread(target=self._write, name="optuna-record", daemon=True)
        self._writer.start()

    def learn(self, event: DurableEvent) -> None:
        """Tell one event of the log, soon."""
        if isinstance(event, Told):
            with self._changed:
                self._waiting.setdefault(event.trial_number, []).append(event)
                self._changed.notify()

    def hurry(self) -> None:
        """Rest no more, since no trial runs that would have to wait."""
        with self._changed:
            self._resting = False
            self._changed.notify()

    def close(self) -> None:
        """Return once everything is told, or cannot be. Closing again does nothing."""
        self.hurry()
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._writer.join()

    def _write(self) -> None:
        self._tell([])
        while events := self._next():
            began = time.monotonic()
            self._tell(events)
            took = time.monotonic() - began
            with self._changed:
                self._changed.wait_for(lambda: not self._resting, RESTS * took)

    def _next(self) -> list[Told]:
        """What waits of one trial; nothing once all is told and nothing more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting.pop(next(iter(self._waiting))) if self._waiting else []

    def _tell(self, events: list[Told]) -> None:
        """Tell events of one trial, or all that the store knows where some were missed."""
        try:
            if events and self._mirror is not None and self._up_to_date:
                self._mirror.learn_trial(events)
            else:
                self._catch_up()
            self._up_to_date, self._said = True, False
        except Exception as error:  # noqa: BLE001 - whatever a database or Optuna says, the study goes on
            if not self._said:
                log.warning("Optuna's record of the study lags behind: %s", " ".join(str(error).split()))
            self._up_to_date, self._said = False, True

    def _catch_up(self) -> None:
        name = self._spec.run_name
        assert name is not None
        if self._mirror is None:
            self._mirror = OptunaStudyWriter(open_storage(self._store.url), self._spec, self._space, for_people=True)
        self._mirror.catch_up(self._store.trials(name), self._store.epochs(name))


def open_storage(url: str) -> optuna.storages.RDBStorage:
    """Optuna's tables in the database at a SQLAlchemy address; made if they are not there."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    waiting = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    return optuna.storages.RDBStorage(url, engine_kwargs=waiting)


def forget(url: str, name: str) -> None:
    """Remove a study's record from the database at a SQLAlchemy address; one that has none is left as it is."""
    storage = open_storage(url)
    try:
        optuna.delete_study(study_name=name, storage=storage)
    except KeyError:
        log.debug("Optuna has no record of study %s", name)
    finally:
        storage.engine.dispose()
