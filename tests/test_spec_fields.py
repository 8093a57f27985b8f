"""What the fields of a StudySpec decide before anything runs: the data, the trials, the searcher and the scheduler.

Devices, early ends, time budgets, targets and figures are tested in the packages devices, training and study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from tests.search.samples import RandomSuggester
from tests.store.samples import epoch, health
from tuner.objectives import Objective
from tuner.search.rungs import make_rungs
from tuner.search.samplers import make_sampler
from tuner.search.schedulers import make_scheduler
from tuner.search.suggestions import first_suggestion
from tuner.settings import Settings
from tuner.spec import SchedulerName, SearcherName, parse_study_spec
from tuner.study.plan import Plan, make_plan
from tuner.study.storage import paths_of
from tuner.training.training_curve import TrainingCurve
from tuner.trial_spec import TrialSpec

OWN_MODEL = """
space = {"units": "1..9"}
def build(hyperparameters, input_shape, classes): ...
"""
RUNPOD = {"use_runpod_service": True}


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The current folder, with an own model and two versions of a data set."""
    folder = tmp_path_factory.mktemp("fields")
    (folder / "own_for_fields.py").write_text(OWN_MODEL)
    for seed, name in enumerate(("one", "other")):
        pixels = np.random.default_rng(seed).integers(0, 256, (40, 28, 28), np.uint8)
        (folder / name).mkdir()
        part = {"x_train": pixels, "y_train": np.arange(40) % 10, "x_test": pixels, "y_test": np.arange(40) % 10}
        np.savez(folder / name / "mnist.npz", **part)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(str(folder))
        yield folder


@pytest.fixture(scope="module")
def plans() -> Callable[..., list[Plan]]:
    """plans(...) are two equal plans of these fields, made once."""
    made: dict[str, list[Plan]] = {}

    def of(**fields: Any) -> list[Plan]:
        return made.get(str(fields)) or made.setdefault(str(fields), [plan(**fields) for _ in range(2)])

    return of


def plan(**fields: Any) -> Plan:
    settings = Settings(results_dir=Path("results"), data_dir=None, runpod_api_key="key", runpod_endpoint_id="one")
    return make_plan(parse_study_spec({"run_name": "a"} | fields), settings)


def trial(of: Plan) -> TrialSpec:
    return of.trial(1, of.space.suggest(RandomSuggester(0)))


def sizes(of: Plan) -> tuple[int, int, int]:
    return len(of.data.train), len(of.data.validation), len(of.test.y)


def suggested(name: str) -> Callable[[Plan], object]:
    return lambda plan: trial(plan).hyperparameters[name]


