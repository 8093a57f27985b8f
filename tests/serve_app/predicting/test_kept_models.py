"""The process of all kept models, without Keras: which models it loads and keeps."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from serve_app.predicting import kept_models
from serve_app.predicting.kept_models import KeptModels
from serve_app.winner import Winner
from tuner.data import Array
from tuner.errors import TryAgainError

SAMPLES = np.ones((2, 1, 1, 1), np.float32)


def model_of(trial: int) -> Winner:
    return Winner("s", Path(), f"v{trial}", {}, kept_trial=trial)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Trials whose models were loaded. A model answers with its trial's number, that of trial 13 fails."""
    trials: list[int | None] = []

    def load(winner: Winner) -> Any:
        trials.append(winner.kept_trial)
        if winner.kept_trial == 13:
            raise TryAgainError("it was replaced")
        return SimpleNamespace(predict_on_batch=lambda samples: np.full((len(samples), 1), winner.kept_trial))

    monkeypatch.setattr(kept_models, "loaded", load)
    return trials


@pytest.fixture
def process() -> KeptModels:
    made = KeptModels.__new__(KeptModels)  # without Ray
    made._models, made._loading = OrderedDict(), asyncio.Lock()
    return made


def answers(process: KeptModels, *trials: int) -> list[list[list[float]]]:
    async def every() -> list[Array]:
        return await asyncio.gather(*(process.predict(model_of(trial), SAMPLES) for trial in trials))

    return [answer.tolist() for answer in asyncio.run(every())]


def test_each_model_is_loaded_once_and_gives_its_own_answers(process: KeptModels, loads: list[int]) -> None:
    assert answers(process, 1, 2, 1) == [[[1], [1]], [[2], [2]], [[1], [1]]]
    assert loads == [1, 2]


def test_those_that_were_used_last_stay(process: KeptModels, loads: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_models, "MOST_MODELS", 2)
    answers(process, 1, 2, 1, 3)
    assert [trial for _, trial, _ in process._models] == [1, 3]
    answers(process, 2)
    assert loads == [1, 2, 3, 2]


def test_one_that_cannot_be_loaded_is_tried_again(process: KeptModels, loads: list[int]) -> None:
    for _ in range(2):
        with pytest.raises(TryAgainError):
            answers(process, 13)
    assert loads == [13, 13]
