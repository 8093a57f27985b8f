"""What the fields of a `StudySpec` ask of each other: defaults that follow other fields, and pairs that are refused."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any

from tuner.objectives import CLASS_SCORES, HEALTH, SHARES, TIMES

if TYPE_CHECKING:
    from tuner.spec import StudySpec


def fitting_defaults(values: Any) -> Any:
    """Returns the given values with the defaults that follow from them.

    The mode decides the objective; several objectives exclude rungs; pbt needs random suggestions. With
    deterministic=true, no trial takes the GPUs that happen to be idle. A time budget raises what else would end the
    study. Where the objective counts every class alike, so does the training.
    """
    if not isinstance(values, Mapping):
        return values
    fitting: dict[str, Any] = {}
    match values.get("mode"):
        case "health":
            fitting |= {"objective": "total_score", "health_stop": True}
        case "pareto":
            fitting |= {"objective": ("val_accuracy", "overall_health")}
    objective = values.get("objective", fitting.get("objective"))
    named = objective.split(",") if isinstance(objective, str) else objective
    if isinstance(named, (list, tuple)) and len(named) > 1:
        fitting["scheduler"] = "none"
    if isinstance(named, (list, tuple)) and named and named[0] in CLASS_SCORES:
        fitting["class_weight"] = "auto"
    if values.get("scheduler") == "pbt":
        fitting["searcher"] = "random"
    if values.get("deterministic") is True:
        fitting["use_multi_gpu"] = False
    if values.get("time_budget_s") is not None:
        # The time is to be used up, by more trials or by longer ones.
        fitting |= {"trials": 1_000, "max_epochs_per_trial": max(30, _number(values.get("min_epochs_per_trial")))}
    return {**fitting, **values}


def refuse_contradictions(spec: StudySpec) -> None:
    """Raises ValueError where two fields exclude each other; its message names both and the remedy."""
    _go_together(spec)
    _devices_go_together(spec)
    _objective_of_mode(spec)
    _effective(spec)
    _reproducible(spec)


def _go_together(spec: StudySpec) -> None:
    if spec.min_epochs_per_trial > spec.max_epochs_per_trial:
        raise ValueError(
            f"min_epochs_per_trial={spec.min_epochs_per_trial} is above "
            f"max_epochs_per_trial={spec.max_epochs_per_trial}: lower the first or raise the second"
        )
    if spec.model is not None and spec.architecture != "auto":
        raise ValueError("model and architecture are both given: keep one")
    if spec.activation != "auto" and "activation" in spec.space:
        raise ValueError("activation and space.activation are both given: keep one")
    if spec.use_runpod_service and spec.scheduler == "pbt":
        raise ValueError(
            "scheduler=pbt copies weights between running trials, which is impossible on RunPod: "
            "choose another scheduler, or use_runpod_service=false"
        )
    if spec.scheduler == "pbt" and spec.refit:
        raise ValueError(
            "refit=true trains the best network from the start, but with scheduler=pbt it continued another one: "
            "choose another scheduler, or leave out refit"
        )
    if spec.scheduler == "pbt" and spec.storage_path is not None and "://" in spec.storage_path:
        raise ValueError(
            "scheduler=pbt copies weights between trials through a folder that all nodes share: "
            "set storage_path to such a folder, or choose another scheduler"
        )


def _devices_go_together(spec: StudySpec) -> None:
    several = spec.use_multi_gpu is True
    if several and spec.gpus_per_trial != "auto":
        raise ValueError("gpus_per_trial is a share of one GPU: leave it out with use_multi_gpu=true")
    if several and (spec.xla is True or spec.steps_per_execution not in ("auto", 1)):
        raise ValueError(
            "xla and steps_per_execution do not work with several GPUs: leave them out, or use_multi_gpu=false"
        )
    shared = spec.use_multi_gpu is False or spec.gpus_per_trial != "auto"
    if spec.target_gpus_per_worker != "auto" and shared:
        raise ValueError("target_gpus_per_worker needs use_multi_gpu=auto or true, without gpus_per_trial")


def _objective_of_mode(spec: StudySpec) -> None:
    named = {*spec.objectives, *(bound.objective for bound in spec.bounds)}
    if spec.mode == "simple" and (unknown := sorted(named & set(HEALTH))):
        raise ValueError(f"{unknown[0]} is not measured in mode=simple: set mode=health or mode=pareto")
    if spec.mode == "health" and spec.objectives[0] != "total_score":
        raise ValueError("mode=health optimises total_score: leave objective out, or name total_score first")
    if spec.mode == "pareto" and not {"val_accuracy", "overall_health"} <= set(spec.objectives):
        raise ValueError("mode=pareto optimises val_accuracy and overall_health: leave objective out, or name both")


def _effective(spec: StudySpec) -> None:
    """Refuses a target that no trial can reach, and values of health that the mode does not use."""
    target, objective = spec.target_score, spec.objectives[0]
    if target is not None and not 0 <= target <= (1 if objective in SHARES else inf):
        allowed = "lies in [0, 1]" if objective in SHARES else "is at least 0"
        raise ValueError(f"no trial can reach target_score={target:g}: {objective} {allowed}")
    for name in ("accuracy_weight", "health_weights"):
        if spec.mode == "simple" and getattr(spec, name) != type(spec).model_fields[name].default:
            raise ValueError(f"{name} has no effect in mode=simple: leave it out, or set mode=health")


def _reproducible(spec: StudySpec) -> None:
    """Refuses what makes the trials of a deterministic study depend on time or on other studies."""
    if not spec.deterministic:
        return
    measured = [name for name in (*spec.objectives, *(bound.objective for bound in spec.bounds)) if name in TIMES]
    several = spec.concurrent_workers != 1
    excluded = [
        ("time_budget_s", spec.time_budget_s is not None, "leave it out"),
        (f"scheduler={spec.scheduler}", spec.scheduler not in ("asha", "none"), "use scheduler=asha or none"),
        (", ".join(measured), bool(measured), "name other objectives and constraints"),
        ("target_score", spec.target_score is not None and several, "leave it out, or set concurrent_workers=1"),
        ("warm_start_from=auto", spec.warm_start_from == "auto", "name one study"),
        ("cpus_per_trial=auto", spec.cpus_per_trial == "auto", "give a number"),
        ("use_multi_gpu=auto", spec.use_multi_gpu == "auto", "set it to true or false"),
        ("use_runpod_service=true", spec.use_runpod_service, "leave it out"),
    ]
    for name, given, remedy in excluded:
        if given:
            raise ValueError(f"deterministic=true excludes {name}, which differs from run to run: {remedy}")


def _number(value: Any) -> int:
    """Returns a value that may be anything as a number; 0 if it is none."""
    return value if isinstance(value, int) else 0