@pytest.mark.parametrize(
    ("field", "value", "given", "effect"),
    [
        ("dataset", "stdlib_docs", {}, lambda plan: plan.data.labels),
        ("data_dir", "other", {"dataset": "mnist", "data_dir": "one"}, lambda plan: plan.data.fingerprint),
        ("sample_percentage", 0.5, {}, sizes),
        ("validation_split", 0.4, {}, sizes),
        ("test_size", 0.4, {}, sizes),
        ("image_size", "4x6", {}, lambda plan: plan.data.train.x.shape[1:]),
        ("image_fit", "crop", {"image_size": "4x6"}, lambda plan: plan.data.fingerprint),
        ("image_fit", "pad", {}, lambda plan: plan.data.input.fit),
        ("seed", 1, {}, lambda plan: plan.data.train.x.tobytes()),
        ("seed", 1, {}, lambda plan: first_suggestion(plan.spec, plan.space)),
        ("seed", 1, {}, lambda plan: trial(plan).seed),
        ("run_name", "b", {}, lambda plan: trial(plan).trial_id),
        ("run_name", "b", {}, lambda plan: paths_of(plan.spec, Path("results")).folder),
        ("storage_path", "/nfs", {}, lambda plan: paths_of(plan.spec, Path("results")).folder),
        (
            "architecture",
            "lstm",
            {"dataset": "stdlib_docs", "architecture": "cnn"},
            lambda plan: trial(plan).architecture,
        ),
        ("model", "own_for_fields:build", {}, lambda plan: (trial(plan).model, "units" in trial(plan).hyperparameters)),
        ("mode", "health", {}, lambda plan: (trial(plan).objective, trial(plan).health)),
        ("accuracy_weight", 0.2, {"mode": "health"}, lambda plan: trial(plan).health),
        ("health_stop", False, {"mode": "health"}, lambda plan: trial(plan).health),
        ("objective", "val_loss", {}, lambda plan: trial(plan).monitor),
        ("constraints", ("parameter_count<=2000",), {}, lambda plan: plan.preflight(trial(plan))),
        ("max_parameters", 2_000, {}, lambda plan: plan.preflight(trial(plan))),
        ("max_memory_mb", 1, {}, lambda plan: plan.preflight(trial(plan))),
        ("max_epochs_per_trial", 4, {}, lambda plan: (trial(plan).epochs, trial(plan).hyperparameters["epochs"])),
        ("min_epochs_per_trial", 4, {}, lambda plan: trial(plan).min_epochs),
        ("min_epochs_per_trial", 4, {}, lambda plan: make_rungs(plan.spec, concurrent=1)),
        ("time_budget_s", 60, {}, lambda plan: make_rungs(plan.spec, concurrent=1)),
        ("deterministic", True, {}, lambda plan: type(make_scheduler(plan.spec, plan.space, make_rungs(plan.spec, 1)))),
        ("early_stopping_patience", 3, {}, lambda plan: trial(plan).early_stopping_patience),
        ("objective", ("val_accuracy", "val_macro_f1"), {}, lambda plan: trial(plan).class_scores),
        ("constraints", ("val_balanced_accuracy>=0.5",), {}, lambda plan: trial(plan).class_scores),
        ("class_weight", "auto", {}, lambda plan: trial(plan).class_weight),
        ("cpus_per_trial", 1.5, {}, lambda plan: trial(plan).threads),
        ("concurrent_workers", 3, {}, lambda plan: plan.concurrent({"CPU": 8.0})),
        ("gpus_per_trial", 0, {}, lambda plan: plan.resources({"CPU": 8.0, "GPU": 4.0})),
        ("use_multi_gpu", False, {}, lambda plan: trial(plan).devices),
        ("mixed_precision", False, {}, lambda plan: trial(plan).devices),
        ("xla", False, {}, lambda plan: trial(plan).devices),
        ("steps_per_execution", 7, {}, lambda plan: trial(plan).devices),
        ("use_runpod_service", True, {}, lambda plan: plan.cloud is None),
        ("runpod_endpoint_id", "other", RUNPOD, lambda plan: plan.cloud and plan.cloud.endpoint_id),
        ("runpod_gpu", "RTX 4090", RUNPOD, lambda plan: plan.cloud and plan.cloud.usd_per_s),
        ("activation", "tanh", {}, suggested("activation")),
        ("space", {"dropout": 0.123}, {}, suggested("dropout")),
    ],
)
def test_a_changed_field_changes_the_plan(plans, field, value, given, effect):
    (before, again), after = plans(**given), plan(**given | {field: value})
    assert effect(before) == effect(again), "an effect that changes by itself proves nothing"
    assert effect(before) != effect(after)


def test_each_searcher_is_a_sampler_of_its_own():
    space, names = plan().space, get_args(SearcherName)
    specs = [parse_study_spec({"searcher": name}) for name in names]
    assert len({type(make_sampler(spec, space)) for spec in specs}) == len(names)


def test_with_several_objectives_auto_is_tpe():
    both = {"objective": ["val_accuracy", "parameter_count"]}
    samplers = [make_sampler(made.spec, made.space) for made in (plan(**both), plan(**both, searcher="tpe"))]
    assert type(samplers[0]) is type(samplers[1])


def test_each_scheduler_ends_trials_by_a_rule_of_its_own():
    def made(name: str) -> tuple[type, int]:
        of = plan(scheduler=name)
        scheduler = make_scheduler(of.spec, of.space, make_rungs(of.spec, concurrent=1))
        return type(scheduler), len(getattr(scheduler, "_brackets", ()))

    assert len({made(name) for name in get_args(SchedulerName)}) == len(get_args(SchedulerName))


@pytest.mark.parametrize("objective", get_args(Objective))
def test_each_objective_is_measured_in_every_trial(objective: Objective):
    mode = {"total_score": "health", "overall_health": "pareto"}.get(objective, "simple")
    named = objective if mode != "pareto" else ["overall_health", "val_accuracy"]
    one = trial(plan(objective=named, mode=mode))
    curve = TrainingCurve(one)
    scores = {"val_balanced_accuracy": 0.7, "val_macro_f1": 0.6} if one.class_scores else {}
    curve.add(epoch(1, objective=0.8, health_metrics=health(), **scores))
    assert objective in curve.values(650)
    assert one.objective == objective


def test_a_study_reads_each_nodes_own_data_folder(folder: Path):
    spec = parse_study_spec({"run_name": "a", "dataset": "mnist"})
    here, there = (
        make_plan(spec, Settings(results_dir=Path("r"), data_dir=folder / name)) for name in ("one", "other")
    )
    assert (here.spec.data_dir, there.spec.data_dir) == (None, None)
    assert here.data.fingerprint != there.data.fingerprint
