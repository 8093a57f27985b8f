"""Shows what a study would do: `tuner run --dry-run`. Reads its data; starts nothing and writes nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil
from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.formatting import clean, counted, duration
from tuner.console.output import print_json, table
from tuner.console.show import field_table
from tuner.data import ImageInput
from tuner.models import estimate
from tuner.objectives import maximised
from tuner.runners.cluster import cluster_address
from tuner.search.notes import search_notes
from tuner.search.options import ParameterRow, parameter_rows
from tuner.search.parameter import range_hint
from tuner.search.rungs import Rungs, make_rungs
from tuner.search.scheduler_report import LEAST_STEPS
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.study.cluster_capacity import amounts
from tuner.study.plan import REMOTE_MEMORY_BYTES, Plan, make_plan
from tuner.study.storage import check_free, paths_of
from tuner.training.nvml import memory_of_gpus

DRAWS = 256
"""Number of random networks whose sizes are shown."""
MOST_GPUS = 64
MIB = 2**20


def print_dry_run(spec: StudySpec, settings: Settings, out: Console, *, as_json: bool) -> None:
    """Prints the effective study: data, search, search space, networks, resources and files."""
    plan = make_plan(spec, settings)
    paths = paths_of(plan.spec, settings.results_dir)
    check_free(paths)
    document: dict[str, Any] = {
        "spec": plan.spec.model_dump(mode="json"),
        "data": _data(plan),
        "search_space": [row.__dict__ for row in _rows(plan)],
        "notes": search_notes(plan.spec, plan.space),
        "networks": _networks(plan),
        "resources": _resources(plan),
        "folder": paths.store or str(paths.folder),
    }
    if as_json:
        print_json(document)
        return
    out.print(Text.assemble("study ", (str(plan.spec.run_name), "bold"), " (dry run: nothing was started or written)"))
    _print_fields(out, "Data", _data_lines(document["data"]))
    _print_fields(out, "Search", _search_lines(plan))
    _print_space(out, plan)
    for note in document["notes"]:
        out.print(Text(f"  note: {note}", "yellow"))
    _print_fields(out, "Networks", _network_lines(document["networks"], plan.spec))
    _print_fields(out, "Resources", _resource_lines(document["resources"], plan.spec))
    _print_fields(out, "Files", [("folder", document["folder"]), ("figures", plan.spec.plot_generation)])


def _data(plan: Plan) -> dict[str, Any]:
    data = plan.data
    if isinstance(data.input, ImageInput):
        shape: dict[str, Any] = {"kind": "images", "shape": [data.input.height, data.input.width, data.input.channels]}
    else:
        words = len(data.input.vocabulary)
        shape = {"kind": "texts", "longest_words": data.input.max_length, "vocabulary_words": words}
        shape["split"] = data.input.split
    sizes = {"training": len(data.train), "validation": len(data.validation), "test": len(plan.test.y)}
    return {"name": data.name, **shape, "classes": list(data.labels), "samples": sizes}


def _rows(plan: Plan) -> list[ParameterRow]:
    possible = {name for values in plan.space.samples(DRAWS) for name in values}
    return parameter_rows([parameter for parameter in plan.space.parameters if parameter.name in possible])


def _networks(plan: Plan) -> dict[str, Any]:
    spec = plan.spec
    limits = {"max_parameters": spec.max_parameters, "max_memory_mb": spec.max_memory_mb}
    if plan.architecture == "own":
        return {"architecture": "own", "model": spec.model, "drawn": None, **limits}
    drawn = plan.space.samples(DRAWS)
    costs = [estimate(plan.architecture, values, plan.data.input, plan.data.classes) for values in drawn]
    weights = sorted(cost.parameters for cost in costs)
    return {
        "architecture": plan.architecture,
        "model": None,
        "drawn": {
            "networks": DRAWS,
            "smallest_parameters": weights[0],
            "median_parameters": weights[DRAWS // 2],
            "largest_parameters": weights[-1],
            "largest_memory_mb": ceil(max(cost.memory_bytes for cost in costs) / MIB),
            "rejected": sum(plan.preflight(plan.trial(1, values)) is not None for values in drawn),
        },
        **limits,
    }


def _resources(plan: Plan) -> dict[str, Any]:
    """What would run where. Does not connect to Ray, so the nodes of a running cluster are unknown."""
    if plan.cloud is not None:
        here = {"memory_mb": REMOTE_MEMORY_BYTES // MIB}
        endpoint, at_once = plan.cloud.endpoint_id, plan.concurrent({})
        return {"place": "RunPod", "endpoint": endpoint, "at_once": at_once, "trial_here": here}
    address = cluster_address()
    if address != "local":
        asked = plan.spec.concurrent_workers
        return {"place": "Ray cluster", "address": address, "at_once": None if asked == "auto" else asked}
    gpus = sum(memory is not None for memory in memory_of_gpus(MOST_GPUS))
    machine = {"CPU": float(len(os.sched_getaffinity(0))), "GPU": float(gpus)}
    each = plan.resources(machine)
    return {
        "place": "this machine",
        "cpus": int(machine["CPU"]),
        "gpus": gpus,
        "at_once": min(plan.spec.trials, plan.concurrent(machine)),
        "trial_cpus": each["CPU"],
        "trial_gpus": each["GPU"],
    }


def _data_lines(data: dict[str, Any]) -> list[tuple[str, str]]:
    if data["kind"] == "images":
        kind = f"images of {' x '.join(map(str, data['shape']))} (height, width, channels)"
    else:
        kind = f"texts of up to {data['longest_words']:,} {data['split']}, {data['vocabulary_words']:,} different ones"
    names = ", ".join(map(clean, data["classes"][:10])) + (", ..." if len(data["classes"]) > 10 else "")
    samples = ", ".join(f"{name} {number:,}" for name, number in data["samples"].items())
    return [
        ("data set", f"{clean(data['name'])}: {kind}"),
        ("classes", f"{len(data['classes'])}: {names}"),
        ("samples", samples),
    ]


def _search_lines(plan: Plan) -> list[tuple[str, str]]:
    spec = plan.spec
    goals = ", ".join(f"{name} ({'max' if maximised(name) else 'min'}imised)" for name in spec.objectives)
    limits = [f"{counted(spec.trials, 'trial')} of up to {counted(spec.max_epochs_per_trial, 'epoch')}"]
    limits += [] if spec.time_budget_s is None else [f"at most {duration(spec.time_budget_s)}"]
    limits += [] if spec.target_score is None else [f"ends at {spec.objectives[0]} {spec.target_score:g}"]
    early = [] if spec.early_stopping_patience is None else [f"{spec.early_stopping_patience} epochs without progress"]
    early += ["a hopeless diagnosis"] if spec.health_stop else []
    return [
        ("mode", spec.mode),
        ("objective", goals),
        *([("constraints", ", ".join(spec.constraints))] if spec.constraints else []),
        ("size", ", ".join(limits)),
        ("searcher", spec.searcher),
        ("scheduler", _scheduler(plan)),
        ("early end", " or ".join(early) or "never"),
        *([("warm start", spec.warm_start_from)] if spec.warm_start_from else []),
    ]


def _scheduler(plan: Plan) -> str:
    spec = plan.spec
    if spec.scheduler not in ("asha", "hyperband"):
        return spec.scheduler
    if spec.searcher == "auto" and spec.time_budget_s is not None:
        return f"{spec.scheduler}, compares trials after equal seconds of training"
    return f"{spec.scheduler}, compares trials after {_epochs(make_rungs(spec, concurrent=1))}"


def _epochs(rungs: Rungs) -> str:
    at = [f"{rung:g}" for rung in rungs.positions()]
    return f"{', '.join(at)} epochs and at least {LEAST_STEPS} training steps" if at else "their last epoch only"


def _network_lines(networks: dict[str, Any], spec: StudySpec) -> list[tuple[str, str]]:
    lines = [("architecture", networks["model"] or networks["architecture"])]
    if drawn := networks["drawn"]:
        lines += [
            ("parameters", f"{drawn['smallest_parameters']:,} to {drawn['largest_parameters']:,}, median "
                           f"{drawn['median_parameters']:,} ({drawn['networks']} random networks)"),
            ("memory", f"up to {drawn['largest_memory_mb']:,} MiB"),
        ]  # fmt: skip
    rejected = f"more than {spec.max_parameters:,} parameters or {spec.max_memory_mb:,} MiB"
    if drawn and drawn["rejected"]:
        rejected += f" or a violated constraint: {drawn['rejected']} of the {drawn['networks']} networks"
        if drawn["rejected"] == drawn["networks"]:
            rejected += (
                ". Most suggestions would be rejected: relax these limits, or narrow the space to smaller networks"
            )
    return [*lines, ("rejected", rejected)]


def _resource_lines(resources: dict[str, Any], spec: StudySpec) -> list[tuple[str, str]]:
    at_once = "as many as the cluster fits" if resources["at_once"] is None else counted(resources["at_once"], "trial")
    match resources["place"]:
        case "RunPod":
            where = f"RunPod endpoint {resources['endpoint']}; the best model is saved and tested here"
            each = f"{resources['trial_here']['memory_mb']} MiB of memory on this cluster while it waits"
        case "Ray cluster":
            where = f"the running Ray cluster at {resources['address']}"
            each = "decided when it starts"
        case _:
            where = f"this machine: {amounts(resources['cpus'], resources['gpus'])}"
            each = amounts(resources["trial_cpus"], resources["trial_gpus"])
            each += ", or a share of a GPU" if resources["trial_gpus"] == 1 and spec.gpus_per_trial == "auto" else ""
            if resources["trial_cpus"] > resources["cpus"] or resources["trial_gpus"] > resources["gpus"]:
                each += ": more than this machine has, so the study cannot start"
    return [("where", where), ("at once", at_once), ("each trial", each)]


def _print_fields(out: Console, title: str, lines: Sequence[tuple[str, str]]) -> None:
    out.print(Text(f"\n{title}", "bold"))
    out.print(field_table(*((f"  {name}", value) for name, value in lines)))


def _print_space(out: Console, plan: Plan) -> None:
    out.print(
        Text("\nSearch space", "bold"),
        Text("(a..b is a range, searched on a log scale if marked log; a, b lists choices)", "dim"),
    )
    searched = table("  parameter", "values", "~only with")
    searched.columns[1].no_wrap = False
    for row in _rows(plan):
        searched.add_row(f"  {row.name}", row.range, row.only_with)
    out.print(searched)
    for name, override in plan.spec.space.items():
        if hint := range_hint(override):
            out.print(Text(f"  note: space.{name}{hint.replace('; a list names', ' lists two')}", "yellow"))
