"""Suggesters that answer from something else than a sampler, asked as a sampler would be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from tuner.events import Scalar


class RecordingSuggester(ABC):
    """Turns what a space asks into a distribution, as Optuna's trial does, and notes each answer by key."""

    def __init__(self) -> None:
        self.values: dict[str, Scalar] = {}
        self.distributions: dict[str, BaseDistribution] = {}

    @abstractmethod
    def answer(self, key: str, distribution: BaseDistribution) -> Scalar:
        """The value of one parameter."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return float(self._noted(name, FloatDistribution(low, high, log=log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return int(self._noted(name, IntDistribution(low, high, log=log)))

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        return self._noted(name, CategoricalDistribution(choices))

    def _noted(self, key: str, distribution: BaseDistribution) -> Scalar:
        self.values[key] = self.answer(key, distribution)
        self.distributions[key] = distribution
        return self.values[key]
