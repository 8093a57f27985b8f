"""All paths of a study, in one place.

results/
  tuner.db            all studies (unless TUNER_DATABASE_URL names another database)
  <study>/
    spec.yaml         what was asked for: `tuner run --config spec.yaml` asks for it again
    study.log         what happened
    trials.csv        one line per trial
    best_model/       model.keras and metadata.json; test_predictions.npz: what it predicted at its one test
    models/           model.keras and metadata.json of other trials, as keep_models says: a folder for each
    plots/            figures of the study; in trial-00017 those of a trial
    report.html       the study in one page, by `tuner report`
    export/           trials and epochs as tables, by `tuner export-study`
    tensorboard/      event files (loggers=[tensorboard])
    mlflow/           its database and artifacts (loggers=[mlflow]), unless MLFLOW_TRACKING_URI names a server
    wandb/            runs of Weights & Biases (loggers=[wandb])
    loggers/          number of the last event that each logger has written
    checkpoints/      states of the best trial so far and of those under way, for `tuner resume`

With storage_path=/folder the study's folder is in that one. With storage_path=s3://bucket/prefix the states are in
s3://bucket/prefix/<study>/checkpoints alone, and the other files beside them too: see tuner.study.storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

MODEL_FILE = "model.keras"
METADATA_FILE = "metadata.json"
TEST_PREDICTIONS, VALIDATION_PREDICTIONS = "test_predictions.npz", "validation_predictions.npz"
"""What a saved model predicted for the samples of these splits, for figures: see tuner.study.predictions_file."""
STATES = "checkpoints"
MODELS = "models"
REFIT = "refit"


@dataclass(frozen=True)
class StudyPaths:
    """Files and folders of the study in `folder` (absolute)."""

    folder: Path
    store: str | None = None
    """Address of the study's part of an object store; None: all its files are in `folder`."""

    @property
    def spec(self) -> Path:
        return self.folder / "spec.yaml"

    @property
    def log(self) -> Path:
        return self.folder / "study.log"

    @property
    def trials(self) -> Path:
        return self.folder / "trials.csv"

    @property
    def best_model(self) -> Path:
        return self.folder / "best_model"

    @property
    def model(self) -> Path:
        return self.best_model / MODEL_FILE

    @property
    def metadata(self) -> Path:
        return self.best_model / METADATA_FILE

    @property
    def models(self) -> Path:
        return self.folder / MODELS

    def kept_model(self, number: int) -> Path:
        """Folder with the kept model of a trial."""
        return self.models / f"trial-{number:05d}"

    @property
    def plots(self) -> Path:
        return self.folder / "plots"

    def trial_plots(self, number: int) -> Path:
        """Folder with the figures of a trial."""
        return self.plots / f"trial-{number:05d}"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def checkpoints(self) -> Path:
        return self.folder / STATES

    @property
    def ray(self) -> Path:
        """What Ray Tune writes while the study runs."""
        return self.folder / ".ray"

    @property
    def states(self) -> str:
        """The folder or address at which workers keep the states of trials."""
        return str(self.checkpoints) if self.store is None else below(self.store, STATES)

    @property
    def refit_states(self) -> str:
        """The same for the best network's training on all data, beside which the search's weights stay."""
        return str(self.checkpoints / REFIT) if self.store is None else below(self.states, REFIT)


def below(address: str, name: str) -> str:
    """What has that name at an address, whose options (after the `?`) stay at its end."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))
