"""Where a study's files are, and how another machine gets them. No Ray, no training."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import s3
from tests.store.samples import spec
from tuner.errors import FixInputError, TryAgainError
from tuner.runners.shared_folder import BucketFolder
from tuner.settings import Settings
from tuner.store import Store
from tuner.study import storage
from tuner.study.deletion import delete
from tuner.study.paths import StudyPaths
from tuner.study.start import add
from tuner.study.storage import paths_of


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[s3.TinyS3]:
    for name, value in s3.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with s3.serving() as serving:
        yield serving


def machine(tmp_path: Path, name: str, store: s3.TinyS3) -> StudyPaths:
    """The study `a` on a machine of that name."""
    return paths_of(spec("a", storage_path=store.address("studies")), tmp_path / name)


def with_results(paths: StudyPaths) -> StudyPaths:
    """The files that a run leaves."""
    for file, text in ((paths.model, "weights"), (paths.metadata, "{}"), (paths.log, "first run\n")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return paths


def test_without_storage_path_all_files_are_in_the_results_folder(tmp_path: Path) -> None:
    assert paths_of(spec("a"), tmp_path) == StudyPaths(tmp_path / "a")


def test_a_folder_takes_the_place_of_the_results_folder(tmp_path: Path) -> None:
    paths = paths_of(spec("a", storage_path="/nfs/studies"), tmp_path)
    assert paths == StudyPaths(Path("/nfs/studies/a"))
    assert paths.states == "/nfs/studies/a/checkpoints"


def test_in_an_object_store_the_states_are_beside_what_is_published(tmp_path: Path) -> None:
    paths = paths_of(spec("a", storage_path="s3://bucket/prefix/?region=here"), tmp_path)
    assert paths == StudyPaths(tmp_path / "a", "s3://bucket/prefix/a?region=here")
    assert paths.states == "s3://bucket/prefix/a/checkpoints?region=here"


def test_a_study_that_one_machine_published_is_there_on_another(tmp_path: Path, store: s3.TinyS3) -> None:
    storage.publish(with_results(machine(tmp_path, "one", store)))
    store.objects["studies/a/checkpoints/trial-00001.npz"] = b"a state"

    other = machine(tmp_path, "other", store)
    storage.fetch(other)
    assert other.model.read_text() == "weights"
    assert other.log.read_text() == "first run\n"
    assert not other.checkpoints.exists(), "workers read the states where they are"


def test_what_is_older_here_is_replaced_and_what_is_newer_stays(tmp_path: Path, store: s3.TinyS3) -> None:
    storage.publish(with_results(machine(tmp_path, "one", store)))
    other = with_results(machine(tmp_path, "other", store))
    other.log.write_text("an older run\n")
    other.metadata.write_text("of a run that was killed after the last word of the store")
    os.utime(other.log, (0, 0))
    os.utime(other.metadata, (2**32, 2**32))
    storage.fetch(other)
    assert other.log.read_text() == "first run\n"
    assert other.metadata.read_text() == "of a run that was killed after the last word of the store"


def test_a_study_that_was_killed_before_it_published_is_fetched_as_nothing(tmp_path: Path, store: s3.TinyS3) -> None:
    paths = machine(tmp_path, "other", store)
    storage.fetch(paths)
    assert list(paths.folder.iterdir()) == []


def test_a_new_study_is_refused_where_the_store_holds_files_of_its_name(
    tmp_path: Path, store: s3.TinyS3, settings: Settings
) -> None:
    asked = spec("a", storage_path=store.address("studies"))
    storage.check_free(machine(tmp_path, "one", store))
    store.objects["studies/a/study.log"] = b"of somebody else"
    with Store.open(settings.store_url()) as rows:
        with pytest.raises(FixInputError, match=r"studies/a.* holds files already - choose another run_name"):
            add(rows, asked, settings)
        assert rows.studies() == []


def test_a_store_that_refuses_is_told_before_anything_is_written(
    tmp_path: Path, store: s3.TinyS3, settings: Settings
) -> None:
    store.refuse_with = 403
    with Store.open(settings.store_url()) as rows:
        with pytest.raises(FixInputError, match=r"cannot be reached: .* - see that the bucket exists") as caught:
            add(rows, spec("a", storage_path=store.address("studies")), settings)
        assert rows.studies() == []
    assert "\n" not in str(caught.value)
    assert not (settings.results_dir / "a").exists()


def test_a_best_model_is_published_by_any_file_system_and_replaced_only_by_another(tmp_path: Path) -> None:
    paths = with_results(StudyPaths(tmp_path / "one", f"file://{tmp_path}/bucket/a"))
    storage.publish(paths)
    there = StudyPaths(tmp_path / "bucket" / "a")
    assert (there.model.read_text(), there.log.read_text()) == ("weights", "first run\n")
    paths.model.write_text("never looked at, since the metadata are the same")
    storage.publish(paths)
    assert there.model.read_text() == "weights"
    paths.metadata.write_text('{"trial_number": 2}')
    storage.publish(paths)
    assert there.model.read_text() == paths.model.read_text()
    brought = StudyPaths(tmp_path / "other")
    storage.fetch_winner(f"file://{tmp_path}/bucket/a", brought)
    assert sorted(file.name for file in brought.folder.rglob("*") if file.is_file()) == ["metadata.json", "model.keras"]


def test_whoever_reads_while_a_best_model_is_replaced_finds_no_metadata(
    tmp_path: Path, store: s3.TinyS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = with_results(machine(tmp_path, "one", store))
    storage.publish(paths)
    paths.metadata.write_text('{"trial_number": 2}')
    put = BucketFolder.put
    found: list[str | None] = []

    def watched(self: BucketFolder, name: str, write: Callable[[Path], object]) -> None:
        found.append(storage.published_metadata(str(paths.store)))
        put(self, name, write)

    monkeypatch.setattr(BucketFolder, "put", watched)
    storage.publish(paths)
    assert found == [None, None], "neither before its model is there nor before its metadata are"
    assert storage.published_metadata(str(paths.store)) == '{"trial_number": 2}'


def test_results_that_cannot_be_published_are_one_line_and_stay_here(tmp_path: Path, store: s3.TinyS3) -> None:
    paths = with_results(machine(tmp_path, "one", store))
    store.refuse_with = 403
    with pytest.raises(TryAgainError, match=r"the results cannot be copied to s3://bucket/studies/a.*`tuner resume`"):
        storage.publish(paths)
    assert paths.model.read_text() == "weights"


def test_deleting_a_study_deletes_what_the_store_holds_of_it(store: s3.TinyS3, settings: Settings) -> None:
    with Store.open(settings.store_url()) as rows:
        name = add(rows, spec("a", storage_path=store.address("studies")), settings)
        store.objects |= {"studies/a/checkpoints/trial-00001.npz": b"", "studies/ab/study.log": b""}
        delete(rows, name)
        assert rows.studies() == []
    assert [key for key in store.objects if not key.endswith("/")] == ["studies/ab/study.log"]


def test_what_stays_on_this_machine_is_neither_published_nor_fetched(tmp_path: Path) -> None:
    paths = StudyPaths(tmp_path / "a")
    storage.publish(paths)
    storage.fetch(paths)
    storage.remove(paths)
    assert not paths.folder.exists()
