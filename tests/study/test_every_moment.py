"""A driver that dies after each of its writes in turn, scripted: the study that goes on ends the same every time.

`test_kills` does it to real processes, at some moments; this does it at all of them, without any.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest

from tests.search.samples import RandomSuggester, space
from tests.store.samples import trial_spec
from tests.study.scripted import complete, epoch, start, status
from tuner.events import DurableEvent, TrialEvent
from tuner.runners.shared_folder import state_file
from tuner.search.optuna_study import NUMBER
from tuner.search.rungs import Rungs
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.leader import Leader
from tuner.study.optuna_export import OptunaExport, open_storage
from tuner.study.paths import StudyPaths
from tuner.study.recorder import Recorder
from tuner.study.stop_signal import StopSignal
from tuner.study.study_log import StudyLog

CURVES = {1: [0.5, 0.7], 2: [0.6, 0.4], 3: [0.3, 0.8]}
EPOCHS = 2
SPEC = StudySpec(run_name="s", trials=len(CURVES))
SPACE = space()


class DiedError(BaseException):
    """The end of a process, which nothing survives."""


class Mortal(Store):
    """Dies after so many writes."""

    writes_left: int | None = None

    def append(self, study_name: str, event: DurableEvent) -> int:
        number = super().append(study_name, event)
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left == 0:
                raise DiedError
        return number


class Study:
    """A study in a folder, with workers that keep the state of each trial: here, how many epochs are done.

    Args:
        empty: A database that holds all tables, which take long to make.
        kept_first: Whether a worker's state is written before the driver hears of the epoch, or not yet when it dies.
    """

    def __init__(self, empty: Path, folder: Path, *, kept_first: bool) -> None:
        folder.mkdir()
        shutil.copy(empty, folder / "tuner.db")
        self.url = f"sqlite:///{folder / 'tuner.db'}"
        self._paths = StudyPaths(folder)
        self._paths.checkpoints.mkdir()
        self._kept: dict[int, int] = {}
        self._kept_first = kept_first
        with Store.open(self.url) as store:
            store.create_study(SPEC, folder=str(folder))

    def drive(self, writes: int | None = None, *, exported: bool = True) -> bool:
        """Go on until the end, or until so many writes are done; tells whether it ended."""
        with Mortal.open(self.url) as store:
            study_log, before = StudyLog(store, "s"), store.study("s")
            leader = Leader(SPEC, before)
            recorder = Recorder(study_log, SPEC, self._paths, StopSignal(), Rungs(1, 3), leader)
            store.writes_left = writes
            try:
                study_log.append(status("running", 0))
                recorder.mend()
                ended = {row.trial_number for row in store.trials("s") if row.completed_at is not None}
                for number in CURVES.keys() - ended:
                    self._train(recorder, number)
                study_log.append(status("completed", 1))
            except DiedError:
                return False
            finally:
                if exported:
                    self.export()
        return True

    def export(self) -> None:
        with Store.open(self.url) as store, OptunaExport(store, "s") as export:
            export.write_new()

    def _train(self, recorder: Recorder, number: int) -> None:
        """What a worker reports of one trial, from its last state on."""
        done = self._kept.get(number, 0)
        told_again = [self._epoch(number, done)] if done else []
        begun = start(number).model_copy(update={"resumed_from_epoch": done})
        self._report(recorder, number, begun, *told_again)
        if done == EPOCHS:
            self._report(recorder, number, self._end(number))
        for at in range(done + 1, EPOCHS + 1):
            last = at == EPOCHS
            if self._kept_first or last:  # a worker waits for the last state before it reports the end
                self._keep(number, at)
            self._report(recorder, number, self._epoch(number, at), *([self._end(number)] if last else []))
            if not last:
                self._keep(number, at)

    def _keep(self, number: int, at: int) -> None:
        self._kept[number] = at
        (self._paths.checkpoints / state_file(number)).touch()

    def _epoch(self, number: int, at: int) -> Any:
        return epoch(number, at, CURVES[number][at - 1], last=at == EPOCHS)

    def _end(self, number: int) -> Any:
        return complete(number, max(CURVES[number]))

    def _report(self, recorder: Recorder, number: int, *events: TrialEvent) -> None:
        hyperparameters = SPACE.suggest(RandomSuggester(number))
        known = {"hyperparameters": hyperparameters}
        told = [e.model_copy(update=known) if hasattr(e, "hyperparameters") else e for e in events]
        spec = trial_spec(number, SPEC, hyperparameters, EPOCHS)
        tunes = SimpleNamespace(config={"trial": spec.model_dump(mode="json")})
        recorder.on_trial_result(1, [], tunes, {"events": [event.model_dump(mode="json") for event in told]})

    def writes(self) -> int:
        with Store.open(self.url) as store:
            return len(store.read("s"))

    def outcome(self) -> Any:
        """All that must not depend on where the driver died."""
        with Store.open(self.url) as store:
            study, rows = store.study("s"), store.trials("s")
            log = [event for _, event in store.read("s")]
            curves = [(e.trial_number, e.epoch, e.objective) for e in store.epochs("s")]
        # The tables are there: `open_storage` would read all of Optuna's migrations.
        storage = optuna.storages.RDBStorage(self.url, skip_compatibility_check=True, skip_table_creation=True)
        shown = optuna.load_study(study_name="s", storage=storage).get_trials(deepcopy=False)
        return {
            "study": (study.status, study.best_trial_number, study.best_objective),
            "trials": [(row.trial_number, row.status, row.objective, row.hyperparameters) for row in rows],
            "curves": curves,
            "ends": [event.trial_number for event in log if event.type == "trial_complete"],
            "leaders": [event.trial_number for event in log if event.type == "new_best"],
            "optuna": [(t.user_attrs[NUMBER], t.state, t.values, t.intermediate_values, t.params) for t in shown],
            "kept": sorted(file.name for file in self._paths.checkpoints.iterdir()),
        }


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    file = tmp_path / "empty.db"
    with Store.open(f"sqlite:///{file}") as store:
        open_storage(store.url)
    return file


@pytest.mark.parametrize(
    ("kept_first", "exported"),
    [(True, True), (False, False)],
    ids=["state-kept-and-exported-at-each-death", "state-behind-and-exported-at-the-end"],
)
def test_wherever_the_driver_dies_the_study_ends_the_same(
    empty: Path, tmp_path: Path, kept_first: bool, exported: bool
) -> None:
    undisturbed = Study(empty, tmp_path / "undisturbed", kept_first=kept_first)
    assert undisturbed.drive()
    expected = undisturbed.outcome()
    assert expected["leaders"] == [1, 1, 3]
    assert expected["ends"] == [1, 2, 3]

    for moment in range(1, undisturbed.writes() + 1):
        study = Study(empty, tmp_path / str(moment), kept_first=kept_first)
        assert not study.drive(moment, exported=exported)
        assert study.drive()
        assert study.outcome() == expected, f"died after write {moment}"
