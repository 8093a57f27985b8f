"""Builds responses about what could be searched and what it would cost."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from serve_app.planning_problems import problems
from serve_app.planning_schemas import Devices, Estimate, EstimatedData, EstimateProblem, NodeDevices, SearchSpace
from serve_app.problems import FieldProblem, invalid
from serve_app.requests import check_allowed
from serve_app.services import Services
from tuner.data import ImageInput, TextInput
from tuner.datasets.registry import Registry
from tuner.devices.capacity import Node
from tuner.errors import FixInputError, TryAgainError
from tuner.events import Scalar
from tuner.search.options import SPACES
from tuner.search.space import make_space
from tuner.search.space_description import described
from tuner.spec import StudySpec
from tuner.store import StoreQueries, StudyRow
from tuner.study.estimate import EarlierStudy, Estimator, KnownData, StudyEstimate
from tuner.study.plan import searched_architecture

EARLIER = 5
"""Newest studies of a data set that are searched for its sizes."""
MOST_KEPT = 32
"""Specs whose estimates are kept."""
FRESH_S = 5.0
"""How long the estimate of a study is used for further hyperparameters, without looking what has changed."""
MEASURED = 3
"""Newest completed studies of a data set whose seconds correct an estimate."""
T = TypeVar("T")
_PARAMETER = re.compile(r"(?:space|hyperparameters)\.([^\s:=]+)")
"""How messages of a search space name the parameter that is wrong."""


def search_space(services: Services, study: StudyRow) -> SearchSpace:
    """The recorded space of a study; of one without, what its spec and its data allow to compute."""
    if study.space is not None:
        return SearchSpace(parameters=list(study.space), exact=True)
    data = _input_of(services, study)
    try:
        kind = searched_architecture(study.spec, data, study.spec.dataset)
        space = make_space(study.spec, kind, data, {})
    except FixInputError:  # the study will fail, or an own model's parameters are narrowed, which only its module knows
        return SearchSpace(parameters=[], exact=False)
    return SearchSpace(parameters=list(described(space)), exact=False)


def _input_of(services: Services, study: StudyRow) -> ImageInput | TextInput:
    """The networks' input, as far as it is known; else that of usual data of the same kind."""
    report = study.data.report if study.data is not None else None
    found = _known(services, study.spec.dataset) if report is None else KnownData.of(study.spec.dataset, report)
    if found.shape is None and found.kind != "text":
        built = StoreQueries(services.store).architectures(study.name, limit=1)
        match [layer.output_shape for row in built if row.architecture for layer in row.architecture.layers[:1]]:
            case [[int(height), int(width), int(channels)]]:
                return ImageInput(height, width, channels, scale=1.0, offset=0.0)
    return found.network_input(study.spec) or SPACES["texts" if found.kind == "text" else "images"][1]


class Estimates:
    """Estimates of one replica. What does not depend on the hyperparameters of one network is kept.

    A person who moves sliders sends one spec many times: then an answer takes a few milliseconds.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._fresh: _Kept[tuple[float, _Planned]] = _Kept()
        self._planned: _Kept[_Planned] = _Kept()

    def estimate(self, spec: StudySpec, hyperparameters: Mapping[str, Scalar] | None) -> Estimate:
        """The estimate of a study that a request names."""
        check_allowed(self._services, spec, within="spec.")
        planned = self._plan(spec, fresh=hyperparameters is None)
        try:
            network = None if hyperparameters is None else planned.estimator.network(hyperparameters)
        except FixInputError as error:
            raise _invalid("hyperparameters", error) from None
        fields = vars(planned.study) | {"problems": planned.problems}
        fields |= {
            name: getattr(network, name, None)
            for name in ("hyperparameters", "layers", "parameters", "memory_bytes", "flops", "seconds_per_epoch")
        }
        known = planned.known
        shape = None if known.shape is None else list(known.shape)
        data = EstimatedData(
            name=spec.dataset, kind=known.kind, samples=known.samples, classes=known.classes, input_shape=shape
        )
        return Estimate(dataset=data, **fields)

    def _plan(self, spec: StudySpec, *, fresh: bool) -> _Planned:
        """What is estimated of a study.

        Args:
            fresh: Whether the data, the machines and the earlier studies are looked up now, not FRESH_S ago.
        """
        name, now_s = spec.model_dump_json(), time.monotonic()
        found = self._fresh.get(name)
        if found is not None and not fresh and now_s < found[0] + FRESH_S:
            return found[1]
        planned = self._planned_now(spec, name)
        self._fresh.put(name, (now_s, planned))
        return planned

    def _planned_now(self, spec: StudySpec, name: str) -> _Planned:
        services = self._services
        known, nodes, earlier = _known(services, spec.dataset), _nodes(services), _measured(services, spec)
        key = repr((name, known, nodes, [(replace(one, spec=spec), one.spec.model_dump_json()) for one in earlier]))
        planned = self._planned.get(key)
        if planned is None:
            try:
                estimator = Estimator(spec, known, _cluster(nodes), earlier)
            except FixInputError as error:
                raise _invalid("spec", error) from None
            study = estimator.study()
            planned = _Planned(known, estimator, study, list(problems(spec, nodes, study)))
            self._planned.put(key, planned)
        return planned


@dataclass(frozen=True)
class _Planned:
    """The estimate of a study, from what was known when it was made."""

    known: KnownData
    estimator: Estimator
    study: StudyEstimate
    problems: list[EstimateProblem]


class _Kept(Generic[T]):
    """The MOST_KEPT values that were used last, by a text. Safe for threads."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> T | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: str, value: T) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > MOST_KEPT:
                self._values.popitem(last=False)


