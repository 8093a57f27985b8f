"""Makes a plan from a spec: loads the data, decides the kind of network, narrows the search space.

Everything that can be wrong with a spec is found here, before anything is written or started.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from tuner import datasets, models
from tuner.data import Data, ImageInput, RawTest, TextInput
from tuner.datasets.registry import Registry
from tuner.devices.epoch_cost import TrialLoad
from tuner.errors import FixInputError, nearest
from tuner.events import now
from tuner.models import own
from tuner.models.own import OwnSource
from tuner.runners.runpod.prices import price_of
from tuner.search.compatibility import check_search
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space, make_space
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.spec_parts import NAME
from tuner.study.limits import MIB, check_limits
from tuner.study.trial_resources import TrialResources
from tuner.trial_spec import SearchedArchitecture, TrialSpec, architecture_of

REMOTE_MEMORY_BYTES = 192 * MIB
"""What a worker that only waits takes of this cluster."""


@dataclass(frozen=True)
class RunPodTarget:
    """The RunPod endpoint that a study's trials are sent to."""

    base_url: str
    endpoint_id: str
    usd_per_s: float | None
    """Price of its GPU; None: not known."""
    unfit: str | None
    """Why no trial can run there; None: they can."""


@dataclass(frozen=True)
class Plan:
    """A study that is ready to run."""

    spec: StudySpec
    data: Data
    test: RawTest
    architecture: SearchedArchitecture
    space: Space
    own_source: OwnSource | None
    """How workers get an own model; None: the networks are the project's own."""
    cloud: RunPodTarget | None = None
    """Where trials are sent; None: they train on this cluster."""

    def resources(self, cluster: Mapping[str, float]) -> dict[str, float]:
        """What a trial of which nothing is known would take of a cluster with these resources."""
        return self._trial_resources.of(cluster)

    @property
    def asks_for_gpus(self) -> bool:
        """Whether the user wants GPUs, and does not only take them where there are some."""
        return self.spec.gpus_per_trial not in ("auto", 0) or self.spec.use_multi_gpu is True

    @property
    def least_of_a_trial(self) -> dict[str, float]:
        """What every trial takes at least."""
        return self._trial_resources.least

    def concurrent(self, cluster: Mapping[str, float]) -> int:
        """Trials that train at once at most: as asked for, else as many of the smallest as these resources fit."""
        return self._trial_resources.concurrent(cluster)

    @property
    def _trial_resources(self) -> TrialResources:
        return TrialResources(self.spec, own=self.architecture == "own", remote=self.cloud is not None)

    @property
    def threads(self) -> int:
        """CPU threads of a trial, where nothing else is said when it starts."""
        return max(1, ceil(self.least_of_a_trial["cpus"]))

    def trial(self, number: int, hyperparameters: Hyperparameters) -> TrialSpec:
        """The complete spec of one trial."""
        spec = self.spec
        assert spec.run_name is not None
        return TrialSpec(
            study=spec.run_name,
            trial_number=number,
            data=spec.data,
            architecture=architecture_of(self.architecture, hyperparameters),
            model=spec.model,
            hyperparameters=hyperparameters,
            objective=spec.objectives[0],
            epochs=int(hyperparameters["epochs"]),
            min_epochs=spec.min_epochs_per_trial,
            early_stopping_patience=spec.early_stopping_patience,
            max_parameters=spec.max_parameters,
            health=spec.health,
            threads=self.threads,
            class_weight=spec.class_weight,
            class_scores=spec.class_scores,
            summaries=spec.plot_generation != "none" or bool(spec.loggers),
            devices=spec.devices,
        )

    def load(self, hyperparameters: Hyperparameters) -> TrialLoad | None:
        """A trial's load; None for an own model, which only its worker knows."""
        data, samples = self.data, (len(self.data.train), len(self.data.validation))
        return models.training_load(self.architecture, hyperparameters, data.input, data.classes, *samples)

    def known_load(self, hyperparameters: Hyperparameters) -> TrialLoad:
        """A trial's load, of a network that is not an own model."""
        load = self.load(hyperparameters)
        assert load is not None
        return load

    def preflight(self, trial: TrialSpec) -> str | None:
        """Why the trial must not start; None if it may. An own model's weights are counted once it is built."""
        if trial.architecture == "own":
            return None
        cost = models.estimate(trial.architecture, trial.hyperparameters, self.data.input, self.data.classes)
        if cost.parameters > self.spec.max_parameters:
            return f"{cost.parameters:,} parameters, more than max_parameters={self.spec.max_parameters:,}"
        for bound in self.spec.bounds:
            if bound.objective == "parameter_count" and bound.violation(cost.parameters) > 0:
                return f"{cost.parameters:,} parameters violate the constraint {bound}"
        if cost.memory_bytes > self.spec.max_memory_mb * MIB:
            return f"needs about {cost.memory_bytes // MIB:,} MiB, more than max_memory_mb={self.spec.max_memory_mb:,}"
        return None


