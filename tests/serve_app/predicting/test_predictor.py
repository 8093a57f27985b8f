"""Predictions of a study's winner, with something else in the place of the model. No Ray, no TensorFlow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serve_app.predicting.predictor import ServedPredictor
from serve_app.winner import NotSavedError, Winner, find
from tests import saved_models
from tuner.data import Array
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError
from tuner.settings import Settings
from tuner.spec import parse_study_spec
from tuner.store import Store
from tuner.study.paths import StudyPaths
from tuner.study.start import add

TAKES: dict[str, Any] = {
    "labels": ["dark", "light"],
    "preprocessing": {"input": "pixels", "shape": ["samples", 1, 1, 1], "raw_range": [0.0, 1.0]},
}


class Brightness:
    """A model: how light the pixel is."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def predict(self, winner: Winner, samples: Array) -> Array:
        self.asked.append(winner.version)
        light = samples.reshape(-1).astype(np.float64)
        return np.stack([1 - light, light], axis=1)

    def forget(self, study: str) -> None:
        raise AssertionError


class Silence(Brightness):
    """A model that never answers."""

    async def predict(self, winner: Winner, samples: Array) -> Array:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    settings = Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)
    with Store.open(settings.store_url()) as opened:
        add(opened, parse_study_spec({"run_name": "s", "dataset": "digits"}), settings)
        yield opened


def save(store: Store, **changes: Any) -> None:
    """Save a best model."""
    folder = StudyPaths(Path(store.study("s").folder)).best_model
    saved_models.save(folder, "s", **{"trial_number": 2, **TAKES, **changes})


def test_each_input_gets_a_probability_for_each_class(store: Store) -> None:
    save(store)
    answers = asyncio.run(ServedPredictor(store, Brightness()).predict("s", [[[0.25]], [[1]]]))
    assert answers == [{"dark": 0.75, "light": 0.25}, {"dark": 0.0, "light": 1.0}]


def test_a_better_model_takes_the_place_of_the_one_before(store: Store) -> None:
    models = Brightness()
    for trial in (2, 3):
        save(store, trial_number=trial)
        asyncio.run(ServedPredictor(store, models).predict("s", [[[0]]]))
    assert len(set(models.asked)) == 2


def test_the_same_model_stays_the_same(store: Store) -> None:
    save(store)
    assert find(store.study("s")) == find(store.study("s"))


def test_a_study_without_a_model_is_one_line(store: Store) -> None:
    with pytest.raises(NotSavedError, match="study 's' has saved no best model yet"):
        asyncio.run(ServedPredictor(store, Brightness()).predict("s", [[[0]]]))


def test_an_unknown_study_too(store: Store) -> None:
    with pytest.raises(UnknownStudyError):
        asyncio.run(ServedPredictor(store, Brightness()).schema("x"))


def test_a_wrong_input_never_reaches_the_model(store: Store) -> None:
    save(store)
    models = Brightness()
    with pytest.raises(FixInputError, match=r"inputs\[1\]"):
        asyncio.run(ServedPredictor(store, models).predict("s", [[[0]], [[0, 1]]]))
    assert models.asked == []


def test_a_model_of_large_images_takes_fewer_inputs_at_once(store: Store) -> None:
    save(store, preprocessing=TAKES["preprocessing"] | {"shape": ["samples", 1_000, 1_000, 3]})
    models = Brightness()
    predictor = ServedPredictor(store, models)
    assert asyncio.run(predictor.schema("s")).max_inputs == 5
    with pytest.raises(FixInputError, match="6 inputs are too many for this model - send at most 5"):
        asyncio.run(predictor.predict("s", [[[0]]] * 6))
    assert models.asked == []


def test_a_model_that_does_not_answer_is_not_waited_for_for_ever(store: Store) -> None:
    save(store)
    with pytest.raises(TryAgainError, match=r"did not answer within 0\.01 s"):
        asyncio.run(ServedPredictor(store, Silence(), wait_s=0.01).predict("s", [[[0]]]))


def test_the_schema_says_what_is_taken_and_what_comes_back(store: Store) -> None:
    save(store)
    schema = asyncio.run(ServedPredictor(store, Brightness()).schema("s"))
    assert (schema.study, schema.trial_number, schema.classes) == ("s", 2, ["dark", "light"])
    assert (schema.kind, schema.shape, schema.raw_range) == ("image", [1, 1, 1], [0.0, 1.0])
    assert (schema.test_accuracy, schema.trained_on_validation) == (0.875, False)
    assert schema.input["anyOf"][0]["type"] == "array"
