"""From what the user asked for to what can run: data loaded, kind of network decided, search space narrowed.

Everything that can be wrong with a spec is found here, before anything is written or started.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from tuner import datasets, models
from tuner.data import Data, ImageInput, RawTest
from tuner.errors import FixInputError
from tuner.events import now
from tuner.models import own
from tuner.search.space import Hyperparameters, Space, make_space
from tuner.settings import Settings
from tuner.spec import ArchitectureName, StudySpec, TrialSpec, parse_study_spec

MIB = 2**20


@dataclass(frozen=True)
class Plan:
    """A study that is ready to run."""

    spec: StudySpec
    data: Data
    test: RawTest
    architecture: ArchitectureName
    space: Space
    module_folder: str | None
    """Where an own model's module is looked for first; None: the networks are the project's own."""

    @property
    def threads(self) -> int:
        """CPU threads of one trial."""
        return max(1, ceil(self.spec.cpus_per_trial))

    def trial(self, number: int, hyperparameters: Hyperparameters) -> TrialSpec:
        """The complete spec of one trial."""
        spec = self.spec
        assert spec.run_name is not None
        return TrialSpec(
            study=spec.run_name,
            trial_number=number,
            data=spec.data,
            architecture=self.architecture,
            model=spec.model,
            hyperparameters=hyperparameters,
            objective=spec.objective,
            epochs=int(hyperparameters["epochs"]),
            min_epochs=spec.min_epochs_per_trial,
            early_stopping_patience=spec.early_stopping_patience,
            max_parameters=spec.max_parameters,
            threads=self.threads,
        )

    def preflight(self, trial: TrialSpec) -> str | None:
        """Why the trial must not start; None if it may. An own model's weights are counted once it is built."""
        if trial.architecture == "own":
            return None
        cost = models.estimate(trial.architecture, trial.hyperparameters, self.data.input, self.data.classes)
        if cost.parameters > self.spec.max_parameters:
            return f"{cost.parameters:,} parameters, more than max_parameters={self.spec.max_parameters:,}"
        if cost.memory_bytes > self.spec.max_memory_mb * MIB:
            return f"needs about {cost.memory_bytes // MIB:,} MiB, more than max_memory_mb={self.spec.max_memory_mb:,}"
        return None


def make_plan(spec: StudySpec, settings: Settings) -> Plan:
    """Check the spec against its data and model, and complete it: a name, absolute paths.

    Raises:
        FixInputError: one line that names what is wrong and the remedy.
    """
    spec = complete(spec, settings)
    data, test = datasets.load(spec.data)
    architecture = _architecture(spec, data)
    own_space = own.load(spec.model)[1] if spec.model is not None else {}
    folder = str(Path.cwd()) if spec.model is not None else None
    return Plan(spec, data, test, architecture, make_space(spec, architecture, data.input, own_space), folder)


def complete(spec: StudySpec, settings: Settings) -> StudySpec:
    """The spec with a run_name and absolute paths, so that it means the same from any folder. Reads no data."""
    known = datasets.names()
    dataset = spec.dataset if spec.dataset in known else str(Path(spec.dataset).absolute())
    data_dir = Path(spec.data_dir) if spec.data_dir is not None else settings.data_dir
    exists = Path(dataset).exists()
    stem = Path(dataset).stem if exists or spec.dataset in known else "study"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in stem).strip("._-")[:40]
    return parse_study_spec(
        spec.model_dump()
        | {
            "dataset": dataset if exists else spec.dataset,
            "data_dir": None if data_dir is None else str(data_dir.absolute()),
            "run_name": spec.run_name or f"{safe or 'study'}-{now():%Y%m%d-%H%M%S}",
        }
    )


def _architecture(spec: StudySpec, data: Data) -> ArchitectureName:
    if spec.model is not None:
        if spec.architecture != "auto":
            raise FixInputError("model and architecture are both given", remedy="keep one")
        return "own"
    if spec.architecture != "auto":
        return spec.architecture
    return "cnn" if isinstance(data.input, ImageInput) else "lstm"
