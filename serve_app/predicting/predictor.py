"""Predicts with the saved models of studies: the best ones, and those that were kept of other trials."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from serve_app.predicting import inputs as model_inputs
from serve_app.predicting.schemas import PredictionSchema
from serve_app.winner import Winner, find, find_trial, kept_trials
from tuner.data import Array
from tuner.datasets.model_input import image_shape
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

    Every method raises NotSavedError if the model was not saved, DamagedModelError if it cannot be used, and
    UnknownStudyError if there is no such study.
    """

    def __init__(self, store: Store, models: Models, wait_s: float = WAIT_S) -> None:
        self._store, self._models, self._wait_s = store, models, wait_s

    async def model(self, name: str, trial: int | None = None) -> Winner:
        """The best model of a study, or the model of one trial."""
        return await asyncio.to_thread(self._model, name, trial)

    async def predict(self, name: str, inputs: list[Any], trial: int | None = None) -> list[dict[str, float]]:
        """The probability in [0, 1] of each class, by its label, for each input.

        Raises FixInputError for more inputs than `schema` allows.
        """
        return await self.predict_inputs(await self.model(name, trial), inputs)

    async def predict_inputs(self, model: Winner, inputs: list[Any]) -> list[dict[str, float]]:
        """The same, of a model that was found before."""
        check_number(model, len(inputs))
        samples = await asyncio.to_thread(model_inputs.read, model.metadata["preprocessing"], inputs)
        return self.by_label(model, await self.classify(model, samples))

    async def classify(self, model: Winner, samples: Array) -> Array:
        """Probabilities of shape (samples, classes), for samples as the model takes them."""
        name = model.study
        try:
            probabilities = await asyncio.wait_for(self._models.predict(model, samples), self._wait_s)
        except TimeoutError:
            raise TryAgainError(
                f"the model of study {name!r} did not answer within {self._wait_s:g} s",
                remedy="try again",
            ) from None
        if probabilities.shape[1:] != (len(model.metadata["labels"]),):
            raise DamagedModelError(
                f"the saved model of study {name!r} is damaged: it does not have the classes of its metadata",
                remedy=f"`tuner resume {name}` saves it again",
            )
        return probabilities

    @staticmethod
    def by_label(model: Winner, probabilities: Array) -> list[dict[str, float]]:
        """The probability of each class, by its label, for each row."""
        labels = model.metadata["labels"]
        return [dict(zip(labels, row.tolist(), strict=True)) for row in probabilities]

    async def schema(self, name: str) -> PredictionSchema:
        """What the models of a study take, and which there are."""
        return await asyncio.to_thread(self._schema, name)

    def _schema(self, name: str) -> PredictionSchema:
        study = self._store.study(name)
        winner = find(study)
        takes, labels = winner.metadata["preprocessing"], winner.metadata["labels"]
        pixels = takes["input"] == "pixels"
        return PredictionSchema(
            study=name,
            trial_number=winner.metadata["trial_number"],
            kind="image" if pixels else "text" if takes["input"] == "strings" else "word_indices",
            input=model_inputs.describe(takes),
            shape=list(image_shape(takes)) if pixels else None,
            raw_range=list(takes["raw_range"]) if pixels else None,
            max_inputs=model_inputs.most_inputs(takes, len(labels)),
            classes=labels,
            kept_trials=kept_trials(study, winner),
            test_accuracy=winner.metadata.get("test_accuracy"),
            trained_on_validation=winner.metadata.get("refit") is not None,
        )

    def _model(self, name: str, trial: int | None) -> Winner:
        study = self._store.study(name)
        return find(study) if trial is None else find_trial(study, trial)


def check_number(model: Winner, number: int) -> None:
    """Raise FixInputError for more inputs than the model takes at once."""
    most = model_inputs.most_inputs(model.metadata["preprocessing"], len(model.metadata["labels"]))
    if number > most:
        raise FixInputError(f"{number} inputs are too many for this model", remedy=f"send at most {most}")
