"""Builds responses about what could be searched and what it would cost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from serve_app.planning_schemas import Devices, Estimate, EstimatedData, NodeDevices, SearchSpace
from serve_app.problems import FieldProblem, invalid
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
from tuner.study.estimate import Estimator, KnownData
from tuner.study.plan import searched_architecture

EARLIER = 5
"""Newest studies of a data set that are searched for its sizes."""
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


def estimate(services: Services, spec: StudySpec, hyperparameters: Mapping[str, Scalar] | None) -> Estimate:
    """The estimate of a study that a request names."""
    known = _known(services, spec.dataset)
    try:
        estimator = Estimator(spec, known, _cluster(services))
    except FixInputError as error:
        raise _invalid("spec", error) from None
    try:
        network = None if hyperparameters is None else estimator.network(hyperparameters)
    except FixInputError as error:
        raise _invalid("hyperparameters", error) from None
    fields = vars(estimator.study()) | {
        name: getattr(network, name, None)
        for name in ("hyperparameters", "layers", "parameters", "memory_bytes", "flops", "seconds_per_epoch")
    }
    shape = None if known.shape is None else list(known.shape)
    data = EstimatedData(
        name=spec.dataset, kind=known.kind, samples=known.samples, classes=known.classes, input_shape=shape
    )
    return Estimate(dataset=data, **fields)


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


def _cluster(services: Services) -> dict[str, float] | None:
    """Resources of the cluster by Ray's names; None: not known now."""
    try:
        nodes = services.devices()
    except TryAgainError:
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
