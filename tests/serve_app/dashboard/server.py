"""The real application with the built dashboard, behind a real server on loopback, over sample studies. No Ray."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from serve_app.feed import Feed
from serve_app.predicting.predictor import ServedPredictor
from serve_app.services import Services
from serve_app.settings import ServeSettings
from serve_app.winner import Winner
from tests.serve_app.conftest import ScriptedLauncher
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.serve_app.replicas import Replica, ScriptedBoards, listening
from tuner.data import Array
from tuner.store import Store, lease


class Models:
    """The best model says 7, those of other trials 3."""

    async def predict(self, winner: Winner, samples: Array) -> Array:
        said = 7 if winner.kept_trial is None else 3
        return np.tile(np.where(np.arange(10) == said, 0.82, 0.02), (len(samples), 1))


@dataclass
class House:
    """A results folder with its database, and what the servers of it share."""

    results: Path
    store: Store
    boards: ScriptedBoards
    launcher: ScriptedLauncher
    settings: ServeSettings

    def study(self, name: str, **fields: object) -> SampleStudy:
        """A new study, which has not begun."""
        return SampleStudy(self.store, self.results, name, self.boards, **fields)

    @contextmanager
    def serving(self, port: int = 0, *, token: str | None = None) -> Iterator[Replica]:
        """A server of this folder."""
        settings = ServeSettings.model_validate(self.settings.model_dump() | {"api_token": token})
        feed, predictor = Feed(self.store, self.boards), ServedPredictor(self.store, Models())
        services = Services(settings, self.store, self.launcher, feed, predictor)
        with listening(services, port) as replica:
            yield replica


@contextmanager
def house(results: Path) -> Iterator[House]:
    settings = ServeSettings(results_dir=results, data_dir=None, database_url=None, api_token=None)
    # Sample studies give no signs of life. The server runs between the tests of a file too.
    with patch.multiple(lease, LEASE_S=7200.0, SILENT_S=7200.0), Store.open(settings.store_url()) as store:
        yield House(results, store, ScriptedBoards(), ScriptedLauncher(store, settings), settings)
