"""The best model over HTTP: what it is, its files, its predictions."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from serve_app.archive import readme
from tests.serve_app import studies


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
            assert (answer.status_code, answer.json()["detail"]) == (404, "no trial of study 'a' leads yet")


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
            assert archive.read("model.keras") == b"PK a model"
            assert json.loads(archive.read("metadata.json"))["spec"]["dataset"] == "digits"
            assert 'keras.saving.load_model("model.keras")' in archive.read("README.md").decode()

    def test_nothing_of_it_stays_behind(self, client, study, tmp_path, monkeypatch):
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(folder))
        assert client.get("/jobs/ended/best-model/archive").status_code == 200
        assert list(folder.iterdir()) == []

    def test_a_model_that_is_not_saved_yet_is_a_conflict(self, client, store, settings):
        studies.running(store, settings.results_dir)
        answer = client.get("/jobs/running/best-model/archive")
        assert (answer.status_code, answer.json()["detail"]) == (409, "study 'running' has saved no model")

    def test_so_is_one_whose_file_is_gone(self, client, settings, study):
        (settings.results_dir / "ended" / "best_model" / "model.keras").unlink()
        assert client.get("/jobs/ended/best-model/archive").status_code == 409

    @pytest.mark.parametrize(
        ("takes", "said"),
        [
            ({"input": "pixels", "shape": ["samples", 8, 8, 1], "raw_range": [0, 255]}, "pixels from 0 to 255"),
            ({"input": "strings", "shape": ["samples"]}, "texts"),
            ({"input": "word indices", "shape": ["samples", "any"]}, "word indices"),
        ],
    )
    def test_the_readme_says_what_the_model_takes_in_python_that_compiles(self, takes, said):
        text = readme(studies.METADATA | {"preprocessing": takes})
        assert f"It takes {said}" in text
        code = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    ") and "pip" not in line)
        compile(code, "README.md", "exec")


class Told:
    """A predictor that says what it was told to say."""

    async def predict(self, name, inputs):
        return [{"cat": 0.25, "dog": 0.75} for _ in inputs]

    async def schema(self, name):
        return {"input": {"type": "string"}}


class TestPredictions:
    def test_each_input_gets_its_class_and_all_probabilities(self, serve, study):
        answer = serve(predictor=Told()).post("/jobs/ended/best-model/predict", json={"inputs": ["x", "y"]})
        probabilities = {"cat": 0.25, "dog": 0.75}
        assert answer.json() == {
            "predictions": [{"label": "dog", "probability": 0.75, "probabilities": probabilities}] * 2
        }

    def test_what_it_takes_is_told(self, serve, study):
        told = serve(predictor=Told()).get("/jobs/ended/best-model/predict/schema").json()
        assert told == {"input": {"type": "string"}}

    def test_a_study_without_a_saved_model_is_a_conflict(self, serve, store, settings):
        studies.running(store, settings.results_dir)
        client = serve(predictor=Told())
        assert client.post("/jobs/running/best-model/predict", json={"inputs": ["x"]}).status_code == 409
        assert client.get("/jobs/running/best-model/predict/schema").status_code == 409
        assert client.get("/jobs/other/best-model/predict/schema").status_code == 404

    @pytest.mark.parametrize("body", [{}, {"inputs": []}, {"inputs": "x"}, {"inputs": [1], "more": 2}])
    def test_nonsense_is_refused(self, serve, study, body):
        assert serve(predictor=Told()).post("/jobs/ended/best-model/predict", json=body).status_code == 422

    def test_without_a_predictor_there_is_no_such_path(self, client, study):
        assert client.post("/jobs/ended/best-model/predict", json={"inputs": [1]}).status_code == 404


def test_a_name_of_a_file_is_never_a_path(study, client):
    header = client.get("/jobs/ended/best-model/archive").headers["content-disposition"]
    name = header.partition('filename="')[2].rstrip('"')
    assert Path(name).name == name
