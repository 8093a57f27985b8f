"""Images by class that are uploaded as a zip file."""

from __future__ import annotations

import io
import stat
import zipfile

import numpy as np
from PIL import Image

from tests.serve_app.test_datasets import kept, upload


def png(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (9, 7), np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


PHOTOS = {
    f"{label}/{number}.png": png(seed + number) for seed, label in ((0, "cat"), (50, "dog")) for number in range(20)
}


def test_its_folders_are_the_classes_and_a_study_may_name_it(client):
    answer = upload(client, "photos", zipped(PHOTOS), "zip")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["kind"], answer.json()["samples"], answer.json()["classes"]) == ("image", 40, 2)
    assert [count["label"] for count in client.get("/datasets/photos").json()["report"]["classes"]] == ["cat", "dog"]
    assert client.post("/jobs", json={"dataset": "photos"}).status_code == 201


def link() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in PHOTOS.items():
            archive.writestr(name, content)
        member = zipfile.ZipInfo("cat/passwd.png")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return file.getvalue()


def test_links_are_skipped(client):
    assert upload(client, "photos", link(), "zip").json()["samples"] == 40


def test_what_is_no_folder_of_images_is_refused_and_nothing_is_kept(serve, settings):
    client = serve(settings=settings.model_copy(update={"upload_limit": 2_000_000}))
    for content, said in (
        (b"PK\3\4 no archive", "is not a readable zip file"),
        (zipped({"../../cat/1.png": png(0)}), "has the unsafe path"),
        (zipped({"/cat/1.png": png(0)}), "has the unsafe path"),
        (zipped({"cat": b"x", "cat/1.png": png(0)}), "cannot be unpacked"),
        (zipped({"readme.txt": b"no images"}), "photos"),
        (zipped({"cat/1.png": bytes(3_000_000)}), "when it is unpacked, more than 2,000,000"),
    ):
        answer = upload(client, "photos", content, "zip")
        assert answer.status_code == 422, answer.text
        assert said in answer.json()["detail"]
        assert str(settings.results_dir) not in answer.text
        assert kept(settings) == []
