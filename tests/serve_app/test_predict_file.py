"""Predictions of a file over HTTP: which files, within which limits, and the CSV file that comes back."""

from __future__ import annotations

import asyncio
import csv
import io
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from serve_app.app import make_app
from serve_app.predicting import batch_files, file_reading
from serve_app.predicting.file_reading import FileTask, Part, parts
from serve_app.predicting.predictor import ServedPredictor
from serve_app.winner import Winner
from tests import saved_models
from tests.serve_app import studies
from tests.serve_app.conftest import HOST
from tests.serve_app.test_datasets import npz
from tuner.data import Array
from tuner.errors import FixInputError, TryAgainError

PATH = "/jobs/ended/best-model/predict/file"
TEXTS = {"input": "strings", "shape": ["samples"], "output": "probabilities, one per label"}
PIXELS = saved_models.METADATA["preprocessing"]


class Lengths:
    """Models by which the class follows from the length of a text, or from the sum of an image's pixels."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.asked = 0
        self._fails_after = fails_after

    async def predict(self, winner: Winner, samples: Array) -> Array:
        self.asked += 1
        if self._fails_after is not None and self.asked > self._fails_after:
            raise TryAgainError("the model is away", remedy="try again")
        numbers = [len(text) for text in samples] if samples.dtype == object else samples.sum(axis=(1, 2, 3)).tolist()
        chosen = np.array(numbers, int) % len(winner.metadata["labels"])
        labels = np.arange(len(winner.metadata["labels"]))
        return np.where(labels == chosen[:, None], 0.75, 0.25 / (len(labels) - 1))


@pytest.fixture
def models() -> Lengths:
    return Lengths()


@pytest.fixture
def client(serve, store, models):
    return serve(predictor=ServedPredictor(store, models))


@pytest.fixture
def of_images(store, settings) -> None:
    """A study whose best model takes images of 8 x 8 pixels."""
    studies.ended(store, settings.results_dir)


@pytest.fixture
def of_texts(store, settings) -> None:
    """A study whose best model takes texts, of the classes even and odd."""
    studies.ended(store, settings.results_dir)
    folder = settings.results_dir / "ended" / "best_model"
    saved_models.change(folder, preprocessing=TEXTS, labels=["even", "odd"])


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, which is much faster; a process stands in for the child's end."""

    def start(self: Any, task: FileTask, errors: Any) -> Any:
        found = io.BytesIO()
        try:
            for part in parts(task):
                part.write(found)
        except FixInputError as error:
            Part(error=(error.message.replace(f"{task.path.parent}/", ""), error.remedy)).write(found)
        process: Any = subprocess.Popen(["/bin/true"], start_new_session=True)
        process.stdout = io.BytesIO(found.getvalue())
        return process

    monkeypatch.setattr(batch_files.BatchFiles, "_start", start)


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def send(client: Any, content: bytes, format: str) -> httpx.Response:
    return client.post(PATH, params={"format": format}, content=content)