def make_plan(spec: StudySpec, settings: Settings) -> Plan:
    """Check the spec against its data and model, and complete it: a name, absolute paths."""
    spec = complete(spec, settings)
    data, test = load_data(spec, settings)
    architecture = searched_architecture(spec, data.input, data.name)
    source = None
    own_space: Mapping[str, Any] = {}
    if spec.model is not None:
        source = own.source_of(spec.model, spec.given)
        source.install()
        own_space = own.load(spec.model).space
    space = make_space(spec, architecture, data.input, own_space)
    check_search(spec, space)
    check_limits(spec, architecture, space, data)
    return Plan(spec, data, test, architecture, space, source, cloud_of(spec, settings))


def load_data(spec: StudySpec, settings: Settings) -> tuple[Data, RawTest]:
    """Read the data of a complete spec: the samples to train on and to validate with, and those of the test."""
    name, known = spec.dataset, datasets.dataset_names()
    if re.fullmatch(NAME, name) and name not in known and not Path(name).suffix and not Path(name).exists():
        added = [own.name for own in Registry(settings.results_dir).entries()]
        raise FixInputError(f"unknown data set {name!r}", remedy=nearest(name, [*known, *added]))
    # The settings' folder is a fact of this machine, so it never becomes a part of the spec.
    folder_here = None if settings.data_dir is None else str(settings.data_dir.absolute())
    return datasets.load(spec.data.model_copy(update={"data_dir": spec.data_dir or folder_here}))


def cloud_of(spec: StudySpec, settings: Settings) -> RunPodTarget | None:
    """The requested endpoint. Raises FixInputError if it or its key is unknown, or no trial could run on it."""
    if not spec.use_runpod_service:
        return None
    endpoint = spec.runpod_endpoint_id or settings.runpod_endpoint_id
    if settings.runpod_api_key is None or not settings.runpod_api_key.get_secret_value():
        raise FixInputError(
            "use_runpod_service=true needs the key of your RunPod account",
            remedy="set RUNPOD_API_KEY in the environment",
        )
    if not endpoint:
        raise FixInputError(
            "use_runpod_service=true needs an endpoint", remedy="set RUNPOD_ENDPOINT_ID or runpod_endpoint_id=..."
        )
    unfit = None
    if spec.model is not None:
        unfit = f"the own model {spec.model} is code of this machine"
    elif spec.dataset not in datasets.dataset_names():
        unfit = "the data are files of this machine"
    if unfit and not spec.runpod_fallback_local:
        raise FixInputError(
            f"nothing can run on RunPod: {unfit}", remedy="leave out runpod_fallback_local=false or use_runpod_service"
        )
    price = price_of(spec.runpod_gpu, settings.runpod_prices)
    if spec.runpod_gpu is not None and price is None:
        raise FixInputError(
            f"runpod_gpu={spec.runpod_gpu!r}: its price is not known",
            remedy=f"set TUNER_RUNPOD_PRICES='{{\"{spec.runpod_gpu}\": dollars per second}}'",
        )
    return RunPodTarget(settings.runpod_base_url, endpoint, price, unfit)


def complete(spec: StudySpec, settings: Settings) -> StudySpec:
    """The spec with a run_name and absolute paths, so that it means the same from any folder. Reads no data."""
    known = datasets.dataset_names()
    own = Registry(settings.results_dir).find(spec.dataset)
    dataset = spec.dataset if spec.dataset in known else own.path if own else str(Path(spec.dataset).absolute())
    exists = Path(dataset).exists()
    stem = own.name if own else Path(dataset).stem if exists or spec.dataset in known else "study"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in stem).strip("._-")[:40]
    new_name = f"{safe or 'study'}-{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"  # two of the same second differ
    return spec.model_copy(
        update={
            "dataset": dataset if exists else spec.dataset,
            "data_dir": None if spec.data_dir is None else str(Path(spec.data_dir).absolute()),
            "run_name": spec.run_name or new_name,
        }
    )


def searched_architecture(spec: StudySpec, data_input: ImageInput | TextInput, data_name: str) -> SearchedArchitecture:
    """The kind of the study's networks; auto: several kinds, all for texts. Raises FixInputError if data do not fit."""
    if spec.model is not None:
        return "own"
    if isinstance(data_input, ImageInput):
        if spec.architecture in ("conv1d", "ngram"):
            raise FixInputError(
                f"architecture={spec.architecture} reads texts, and {data_name} has images",
                remedy="use architecture=cnn, or leave it out",
            )
        return "cnn" if spec.architecture == "auto" else spec.architecture
    return "conv1d" if spec.architecture == "cnn" else spec.architecture
