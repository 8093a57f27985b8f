"""What a study would search and cost, calculated from its spec without its data, Ray or TensorFlow.

Seconds come from the number of operations and the usual rates of a CPU core or a GPU (`tuner.devices.epoch_cost`), so
they may be wrong by a factor of three. Earlier studies of the same data correct them; a running study measures instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from statistics import median

from tuner import models
from tuner.data import FIRST_WORD, ImageInput, TextInput
from tuner.data_report import DataReport
from tuner.datasets.catalogue import catalogue, dataset_names, image_shape_of, kind_of
from tuner.datasets.image_size import automatic_size
from tuner.devices.epoch_cost import CPU_RATES, GPU_RATES, Rates, TrialLoad, epoch_s
from tuner.errors import FixInputError, nearest
from tuner.events import Layer, Scalar
from tuner.models.layer_list import network_layers
from tuner.search.default_space import training_parameters
from tuner.search.parameter import Hyperparameters, Parameter
from tuner.search.rungs import expected_epochs
from tuner.search.smallest import smallest
from tuner.search.space import Space, make_space
from tuner.spec import StudySpec
from tuner.spec_parts import ParameterOverride
from tuner.study.plan import searched_architecture
from tuner.study.trial_resources import TrialResources
from tuner.trial_spec import SearchedArchitecture

DRAWS = 64
"""Random networks of which the seconds are calculated."""
FEW_VALUES = 10
"""Choices of a parameter that are all tried to find the smallest and the largest network."""
STUDY_S = 25.0
"""Seconds of a study besides its trials, where no earlier one tells: its process starts, reads the data and starts the
workers; at the end it saves and tests the best model and draws the figures. Two studies on 2 CPUs took 31 and 26."""
USUAL_WORDS, USUAL_LENGTH = 20_000, 1_000
"""Different words and words of the longest text, where they are not known: what most text data sets have at least."""


@dataclass(frozen=True)
class KnownData:
    """What is known of a data set without reading it. None: not known."""

    kind: str | None
    samples: int | None
    """Training, validation and test samples together."""
    classes: int | None
    shape: tuple[int, ...] | None
    """Height, width and channels of an image, or the words of the longest text."""
    words: int | None = None
    """Different words of the training texts."""

    @classmethod
    def of(cls, dataset: str, report: DataReport | None = None) -> KnownData:
        """Of a data set that the catalogue names, or of the report of one that was read."""
        if report is not None:
            return cls(report.kind, report.size, len(report.classes), report.shape, report.known_words)
        if dataset not in dataset_names():
            return cls(kind_of(dataset), None, None, None)
        info = next(info for info in catalogue() if info.name == dataset)
        return cls(info.kind, info.samples, info.classes, image_shape_of(dataset))

    def network_input(self, spec: StudySpec) -> ImageInput | TextInput | None:
        """The networks' input, as far as sizes need it; None if the size of its images is not known."""
        if self.kind == "text":
            length = self.shape[0] if self.shape else USUAL_LENGTH
            return TextInput("word_indices", (FIRST_WORD,) * (self.words or USUAL_WORDS), length)
        if self.kind is None or self.shape is None:
            return None
        height, width, channels = self.shape
        height, width = spec.image_sides or automatic_size([(height, width)])
        return ImageInput(height, width, channels, scale=1.0, offset=0.0)

    def split(self, spec: StudySpec) -> tuple[int, int] | None:
        """Training and validation samples of a study, as if test_size decided; None if their number is not known."""
        if self.samples is None:
            return None
        used = (self.samples - ceil(self.samples * spec.test_size)) * spec.sample_percentage
        validation = round(used * spec.validation_split)
        return max(1, round(used) - validation), validation


@dataclass(frozen=True)
class EarlierStudy:
    """What a completed study of the same data took on this cluster."""

    spec: StudySpec
    trials: int
    """Those that trained, at least one."""
    seconds_per_trial: float
    """Mean."""
    seconds: float
    """Of all its runs, from the start of each to its end."""


