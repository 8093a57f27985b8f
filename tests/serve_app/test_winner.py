"""The winner of a study in an object store is at hand on any machine. A small S3, no Ray."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from serve_app import winner_cache
from serve_app.launching.launcher import JobLauncher
from serve_app.settings import ServeSettings
from serve_app.winner import NotSavedError, Winner, find, is_saved, on_this_machine
from tests import s3, saved_models
from tests.serve_app import studies
from tests.serve_app.launching.fakes import FakeJobs
from tuner.errors import TryAgainError
from tuner.events import BestModel, StudyStatus
from tuner.store import Store, StudyRow
from tuner.study import storage
from tuner.study.paths import StudyPaths, below


@dataclass
class Place:
    """Where studies are, and the machine that this process is at the moment."""

    address: str
    folder: Path
    store: Store
    s3: s3.TinyS3
    enter: Callable[[str], None]
    """Be the machine of this name: with its own cache."""

    @property
    def study(self) -> StudyRow:
        return self.store.study("s")

    def save(self, trial: int, accuracy: float, *, publish: bool = True) -> None:
        """A run of the study on machine `one` saves a model."""
        paths = StudyPaths(self.folder / "s", below(self.address, "s"))
        tested = {"trial_number": trial, "test_accuracy": accuracy, "test_loss": 0.5}
        saved_models.save(paths.best_model, "s", f"model of trial {trial}", **tested)
        paths.plots.mkdir(parents=True, exist_ok=True)
        (paths.plots / "curves.png").write_bytes(b"a figure")
        if publish:
            storage.publish(paths)
        saved = BestModel(
            trial_number=trial, val_accuracy=0.9, test_accuracy=accuracy, test_loss=0.5, folder=str(paths.best_model)
        )
        self.store.append("s", saved)

    def leave_machine_one(self) -> None:
        """Its folder cannot be seen from elsewhere."""
        (self.folder / "s").rename(self.folder / "not here")
        self.enter("other")


@pytest.fixture
def place(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    def enter(name: str) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"cache of {name}"))

    for name, value in s3.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with s3.serving() as served:
        address = served.address("studies")
        folder = tmp_path / "one"
        studies.make(store, folder, "s", storage_path=address, trials=2)
        store.append("s", StudyStatus(status="running"))
        enter("one")
        yield Place(address, folder, store, served, enter)


def contents(winner: Winner) -> bytes:
    with zipfile.ZipFile(winner.folder / "model.keras") as parts:
        return parts.read("config.json")


def test_the_machine_that_ran_the_study_serves_its_own_files(place: Place) -> None:
    place.save(1, 0.8, publish=False)
    winner = find(place.study)
    assert winner.folder == place.folder / "s" / "best_model"
    assert not winner_cache.cache_folder().exists()


def test_any_other_machine_brings_them_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.save(1, 0.8)
    told = find(place.study)
    place.leave_machine_one()
    winner = find(place.study)
    assert (contents(winner), winner.version, winner.metadata) == (b"model of trial 1", told.version, told.metadata)
    assert (winner.folder.parent / "plots" / "curves.png").read_bytes() == b"a figure"
    monkeypatch.setattr(storage, "connect", lambda address: pytest.fail("the store is asked for nothing more"))
    assert find(place.study) == winner


def test_those_who_ask_at_once_get_the_same_files_brought_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.save(1, 0.8)
    place.leave_machine_one()
    fetched: list[str] = []
    fetch = storage.fetch_winner

    def counted(address: str, paths: StudyPaths) -> None:
        fetched.append(address)
        fetch(address, paths)

    monkeypatch.setattr(storage, "fetch_winner", counted)
    study = place.study
    with ThreadPoolExecutor(4) as asking:
        found = list(asking.map(lambda _: find(study), range(4)))
    assert len(fetched) == len({winner.folder for winner in found}) == 1


def test_a_better_model_takes_the_place_of_the_one_before(place: Place) -> None:
    place.save(1, 0.8)
    place.enter("other")
    (place.folder / "s" / "best_model").rename(place.folder / "old")
    before = find(place.study)
    (place.folder / "s" / "plots" / "front.png").write_bytes(b"another figure")
    place.save(2, 0.9)
    place.leave_machine_one()
    winner = find(place.study)
    assert contents(winner) == b"model of trial 2"
    assert winner.version != before.version
    assert not before.folder.exists(), "one version of a study takes room"


def test_what_an_earlier_run_left_on_a_machine_is_not_taken_for_what_a_later_one_published(place: Place) -> None:
    place.save(1, 0.8)
    (place.folder / "s").rename(place.folder / "of the first run")
    place.save(2, 0.9)
    (place.folder / "s").rename(place.folder / "elsewhere")
    (place.folder / "of the first run").rename(place.folder / "s")
    assert contents(find(place.study)) == b"model of trial 2"


def test_until_it_is_published_another_machine_has_none(place: Place) -> None:
    place.save(1, 0.8, publish=False)
    place.leave_machine_one()
    with pytest.raises(NotSavedError, match="study 's' has saved no best model yet"):
        find(place.study)


def test_half_of_a_model_is_never_served(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine puts a better one while this one brings the files."""
    place.save(1, 0.8)
    earlier = place.study
    bring = storage._bring

    def slowly(system: Any, path: str, file: Path) -> None:
        monkeypatch.setattr(storage, "_bring", bring)
        place.save(2, 0.9)
        bring(system, path, file)

    place.enter("other")
    (place.folder / "s" / "best_model").rename(place.folder / "old")
    monkeypatch.setattr(storage, "_bring", slowly)
    with pytest.raises(TryAgainError, match="place"):
        find(earlier)
    assert winner_cache.cached("s") == []
    assert contents(find(place.study)) == b"model of trial 2"


