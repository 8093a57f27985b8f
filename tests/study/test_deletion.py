"""What is left of a study that was deleted: nothing."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from tests.study.scripted import complete, start, status
from tuner.errors import FixInputError, UnknownStudyError
from tuner.spec import StudySpec
from tuner.store import Lease, Store
from tuner.study.deletion import delete
from tuner.study.optuna_record import open_storage


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as opened:
        yield opened


def make(store: Store, folder: Path, name: str) -> Path:
    (folder / name / "best_model").mkdir(parents=True)
    (folder / name / "study.log").write_text("study running\n")
    store.create_study(StudySpec(run_name=name), folder=str(folder / name))
    for event in (status("running", 0), start(1), complete(1), status("completed", 9)):
        store.append(name, event)
    return folder / name


def test_its_rows_its_files_and_optunas_record_are_gone_and_others_stay(store, tmp_path):
    gone, other = make(store, tmp_path, "a"), make(store, tmp_path, "b")
    storage = open_storage(store.url)
    for name in ("a", "b"):
        optuna.create_study(storage=storage, study_name=name)
    delete(store, "a")

    assert [study.name for study in store.studies()] == ["b"]
    assert (gone.exists(), other.exists()) == (False, True)
    assert optuna.get_all_study_names(storage) == ["b"]
    assert make(store, tmp_path, "a") == gone, "the name is free again"
    storage.engine.dispose()


def test_a_study_that_optuna_never_saw_or_whose_folder_is_gone_is_deleted_too(store, tmp_path):
    store.create_study(StudySpec(run_name="a"), folder=str(tmp_path / "nowhere"))
    delete(store, "a")
    assert store.studies() == []


def test_a_study_that_runs_is_not_deleted(store, tmp_path):
    folder = make(store, tmp_path, "a")
    store.take_lease("a", Lease.of_this_process())
    with pytest.raises(FixInputError, match=r"study 'a' runs already .* - `tuner cancel a` stops it"):
        delete(store, "a")
    assert folder.exists()
    assert len(store.read("a")) == 4


def test_a_folder_that_cannot_be_removed_leaves_a_study_that_can_be_deleted_later(store, tmp_path, monkeypatch):
    folder = make(store, tmp_path, "a")

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("tuner.study.deletion.shutil.rmtree", refuse)
        with pytest.raises(FixInputError, match=r"cannot remove the folder .*: Permission denied"):
            delete(store, "a")
    assert not store.study("a").alive
    delete(store, "a")
    assert not folder.exists()


def test_an_unknown_study_is_told_as_everywhere(store):
    with pytest.raises(UnknownStudyError):
        delete(store, "a")
