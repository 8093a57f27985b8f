"""What keeps a study from running as its spec asks, as far as its estimate and the machines that run now tell.

A study of which this is said can be started all the same: machines may join, and sizes are estimates until the data are
read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serve_app.planning_schemas import EstimateProblem
from tuner.devices.capacity import Node
from tuner.spec import StudySpec
from tuner.study.estimate import StudyEstimate
from tuner.study.trial_resources import TrialResources


def problems(spec: StudySpec, nodes: Sequence[Node] | None, found: StudyEstimate) -> Iterator[EstimateProblem]:
    """Each setting that cannot work; `nodes`: None, not known now."""
    if nodes and not spec.use_runpod_service:
        yield from _of_devices(spec, nodes)
    yield from _of_sizes(spec, found)


def _of_devices(spec: StudySpec, nodes: Sequence[Node]) -> Iterator[EstimateProblem]:
    cluster = {"CPU": sum(node.cpus for node in nodes), "GPU": float(sum(len(node.gpus) for node in nodes))}
    resources = TrialResources(spec, own=spec.model is not None)
    cpus, gpus = (resources.of(cluster)[kind] for kind in ("CPU", "GPU"))
    most_cpus, most_gpus = max(node.cpus for node in nodes), max(len(node.gpus) for node in nodes)
    takes_cpus, takes_gpus = f"a trial takes {_counted(cpus, 'CPU')}", f"a trial takes {_counted(gpus, 'GPU')}"
    if cpus > most_cpus:
        yield _problem("cpus_per_trial", f"{takes_cpus}: no machine has more than {most_cpus:g}")
    elif gpus > most_gpus:
        has = "no machine has a GPU" if most_gpus == 0 else f"no machine has more than {most_gpus}"
        field = "use_multi_gpu" if spec.use_multi_gpu is True else "gpus_per_trial"
        yield _problem(field, f"{takes_gpus}: {has}")
    elif not any(node.holds(cpus, gpus) for node in nodes):
        yield _problem("cpus_per_trial", f"no machine has {_counted(cpus, 'CPU')} and {_counted(gpus, 'GPU')}")
    elif spec.concurrent_workers != "auto":
        asked, fit = min(spec.concurrent_workers, spec.trials), resources.fit(cluster)
        if asked > fit:
            yield _problem("concurrent_workers", f"the machines fit {fit:,} at a time, not {asked:,}")


def _of_sizes(spec: StudySpec, found: StudyEstimate) -> Iterator[EstimateProblem]:
    fewest, most = found.smallest_parameters, found.largest_parameters
    if fewest is None or most is None:
        return
    smallest = f"the smallest network of the search space has {fewest:,} parameters"
    if fewest > spec.max_parameters:
        yield _problem("max_parameters", f"{smallest}: allow at least {fewest:,}")
    for bound in spec.bounds:
        if bound.objective != "parameter_count":
            continue
        if bound.upper and bound.violation(fewest) > 0:
            yield _problem("constraints", f"no network can meet {bound}, {smallest}: allow at least {fewest:,}")
        if not bound.upper and bound.violation(most) > 0:
            largest = f"the largest network of the search space has {most:,} parameters"
            yield _problem("constraints", f"no network can meet {bound}, {largest}: ask for at most {most:,}")


def _problem(field: str, message: str) -> EstimateProblem:
    return EstimateProblem(field=f"spec.{field}", message=message)


def _counted(number: float, kind: str) -> str:
    return f"{number:g} {kind}{'' if number <= 1 else 's'}"