def _invalid(field: str, error: FixInputError) -> Exception:
    """The problem of a part of the request that fits neither the data nor the search space."""
    named = _PARAMETER.match(error.message)
    if named is None:
        return invalid(FieldProblem(field=field, message=str(error)))
    inner = f"space.{named[1]}" if field == "spec" else named[1]
    return invalid(FieldProblem(field=f"{field}.{inner}", message=str(error)))


def _known(services: Services, dataset: str) -> KnownData:
    registry = Registry(services.settings.results_dir)
    own = registry.find(dataset) or next((entry for entry in registry.entries() if entry.path == dataset), None)
    if own is None:
        return _with_earlier_reading(services, dataset, KnownData.of(dataset))
    if own.report is None:
        own = registry.find(own.name) or own
    if own.report is None:
        return KnownData(own.kind, own.samples, own.classes, None)
    return KnownData.of(dataset, own.report)


def _with_earlier_reading(services: Services, dataset: str, known: KnownData) -> KnownData:
    """What is known of a data set, with the sizes that an earlier study read."""
    if known.shape is not None:
        return known
    for study in StoreQueries(services.store).studies(datasets=[dataset], limit=EARLIER):
        report = study.data.report if study.data is not None else None
        if report is not None and report.shape is not None and study.spec.image_size == "auto":
            return replace(known, shape=report.shape, words=report.known_words)
    return known


def _measured(services: Services, spec: StudySpec) -> list[EarlierStudy]:
    """The newest completed studies of the same data whose trials trained on the same kind of device, here."""
    if spec.model is not None or spec.use_runpod_service:
        return []
    own = Registry(services.settings.results_dir).find(spec.dataset)
    names = [spec.dataset] if own is None else [spec.dataset, own.path]
    queries = StoreQueries(services.store)
    found = queries.studies(datasets=names, statuses=["completed"], limit=EARLIER)
    alike = [study for study in found if _alike(study.spec, spec)][:MEASURED]
    earlier = []
    for study, totals in zip(alike, queries.totals([study.name for study in alike]).values(), strict=True):
        trials, seconds = sum(totals.timed.values()), sum(totals.seconds.values())
        if trials > 0 and study.active_seconds > 0:
            earlier.append(EarlierStudy(study.spec, trials, seconds / trials, study.active_seconds))
    return earlier


def _alike(earlier: StudySpec, spec: StudySpec) -> bool:
    same_devices = (earlier.gpus_per_trial == 0) == (spec.gpus_per_trial == 0)
    return same_devices and earlier.model is None and not earlier.use_runpod_service


def _nodes(services: Services) -> Sequence[Node] | None:
    """The machines of the cluster; None: not known now."""
    try:
        return services.devices()
    except TryAgainError:
        return None


def _cluster(nodes: Sequence[Node] | None) -> dict[str, float] | None:
    """Their resources by Ray's names."""
    if nodes is None:
        return None
    return {"CPU": float(sum(node.cpus for node in nodes)), "GPU": float(sum(len(node.gpus) for node in nodes))}


def devices(nodes: Sequence[Node]) -> Devices:
    """The machines by host name."""
    found = [
        NodeDevices(
            node=node.host or "unknown",
            cpus=node.cpus,
            memory_bytes=node.memory_bytes,
            gpus=len(node.gpus),
            gpu_names=[gpu.name for gpu in node.gpus if gpu.name is not None],
        )
        for node in nodes
    ]
    ordered = sorted(found, key=lambda one: one.node)
    return Devices(nodes=ordered, cpus=sum(one.cpus for one in ordered), gpus=sum(one.gpus for one in ordered))
