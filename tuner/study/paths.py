"""All paths of a study, in one place.

results/
  tuner.db            all studies (unless TUNER_DATABASE_URL names another database)
  <study>/
    spec.yaml         what was asked for: `tuner run --config spec.yaml` asks for it again
    study.log         what happened
    trials.csv        one line per trial
    best_model/       model.keras and metadata.json
    plots/            figures
    checkpoints/      states of the best trial so far and of those under way, for `tuner resume`
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tuner.runners.files import state_file

MODEL_FILE = "model.keras"
METADATA_FILE = "metadata.json"


@dataclass(frozen=True)
class StudyPaths:
    """Files and folders of the study in `folder` (absolute)."""

    folder: Path

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
    def plots(self) -> Path:
        return self.folder / "plots"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def ray(self) -> Path:
        """What Ray Tune writes while the study runs."""
        return self.folder / ".ray"

    def state(self, trial_number: int) -> Path:
        """Where the state of a trial's training is kept."""
        return state_file(self.checkpoints, trial_number)
