"""Models of other trials than the best one: what stays while trials train, and what the folder holds at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import s3, saved_models
from tests.store.samples import spec as stored_spec
from tests.study.scripted import complete
from tuner.errors import FixInputError
from tuner.runners.shared_folder import state_file
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Lease, Store
from tuner.study import storage
from tuner.study.deletion import delete_kept_models
from tuner.study.kept_models import KeptStates, kept_models, remove_other_models, trials_to_keep
from tuner.study.paths import StudyPaths
from tuner.study.start import add
from tuner.training import TrainingState

TWO_GOALS = ("val_accuracy", "parameter_count")


def ended(number: int, accuracy: float, size: float = 10.0, kind: str = "completed") -> Any:
    values = {"val_accuracy": accuracy, "parameter_count": size}
    return complete(number, accuracy, kind=kind).model_copy(update={"values": values})


def state(folder: Path, number: int, epoch: int = 3) -> None:
    variables, weights = [np.ones(1_000), np.ones(2_000)], [np.full(1_000, float(number))]
    folder.mkdir(exist_ok=True)
    TrainingState(epoch, variables, weights, []).save(folder / state_file(number))


def files(folder: Path) -> dict[int, int]:
    """Size of the state of each trial."""
    return {int(file.stem[-5:]): file.stat().st_size for file in sorted(folder.iterdir())}


def test_the_trials_whose_models_are_kept() -> None:
    trials = [ended(1, 0.9, 50), ended(2, 0.8, 20), ended(3, 0.7, 30), ended(4, 0.95, 60, kind="pruned")]

    def kept(**fields: Any) -> list[int]:
        return sorted(trial.trial_number for trial in trials_to_keep(StudySpec(**fields), trials))

    assert kept() == []
    assert kept(keep_models="all") == [1, 2, 3], "completed ones"
    assert kept(plot_generation="all") == [1, 2, 3], "figures of all trials need their models"
    assert kept(keep_models="front", objective=TWO_GOALS) == [1, 2]
    assert kept(keep_models="front", objective=TWO_GOALS, constraints=("parameter_count<=30",)) == [2]


def test_by_default_only_the_best_state_stays(tmp_path: Path) -> None:
    states, folder = KeptStates(StudySpec(), str(tmp_path / "states")), tmp_path / "states"
    for number, best in ((1, 1), (2, 1), (3, 3)):
        state(folder, number)
        states.add_end(ended(number, 0.5), best)
    assert list(files(folder)) == [3]
    assert TrainingState.load(folder / state_file(3)).variables, "whole, since it may still be trained"


def test_what_is_kept_is_no_more_than_the_best_weights(tmp_path: Path) -> None:
    folder = tmp_path / "states"
    states = KeptStates(StudySpec(keep_models="all"), str(folder))
    for number, kind in ((1, "completed"), (2, "pruned"), (3, "completed")):
        state(folder, number)
        states.add_end(ended(number, 0.5, kind=kind), best=1)
    assert list(files(folder)) == [1, 3]
    kept = TrainingState.load(folder / state_file(3))
    assert (kept.variables, kept.best_weights[0].tolist()) == ([], [3.0] * 1_000)
    assert files(folder)[3] < 10_000 < 24_000


def test_a_state_that_its_worker_has_not_written_yet_stays_whole(tmp_path: Path) -> None:
    folder = tmp_path / "states"
    states = KeptStates(StudySpec(keep_models="all"), str(folder))
    state(folder, 1, epoch=2)
    states.add_end(ended(1, 0.5).model_copy(update={"best_epoch": 3}), best=None)
    assert TrainingState.load(folder / state_file(1)).variables


def test_a_trial_that_leaves_the_front_loses_its_state(tmp_path: Path) -> None:
    folder = tmp_path / "states"
    states = KeptStates(StudySpec(keep_models="front", objective=TWO_GOALS), str(folder))
    for number, accuracy, size in ((1, 0.5, 50), (2, 0.4, 20), (3, 0.6, 40)):
        state(folder, number)
        states.add_end(ended(number, accuracy, size), best=None)
    assert list(files(folder)) == [2, 3]


def test_without_states_nothing_happens(tmp_path: Path) -> None:
    states = KeptStates(StudySpec(keep_models="all"), str(tmp_path / "states"))
    states.add_end(ended(1, 0.5), best=1)
    (tmp_path / "states").mkdir()
    (tmp_path / "states" / state_file(2)).write_bytes(b"cut short")
    states.add_end(ended(2, 0.5), best=1)
    assert list(files(tmp_path / "states")) == [2], "the end of the study finds it damaged"


def with_models(paths: StudyPaths, *numbers: int) -> StudyPaths:
    for number in numbers:
        saved_models.save(paths.kept_model(number), "a", "x" * 330_000, trial_number=number)
    return paths


def test_the_folder_and_its_size(tmp_path: Path) -> None:
    paths = StudyPaths(tmp_path)
    assert str(kept_models(paths)) == "0 kept models, 0.0 MB"
    with_models(paths, 3, 12)
    found = kept_models(paths)
    assert (found.trials, str(found)) == ([3, 12], "2 kept models, 2.0 MB")
    remove_other_models(paths, [12, 40])
    assert kept_models(paths).trials == [12]


def test_in_an_object_store_they_are_published_fetched_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with s3.serving() as bucket:
        asked = stored_spec("a", storage_path=bucket.address("studies"), keep_models="front")
        here, there = (storage.paths_of(asked, tmp_path / machine) for machine in ("one", "other"))
        storage.publish(with_models(here, 1, 2))
        storage.fetch(there)
        assert kept_models(there) == kept_models(here)
        remove_other_models(there, [2])
        assert [key for key in bucket.objects if "trial-00001" in key and not key.endswith("/")] == []
        assert "studies/a/models/trial-00002/model.keras" in bucket.objects

        states = KeptStates(StudySpec(keep_models="all"), there.states)
        state(tmp_path, 3)
        bucket.objects[f"studies/a/checkpoints/{state_file(3)}"] = (tmp_path / state_file(3)).read_bytes()
        states.add_end(ended(3, 0.5), best=None)
        assert len(bucket.objects[f"studies/a/checkpoints/{state_file(3)}"]) < 10_000


@pytest.fixture
def store(settings: Settings) -> Any:
    with Store.open(settings.store_url()) as opened:
        yield opened


def test_kept_models_are_deleted_and_nothing_else(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with s3.serving() as bucket:
        asked = stored_spec("a", storage_path=bucket.address("studies"), keep_models="all")
        add(store, asked, settings)
        paths = with_models(StudyPaths(settings.results_dir / "a"), 1, 2)
        bucket.objects |= {"studies/a/models/trial-00001/model.keras": b"", "studies/a/study.log": b""}
        lease = Lease.new()
        store.take_lease("a", lease)
        with pytest.raises(FixInputError, match="is already running"):
            delete_kept_models(store, "a")
        store.release_lease("a", lease)
        assert delete_kept_models(store, "a").trials == [1, 2]
        assert [key for key in bucket.objects if not key.endswith("/")] == ["studies/a/study.log"]
    assert not paths.models.exists()
    assert not store.study("a").alive
