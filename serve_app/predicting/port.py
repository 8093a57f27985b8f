"""What the API asks of whatever predicts with a study's winner."""

from __future__ import annotations

from typing import Any, Protocol

MAX_INPUTS = 256
"""Of one request."""


class Predictor(Protocol):
    """Predicts with the best model of a study.

    Every method raises NotSavedError for a study that has none yet, and UnknownStudyError for one that does not exist.
    """

    async def predict(self, name: str, inputs: list[Any]) -> list[dict[str, float]]:
        """Of each input, in their order, the probability in [0, 1] of each class, by its label.

        Args:
            inputs: 1 to MAX_INPUTS.

        Raises:
            FixInputError: an input is not what the model takes.
            TryAgainError: the model does not answer at the moment.
        """

    async def schema(self, name: str) -> dict[str, Any]:
        """What one input is, as a document."""