def test_nothing_is_told_of_a_store_that_cannot_be_read_but_that(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.save(1, 0.8)
    place.leave_machine_one()
    place.s3.refuse_with = 403
    with pytest.raises(
        TryAgainError, match=r"^the best model of study 's' cannot be read from its object store"
    ) as told:
        find(place.study)
    assert "bucket" not in str(told.value)
    assert "bucket" in caplog.text


def test_a_replica_on_a_third_machine_gets_the_files_of_the_version_that_it_is_for(place: Place) -> None:
    place.save(1, 0.8)
    place.leave_machine_one()
    winner = find(place.study)
    assert on_this_machine(winner) == winner.folder
    winner.folder.parent.rename(place.folder / "on the other machine")
    place.enter("third")
    folder = on_this_machine(winner)
    assert folder != winner.folder
    assert (folder / "model.keras").read_bytes() == saved_models.keras_file("model of trial 1")


def test_a_replica_for_a_version_that_is_gone_says_so(place: Place) -> None:
    place.save(1, 0.8)
    winner = find(place.study)
    place.save(2, 0.9)
    place.leave_machine_one()
    with pytest.raises(TryAgainError, match="the best model of study 's' was just replaced"):
        on_this_machine(winner)


def test_the_cache_keeps_the_models_of_so_many_studies_that_were_downloaded_last(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.save(1, 0.8)
    place.leave_machine_one()
    for age_s, name in enumerate(("newer", "older", "oldest"), start=1):
        folder = winner_cache.cache_folder() / f"{name}@12345678"
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - age_s,) * 2)
    monkeypatch.setattr(winner_cache, "MAX_STUDIES", 2)
    winner = find(place.study)
    assert {folder.name for folder in winner_cache.cache_folder().glob("*@*")} == {
        winner.folder.parent.name,
        "newer@12345678",
    }


def test_the_models_of_a_deleted_study_leave_the_cache(place: Place, settings: ServeSettings) -> None:
    place.save(1, 0.8)
    place.leave_machine_one()
    place.store.append("s", StudyStatus(status="completed"))
    other = winner_cache.cache_folder() / "s2@12345678"
    other.mkdir(parents=True)
    assert find(place.study).folder.exists()
    JobLauncher(place.store, settings, FakeJobs()).delete("s")
    assert list(winner_cache.cache_folder().glob("*@*")) == [other]


def test_another_machine_reads_the_log_in_the_object_store(place: Place, serve: Callable[..., Any]) -> None:
    (place.folder / "s" / "study.log").write_text("one\ntwo\nthree\n")
    place.save(1, 0.8)
    place.leave_machine_one()
    assert serve().get("/jobs/s/logs", params={"lines": 2}).json()["lines"] == ["two", "three"]
    place.s3.refuse_with = 403
    answer = serve().get("/jobs/s/logs")
    assert (answer.status_code, "bucket" in answer.text) == (503, False)


def test_another_study_s_winner_stays(place: Place) -> None:
    kept = winner_cache.cache_folder() / "s2@12345678"
    kept.mkdir(parents=True)
    place.save(1, 0.8)
    (place.folder / "s").rename(place.folder / "not here")
    find(place.study)
    assert kept.exists()


def test_it_counts_as_saved_wherever_that_is_asked(place: Place) -> None:
    assert not is_saved(place.study)
    place.save(1, 0.8)
    place.leave_machine_one()
    assert is_saved(place.study)


def test_one_in_a_folder_that_all_machines_see_is_read_there(store: Store, tmp_path: Path) -> None:
    studies.make(store, tmp_path / "nfs", "s", storage_path=f"file://{tmp_path}/nfs")
    studies.save_model(tmp_path / "nfs" / "s")
    winner = find(store.study("s"))
    assert (winner.folder, winner.store) == (tmp_path / "nfs" / "s" / "best_model", None)
    assert on_this_machine(winner) == winner.folder


def test_its_archive_is_the_same_from_any_machine(
    place: Place, serve: Callable[..., Any], settings: ServeSettings
) -> None:
    studies.trained(place.store, "s", 1)
    studies.leads(place.store, "s", 1, 0.9)
    place.save(1, 0.8)
    place.leave_machine_one()
    answer = serve().get("/jobs/s/best-model/archive")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["README.md", "metadata.json", "model.keras", "plots/curves.png"]
        assert archive.read("model.keras") == saved_models.keras_file("model of trial 1")


def test_before_it_is_published_the_rest_is_told(place: Place, serve: Callable[..., Any]) -> None:
    studies.trained(place.store, "s", 1)
    studies.leads(place.store, "s", 1, 0.9)
    place.save(1, 0.8, publish=False)
    place.leave_machine_one()
    assert serve().get("/jobs/s/best-model/download").json()["metadata"] is None
