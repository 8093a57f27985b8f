"""Data to search for, and suggesters that stand in for Optuna's trial."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tuner.data import ImageInput, TextInput
from tuner.search.space import Space, make_space
from tuner.spec import StudySpec
from tuner.spec_parts import ParameterOverride

IMAGES = ImageInput(28, 28, 1, scale=1 / 255, offset=0.0)
TEXTS = TextInput("strings", tuple(f"word{rank}" for rank in range(20_000)), max_length=512)

PLAIN: dict[str, Any] = {
    "block": "plain",
    "block_layers": 1,
    "augmentation": False,
    "learning_rate_schedule": "constant",
    "label_smoothing": 0.0,
}
"""The plainest value of each choice of a network for images and its training, and of label smoothing."""


def space(architecture: str = "cnn", data_input: ImageInput | TextInput = IMAGES, **fields: Any) -> Space:
    """The space of a StudySpec with these fields."""
    return make_space(StudySpec(run_name="a", **fields), architecture, data_input, {})  # type: ignore[arg-type]


def narrowed(**overrides: Any) -> dict[str, ParameterOverride]:
    """The spec's field `space` from short forms."""
    return {name: ParameterOverride.model_validate(value) for name, value in overrides.items()}


class RandomSuggester:
    """Draws at random within what it is asked, and refuses what Optuna would refuse."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        assert low < high
        assert not log or low > 0
        if log:
            return min(high, max(low, math.exp(self._random.uniform(math.log(low), math.log(high)))))
        return self._random.uniform(low, high)

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        assert isinstance(low, int)
        assert isinstance(high, int)
        return min(high, max(low, round(self.suggest_float(name, low, high, log=log))))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)


class DrawingSuggester:
    """Lets hypothesis choose, which likes the bounds, and notes what it was asked."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self.asked: set[str] = set()

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        assert low < high
        assert not log or low > 0
        return float(self._note(name, st.floats(low, high)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        assert low < high
        assert not log or low > 0
        return int(self._note(name, st.integers(low, high)))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        assert len(choices) > 1
        return self._note(name, st.sampled_from(choices))

    def _note(self, name: str, values: st.SearchStrategy[Any]) -> Any:
        assert name not in self.asked, "a sampler tells parameters apart by name"
        self.asked.add(name)
        return self._data.draw(values, label=name)
