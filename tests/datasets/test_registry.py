"""Own data sets that have a name: uploaded, or registered by the operator."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tuner.data_report import ClassCount, DataReport
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.registry import NameTakenError, Registry
from tuner.datasets.uploads import FOLDER
from tuner.errors import CannotWriteError, FixInputError
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.study.plan import complete


def report(kind: str, samples: int, classes: int) -> DataReport:
    each = samples // classes
    counts = [ClassCount(label=str(i), train=each - 2, validation=1, test=1) for i in range(classes)]
    return DataReport(kind=kind, samples="", classes=counts)


PHOTOS, TEXTS = report("image", 60, 3), report("text", 30, 2)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "results")


def upload(registry: Registry, name: str, content: bytes = b"x") -> None:
    with registry.new_folder(name) as folder:
        (folder / f"{name}.csv").write_bytes(content)
        registry.add_uploaded(folder, name, folder / f"{name}.csv", TEXTS)


def test_there_are_none_before_one_is_added_and_nothing_is_written(registry, tmp_path):
    assert registry.entries() == []
    assert registry.find("photos") is None
    assert list(tmp_path.iterdir()) == []


def test_a_registered_one_stays_where_it_is(registry, tmp_path):
    entry = registry.register("photos", tmp_path / "photos", PHOTOS)
    assert registry.find("photos") == entry
    assert (entry.path, entry.source) == (str(tmp_path / "photos"), "registered")


def test_its_kind_and_size_are_those_of_its_report(registry, tmp_path):
    entry = registry.register("photos", tmp_path / "photos", PHOTOS)
    assert (entry.kind, entry.samples, entry.classes, entry.report) == ("image", 60, 3, PHOTOS)


def test_a_removed_one_is_gone_with_its_uploaded_file_and_its_name_is_free(registry, tmp_path):
    upload(registry, "b")
    file = Path(registry.find("b").path)
    registry.remove("b")
    assert registry.entries() == []
    assert not file.exists()
    upload(registry, "b")
    (tmp_path / "photos").mkdir()
    registry.register("photos", tmp_path / "photos", PHOTOS)
    registry.remove("photos")
    assert (tmp_path / "photos").is_dir()


@pytest.mark.parametrize(("name", "remedy"), [("digits", "it is built in"), ("phots", "did you mean 'photos'?")])
def test_only_an_added_one_can_be_removed(registry, tmp_path, name, remedy):
    registry.register("photos", tmp_path, PHOTOS)
    with pytest.raises(FixInputError) as error:
        registry.remove(name)
    assert str(error.value) == f"no data set {name!r} was added - {remedy}"


def test_an_uploaded_one_is_kept_whole(registry):
    upload(registry, "b", b"text,label\n")
    upload(registry, "a")
    assert [entry.name for entry in registry.entries()] == ["a", "b"]
    assert Path(registry.find("b").path).read_bytes() == b"text,label\n"


def test_what_is_not_kept_leaves_nothing(registry, tmp_path):
    with registry.new_folder("photos") as folder:
        (folder / "photos.npz").write_bytes(b"half of")
        assert registry.entries() == []
    assert list((tmp_path / "results" / FOLDER).iterdir()) == []


@pytest.mark.parametrize("name", ["digits", "mnist", "photos"])
def test_a_name_is_given_once(registry, tmp_path, name):
    registry.register("photos", tmp_path, PHOTOS)
    with pytest.raises(NameTakenError, match=f"data set '{name}' already exists"):
        registry.register(name, tmp_path, PHOTOS)


def test_of_two_at_once_one_gets_the_name(registry):
    both_write = threading.Barrier(2)
    refused = []

    def add(content: bytes) -> None:
        try:
            with registry.new_folder("a") as folder:
                (folder / "a.csv").write_bytes(content)
                both_write.wait()
                registry.add_uploaded(folder, "a", folder / "a.csv", TEXTS)
        except NameTakenError:
            refused.append(content)

    threads = [threading.Thread(target=add, args=(content,)) for content in (b"1", b"2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {Path(registry.find("a").path).read_bytes(), *refused} == {b"1", b"2"}


@pytest.mark.parametrize("name", ["", "..", ".a", "a/b", "a\\b", "/etc", "a" * 81, "ä", "a\n"])
def test_a_name_is_never_a_path(registry, name):
    with pytest.raises(FixInputError, match="is not a valid name of a data set"):
        upload(registry, name)
    assert registry.find(name) is None


def test_a_study_names_it_and_is_told_its_path(registry, tmp_path):
    entry = registry.register("photos", tmp_path / "somewhere" / "else", PHOTOS)
    Path(entry.path).mkdir(parents=True)
    spec = complete(StudySpec(dataset="photos"), Settings(results_dir=tmp_path / "results"))
    assert spec.dataset == entry.path
    assert spec.run_name.startswith("photos-")


class TestUnfinishedUploads:
    """What a killed process left is deleted when the next one starts; what is under way stays."""

    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "results" / FOLDER

    def test_of_a_process_that_was_killed_are_deleted(self, registry, tmp_path):
        code = (
            "import os, pathlib, signal; from tuner.datasets.registry import Registry\n"
            f"with Registry(pathlib.Path({str(tmp_path / 'results')!r})).new_folder('photos') as folder:\n"
            "    (folder / 'photos.npz').write_bytes(bytes(1000)); os.kill(os.getpid(), signal.SIGKILL)"
        )
        killed = subprocess.run([sys.executable, "-c", code], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert registry.used_bytes() == 1_000
        registry.sweep()
        assert list(self.folder(tmp_path).iterdir()) == []

    def test_of_an_earlier_tuner_are_deleted_and_data_sets_stay(self, registry, tmp_path):
        upload(registry, "a")
        (self.folder(tmp_path) / ".unfinished-0123").mkdir()
        registry.sweep()
        assert [path.name for path in self.folder(tmp_path).iterdir()] == ["a"]

    def test_under_way_stay(self, registry, tmp_path):
        with registry.new_folder("photos") as folder:
            (folder / "photos.npz").write_bytes(b"half of")
            Registry(tmp_path / "results").sweep()
            assert (folder / "photos.npz").exists()

    def test_are_none_where_nothing_was_uploaded(self, registry, tmp_path):
        registry.sweep()
        assert list(tmp_path.iterdir()) == []


class TestSize:
    def test_of_all_uploads_counts_those_under_way_and_of_earlier_tuners(self, registry, tmp_path):
        assert registry.used_bytes() == 0
        upload(registry, "a", bytes(1_000))
        assert registry.find("a").size_bytes == 1_000
        with registry.new_folder("b") as folder:
            (folder / "inside").mkdir()
            (folder / "inside" / "b.png").write_bytes(bytes(100))
            assert registry.used_bytes() == 1_100
        file = tmp_path / "results" / FOLDER / "a" / "dataset.json"
        entry = json.loads(file.read_text())
        del entry["size_bytes"]
        file.write_text(json.dumps(entry))
        assert registry.used_bytes() > 1_000, "the size is measured"

    def test_a_list_reads_no_reports(self, registry, tmp_path):
        upload(registry, "a")
        assert registry.entries()[0].report is None
        assert registry.find("a").report == TEXTS

    def test_the_report_of_an_earlier_tuner_is_in_its_entry(self, registry, tmp_path):
        upload(registry, "a")
        folder = tmp_path / "results" / FOLDER / "a"
        entry = json.loads((folder / "dataset.json").read_text())
        (folder / "dataset.json").write_text(json.dumps(entry | {"report": TEXTS.model_dump(mode="json")}))
        (folder / "report.json").unlink()
        assert registry.find("a").report == TEXTS


def test_of_two_that_remove_one_at_once_one_is_refused(registry, monkeypatch):
    upload(registry, "a")
    entry = registry.find("a")
    registry.remove("a")
    monkeypatch.setattr(Registry, "find", lambda *_: entry)
    with pytest.raises(FixInputError, match="data set 'a' was just removed"):
        registry.remove("a")


class TestInspection:
    def test_says_what_a_file_holds(self, npz, images):
        x, y = images
        found = inspect_dataset(npz(x=x, y=y))
        assert (found.kind, found.size, [count.label for count in found.classes]) == ("image", 60, ["0", "1", "2"])

    def test_counts_an_official_test_part(self, npz, images):
        x, y = images
        assert inspect_dataset(npz(x_train=x, y_train=y, x_test=x[:9], y_test=y[:9])).size == 69

    def test_refuses_what_is_none_without_naming_its_folder(self, tmp_path):
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret" / "own.npz").write_bytes(b"PK\3\4 no archive")
        with pytest.raises(FixInputError) as error:
            inspect_dataset(tmp_path / "secret" / "own.npz")
        assert str(error.value).startswith("own.npz is not an .npz file of arrays")
        assert "secret" not in str(error.value)

    def test_refuses_what_asks_for_more_memory_than_it_may_take(self, tmp_path):
        file = tmp_path / "bomb.npz"
        # Its header promises 1.6 GB; NumPy reserves them before it reads the first byte.
        header = {"descr": "|u1", "fortran_order": False, "shape": (40_000, 200, 200)}
        with zipfile.ZipFile(file, "w") as archive:
            with archive.open("x.npy", "w") as x:
                np.lib.format.write_array_header_1_0(x, header)
            with archive.open("y.npy", "w") as y:
                np.lib.format.write_array(y, np.arange(40_000) % 2)
        assert file.stat().st_size < 400_000
        with pytest.raises(FixInputError, match="memory"):
            inspect_dataset(file, memory_bytes=1_200_000_000)

    def test_refuses_what_takes_longer_than_it_may(self, npz, images):
        x, y = images
        with pytest.raises(FixInputError, match=r"reading own.npz takes more than 0.01 s - use fewer samples"):
            inspect_dataset(npz(x=x, y=y), limit_s=0.01)

    def test_unpacks_a_zip_file_in_the_same_process(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
            archive.writestr("a/" * 30 + "1.png", b"")
        with pytest.raises(
            FixInputError, match=r"photos.zip has 31 levels of folders - use at most 20 for each sample"
        ):
            inspect_dataset(tmp_path / "photos", packed=tmp_path / "photos.zip")

    def test_says_that_the_machine_cannot_store_it(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
            archive.writestr("a/1.png", b"")
        with pytest.raises(CannotWriteError, match=r"photos.zip cannot be unpacked"):
            inspect_dataset(Path("/proc/no-folder/photos"), packed=tmp_path / "photos.zip")

    def test_keeps_messages_short(self, tmp_path):
        name = "x" * 100_000
        (tmp_path / "own.csv").write_text(f"{name}1,{name}2,{name}3\n" + "some words of it,b,c\n" * 9)
        with pytest.raises(FixInputError) as error:
            inspect_dataset(tmp_path / "own.csv")
        assert len(str(error.value)) < 1_300