@dataclass(frozen=True)
class StudyEstimate:
    """The size and cost of a study. None: not known."""

    networks: int
    smallest_parameters: int | None
    largest_parameters: int | None
    workers: int | None
    seconds_per_trial: float | None
    total_seconds: float | None


@dataclass(frozen=True)
class NetworkEstimate:
    """The size and cost of one network. None: not known."""

    hyperparameters: Hyperparameters
    layers: list[Layer]
    parameters: int
    memory_bytes: int
    flops: int
    seconds_per_epoch: float | None


class Estimator:
    """Estimates of one spec on known data.

    Args:
        cluster: Resources of the cluster by Ray's names; None: not known.
        earlier: Studies of the same data on this cluster, which correct the seconds of a study.

    Raises:
        FixInputError: the spec fits neither the data nor the search space.
    """

    def __init__(
        self,
        spec: StudySpec,
        data: KnownData,
        cluster: Mapping[str, float] | None,
        earlier: Sequence[EarlierStudy] = (),
    ) -> None:
        self._spec, self._data, self._cluster, self._earlier = spec, data, cluster, earlier
        self._input = data.network_input(spec)
        self._architecture: SearchedArchitecture | None = None
        self._space: Space | None = None
        if spec.model is None and self._input is not None:
            self._architecture = searched_architecture(spec, self._input, spec.dataset)
            self._space = make_space(spec, self._architecture, self._input, {})

    def study(self) -> StudyEstimate:
        least, most = self._sizes()
        workers, calculated = self._workers(), self._seconds_per_trial()
        factor, study_s = self._correction()
        seconds = None if calculated is None else calculated * factor
        training = None if seconds is None or workers is None else ceil(self._spec.trials / workers) * seconds
        budget = self._spec.time_budget_s
        if budget is not None:
            training = budget if training is None else min(training, budget)
        total = None if training is None else training + study_s
        return StudyEstimate(self._spec.trials, least, most, workers, seconds, total)

    def network(self, hyperparameters: Mapping[str, Scalar]) -> NetworkEstimate | None:
        """The network with these hyperparameters, whose missing ones get a value; None if sizes are not known.

        Raises:
            FixInputError: a hyperparameter is unknown, or out of the widest range that a study may search.
        """
        if self._space is None or self._architecture is None or self._input is None or self._data.classes is None:
            return None
        values = completed(hyperparameters, self._space)
        cost = models.estimate(self._architecture, values, self._input, self._data.classes)
        load = self._load(values)
        return NetworkEstimate(
            values,
            network_layers(self._architecture, values, self._input, self._data.classes),
            cost.parameters,
            cost.memory_bytes,
            cost.flops,
            None if load is None else epoch_s(load, self._rates),
        )

    @property
    def _rates(self) -> Rates:
        on_gpus = self._spec.use_runpod_service or self._resources.of(self._cluster or {})["GPU"] > 0
        return GPU_RATES if on_gpus else CPU_RATES

    @property
    def _resources(self) -> TrialResources:
        return TrialResources(self._spec, own=self._spec.model is not None, remote=self._spec.use_runpod_service)

    def _workers(self) -> int | None:
        asked = self._spec.concurrent_workers
        if self._cluster is None and asked == "auto" and not self._spec.use_runpod_service:
            return None
        workers = min(self._spec.trials, self._resources.concurrent(self._cluster or {}))
        unlimited = self._cluster is None or self._spec.use_runpod_service
        return workers if unlimited else min(workers, self._resources.fit(self._cluster or {}))

    def _correction(self) -> tuple[float, float]:
        """Measured over calculated seconds of a trial, and the seconds of a study besides its trials.

        Each is the median of the earlier studies. Their trials are calculated as those of this study are: so the factor
        holds the machine's speed, the epochs that its trials really trained, and the starts of its trials.
        """
        factors, rests = [], []
        for earlier in self._earlier:
            try:
                calculated = Estimator(earlier.spec, self._data, self._cluster)
            except FixInputError:  # the data or the search spaces were others then
                continue
            expected, workers = calculated._seconds_per_trial(), calculated._workers()
            if expected is None or workers is None:
                continue
            factors.append(earlier.seconds_per_trial / expected)
            rests.append(earlier.seconds - ceil(earlier.trials / workers) * earlier.seconds_per_trial)
        return (median(factors), max(0.0, median(rests))) if factors else (1.0, STUDY_S)

    def _sizes(self) -> tuple[int | None, int | None]:
        if self._space is None or self._data.classes is None:
            return None, None
        space = _of_sizes(self._space)
        fewest = self._parameters(smallest(space, self._parameters))
        most = self._parameters(smallest(space, lambda values: -self._parameters(values)))
        return fewest, max(fewest, min(most, self._spec.max_parameters))

    def _parameters(self, values: Hyperparameters) -> int:
        assert self._architecture is not None
        assert self._input is not None
        assert self._data.classes is not None
        return models.estimate(self._architecture, values, self._input, self._data.classes).parameters

    def _load(self, values: Hyperparameters) -> TrialLoad | None:
        split = self._data.split(self._spec)
        if split is None or self._architecture is None or self._input is None or self._data.classes is None:
            return None
        return models.training_load(self._architecture, values, self._input, self._data.classes, *split)

    def _seconds_per_trial(self) -> float | None:
        if self._space is None:
            return None
        epochs, rates = expected_epochs(self._spec), self._rates
        loads = [load for values in self._space.samples(DRAWS) if (load := self._load(values)) is not None]
        return median(rates.start_s + epochs * epoch_s(load, rates) for load in loads) if loads else None


