"""Predictions of any trial's model, and of samples of the study's data, with something else in the place of models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from serve_app.predicting.predictor import ServedPredictor
from serve_app.predicting.schemas import prediction
from serve_app.winner import Winner
from tests import saved_models
from tests.serve_app import studies
from tests.serve_app.test_samples import kept_in, read_here
from tuner.data import Array
from tuner.data_spec import DataSpec
from tuner.datasets.loading import load
from tuner.events import StudyStatus
from tuner.store import Lease

__all__ = ["kept_in", "read_here"]  # fixtures
IMAGE = [[0.0] * 8] * 8
VALIDATION = {"samples": {"split": "validation", "indices": [4, 0]}}
TEST = {"samples": {"split": "test", "indices": [1]}}


class Sums:
    """Models by which the class of an image follows from the sum of its pixels; the best one answers 3."""

    def __init__(self) -> None:
        self.asked: list[tuple[int | None, Array]] = []

    async def predict(self, winner: Winner, samples: Array) -> Array:
        self.asked.append((winner.kept_trial, samples))
        chosen = samples.sum(axis=(1, 2, 3)).astype(int) % 10 if winner.kept_trial else np.full(len(samples), 3)
        return np.where(np.arange(10) == chosen[:, None], 0.55, 0.05)


@pytest.fixture
def models() -> Sums:
    return Sums()


@pytest.fixture
def client(serve, store, models):
    return serve(predictor=ServedPredictor(store, models))


@pytest.fixture
def study(store, settings) -> Path:
    """A study of two trials, of which the second one is the best; the model of the first one is kept too."""
    studies.ended(store, settings.results_dir)
    folder = settings.results_dir / "ended"
    saved_models.change(folder / "best_model", trial_number=2)
    saved_models.save(folder / "models" / "trial-00001", "ended", trial_number=1, test_accuracy=None, test_loss=None)
    return folder


class TestTrials:
    def test_a_kept_model_answers_as_the_best_one_does(self, client, study, models):
        answer = client.post("/jobs/ended/trials/1/predict", json={"inputs": [IMAGE]}).json()
        assert answer["trial_number"] == 1
        (found,) = answer["predictions"]
        assert (found["label"], found["probability"], found["unsure"], found["truth"]) == ("0", 0.55, False, None)
        assert [trial for trial, _ in models.asked] == [1]

    def test_that_of_the_best_trial_is_the_best_model(self, client, study, models):
        answer = client.post("/jobs/ended/trials/2/predict", json={"inputs": [IMAGE]}).json()
        assert (answer["trial_number"], answer["predictions"][0]["label"]) == (2, "3")
        assert [trial for trial, _ in models.asked] == [None]

    def test_which_ones_there_are_is_told(self, client, study):
        told = client.get("/jobs/ended/best-model/predict/schema").json()
        assert (told["trial_number"], told["kept_trials"]) == (2, [1, 2])
        assert (told["kind"], told["shape"], told["raw_range"]) == ("image", [8, 8, 1], [0.0, 255.0])
        assert (told["test_accuracy"], told["trained_on_validation"]) == (0.875, False)

    def test_one_that_was_not_kept_is_a_conflict_with_the_remedy(self, client, store, settings):
        studies.ended(store, settings.results_dir)
        answer = client.post("/jobs/ended/trials/1/predict", json={"inputs": [IMAGE]})
        assert (answer.status_code, answer.json()["detail"]) == (409, "the model of trial 1 was not kept")
        assert answer.json()["remedy"].startswith("start a study with keep_models=all")

    @pytest.mark.parametrize(
        ("spec", "remedy"),
        [
            ({"keep_models": "all"}, "wait until the study has ended"),
            ({}, "start a study with keep_models=all"),
        ],
    )
    def test_so_is_that_of_a_study_that_runs(self, client, store, settings, spec, remedy):
        studies.make(store, settings.results_dir, "runs", **spec)
        store.take_lease("runs", Lease.new())
        store.append("runs", StudyStatus(status="running"))
        studies.trained(store, "runs", 1)
        answer = client.post("/jobs/runs/trials/1/predict", json={"inputs": [IMAGE]})
        assert answer.status_code == 409
        assert answer.json()["remedy"].startswith(remedy)

    def test_a_damaged_one_names_its_own_remedy(self, client, study):
        file = study / "models" / "trial-00001" / "model.keras"
        file.write_bytes(file.read_bytes()[:50])
        answer = client.post("/jobs/ended/trials/1/predict", json={"inputs": [IMAGE]})
        assert (answer.status_code, answer.json()["remedy"]) == (409, "restore its folder from a copy")

    def test_an_unknown_trial_or_study_is_not_found(self, client, study):
        for path in ("/jobs/ended/trials/9/predict", "/jobs/nobody/trials/1/predict"):
            assert client.post(path, json={"inputs": [IMAGE]}).status_code == 404


class TestSamples:
    def test_they_come_with_their_true_classes(self, client, study, models, read_here):
        found = client.post("/jobs/ended/best-model/predict", json=VALIDATION).json()["predictions"]
        validation = load(DataSpec())[0].validation
        assert [one["truth"] for one in found] == [str(y) for y in validation.y[[4, 0]]]
        assert (models.asked[0][1] == validation.x[[4, 0]]).all()
        assert models.asked[0][1].dtype == np.float32

    def test_of_the_test_only_the_best_model_classifies(self, client, study, models, read_here):
        answer = client.post("/jobs/ended/trials/1/predict", json=TEST)
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("only the best model classifies test samples")
        assert models.asked == []
        assert client.post("/jobs/ended/trials/1/predict", json=VALIDATION).status_code == 200
        for path in ("/jobs/ended/best-model/predict", "/jobs/ended/trials/2/predict"):
            (found,) = client.post(path, json=TEST).json()["predictions"]
            assert found["truth"] == str(load(DataSpec())[1].y[1])

    def test_an_index_that_there_is_not_is_named(self, client, study, models, read_here):
        body = {"samples": {"split": "test", "indices": [0, 4_000]}}
        answer = client.post("/jobs/ended/best-model/predict", json=body)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == "samples.indices"
        assert error["message"].startswith("there is no sample 4,000: the test split has 359")
        assert models.asked == []

    def test_images_of_another_size_than_the_model_takes_are_a_conflict(self, client, study, read_here):
        preprocessing = saved_models.METADATA["preprocessing"] | {"shape": ["samples", 9, 9, 1]}
        saved_models.change(study / "best_model", preprocessing=preprocessing)
        assert client.post("/jobs/ended/best-model/predict", json=VALIDATION).status_code == 409

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"inputs": [IMAGE], **VALIDATION},
            {"samples": {"split": "train", "indices": [0]}},
            {"samples": {"split": "test", "indices": []}},
            {"samples": {"split": "test", "indices": [-1]}},
            {"samples": {"split": "test", "indices": [2**40]}},
            {"samples": {"split": "test", "indices": [0] * 257}},
            {"samples": {"split": "test", "indices": [0], "more": 1}},
        ],
    )
    def test_nonsense_is_refused(self, client, study, body):
        assert client.post("/jobs/ended/best-model/predict", json=body).status_code == 422


class TestUnsure:
    @pytest.mark.parametrize(
        ("probabilities", "unsure"),
        [
            ({"a": 0.6, "b": 0.3, "c": 0.1}, False),
            ({"a": 0.5, "b": 0.35, "c": 0.15}, True),
            ({"a": 0.55, "b": 0.45}, True),
            ({"a": 1.0}, False),
        ],
    )
    def test_it_is_when_two_classes_are_close(self, probabilities, unsure):
        found = prediction(probabilities, truth="b")
        assert (found.label, found.unsure, found.truth) == ("a", unsure, "b")
