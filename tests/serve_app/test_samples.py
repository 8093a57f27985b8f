"""Samples of data sets and of studies over HTTP: which there are, their pictures and texts, and where they are kept."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from serve_app.samples import cache, loads
from serve_app.samples.cache import SampleCache, key
from serve_app.samples.files import LONGEST_SHOWN, SampleFiles
from serve_app.samples.reading import write_samples
from tests.serve_app import studies
from tests.serve_app.test_datasets import npz, upload
from tuner.data import Split
from tuner.data_spec import DataSpec
from tuner.datasets.loading import load, load_with_raw
from tuner.errors import TryAgainError
from tuner.events import DataRead
from tuner.store import Lease

DIGITS = DataSpec()


@pytest.fixture(autouse=True)
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, which is empty at first."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tuner" / "samples"


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Data sets are read in this process, which is much faster; their names."""
    names: list[str] = []

    def run(self, name: str, spec: DataSpec, folder: Path) -> None:
        names.append(name)
        write_samples(spec, folder)

    monkeypatch.setattr(loads.SampleLoads, "_run", run)
    return names


def digits(folder: Path) -> SampleFiles:
    folder.mkdir()
    write_samples(DIGITS, folder)
    return SampleFiles(folder)


def picture(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


class TestDatasets:
    def test_a_page_names_the_samples_of_a_split_and_all_classes(self, client, read_here):
        page = client.get("/datasets/digits/samples", params={"split": "test", "limit": 3}).json()
        assert (page["dataset"], page["split"], page["left_out"]) == ("digits", "test", 0)
        assert page["total"] == len(load(DIGITS)[1].y)
        assert page["labels"] == list("0123456789")
        first = page["samples"][0]
        assert [one["index"] for one in page["samples"]] == [0, 1, 2]
        assert first["label"] == str(load(DIGITS)[1].y[0])
        assert first["text"] is None
        assert first["image"].startswith("/datasets/digits/samples/test/0.png?v=")

    def test_a_picture_has_a_pixel_for_each_of_the_sample(self, client, read_here):
        page = client.get("/datasets/digits/samples", params={"split": "validation", "offset": 5, "limit": 1}).json()
        answer = client.get(page["samples"][0]["image"])
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "private, max-age=86400"
        raw = load(DIGITS)[0].validation.x[5, :, :, 0].astype(float)
        assert np.abs(picture(answer.content) - raw).max() <= 1
        assert read_here == ["digits"], "it is read once"

    def test_of_one_class(self, client, read_here):
        page = client.get("/datasets/digits/samples", params={"label": "7", "offset": 2, "limit": 4}).json()
        y = load(DIGITS)[0].train.y
        assert page["total"] == (y == 7).sum()
        assert [one["index"] for one in page["samples"]] == np.flatnonzero(y == 7)[2:6].tolist()
        assert {one["label"] for one in page["samples"]} == {"7"}

    def test_behind_the_last_one_there_is_none(self, client, read_here):
        assert client.get("/datasets/digits/samples", params={"offset": 10_000}).json()["samples"] == []
        answer = client.get("/datasets/digits/samples/test/10000.png")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "there is no sample 10,000: the test split has 359, numbered from 0"

    def test_texts_are_shown_as_they_are_but_not_whole(self, client, read_here):
        page = client.get("/datasets/stdlib_docs/samples", params={"split": "train", "limit": 100}).json()
        raw = load_with_raw(DataSpec(dataset="stdlib_docs"))[2].train
        for one in page["samples"]:
            whole = raw.x[one["index"]]
            assert one["text"] == whole or (one["text"][:-1] == whole[: LONGEST_SHOWN - 1] and one["text"][-1] == "…")
            assert one["image"] is None
        answer = client.get("/datasets/stdlib_docs/samples/train/0.png")
        assert (answer.status_code, answer.json()["detail"]) == (404, "these samples are texts and have no pictures")

    def test_an_uploaded_one_in_colours(self, client, read_here, kept_in):
        pixels = np.random.default_rng(0).integers(0, 256, (60, 7, 5, 3), np.uint8)
        upload(client, "photos", npz(x=pixels, y=np.arange(60) % 3))
        page = client.get("/datasets/photos/samples", params={"label": "2"}).json()
        shown = picture(client.get(page["samples"][0]["image"]).content)
        assert any((shown == one).all() for one in pixels[2::3])
        assert len(list(kept_in.iterdir())) == 1
        assert client.delete("/datasets/photos").status_code == 204
        assert list(kept_in.iterdir()) == [], "a deleted data set is nowhere"
        assert client.get("/datasets/photos/samples").status_code == 404

    def test_images_of_other_channels_are_shown_by_their_mean_and_say_so(self, client, read_here):
        pixels = np.random.default_rng(0).integers(0, 256, (60, 7, 5, 2), np.uint8)
        upload(client, "photos", npz(x=pixels, y=np.arange(60) % 3))
        one = client.get("/datasets/photos/samples").json()["samples"][0]
        assert one["text"] == "5 x 7 pixels, 2 channels: the picture shows their mean"
        assert picture(client.get(one["image"]).content).shape == (7, 5)

    def test_word_indices_are_shown_as_words_where_these_are_known(self, serve, settings, tmp_path, read_here):
        folder = tmp_path / "data"
        folder.mkdir()
        rows = np.array([[1, 4 + i % 2, 4 + i % 3, 3_000] for i in range(80)])
        np.savez(folder / "imdb.npz", x_train=rows, y_train=np.arange(80) % 2, x_test=rows[:9], y_test=[0, 1, 0] * 3)
        (folder / "imdb_word_index.json").write_text('{"good": 1, "bad": 2, "film": 3}')
        client = serve(settings=settings.model_copy(update={"data_dir": folder}))
        page = client.get("/datasets/imdb/samples", params={"split": "test", "limit": 2}).json()
        assert page["total"] == 9
        assert [one["text"] for one in page["samples"]] == ["[start] good good #3000", "[start] bad bad #3000"]
        assert {one["label"] for one in page["samples"]} == {"negative", "positive"}

    def test_one_that_is_not_on_this_machine_is_never_downloaded(self, client, read_here, monkeypatch, tmp_path):
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        answer = client.get("/datasets/cifar10/samples")
        assert answer.status_code == 409
        assert answer.json()["detail"] == "data set 'cifar10' is not on this machine"
        assert answer.json()["remedy"].startswith("start a study that uses it, which downloads it")
        assert read_here == []

    def test_what_is_unknown_is_named(self, client, read_here):
        assert client.get("/datasets/digts/samples").json()["remedy"] == "did you mean 'digits'?"
        answer = client.get("/datasets/digits/samples", params={"label": "x"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "label")
        assert client.get("/datasets/digits/samples", params={"limit": 101}).status_code == 422
        assert client.get("/datasets/digits/samples", params={"split": "tset"}).status_code == 422


class TestStudies:
    def test_its_samples_are_split_as_its_trials_got_them(self, client, store, settings, read_here):
        studies.make(store, settings.results_dir, "a", seed=3, validation_split=0.4)
        page = client.get("/jobs/a/samples", params={"limit": 100}).json()
        expected = load(DataSpec(seed=3, validation_split=0.4))[0].validation
        assert (page["dataset"], page["split"], page["total"]) == ("digits", "validation", len(expected))
        assert [int(one["label"]) for one in page["samples"]] == expected.y[:100].tolist()
        image = page["samples"][0]["image"]
        assert image.startswith("/jobs/a/samples/validation/0.png?v=")
        assert picture(client.get(image).content).shape == (8, 8)
        assert client.get("/jobs/a/samples", params={"split": "test"}).json()["total"] == 359
        assert client.get("/jobs/a/samples", params={"split": "train"}).status_code == 422

    def test_data_that_have_changed_are_not_shown(self, client, store, settings, read_here):
        studies.make(store, settings.results_dir, "a")
        record = load(DIGITS)[0].record.model_copy(update={"fingerprint": "another"})
        store.take_lease("a", Lease.new())
        store.append("a", DataRead(data=record))
        answer = client.get("/jobs/a/samples")
        assert answer.status_code == 409
        assert answer.json()["detail"] == (
            "data set 'digits' has changed since study 'a' began: the contents of samples or their order differ"
        )

    def test_files_that_are_gone_are_a_conflict_without_their_path(self, client, store, settings, tmp_path):
        studies.make(store, settings.results_dir, "a", dataset=str(tmp_path / "gone.npz"))
        answer = client.get("/jobs/a/samples")
        assert answer.status_code == 409
        assert str(tmp_path) not in answer.text

    def test_of_an_unknown_study_there_are_none(self, client):
        assert client.get("/jobs/nobody/samples").status_code == 404


class TestReading:
    def test_by_a_process_of_its_own(self, client):
        assert client.get("/datasets/digits/samples").json()["total"] == len(load(DIGITS)[0].train)

    def test_what_cannot_be_read_is_a_conflict_without_paths(self, client, store, settings, tmp_path):
        (tmp_path / "broken.npz").write_bytes(b"no numpy file")
        studies.make(store, settings.results_dir, "a", dataset=str(tmp_path / "broken.npz"))
        answer = client.get("/jobs/a/samples")
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("data set 'broken.npz' cannot be read: broken.npz")
        assert str(tmp_path) not in answer.text

    def test_a_process_that_dies_is_explained_in_the_log_only(self, client, monkeypatch, caplog):
        monkeypatch.setattr(loads, "limited", lambda command: ["/bin/sh", "-c", "echo secret >&2; exit 137"])
        answer = client.get("/datasets/digits/samples")
        assert (answer.status_code, answer.json()["remedy"]) == (409, "see the server log")
        assert "secret" in caplog.text
        assert "secret" not in answer.text

    def test_one_that_takes_too_long_is_ended(self, client, monkeypatch, kept_in):
        def run(command, **given):
            raise subprocess.TimeoutExpired(command, given["timeout"])

        monkeypatch.setattr(loads.subprocess, "run", run)
        answer = client.get("/datasets/digits/samples")
        assert answer.json()["detail"] == "reading data set 'digits' takes more than 120 s"
        assert list(kept_in.iterdir()) == []

    def test_clients_that_ask_for_one_data_set_wait_for_one_process(self, client, monkeypatch):
        began, may_end, names = threading.Event(), threading.Event(), []

        def run(self, name, spec, folder):
            names.append(name)
            began.set()
            may_end.wait(20)
            write_samples(spec, folder)

        monkeypatch.setattr(loads.SampleLoads, "_run", run)
        answers = []
        clients = [
            threading.Thread(target=lambda: answers.append(client.get("/datasets/digits/samples"))) for _ in "ab"
        ]
        for one in clients:
            one.start()
        assert began.wait(20)
        may_end.set()
        for one in clients:
            one.join(20)
        assert [answer.status_code for answer in answers] == [200, 200]
        assert names == ["digits"]

    def test_too_many_at_once_are_refused(self, client, monkeypatch, read_here):
        monkeypatch.setattr(loads, "MOST_WAITING", 0)
        assert client.get("/datasets/digits/samples").status_code == 503


class TestFiles:
    def test_are_the_inputs_of_saved_models(self, tmp_path):
        found = digits(tmp_path / "digits")
        data, test = load(DIGITS)
        inputs = found.inputs("validation", [3, 0, 3])
        assert inputs.dtype == np.float32
        assert (inputs == data.validation.x[[3, 0, 3]]).all()
        assert (found.inputs("test", [1]) == test.x[[1]]).all()

    def test_of_texts_are_the_whole_texts(self, tmp_path):
        spec, folder = DataSpec(dataset="stdlib_docs"), tmp_path / "docs"
        folder.mkdir()
        write_samples(spec, folder)
        raw = load_with_raw(spec)[2].validation
        found = SampleFiles(folder)
        assert found.inputs("validation", [0, 5]).tolist() == [raw.x[0], raw.x[5]]
        assert found.inputs("test", [0, 1]).tolist() == load(spec)[1].x[:2].tolist()

    def test_of_word_indices_are_padded(self, tmp_path):
        rows = np.array([[5, 6, 0], [7, 0, 0], [8, 9, 10], [5, 5, 0]] * 20)
        np.savez(tmp_path / "words.npz", x=rows, y=[0, 1, 0, 1] * 20)
        spec, folder = DataSpec(dataset=str(tmp_path / "words.npz")), tmp_path / "words"
        folder.mkdir()
        write_samples(spec, folder)
        test = load(spec)[1]
        assert (SampleFiles(folder).inputs("test", range(len(test.y))) == test.x).all()
        assert SampleFiles(folder).text("test", 0) == " ".join(f"#{word}" for word in test.x[0] if word)

    @pytest.mark.parametrize("dataset", ["digits", "stdlib_docs"])
    def test_of_a_large_data_set_are_its_first_samples(self, tmp_path, dataset):
        about = write_samples(DataSpec(dataset=dataset), tmp_path, most_bytes=5_000)
        whole: Split = load_with_raw(DataSpec(dataset=dataset))[2].train
        assert 0 < about.sizes["train"] < len(whole)
        assert about.sizes["train"] + about.left_out["train"] == len(whole)
        assert (tmp_path / "train.classes.npy").stat().st_size < 5_000
        assert SampleFiles(tmp_path).find("train", None, 0, 9_999)[0] == about.sizes["train"]

    def test_that_were_removed_meanwhile_are_read_again_by_the_next_request(self, tmp_path):
        found = digits(tmp_path / "digits")
        shutil.rmtree(tmp_path / "digits")
        with pytest.raises(TryAgainError):
            found.picture("train", 0)

    def test_cost_little_memory(self, tmp_path):
        found = digits(tmp_path / "digits")
        assert isinstance(found._array("train", "pixels"), np.memmap)


class TestCache:
    def test_a_data_set_has_another_name_once_its_files_change(self, tmp_path):
        file = tmp_path / "a.npz"
        file.write_bytes(b"1")
        spec = DataSpec(dataset=str(file))
        before = key(spec)
        os.utime(file, (1, 1))
        assert key(spec) != before
        assert key(DataSpec(seed=1)) != key(DataSpec()) == key(DataSpec(dataset="digits"))

    def test_so_has_a_folder_with_an_image_more(self, tmp_path):
        (tmp_path / "cats").mkdir()
        spec = DataSpec(dataset=str(tmp_path))
        before = key(spec)
        (tmp_path / "cats" / "1.png").touch()
        os.utime(tmp_path / "cats", (1, 1))
        assert key(spec) != before

    def test_it_keeps_those_that_were_used_last(self, tmp_path, monkeypatch):
        monkeypatch.setattr(cache, "MOST_SETS", 2)
        kept = SampleCache(tmp_path / "kept")
        specs = [DataSpec(seed=seed) for seed in range(3)]
        for place, spec in enumerate(specs):
            with kept.new(spec) as folder:
                write_samples(spec, folder)
            os.utime(tmp_path / "kept" / key(spec), (place, place))
            if place == 1:
                assert kept.get(specs[0]) is not None  # it is the newest now
        assert [kept.get(spec) is not None for spec in specs] == [True, False, True]

    def test_it_keeps_nothing_of_what_failed(self, tmp_path):
        kept = SampleCache(tmp_path / "kept")
        with pytest.raises(OSError, match="disk"), kept.new(DIGITS):
            raise OSError("disk")
        assert list((tmp_path / "kept").iterdir()) == []

    def test_a_damaged_one_is_made_anew(self, tmp_path):
        kept = SampleCache(tmp_path / "kept")
        for _ in range(2):
            with kept.new(DIGITS) as folder:
                write_samples(DIGITS, folder)
            assert kept.get(DIGITS) is not None
            (tmp_path / "kept" / key(DIGITS) / "about.json").write_text("{")
            assert kept.get(DIGITS) is None

    def test_what_killed_processes_left_is_removed_after_a_while(self, tmp_path):
        kept = SampleCache(tmp_path / "kept")
        for name, age_s in (("old", 2 * cache.ABANDONED_S), ("new", 0.0)):
            left = tmp_path / "kept" / f".unfinished-{name}"
            left.mkdir(parents=True)
            time_s = left.stat().st_mtime - timedelta(seconds=age_s).total_seconds()
            os.utime(left, (time_s, time_s))
        with kept.new(DIGITS) as folder:
            write_samples(DIGITS, folder)
        assert [path.name for path in (tmp_path / "kept").glob(".*")] == [".unfinished-new"]
