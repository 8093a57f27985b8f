"""What the API asks of whatever predicts with a study's winner."""

from __future__ import annotations

from typing import Any, Protocol


class Predictor(Protocol):
    """Predicts with the best model of a study.

    Every method raises FixInputError for what the caller can mend, such as inputs of another shape or a study that has
    no model yet, and UnknownStudyError for a study that does not exist.
    """

    async def predict(self, name: str, inputs: list[Any]) -> list[dict[str, float]]:
        """Of each input, in their order, the probability in [0, 1] of each class, by its label."""

    async def schema(self, name: str) -> dict[str, Any]:
        """What one input is, as a document."""
