"""Data sets over HTTP: the list, and own ones to upload."""

from __future__ import annotations

import gzip
import io
import threading
from pathlib import Path

import httpx
import numpy as np
import pytest

from serve_app import uploads
from tests.datasets.test_registry import PHOTOS
from tuner.datasets.registry import Registry
from tuner.datasets.uploads import FOLDER
from tuner.errors import FixInputError
from tuner.events import StudyStatus
from tuner.store import Lease


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npz_compressed(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def photos() -> bytes:
    """60 random images of 3 classes."""
    pixels = np.random.default_rng(0).integers(0, 256, (60, 7, 5), np.uint8)
    return npz(x=pixels, y=np.arange(60) % 3)


def kept(settings) -> list[str]:
    folder = settings.results_dir / FOLDER
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def upload(client, name: str, content: bytes, format: str = "npz") -> httpx.Response:
    return client.post("/datasets", params={"name": name, "format": format}, content=content)


def test_the_known_ones_are_listed(client):
    known = {entry["name"]: entry for entry in client.get("/datasets").json()}
    assert known["digits"] == {
        "name": "digits",
        "kind": "image",
        "samples": 1797,
        "classes": 10,
        "source": "built in",
    }
    assert "mnist" in known


def test_one_whose_file_is_in_the_data_folder_is_not_called_a_download(serve, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mnist.npz").touch()
    (tmp_path / "keras" / "datasets").mkdir(parents=True)
    (tmp_path / "keras" / "datasets" / "imdb.npz").touch()
    client = serve(settings=settings.model_copy(update={"data_dir": tmp_path / "data"}))
    sources = {entry["name"]: entry["source"] for entry in client.get("/datasets").json()}
    assert sources["mnist"] == client.get("/datasets/mnist").json()["source"] == "in the data folder"
    assert sources["imdb"] == "downloaded"
    assert sources["cifar10"].startswith("download from ")


def test_one_is_shown_with_the_report_on_it(client):
    digits = client.get("/datasets/digits").json()
    assert digits["report"]["classes"][0] == {"label": "0", "train": 113, "validation": 29, "test": 36}
    assert digits["report"]["notes"] == []
    assert client.get("/datasets/mnist").json()["report"] is None, "it is not downloaded to be shown"
    unknown = client.get("/datasets/digts")
    assert (unknown.status_code, unknown.json()["remedy"]) == (404, "did you mean 'digits'?")


def test_of_an_uploaded_file_the_report_is_kept(client):
    upload(client, "photos", npz(x=np.zeros((60, 7, 5), np.uint8), y=np.arange(60) % 3))
    report = client.get("/datasets/photos").json()["report"]
    assert sum(count["train"] for count in report["classes"]) == 38
    assert {"kind": "warning", "text": "38 training images have a single colour"} in report["notes"]


def test_an_uploaded_file_is_listed_and_a_study_may_name_it(client, store):
    answer = upload(client, "photos", photos())
    assert answer.status_code == 201, answer.text
    entry = {"name": "photos", "kind": "image", "samples": 60, "classes": 3, "source": "uploaded"}
    assert answer.json() == entry
    assert entry in client.get("/datasets").json()

    name = client.post("/jobs", json={"dataset": "photos"}).json()["id"]
    assert name.startswith("photos-")
    assert Path(store.study(name).spec.dataset).is_file()
    assert client.get(f"/jobs/{name}").json()["dataset"] == client.get(f"/jobs/{name}").json()["spec"]["dataset"]
    assert [job["id"] for job in client.get("/jobs", params={"dataset": "photos"}).json()["items"]] == [name]


def test_a_form_with_one_file_is_taken_too(client):
    """`curl -F file=@photos.npz`, as browsers send it."""
    asked = {"name": "photos", "format": "npz"}
    answer = client.post("/datasets", params=asked, files={"file": ("photos.npz", photos())})
    assert (answer.status_code, answer.json()["samples"]) == (201, 60), answer.text
    asked["name"] = "others"
    without = client.post("/datasets", params=asked, files={"file": (None, "text")})
    assert (without.status_code, without.json()["detail"]) == (422, "the form holds no file")
    two = client.post("/datasets", params=asked, files=[("a", ("a", photos())), ("b", ("b", photos()))])
    assert (two.status_code, two.headers["content-type"]) == (400, "application/problem+json")
    assert client.get("/datasets/others").status_code == 404


def test_texts_come_as_tables(client):
    rows = "".join(f"text {number},{'good' if number % 2 else 'bad'}\n" for number in range(40))
    answer = upload(client, "reviews", b"text,label\n" + rows.encode(), "csv")
    assert (answer.json()["kind"], answer.json()["samples"], answer.json()["classes"]) == ("text", 40, 2)


def test_what_the_operator_registered_is_listed_too(client, settings, tmp_path):
    Registry(settings.results_dir).register("leaves", tmp_path / "leaves", PHOTOS)
    (entry,) = [entry for entry in client.get("/datasets").json() if entry["source"] == "registered"]
    assert (entry["name"], "path" in entry) == ("leaves", False)


def test_what_is_no_data_set_is_refused_and_nothing_is_kept(client, settings):
    for content, said in (
        (b"no archive", "photos.npz is not an .npz file of arrays"),
        (npz(x=np.zeros((9, 4, 4), np.uint8)), "photos.npz has no y"),
        (npz(x=np.zeros((9, 4, 4), np.uint8), y=np.zeros(9, int)), "photos.npz has"),
        (npz(x=np.array([{"a": 1}] * 9, object), y=np.arange(9) % 3), "pickles are never read"),
        (photos()[:-30], "photos.npz is not an .npz file of arrays"),
    ):
        answer = upload(client, "photos", content)
        assert answer.status_code == 422, said
        assert said in answer.json()["detail"]
        assert str(settings.results_dir) not in answer.text
        assert kept(settings) == []


def test_an_empty_body_is_told_so(client, settings):
    assert upload(client, "photos", b"").json()["detail"] == "the body is empty"
    assert kept(settings) == []


def test_a_name_is_given_once(client, settings, tmp_path):
    Registry(settings.results_dir).register("taken", tmp_path, PHOTOS)
    for name in ("digits", "taken"):
        assert upload(client, name, photos()).status_code == 409, name
        assert kept(settings) == ["taken"]


def test_a_name_is_never_a_path(client, settings):
    for name in ("../photos", "/etc/passwd", "", ".a", "a/b", "a" * 81, "a\0"):
        answer = upload(client, name, photos())
        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["name"]), name
        assert not settings.results_dir.exists() or kept(settings) == []


def test_other_kinds_of_files_are_refused(client):
    for format in ("exe", "pkl", "", "../npz"):
        assert upload(client, "photos", photos(), format).status_code == 422, format


def test_a_file_that_is_too_long_is_refused_whether_its_length_is_told_or_not(serve, settings):
    client = serve(settings=settings.model_copy(update={"upload_limit": 1_000}))

    async def parts():
        for _ in range(11):
            yield b"x" * 100

    for content in (b"x" * 1_001, parts()):
        answer = upload(client, "photos", content)
        assert (answer.status_code, answer.json()["detail"]) == (413, "the body is longer than 1,000 bytes")
    assert kept(settings) == []


class TestLimits:
    """An upload that costs too much is refused with what is allowed, and nothing of it stays."""

    def refused(self, client, settings, content: bytes, format: str = "csv") -> str:
        answer = upload(client, "photos", content, format)
        assert answer.status_code == 422, answer.text
        assert kept(settings) == []
        assert len(answer.content) < 2_000
        return f"{answer.json()['detail']} - {answer.json()['remedy']}"

    def test_three_million_columns(self, client, settings):
        header = b",".join(b"c%d" % number for number in range(3_000_000))
        said = self.refused(client, settings, header + b"\n" + b"1," * 2_999_999 + b"1\n")
        assert said == "photos.csv has 3,000,000 columns - use at most 50,000"

    def test_six_million_rows_in_200_kB(self, client, settings):
        content = gzip.compress(b"text,label\n" + b"a,b\na,c\n" * 3_000_000)
        said = self.refused(client, settings, content, "csv.gz")
        assert said == "photos.csv.gz has more than 2,000,000 rows of 2 columns - use at most 2,000,000"

    def test_a_file_that_is_long_when_it_is_decompressed(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"upload_limit": 1_000_000}))
        said = self.refused(client, settings, npz_compressed(x=np.zeros((40, 200, 200), np.uint8)), "npz")
        assert said.startswith("photos.npz has more than 1,000,000 bytes when it is decompressed - use fewer")

    def test_one_that_is_read_too_long(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"upload_timeout_s": 0.05}))
        assert self.refused(client, settings, photos(), "npz").startswith("reading photos.npz takes more than 0.05 s")

    def test_a_table_that_names_files_of_the_server(self, client, settings, tmp_path):
        files = "".join(f"{tmp_path}/{number}.png,{number % 2}\n" for number in range(40))
        said = self.refused(client, settings, f"image,label\n{files}".encode())
        assert "40 of 40 images that photos.csv names do not exist" in said
        assert said.endswith("upload a zip file with the images of each class in a folder")

    def test_a_form_with_many_fields(self, client, settings):
        fields = [(f"field{number}", (None, "x")) for number in range(1_000)]
        answer = client.post("/datasets", params={"name": "photos", "format": "npz"}, files=fields)
        assert (answer.status_code, kept(settings)) == (400, [])

    def test_one_that_waits_too_long_for_others_is_to_come_again(self, serve, settings, monkeypatch):
        """An inspection that goes on after its client was answered keeps the next ones waiting."""
        reached, release = threading.Event(), threading.Event()

        def inspect(*_, **__):
            reached.set()
            assert release.wait(30)
            raise FixInputError("it has no samples")

        monkeypatch.setattr(uploads, "inspect_dataset", inspect)
        client = serve(settings=settings.model_copy(update={"upload_timeout_s": 0.05}))
        try:
            for _ in range(2):
                answer = upload(client, "photos", photos())
                assert (answer.status_code, answer.json()["detail"]) == (503, "other uploads are being inspected")
                assert answer.headers["retry-after"]
            assert reached.is_set()
            assert kept(settings) == []
        finally:
            release.set()