def png(value: int, size: tuple[int, int] = (8, 8)) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full(size, value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


class TestByItsOwnProcess:
    def test_lines_of_text_become_rows(self, client, of_texts):
        answer = send(client, b"sun\nmoons\n\nstar\n", "txt")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="ended-predictions.csv"'
        assert table(answer) == [
            {
                "input": text,
                "label": label,
                "probability": "0.75",
                "probability of even": even,
                "probability of odd": odd,
                "problem": "",
            }
            for text, label, even, odd in (
                ("sun", "odd", "0.25", "0.75"),
                ("moons", "odd", "0.25", "0.75"),
                ("star", "even", "0.75", "0.25"),
            )
        ]

    def test_a_wrong_file_is_a_problem_without_paths(self, client, of_texts):
        answer = send(client, b"no numpy file", "npz")
        assert answer.status_code == 422
        assert "/tmp" not in answer.text
        assert answer.json()["detail"].startswith("file.npz")

    def test_a_process_that_dies_is_explained_in_the_log_only(self, client, of_texts, monkeypatch, caplog):
        monkeypatch.setattr(batch_files, "limited", lambda command: ["/bin/sh", "-c", "echo secret >&2; exit 137"])
        answer = send(client, b"a\n", "txt")
        assert answer.status_code == 422
        assert answer.json()["detail"] == "reading the file takes too much memory or time"
        assert "secret" in caplog.text

    def test_nothing_of_it_stays_behind(self, client, of_texts, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
        (tmp_path / "temporary").mkdir()
        for content in (b"a\nb\n", b""):
            send(client, content, "txt")
        assert list((tmp_path / "temporary").iterdir()) == []

    def test_a_client_that_leaves_ends_it(self, services, store, of_texts):
        """The process waits until its output is taken, and must not wait for ever."""
        app = make_app(replace(services, predictor=ServedPredictor(store, Lengths())))
        content = b"".join(b"%d\n" % number for number in range(9_000))
        started: list[Any] = []
        start = batch_files.BatchFiles._start

        def remember(self: Any, task: FileTask, errors: Any) -> Any:
            started.append(start(self, task, errors))
            return started[-1]

        async def leave() -> None:
            sent = iter([{"type": "http.request", "body": content, "more_body": False}])
            left = asyncio.Event()

            async def receive() -> Any:
                message = next(sent, None)
                if message is not None:
                    return message
                await left.wait()
                return {"type": "http.disconnect"}

            async def answer(message: Any) -> None:
                if message.get("body"):
                    left.set()
                    await asyncio.sleep(0.1)

            scope = {
                "type": "http",
                "method": "POST",
                "path": PATH,
                "raw_path": PATH.encode(),
                "query_string": b"format=txt",
                "headers": [(b"host", HOST.removeprefix("http://").encode())],
                "server": ("127.0.0.1", 8000),
                "client": ("127.0.0.1", 1),
                "scheme": "http",
                "http_version": "1.1",
                "asgi": {"version": "3.0", "spec_version": "2.0"},
            }
            await app(scope, receive, answer)
            for _ in range(100):
                if started and started[0].poll() is not None:
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("the process still runs")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch_files.BatchFiles, "_start", remember)
            asyncio.run(leave())


class TestFiles:
    def test_a_table_of_texts_in_a_form(self, client, of_texts, read_here):
        files = {"file": ("reviews.csv", b"number,text\n1,sun\n2,moon\n")}
        rows = table(client.post(PATH, params={"format": "csv"}, files=files))
        assert [(row["input"], row["label"]) for row in rows] == [("sun", "odd"), ("moon", "even")]

    def test_json_lines(self, client, of_texts, read_here):
        rows = table(send(client, b'{"text": "sun"}\n{"text": "=1+1"}\n', "jsonl"))
        assert [(row["input"], row["label"]) for row in rows] == [("sun", "odd"), ("=1+1", "even")]

    def test_a_zip_file_of_images_of_which_one_is_broken(self, client, of_images, read_here):
        files = {"a/one.png": png(1), "a/two.png": b"no image", "three.png": png(3, (20, 10))}
        rows = {row["input"]: row for row in table(send(client, zipped(files), "zip"))}
        assert set(rows) == {"a/one.png", "a/two.png", "three.png"}
        assert (rows["a/one.png"]["label"], rows["three.png"]["label"]) == (str(64 % 10), str(3 * 64 % 10))
        assert rows["a/one.png"]["problem"] == ""
        broken = rows["a/two.png"]
        assert broken["problem"].startswith("a/two.png is not a readable image")
        assert (broken["label"], broken["probability"], broken["probability of 3"]) == ("", "", "")

    def test_an_array_of_images(self, client, of_images, read_here):
        pixels = np.stack([np.full((8, 8), value, np.uint8) for value in range(5)])
        rows = table(send(client, npz(x=pixels), "npz"))
        assert [row["input"] for row in rows] == [f"row {number}" for number in range(1, 6)]
        assert [row["label"] for row in rows] == [str(64 * value % 10) for value in range(5)]

    def test_many_samples_are_classified_in_parts(self, client, of_texts, read_here, models):
        texts = [f"text {number}" for number in range(600)]
        rows = table(send(client, "\n".join(texts).encode(), "txt"))
        assert [row["input"] for row in rows] == texts
        assert models.asked == 3

    def test_a_long_text_is_named_by_its_beginning_and_classified_by_it(self, client, of_texts, read_here):
        (row,) = table(send(client, b"a" * 200_001, "txt"))
        assert len(row["input"]) < file_reading.LONGEST_NAME + 10
        assert row["label"] == "even", "of the first 100,000 characters"

    def test_what_the_model_does_not_take_is_named(self, client, of_images, read_here):
        answer = send(client, b"a text\n", "txt")
        assert answer.status_code == 422
        assert answer.json()["detail"] == "file.txt holds text, and the model of study 'ended' classifies images"

    def test_too_many_samples_are_refused(self, client, of_texts, read_here):
        answer = send(client, b"a\n" * 10_001, "txt")
        assert (answer.status_code, answer.json()["detail"]) == (422, "the file has 10,001 samples")

    def test_a_table_names_no_file_of_this_machine(self, client, of_images, read_here, tmp_path):
        (tmp_path / "secret.png").write_bytes(png(1))
        answer = send(client, f"image\n{tmp_path}/secret.png\n".encode(), "csv")
        assert answer.status_code == 422
        assert "do not exist" in answer.json()["detail"]

    def test_a_zip_file_stays_in_its_folder(self, client, of_images, read_here):
        answer = send(client, zipped({"../../outside.png": png(1)}), "zip")
        assert answer.status_code == 422
        assert "unsafe path" in answer.json()["detail"]

    def test_its_content_is_bounded_too(self, serve, store, settings, of_texts, read_here):
        limited = settings.model_copy(update={"upload_limit": 10_000})
        client = serve(predictor=ServedPredictor(store, Lengths()), settings=limited)
        assert send(client, b"a" * 10_001, "txt").status_code == 413
        answer = send(client, zipped({"a.txt": b"a" * 10_001}), "zip")
        assert answer.status_code in (413, 422)

    def test_nothing_is_an_error(self, client, of_texts, read_here):
        assert send(client, b"", "txt").status_code == 422
        assert client.post(PATH, content=b"a").status_code == 422
        assert send(client, b"a", "exe").status_code == 422

    def test_a_study_without_a_model_is_a_conflict(self, client, store, settings):
        studies.running(store, settings.results_dir)
        answer = client.post("/jobs/running/best-model/predict/file", params={"format": "txt"}, content=b"a")
        assert answer.status_code == 409

    def test_too_many_at_once_are_refused(self, client, of_texts, read_here, monkeypatch):
        monkeypatch.setattr(batch_files, "MOST_FILES", 0)
        assert send(client, b"a", "txt").status_code == 503

    def test_a_model_that_fails_at_once_is_a_problem_and_later_ends_the_file(self, serve, store, of_texts, read_here):
        at_once = serve(predictor=ServedPredictor(store, Lengths(fails_after=0)))
        assert send(at_once, b"a\n", "txt").status_code == 503
        later = serve(predictor=ServedPredictor(store, Lengths(fails_after=1)))
        rows = csv.reader(io.StringIO(send(later, b"a\n" * 600, "txt").text))
        assert len(list(rows)) == 1 + 256


class TestParts:
    @pytest.mark.parametrize(
        "inputs",
        [np.arange(6, dtype=np.float32).reshape(2, 3, 1, 1), np.array(["a", "ü"], object), None],
        ids=["pixels", "texts", "none"],
    )
    def test_are_read_as_they_were_written(self, inputs: Array | None):
        stream = io.BytesIO()
        Part(["one", "two", "three"], {1: "broken"}, inputs).write(stream)
        Part(error=("wrong", "correct it")).write(stream)
        stream.seek(0)
        first, second, third = (Part.read(stream) for _ in range(3))
        assert first is not None
        assert second is not None
        assert (first.names, first.problems) == (["one", "two", "three"], {1: "broken"})
        assert (first.inputs is None) == (inputs is None)
        if inputs is not None and first.inputs is not None:
            assert first.inputs.tolist() == inputs.tolist()
            assert first.inputs.dtype == inputs.dtype
        assert second.error == ("wrong", "correct it")
        assert third is None

    def test_one_that_is_cut_off_is_no_end(self):
        stream = io.BytesIO()
        Part(["one"]).write(stream)
        with pytest.raises(EOFError):
            Part.read(io.BytesIO(stream.getvalue()[:-3]))

    def test_have_fewer_samples_for_large_images(self, tmp_path: Path):
        np.savez(tmp_path / "a.npz", x=np.zeros((3, 2_000, 3_000), np.uint8))
        takes = PIXELS | {"shape": ["samples", 2_000, 3_000, 1]}
        task = FileTask(path=tmp_path / "a.npz", study="s", preprocessing=takes, labels=["a"], decoded_bytes=2**30)
        sizes: Sequence[int] = [len(part.names) for part in parts(task)]
        assert sizes == [0, 2, 1]
