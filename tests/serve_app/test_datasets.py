"""Data sets over HTTP: the list, and own ones to upload."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.datasets.test_registry import PHOTOS
from tuner.datasets.registry import FOLDER, Registry


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no archive", "photos.npz is not an .npz file of arrays"),
        (npz(x=np.zeros((9, 4, 4), np.uint8)), "photos.npz has no y"),
        (npz(x=np.zeros((9, 4, 4), np.uint8), y=np.zeros(9, int)), "photos.npz has"),
        (npz(x=np.array([{"a": 1}] * 9, object), y=np.arange(9) % 3), "pickles are never read"),
        (photos()[:-30], "photos.npz is not an .npz file of arrays"),
    ],
)
def test_what_is_no_data_set_is_refused_and_nothing_is_kept(client, settings, content, said):
    answer = upload(client, "photos", content)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert str(settings.results_dir) not in answer.text
    assert kept(settings) == []


def test_an_empty_body_is_told_so(client, settings):
    assert upload(client, "photos", b"").json()["detail"] == "the body is empty"
    assert kept(settings) == []


@pytest.mark.parametrize("name", ["digits", "taken"])
def test_a_name_is_given_once(client, settings, tmp_path, name):
    Registry(settings.results_dir).register("taken", tmp_path, PHOTOS)
    assert upload(client, name, photos()).status_code == 409
    assert kept(settings) == ["taken"]


@pytest.mark.parametrize("name", ["../photos", "/etc/passwd", "", ".a", "a/b", "a" * 81, "a\0"])
def test_a_name_is_never_a_path(client, settings, name):
    answer = upload(client, name, photos())
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["name"])
    assert not settings.results_dir.exists() or kept(settings) == []


@pytest.mark.parametrize("format", ["exe", "pkl", "", "../npz"])
def test_other_kinds_of_files_are_refused(client, format):
    assert upload(client, "photos", photos(), format).status_code == 422


def test_a_file_that_is_too_long_is_refused_whether_its_length_is_told_or_not(serve, settings):
    client = serve(settings=settings.model_copy(update={"upload_limit": 1_000}))

    async def parts():
        for _ in range(11):
            yield b"x" * 100

    for content in (b"x" * 1_001, parts()):
        answer = upload(client, "photos", content)
        assert (answer.status_code, answer.json()["detail"]) == (413, "the body is longer than 1,000 bytes")
    assert kept(settings) == []


def test_it_may_be_longer_than_other_bodies(serve, settings):
    client = serve(settings=settings.model_copy(update={"body_limit": 100}))
    assert upload(client, "photos", photos()).status_code == 201
    assert client.post("/jobs", json={"run_name": "x" * 100}).status_code == 413