class TestQuota:
    def test_no_upload_goes_beyond_it_and_a_deletion_makes_room(self, serve, settings):
        client = serve(settings=settings.model_copy(update={"upload_quota": len(photos()) + 1_000}))
        assert upload(client, "a", photos()).status_code == 201
        answer = upload(client, "b", photos())
        assert (answer.status_code, answer.json()["detail"]) == (
            507,
            "there is no room for this upload beside the others",
        )
        assert "TUNER_UPLOAD_QUOTA" in answer.json()["remedy"]
        assert kept(settings) == ["a"]
        assert client.delete("/datasets/a").status_code == 204
        assert upload(client, "b", photos()).status_code == 201

    def test_what_is_unpacked_counts_too(self, serve, settings):
        from tests.serve_app.test_uploaded_zip import PHOTOS, zipped

        packed = zipped({name: content + bytes(10_000) for name, content in PHOTOS.items()})
        client = serve(settings=settings.model_copy(update={"upload_quota": 2 * len(packed)}))
        answer = upload(client, "photos", packed, "zip")
        assert (answer.status_code, kept(settings)) == (507, [])
        assert "all uploads together have more than" in answer.json()["detail"]

    def test_their_number_is_bounded_too(self, client, settings, monkeypatch):
        monkeypatch.setattr(uploads, "MOST_UPLOADS", 1)
        assert upload(client, "a", photos()).status_code == 201
        answer = upload(client, "b", photos())
        assert (answer.status_code, answer.json()["detail"]) == (507, "there are 1 uploaded data sets")


