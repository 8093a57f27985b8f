"""Predicts with the best models of studies."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from serve_app.predicting import inputs as model_inputs
from serve_app.winner import Winner, find
from tuner.data import Array
from tuner.errors import FixInputError, TryAgainError
from tuner.store import Store
from tuner.study.saved_model import DamagedModelError

WAIT_S = 180.0
"""Longest wait for a prediction; an idle model has to be loaded first."""


class Models(Protocol):
    async def predict(self, winner: Winner, samples: Array) -> Array:
        """Probabilities of shape (samples, classes). Raises TryAgainError if the model cannot be reached."""


class ServedPredictor:
    """Predicts with the models of one database's studies.

    Every method raises NotSavedError if the study has no best model yet, DamagedModelError if it cannot be used, and
    UnknownStudyError if there is no such study.
    """

    def __init__(self, store: Store, models: Models, wait_s: float = WAIT_S) -> None:
        self._store, self._models, self._wait_s = store, models, wait_s

    async def predict(self, name: str, inputs: list[Any]) -> list[dict[str, float]]:
        """The probability in [0, 1] of each class, by its label, for each input.

        Raises FixInputError for more inputs than `schema` allows.
        """
        winner = await asyncio.to_thread(self._winner, name)
        most = model_inputs.most_inputs(winner.metadata["preprocessing"], len(winner.metadata["labels"]))
        if len(inputs) > most:
            raise FixInputError(f"{len(inputs)} inputs are too many for this model", remedy=f"send at most {most}")
        samples = await asyncio.to_thread(model_inputs.read, winner.metadata["preprocessing"], inputs)
        try:
            probabilities = await asyncio.wait_for(self._models.predict(winner, samples), self._wait_s)
        except TimeoutError:
            raise TryAgainError(
                f"the model of study {name!r} did not answer within {self._wait_s:g} s",
                remedy="try again",
            ) from None
        labels = winner.metadata["labels"]
        if probabilities.shape[1:] != (len(labels),):
            raise DamagedModelError(
                f"the saved model of study {name!r} is damaged: it does not have the classes of its metadata",
                remedy=f"`tuner resume {name}` saves it again",
            )
        return [dict(zip(labels, row.tolist(), strict=True)) for row in probabilities]

    async def schema(self, name: str) -> dict[str, Any]:
        """Return a JSON schema of one input, and the classes."""
        winner = await asyncio.to_thread(self._winner, name)
        return {
            "study": name,
            "trial_number": winner.metadata["trial_number"],
            "input": model_inputs.describe(winner.metadata["preprocessing"]),
            "max_inputs": model_inputs.most_inputs(winner.metadata["preprocessing"], len(winner.metadata["labels"])),
            "classes": winner.metadata["labels"],
        }

    def _winner(self, name: str) -> Winner:
        return find(self._store.study(name))
