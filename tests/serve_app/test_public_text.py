"""Folders of the server and addresses of its database stay on the server: no answer and no reason shows them."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serve_app.public_text import public
from tests.serve_app import studies
from tests.serve_app.conftest import Client
from tests.serve_app.replicas import Replica
from tests.serve_app.test_datasets import kept, photos, upload
from tests.serve_app.test_uploaded_zip import PHOTOS, zipped
from tests.store.samples import complete, start
from tuner.datasets.uploaded_zip import unpack
from tuner.errors import CannotWriteError
from tuner.events import StudyStatus
from tuner.store import DatabaseAwayError, DatabaseFaultError, Store

HOME = "/home/ann/My Studies/results"


class TestText:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            (f"cannot make the folder {HOME}/a: No space left", "cannot make the folder a: No space left"),
            ("cannot write to /results: Read-only file system", "cannot write to results: Read-only file system"),
            (f"the folder {HOME}/a already exists", "the folder a already exists"),
            (f"[Errno 2] No such file: '{HOME}/a/model.keras'", "[Errno 2] No such file: 'model.keras'"),
            (f'File "{HOME}/keras/x.py", line 5, in f', 'File "x.py", line 5, in f'),
            ("database /srv/tuner.db is gone", "database tuner.db is gone"),
            ("/srv/a.csv has no rows; ~/studies/x.npz too", "a.csv has no rows; x.npz too"),
            (
                'database postgresql+psycopg://ann:***@db.local:5432/tuner: connection to server at "10.0.0.3", port '
                "5432 failed: Connection refused",
                "database (address hidden) connection to the database server failed: Connection refused",
            ),
            ("storage_path: s3://bucket/prefix cannot be reached", "storage_path: (address hidden) cannot be reached"),
        ],
    )
    def test_places_are_left_out(self, text: str, shown: str) -> None:
        assert public(text) == shown

    @pytest.mark.parametrize(
        "text",
        [
            'GET /jobs/x, POST /jobs/{id}/resume {"trials": 14} or DELETE /datasets/photos; /openapi.json',
            "cannot download mnist.npz from https://storage.googleapis.com/tensorflow/mnist.npz",
            "3/4 of cat/1.png and dog/2.png, and/or 5 trials/s; a / b; </b>",
            "read ended/study.log in the results folder",
        ],
    )
    def test_the_rest_stays(self, text: str) -> None:
        assert public(text) == text


def test_a_reason_shows_no_place_wherever_it_is_read(
    client: Client, listen: Callable[..., Replica], store: Store, settings: Any
) -> None:
    """In lists, single studies and trials, the history, the log, and the live feed in all its forms."""
    folder = studies.make(store, settings.results_dir, "a")
    reason = f"cannot read {HOME}/photos.csv at postgresql://ann@db.local/tuner"
    store.append("a", start(1, trial_id="a-00001"))
    store.append("a", complete(1, trial_id="a-00001", status="failed", reason=reason, error=f'File "{HOME}/x.py"'))
    store.append("a", StudyStatus(status="failed", reason=reason))
    (folder / "study.log").write_text(f"2026-11-29T10:00:00Z ERROR {reason}\nTrain 1/2\n")
    answers = [
        client.get(path).text
        for path in (
            *("/jobs", "/jobs/a", "/jobs/a/trials", "/jobs/a/trials/1", "/jobs/a/logs"),
            *("/api/sessions", "/api/sessions/a/trials"),
        )
    ]
    replica = listen()

    async def feed() -> None:
        async with replica.connect("/ws/jobs/a") as one, replica.connect("/ws") as every:
            answers.extend([json.dumps(await one.next()), json.dumps(await every.next())])
        async with replica.connect("/ws/jobs/a?after=0") as again:
            answers.extend(json.dumps(message) for message in await again.until(3))

    asyncio.run(feed())
    for answer in answers:
        assert "Studies" not in answer, answer
        assert "db.local" not in answer, answer
    shown = "cannot read photos.csv at (address hidden)"
    assert client.get("/jobs/a").json()["reason"] == shown
    assert client.get("/jobs/a/trials").json()["items"][0]["reason"] == shown
    assert client.get("/jobs/a/trials/1").json()["error"] == 'File "x.py"'
    assert client.get("/jobs/a/logs").json()["lines"][0] == f"2026-11-29T10:00:00Z ERROR {shown}"
    assert store.study("a").reason == reason, "operators read the whole text"


class TestDatabase:
    def test_that_is_away_is_503_and_its_address_is_in_the_log_only(
        self, client: Client, store: Store, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        studies.make(store, settings.results_dir, "a")
        file = settings.results_dir / "tuner.db"
        shutil.move(file, settings.results_dir / "moved.db")
        try:
            for answer in (*map(client.get, ("/jobs", "/jobs/a", "/ready")), client.post("/jobs", json={})):
                shown = "database tuner.db is gone: it was deleted or moved"
                assert (answer.status_code, answer.json()["detail"]) == (503, shown)
                assert answer.headers["retry-after"]
                assert str(settings.results_dir) not in answer.text
        finally:
            shutil.move(settings.results_dir / "moved.db", file)
        assert f"{file} is gone" in caplog.text

    @pytest.mark.parametrize(("kind", "status"), [(DatabaseAwayError, 503), (DatabaseFaultError, 500)])
    def test_that_cannot_be_written_is_never_the_clients_fault(
        self, client: Client, store: Store, launcher: Any, monkeypatch: pytest.MonkeyPatch, kind: Any, status: int
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise kind("database /srv/tuner.db: attempt to write a readonly database", remedy="make /srv writable")

        monkeypatch.setattr(type(store), "create_study", fail)
        answer = client.post("/jobs", json={})
        assert answer.status_code == status
        assert "srv" not in answer.text

    @pytest.mark.parametrize("command", ["cancel", "resume", "delete"])
    def test_that_cannot_be_written_is_no_conflict_either(
        self, serve: Any, launcher: Any, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        def fail(*_: object) -> None:
            raise DatabaseFaultError("database /srv/tuner.db: attempt to write a readonly database")

        monkeypatch.setattr(launcher, command, fail)
        client = serve()
        answer = client.delete("/jobs/a") if command == "delete" else client.post(f"/jobs/a/{command}")
        assert (answer.status_code, answer.json()["detail"]) == (500, "the database cannot be used")


class TestDisk:
    """A disk that is full or cannot be written, as the system reports it."""

    @pytest.fixture(params=[errno.ENOSPC, errno.EROFS, errno.EACCES])
    def fails(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        def of(kind: Any, name: str) -> None:
            def fail(self: object, *_: object, **__: object) -> None:
                raise OSError(request.param, os.strerror(request.param), str(self))

            monkeypatch.setattr(kind, name, fail)

        return of

    @pytest.fixture(autouse=True)
    def started(self, store: Store) -> None:
        """The database was opened before the disk failed."""

    def check(self, answer: Any, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
        assert answer.status_code == 507, answer.text
        assert answer.json()["remedy"] == "the operator finds the reason in the server log"
        assert str(settings.results_dir.parent) not in answer.text
        assert str(settings.results_dir.parent) in caplog.text

    def test_no_study_is_begun_on_it(self, client: Client, settings: Any, fails: Any, caplog: Any) -> None:
        fails(Path, "mkdir")
        self.check(client.post("/jobs", json={}), settings, caplog)

    def test_no_upload_is_begun_on_it(self, client: Client, settings: Any, fails: Any, caplog: Any) -> None:
        fails(Path, "mkdir")
        self.check(upload(client, "photos", photos()), settings, caplog)

    def test_no_upload_is_kept_on_it(self, client: Client, settings: Any, fails: Any, caplog: Any) -> None:
        fails(Path, "rename")
        self.check(upload(client, "photos", photos()), settings, caplog)
        assert kept(settings) == []

    def test_nothing_is_unpacked_on_it(self, tmp_path: Path, fails: Any) -> None:
        file = tmp_path / "photos.zip"
        file.write_bytes(zipped(PHOTOS))
        fails(shutil, "copyfileobj")
        with pytest.raises(CannotWriteError, match=r"photos.zip cannot be unpacked"):
            unpack(file, tmp_path / "photos", 2**20)

    def test_no_archive_is_packed_on_it(
        self, client: Client, store: Store, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        studies.ended(store, settings.results_dir)
        monkeypatch.setattr("serve_app.archive.zipfile.ZipFile.write", full)
        answer = client.get("/jobs/ended/best-model/archive")
        assert (answer.status_code, answer.json()["detail"]) == (507, "the disk cannot be written")

    def test_on_the_command_line_it_is_an_error_of_the_input_as_before(self) -> None:
        assert CannotWriteError("the disk is full").exit_code == 2
