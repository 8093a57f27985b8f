"""The best model over HTTP: what it is, its files, its predictions."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from serve_app.archive import readme
from serve_app.launching.launcher import JobLauncher
from serve_app.predicting.inputs import MAX_INPUTS
from serve_app.predicting.predictor import ServedPredictor
from serve_app.winner import Winner
from tests import saved_models
from tests.saved_models import DAMAGES
from tests.serve_app import studies
from tests.serve_app.launching.fakes import FakeJobs
from tuner.data import Array
from tuner.study.saved_model import checksum


@pytest.fixture
def study(store, settings):
    studies.ended(store, settings.results_dir)


class TestBestModel:
    def test_it_is_the_trial_that_leads(self, client, study):
        best = client.get("/jobs/ended/best-model").json()
        assert (best["trial_number"], best["training_duration"], best["saved"]) == (2, 30, True)
        assert (best["test_accuracy"], best["test_loss"]) == (0.875, 0.4)
        assert best["updated_at"] == best["completed_at"]
        assert best["visualization"]["total_parameters"] == 1_898

    def test_of_a_study_that_runs_it_is_the_one_so_far(self, client, store, settings):
        studies.running(store, settings.results_dir)
        best = client.get("/jobs/running/best-model").json()
        assert (best["trial_number"], best["saved"], best["test_accuracy"]) == (1, False, None)

    def test_there_is_none_before_a_trial_led(self, client, store, settings):
        studies.make(store, settings.results_dir, "a")
        for path in ("", "/download", "/archive"):
            answer = client.get(f"/jobs/a/best-model{path}")
            assert (answer.status_code, answer.json()["detail"]) == (404, "study 'a' has no best trial yet")


class TestDownload:
    def test_it_is_one_json_file_with_all_that_is_known(self, client, study):
        answer = client.get("/jobs/ended/best-model/download")
        assert answer.headers["content-disposition"] == 'attachment; filename="ended-best-model.json"'
        document = answer.json()
        assert document["best_model"] == client.get("/jobs/ended/best-model").json()
        assert document["metadata"]["labels"] == [str(digit) for digit in range(10)]
        assert document["spec"]["dataset"] == document["metadata"]["spec"]["dataset"] == "digits"

    def test_before_the_model_is_saved_the_rest_is_told(self, client, store, settings):
        studies.running(store, settings.results_dir)
        assert client.get("/jobs/running/best-model/download").json()["metadata"] is None


class TestArchive:
    def test_it_holds_the_model_its_metadata_the_figures_and_how_to_load_it(self, client, study):
        answer = client.get("/jobs/ended/best-model/archive")
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == 'attachment; filename="ended-best-model.zip"'
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert sorted(archive.namelist()) == ["README.md", "metadata.json", "model.keras", "plots/curves.png"]
            assert archive.read("model.keras") == saved_models.keras_file()
            assert json.loads(archive.read("metadata.json"))["spec"]["dataset"] == "digits"
            assert 'keras.saving.load_model("model.keras")' in archive.read("README.md").decode()

    def test_the_figures_of_other_trials_and_the_cache_are_left_out(self, client, settings, study):
        plots = settings.results_dir / "ended" / "plots"
        for name in ("trial-00001/training.png", "trial-00002/training.png", ".cache/ended@study-curves.1.png"):
            (plots / name).parent.mkdir()
            (plots / name).write_bytes(b"a figure")
        saved_models.change(settings.results_dir / "ended" / "best_model", trial_number=2)
        with zipfile.ZipFile(io.BytesIO(client.get("/jobs/ended/best-model/archive").content)) as archive:
            found = {name for name in archive.namelist() if name.startswith("plots/")}
        assert found == {"plots/curves.png", "plots/trial-00002/training.png"}

    def test_nothing_of_it_stays_behind(self, client, study, tmp_path, monkeypatch):
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(folder))
        assert client.get("/jobs/ended/best-model/archive").status_code == 200
        assert list(folder.iterdir()) == []

    def test_a_model_that_is_not_saved_yet_is_a_conflict(self, client, store, settings):
        studies.running(store, settings.results_dir)
        answer = client.get("/jobs/running/best-model/archive")
        assert (answer.status_code, answer.json()["detail"]) == (409, "study 'running' has saved no best model yet")

    def test_so_is_one_whose_file_is_gone(self, client, settings, study):
        (settings.results_dir / "ended" / "best_model" / "model.keras").unlink()
        assert client.get("/jobs/ended/best-model/archive").status_code == 409

    @pytest.mark.parametrize(
        ("takes", "said"),
        [
            ({"input": "pixels", "shape": ["samples", 8, 8, 1], "raw_range": [0, 255]}, "pixels from 0 to 255"),
            (
                {"input": "pixels", "shape": ["samples", 8, 8, 1], "raw_range": [0, 255], "image_fit": "pad"},
                "pixels from 0 to 255, of shape (samples, 8, 8, 1), or of any other height and width.",
            ),
            ({"input": "strings", "shape": ["samples"]}, "texts"),
            ({"input": "word indices", "shape": ["samples", "any"]}, "word indices"),
        ],
    )
    def test_the_readme_says_what_the_model_takes_in_python_that_compiles(self, takes, said):
        text = readme(saved_models.METADATA | {"preprocessing": takes})
        assert f"Input: {said}" in text
        code = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    ") and "pip" not in line)
        compile(code, "README.md", "exec")


class Even:
    """Models that take everything for a 3."""

    async def predict(self, winner: Winner, samples: Array) -> Array:
        return np.tile(np.where(np.arange(10) == 3, 0.55, 0.05), (len(samples), 1))

    def forget(self, study: str) -> None:
        raise AssertionError


IMAGE = [[0.0] * 8] * 8


class TestPredictions:
    @pytest.fixture
    def client(self, serve, store):
        return serve(predictor=ServedPredictor(store, Even()))

    def test_each_input_gets_its_class_and_all_probabilities(self, client, study):
        answer = client.post("/jobs/ended/best-model/predict", json={"inputs": [IMAGE, IMAGE]})
        probabilities = {str(digit): 0.55 if digit == 3 else 0.05 for digit in range(10)}
        assert answer.json() == {
            "trial_number": 1,
            "predictions": [
                {"label": "3", "probability": 0.55, "probabilities": probabilities, "unsure": False, "truth": None}
            ]
            * 2,
        }

    def test_what_it_takes_is_told(self, client, study):
        told = client.get("/jobs/ended/best-model/predict/schema").json()
        assert (told["study"], told["max_inputs"], told["classes"]) == ("ended", MAX_INPUTS, list("0123456789"))
        assert told["input"]["anyOf"][1]["maxItems"] == 8

    @pytest.mark.parametrize(("number", "status"), [(1, 200), (MAX_INPUTS, 200), (MAX_INPUTS + 1, 422), (0, 422)])
    def test_so_many_at_once_as_it_tells(self, client, study, number, status):
        answer = client.post("/jobs/ended/best-model/predict", json={"inputs": [IMAGE] * number})
        assert answer.status_code == status
        if status == 422:
            (error,) = answer.json()["errors"]
            assert error["field"] == "inputs"
            assert str(1 if number == 0 else MAX_INPUTS) in error["message"]

    def test_a_study_without_a_saved_model_is_a_conflict_that_tells_the_remedy(self, client, store, settings):
        studies.running(store, settings.results_dir)
        for answer in (
            client.post("/jobs/running/best-model/predict", json={"inputs": [IMAGE]}),
            client.get("/jobs/running/best-model/predict/schema"),
            client.get("/jobs/running/best-model/archive"),
        ):
            told = answer.json()
            assert (answer.status_code, told["detail"]) == (409, "study 'running' has saved no best model yet")
            assert told["remedy"] == "wait until it has ended"
        assert client.get("/jobs/other/best-model/predict/schema").status_code == 404

    @pytest.mark.parametrize("body", [{}, {"inputs": "x"}, {"inputs": [1], "more": 2}, {"inputs": [[1, 2]]}])
    def test_nonsense_is_refused(self, client, study, body):
        assert client.post("/jobs/ended/best-model/predict", json=body).status_code == 422

    def test_without_a_predictor_there_is_no_such_path(self, serve, study):
        assert serve().post("/jobs/ended/best-model/predict", json={"inputs": [1]}).status_code == 404


class Unasked(Even):
    """Models that must not be loaded."""

    async def predict(self, winner: Winner, samples: Array) -> Array:
        raise AssertionError


class TestDamage:
    @pytest.fixture
    def client(self, serve, store, settings):
        launcher = JobLauncher(store, settings, FakeJobs())
        return serve(predictor=ServedPredictor(store, Unasked()), launcher=launcher)

    @pytest.fixture
    def folder(self, settings, study):
        return settings.results_dir / "ended" / "best_model"

    @pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
    def test_each_damage_is_a_conflict_with_the_remedy_on_every_path(self, client, folder, damage, message):
        damage(folder)
        for answer in (
            client.post("/jobs/ended/best-model/predict", json={"inputs": [IMAGE]}),
            client.get("/jobs/ended/best-model/predict/schema"),
            client.get("/jobs/ended/best-model/archive"),
            client.get("/jobs/ended/best-model/download"),
        ):
            told = answer.json()
            assert answer.status_code == 409
            assert told["detail"].startswith(f"the saved model of study 'ended' is damaged: {message}")
            assert told["remedy"] == "POST /jobs/ended/resume saves it again"
            assert str(folder) not in answer.text
        best = client.get("/jobs/ended/best-model").json()
        assert (best["trial_number"], best["saved"]) == (2, False)

    def test_the_remedy_works(self, client, folder):
        assert client.post("/jobs/ended/resume").status_code == 409
        DAMAGES["cut short"][0](folder)
        assert client.post("/jobs/ended/resume").status_code == 202

    def test_the_file_of_another_model_is_never_in_an_archive(self, client, folder):
        saved_models.change(folder, model_sha256=checksum(folder / "model.keras"))
        assert client.get("/jobs/ended/best-model/archive").status_code == 200
        (folder / "model.keras").write_bytes(saved_models.keras_file("another model"))
        answer = client.get("/jobs/ended/best-model/archive")
        assert (answer.status_code, "is not the file that metadata.json describes" in answer.text) == (409, True)

    def test_a_model_without_the_classes_of_its_metadata_is_damaged(self, serve, store, folder):
        client = serve(predictor=ServedPredictor(store, Even()))
        saved_models.change(folder, labels=["one", "two"])
        answer = client.post("/jobs/ended/best-model/predict", json={"inputs": [IMAGE]})
        assert (answer.status_code, "does not have the classes of its metadata" in answer.text) == (409, True)


def test_a_name_of_a_file_is_never_a_path(study, client):
    header = client.get("/jobs/ended/best-model/archive").headers["content-disposition"]
    name = header.partition('filename="')[2].rstrip('"')
    assert Path(name).name == name
