"""Serves the kept models of trials other than the best ones, all in one process, which stops when idle.

A process of its own for each would take seconds to start and 650 MB: whoever compares trials asks many of them, each a
few times. The process keeps the MOST_MODELS models that were used last.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from serve_app.predicting.loaded_model import classified, loaded
from serve_app.winner import Winner
from tuner.data import Array

KEPT_MODELS = "kept-models"
"""Name of the application. Those of best models have an @ in their names."""
MOST_MODELS = 8


class KeptModels:
    """The process with the models."""

    def __init__(self) -> None:
        from tuner.ray_internals import listen_on_own_node

        listen_on_own_node()
        self._models: OrderedDict[tuple[str, int | None, str], Any] = OrderedDict()
        self._loading = asyncio.Lock()

    async def predict(self, winner: Winner, samples: Array) -> Array:
        """Probabilities of shape (samples, classes).

        Raises DamagedModelError if the model cannot be used, TryAgainError if it was just replaced.
        """
        model = await self._model(winner)
        return await asyncio.to_thread(classified, model, samples)

    async def _model(self, winner: Winner) -> Any:
        key = winner.study, winner.kept_trial, winner.version
        async with self._loading:
            if key not in self._models:
                self._models[key] = await asyncio.to_thread(loaded, winner)
            self._models.move_to_end(key)
            while len(self._models) > MOST_MODELS:
                self._models.popitem(last=False)
            return self._models[key]