class TestDeletion:
    @pytest.fixture(autouse=True)
    def uploaded(self, client):
        assert upload(client, "photos", photos()).status_code == 201

    def test_it_is_gone_with_its_file_and_its_name_is_free(self, client, settings):
        assert client.delete("/datasets/photos").status_code == 204
        assert kept(settings) == []
        assert client.get("/datasets/photos").status_code == 404
        assert upload(client, "photos", photos()).status_code == 201

    def test_one_that_does_not_exist_is_404(self, client):
        for name in ("others", "photo"):
            answer = client.delete(f"/datasets/{name}")
            assert (answer.status_code, answer.json()["detail"]) == (404, f"unknown data set {name!r}")

    def test_only_uploaded_ones_can_be_deleted(self, client, settings, tmp_path):
        Registry(settings.results_dir).register("leaves", tmp_path / "leaves", PHOTOS)
        for name, said in (("digits", "is built in"), ("leaves", "was added by the operator")):
            answer = client.delete(f"/datasets/{name}")
            assert answer.status_code == 409
            assert said in answer.json()["detail"]
            assert kept(settings) == ["leaves", "photos"]

    def test_it_is_refused_while_a_study_that_uses_it_waits_or_runs(self, client, store, settings):
        name = client.post("/jobs", json={"dataset": "photos"}).json()["id"]
        lease = Lease.new()
        for _ in ("waits", "runs"):
            answer = client.delete("/datasets/photos")
            assert (answer.status_code, answer.json()["detail"]) == (409, f"study {name!r} uses data set 'photos'")
            store.take_lease(name, lease)
            store.append(name, StudyStatus(status="running"))
        store.append(name, StudyStatus(status="completed"))
        store.release_lease(name, lease)
        assert client.delete("/datasets/photos").status_code == 204
        assert client.get(f"/jobs/{name}").json()["dataset"] == "photos.npz"
        assert kept(settings) == []


def test_what_killed_uploads_left_is_deleted_at_the_start(serve, settings):
    (settings.results_dir / FOLDER / ".unfinished-0123").mkdir(parents=True)
    serve()
    assert kept(settings) == []


def test_it_may_be_longer_than_other_bodies(serve, settings):
    client = serve(settings=settings.model_copy(update={"body_limit": 100}))
    assert upload(client, "photos", photos()).status_code == 201
    assert client.post("/jobs", json={"run_name": "x" * 100}).status_code == 413
