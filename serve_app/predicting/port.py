"""The interface through which the API predicts with a study's best model."""

from __future__ import annotations

from typing import Any, Protocol

MAX_INPUTS = 256
"""Largest number of inputs in one request."""


class Predictor(Protocol):
    """Predicts with the best model of a study.

    Every method raises NotSavedError if the study has no best model yet, UnknownStudyError if there is no such study.
    """

    async def predict(self, name: str, inputs: list[Any]) -> list[dict[str, float]]:
        """Return the probability in [0, 1] of each class, by its label, for each input in order.

        Args:
            inputs: 1 to MAX_INPUTS.

        Raises:
            FixInputError: an input does not fit the model.
            TryAgainError: the model does not answer at the moment.
        """

    async def schema(self, name: str) -> dict[str, Any]:
        """Return a JSON schema of one input, and the classes."""