def _of_sizes(space: Space) -> Space:
    """The space with few values for each parameter: those by which networks differ most in size.

    A space of a request may have thousands of choices, which a search for the smallest network tries in pairs.
    """
    return Space(tuple(map(_with_few_values, space.parameters)))


def _with_few_values(parameter: Parameter) -> Parameter:
    if parameter.name in _OF_TRAINING:
        values = [parameter.choices[0] if parameter.choices is not None else parameter.bounds[1]]
    elif parameter.choices is None or len(parameter.choices) <= FEW_VALUES:
        return parameter
    else:
        numbers = [choice for choice in parameter.choices if isinstance(choice, int | float)]
        values = [min(numbers), max(numbers)] if numbers else list(parameter.choices[:FEW_VALUES])
    return replace(parameter, choices=tuple(values), low=None, high=None)


_OF_TRAINING = {parameter.name for parameter in training_parameters(StudySpec(), None)} | {"dropout", "activation"}
"""Hyperparameters on which the size of a network does not depend."""


def completed(given: Mapping[str, Scalar], space: Space) -> Hyperparameters:
    """Return a configuration of the space with these values, and a middle value for each missing parameter.

    The values may be out of the space, but not out of the widest range that a study may search.
    """
    names = {parameter.name for parameter in space.parameters}
    for name in given:
        if name not in names:
            raise FixInputError(f"hyperparameters.{name}: no such parameter here", remedy=nearest(name, names))
    values: Hyperparameters = {}
    for parameter in space.parameters:
        if not parameter.when(values):
            continue
        if parameter.name in given:
            checked = parameter.narrowed(ParameterOverride(choices=(given[parameter.name],)))
            only = checked.only_value
            values[parameter.name] = given[parameter.name] if only is None else only
        else:
            values[parameter.name] = _middle(parameter, values)
    return values


def _middle(parameter: Parameter, values: Mapping[str, Scalar]) -> Scalar:
    """The value of the parameter before it in a series such as filters_1, filters_2; else the middle of its range."""
    stem, _, number = parameter.name.rpartition("_")
    before = values.get(f"{stem}_{int(number) - 1}") if number.isdigit() else None
    if before is not None:
        return before
    if parameter.choices is not None:
        return parameter.choices[0]
    low, high = parameter.bounds
    middle = (low * high) ** 0.5 if parameter.log else (low + high) / 2
    return round(middle) if parameter.integer else float(parameter.rounded(middle))
