"""Studies with saved models for figures: networks that were not trained, saved and tested as real ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.models.samples import CNN, LSTM, TEXT, trial
from tests.store.samples import at, complete, epoch, start
from tuner import models
from tuner.events import DataRead, NewBest, Performance, Refit, StudyStatus
from tuner.runners.shared_folder import state_file
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import Store, StoreQueries
from tuner.study.export import ModelExporter
from tuner.study.paths import StudyPaths
from tuner.study.plan import load_data
from tuner.training import TrainingState

NAME = "s"
IMAGES, TEXTS = {**CNN, "conv_layers": 1}, {**TEXT, **LSTM, "vocabulary_size": 100, "sequence_length": 4}
PERFORMANCE = Performance(total_score=0.9, accuracy=0.9, loss=0.3)


class SavedStudy:
    """A study with two completed trials: 1 is the best one. Trial 3 failed before its first epoch.

    Args:
        fields: Of the StudySpec. Texts (`stdlib_docs`, a .csv file with texts) get an LSTM, all else a CNN.
    """

    def __init__(self, folder: Path, **fields: Any) -> None:
        self.settings = Settings(results_dir=folder, data_dir=None, database_url=None)
        self.paths = StudyPaths(folder / NAME)
        self.spec: StudySpec = parse_study_spec({"run_name": NAME, "dataset": "digits", **fields})
        self.data, self.test = load_data(self.spec, self.settings)
        self.store = Store.open(self.settings.store_url())
        self.store.create_study(self.spec, folder=str(self.paths.folder))
        self.paths.checkpoints.mkdir(parents=True)
        self.append(
            StudyStatus(status="running", time=at(0)),
            DataRead(data=self.data.record, time=at(1)),
            *(event for number in (1, 2) for event in self._trained(number)),
            NewBest(trial_number=1, objective=0.9, performance=PERFORMANCE, time=at(60)),
            start(3, hyperparameters=self.hyperparameters, time=at(61)),
            complete(3, status="failed", cause="error", reason="ValueError", hyperparameters=self.hyperparameters),
        )

    @property
    def hyperparameters(self) -> dict[str, Any]:
        return TEXTS if self.data.input.kind == "text" else IMAGES

    def append(self, *events: Any) -> None:
        for event in events:
            self.store.append(NAME, event)

    def _trained(self, number: int) -> list[Any]:
        hp = self.hyperparameters
        epochs = [epoch(one, number, time=at(10 * number + one)) for one in (1, 2)]
        end = complete(number, hyperparameters=hp, performance=PERFORMANCE, objective=0.9, best_epoch=2,
                       epochs_trained=2, values={"val_accuracy": 0.9}, time=at(10 * number + 3))  # fmt: skip
        return [start(number, hyperparameters=hp, time=at(10 * number)), *epochs, end]

    def trial(self, number: int) -> Any:
        """The trial's spec, as its worker got it."""
        kind = "lstm" if self.data.input.kind == "text" else "cnn"
        return trial(kind, self.hyperparameters, study=NAME, trial_number=number, data=self.spec.data)

    def row(self, number: int) -> Any:
        row = StoreQueries(self.store).trial(NAME, number)
        assert row is not None
        return row

    def network(self, number: int) -> Any:
        """The trial's network, whose weights come from its number."""
        network = models.build(self.trial(number), self.data.input, self.data.classes)
        random = np.random.default_rng(number)
        network.set_weights([random.normal(0, 0.4, value.shape) for value in network.get_weights()])
        return network

    def export_best(self, *, refit: bool = False, searched: bool = True) -> Any:
        """Save and test the model of trial 1; with `refit` the weights of another network."""
        states, again = str(self.paths.checkpoints), str(self.paths.checkpoints / "refit")
        self._save_state(states, 1, self.network(1))
        if refit:
            self._save_state(again, 1, self.network(7))
        told = Refit(epochs=2, samples=10, seconds=1.0) if refit else None
        exporter, row = ModelExporter(1, None), self.row(1)
        best = exporter.export(
            self.spec, self.trial(1), row, self.data, self.test, again if refit else states, self.paths.best_model,
            None, told, None, None, states if searched else None,
        )  # fmt: skip
        self.append(best)
        return best

    def keep(self, number: int) -> None:
        states = str(self.paths.checkpoints)
        self._save_state(states, number, self.network(number))
        folder = self.paths.kept_model(number)
        ModelExporter(1, None).keep(self.spec, self.trial(number), self.row(number), self.data, states, folder)

    def _save_state(self, folder: str, number: int, network: Any) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        TrainingState(2, [], network.get_weights(), []).save(Path(folder) / state_file(number))


def texts_file(folder: Path, texts: int = 60) -> Path:
    """A .csv file of short texts of two classes."""
    words = ("good", "bad", "film", "play", "story", "music")
    rows = [f"{words[n % 6]} {words[n % 5]} number {n},{'yes' if n % 2 else 'no'}" for n in range(texts)]
    file = folder / "films.csv"
    file.write_text("\n".join(["text,label", *rows]) + "\n")
    return file
