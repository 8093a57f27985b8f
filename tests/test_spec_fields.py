"""Changing any field of a StudySpec changes what runs: one proof per field, and no field without one.

Each proof names another value and an effect: what can be seen of a study, as close to its running as is cheap. All
that an effect shows has to change with the field, and nothing of it without.
"""

from __future__ import annotations

import importlib
import typing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.devices.samples import LARGE
from tests.search.samples import RandomSuggester
from tests.store.samples import complete, epoch, health, start
from tuner.devices import Gpu, Node
from tuner.errors import FixInputError
from tuner.events import DurableEvent, Finding, Metrics, Performance
from tuner.objectives import Objective
from tuner.search.parameter import Hyperparameters
from tuner.settings import Settings
from tuner.spec import SchedulerName, SearcherName, StudySpec, parse_study_spec
from tuner.store import Store
from tuner.study.parity import to_repeat
from tuner.training.training_curve import TrainingCurve

Shown = Mapping[str, Any]
NODES = (Node(8.0, (Gpu("A100", 40 * 2**30, (8, 0)),) * 4),)
CLUSTER = {"CPU": 8.0, "GPU": 4.0}

OWN_MODEL = """
space = {"units": [1, 9]}
def build(hyperparameters, input_shape, classes): ...
"""


class World:
    """A folder of its own, and studies that come as far as they can without a cluster."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.earlier: list[DurableEvent] = []
        """The log of a study that stands in each store under this name."""
        self.deadline: float | None = None
        """What the last run's search was given."""
        self._monkeypatch = monkeypatch
        self._count = count()
        monkeypatch.chdir(folder)
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setenv("KERAS_HOME", str(folder / "keras"))
        (folder / "own_for_fields.py").write_text(OWN_MODEL)
        for seed, name in enumerate(("one", "other")):
            pixels = np.random.default_rng(seed).integers(0, 256, (40, 28, 28), np.uint8)
            (folder / name).mkdir()
            part = {"x_train": pixels, "y_train": np.arange(40) % 10, "x_test": pixels, "y_test": np.arange(40) % 10}
            np.savez(folder / name / "mnist.npz", **part)

    def _fresh(self, name: str) -> Path:
        """A folder that nobody used yet."""
        return self.folder / f"{name}-{next(self._count)}"

    @property
    def settings(self) -> Settings:
        return Settings(
            results_dir=self.folder / "results",
            data_dir=None,
            database_url=None,
            runpod_api_key="key",
            runpod_endpoint_id="endpoint1",
        )

    def plan(self, spec: StudySpec) -> Any:
        from tuner.study.plan import make_plan

        return make_plan(spec, self.settings)

    @contextmanager
    def store(self, spec: StudySpec) -> Iterator[Store]:
        with Store.open(f"sqlite:///{self._fresh('store')}/tuner.db") as store:
            store.create_study(spec_of(self, {"run_name": "earlier"}), folder="")
            for event in self.earlier:
                store.append("earlier", event)
            store.create_study(spec, folder=str(self.folder))
            yield store

    def tune(self, spec: StudySpec, deadline: float | None = None) -> Any:
        """What Ray Tune is asked to do: its TuneConfig, its RunConfig, a trial's resources; and stops of workers."""
        from tuner.study import search
        from tuner.study.cluster_capacity import ClusterCapacity
        from tuner.study.paths import StudyPaths

        asked = SimpleNamespace(stops=[])
        board = SimpleNamespace(stop=SimpleNamespace(remote=lambda: asked.stops.append("stop")))

        def tuner(trainable: Any, *, tune_config: Any, run_config: Any, param_space: Any = None) -> Any:
            asked.trainable, asked.tune_config, asked.run_config = trainable, tune_config, run_config
            return SimpleNamespace(fit=lambda: None)

        def with_parameters(trainable: Any, **parameters: Any) -> Any:
            asked.parameters = parameters
            return trainable

        def with_resources(trainable: Any, resources: Any) -> Any:
            asked.resources = resources
            return trainable

        with self._monkeypatch.context() as patch, self.store(spec) as store:
            patch.setattr(search.ray, "put", lambda value: value)
            patch.setattr(search.ray, "kill", lambda actor: None)
            patch.setattr(search.ray, "cluster_resources", lambda: CLUSTER)
            patch.setattr(search, "ClusterUsage", lambda: None)  # nobody to share with
            patch.setattr(search, "start_live_progress", lambda study, kind: board)
            patch.setattr(search.BillingCallback, "finish", lambda self: None)
            patch.setattr(search.Search, "_warm_exporter", lambda self: None)
            patch.setattr(search.tune, "with_parameters", with_parameters)
            patch.setattr(search.tune, "with_resources", with_resources)
            patch.setattr(search.tune, "Tuner", tuner)
            plan = self.plan(spec)
            paths = StudyPaths(self.folder / "study")
            signal = importlib.import_module("tuner.study").StopSignal()
            search.Search(
                store, plan, paths, ClusterCapacity(plan, lambda: NODES, ()), signal, deadline, Counter()
            ).run()
        return asked

    def run(self, spec: StudySpec) -> tuple[Any, list[str]]:
        """The result of a study whose search is left out, and which of the search's parts were asked for."""
        import tuner.study
        from tuner.study import search

        called: list[str] = []
        world = self

        class Search:
            exhausted = False
            fell_short = False

            def __init__(
                self,
                store: Store,
                plan: Any,
                paths: Any,
                reach: Any,
                stop: Any,
                deadline: float | None,
                losses: Any,
            ) -> None:
                world.deadline = deadline
                self.recorder = SimpleNamespace(append=lambda event: store.append(plan.spec.run_name, event))
                stop.request("cancelled", "enough was seen")

            def __getattr__(self, name: str) -> Callable[[], None]:
                return lambda: called.append(name)

        @contextmanager
        def cluster() -> Iterator[Mapping[str, float]]:
            yield CLUSTER

        with self._monkeypatch.context() as patch:
            patch.setattr(search, "Search", Search)
            patch.setattr(importlib.import_module(tuner.study.run.__module__), "ray_cluster", cluster)
            patch.setattr(importlib.import_module("tuner.runners.nodes"), "cluster_nodes", lambda: NODES)
            return tuner.study.run(spec, settings=Settings(results_dir=self._fresh("results"))), called


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


# --- effects ---


def limiter(asked: Any) -> Any:
    """What Ray Tune asks for trials: so many at once, of a searcher."""
    return asked.tune_config.search_alg.searcher


def suggested(world: World, spec: StudySpec) -> Hyperparameters:
    values: Hyperparameters = world.plan(spec).space.suggest(RandomSuggester(0))
    return values


def trial_of(world: World, spec: StudySpec) -> Any:
    plan = world.plan(spec)
    return plan.trial(1, plan.space.suggest(RandomSuggester(0)))


def data(*what: str) -> Callable[[World, StudySpec], Shown]:
    def look(world: World, spec: StudySpec) -> Shown:
        plan = world.plan(spec)
        sizes = {"train": len(plan.data.train), "validation": len(plan.data.validation), "test": len(plan.test.y)}
        shown = {"fingerprint": plan.data.fingerprint, "name": plan.data.name, "labels": plan.data.labels} | sizes
        return {name: shown[name] for name in what}

    return look


def seed(world: World, spec: StudySpec) -> Shown:
    from tuner.search.suggestions import first_suggestion

    return {
        "split": world.plan(spec).data.train.x.tobytes(),
        "suggestion": first_suggestion(spec, world.plan(spec).space),
        "weights and order of batches": trial_of(world, spec).seed,
    }


def run_name(world: World, spec: StudySpec) -> Shown:
    result, _ = world.run(spec)
    assert (result.folder / "spec.yaml").is_file()
    return {"study": result.name, "folder": result.folder.name, "trial": trial_of(world, spec).trial_id}


def kind_of_network(world: World, spec: StudySpec) -> Shown:
    trial = trial_of(world, spec)
    return {"architecture": trial.architecture, "hyperparameters": set(trial.hyperparameters)}


def own_model(world: World, spec: StudySpec) -> Shown:
    return {**kind_of_network(world, spec), "model": trial_of(world, spec).model}


def objective(world: World, spec: StudySpec) -> Shown:
    return {
        "trial": trial_of(world, spec).objective,
        "searcher": limiter(world.tune(spec)).searcher.mode,
        "epochs that a falling curve is trained": epochs_trained(world, spec, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]),
    }


def epochs_trained(world: World, spec: StudySpec, objectives: list[float]) -> int:
    """What early stopping makes of a curve."""
    curve = TrainingCurve(trial_of(world, spec))
    for number, value in enumerate(objectives, start=1):
        curve.add(epoch(number, objective=value))
        if curve.end is not None:
            break
    return curve.last_epoch


def epochs_allowed(world: World, spec: StudySpec) -> int:
    """When the scheduler ends a trial that is worse than the one before it."""
    from tuner.search.rungs import make_rungs
    from tuner.search.scheduler_report import OBJECTIVE
    from tuner.search.schedulers import make_scheduler

    scheduler = make_scheduler(spec, world.plan(spec).space, make_rungs(spec, concurrent=1))
    for trial, value in ((SimpleNamespace(trial_id="good"), 0.9), (SimpleNamespace(trial_id="bad"), 0.1)):
        scheduler.on_trial_add(None, trial)
        for number in range(1, spec.max_epochs_per_trial + 1):
            if scheduler.on_trial_result(None, trial, {"epoch": number, OBJECTIVE: value}) == "STOP":
                return number
    return spec.max_epochs_per_trial


FLAT = [0.5] * 10


def most_epochs(world: World, spec: StudySpec) -> Shown:
    trial = trial_of(world, spec)
    return {
        "trial": trial.epochs,
        "hyperparameters": trial.hyperparameters["epochs"],
        "trained": epochs_trained(world, spec, [value / 10 for value in range(10)]),
    }


def least_epochs(world: World, spec: StudySpec) -> Shown:
    return {"scheduler": epochs_allowed(world, spec), "early stopping": epochs_trained(world, spec, FLAT)}


def stops_at(world: World, spec: StudySpec) -> Shown:
    """Seconds after which workers are told to end their trials, at a look per second, as Ray Tune looks."""
    from tuner.study import driver, stop_callback

    clock = SimpleNamespace(now=100.0)
    with pytest.MonkeyPatch.context() as patch:
        for module in (driver, stop_callback):
            patch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
        world.run(spec)
        asked = world.tune(spec, world.deadline)
        for elapsed in range(60):
            clock.now = 100.0 + elapsed
            for callback in asked.run_config.callbacks:
                callback.on_step_begin(elapsed, [])
            if asked.stops:
                return {"seconds": elapsed}
    return {"seconds": None}


def ends_on_target(world: World, spec: StudySpec) -> Shown:
    """Whether the study ends once a trial has reached 0.8."""
    return {"ended": recorded(world, spec)[1]}


def recorded(world: World, spec: StudySpec) -> tuple[int | None, bool]:
    """The best trial after one of 650 weights has reached 0.8, and whether the study ends then."""
    from tuner.search.rungs import make_rungs
    from tuner.study import StopSignal
    from tuner.study.paths import StudyPaths
    from tuner.study.recorder import Recorder

    signal = StopSignal()
    good = Performance(total_score=0.8, accuracy=0.8, loss=0.6)
    values = {"val_accuracy": 0.8, "val_loss": 0.6, "parameter_count": 650.0}
    events = [start(), epoch(1, objective=0.8), complete(objective=0.8, values=values, performance=good, best_epoch=1)]
    config = {"trial": trial_of(world, spec).model_dump(mode="json")}
    with world.store(spec) as store:
        recorder = Recorder(store, spec, StudyPaths(world.folder / "study"), signal, make_rungs(spec, concurrent=1))
        reported = SimpleNamespace(trial_id="x", config=config)
        recorder.on_trial_result(1, [], reported, {"events": [event.model_dump(mode="json") for event in events]})
        return store.study("a").best_trial_number, signal.stop is not None


def constraints(world: World, spec: StudySpec) -> Shown:
    return {**rejected(world, spec), "best": recorded(world, spec)[0]}


def searcher(world: World, spec: StudySpec) -> Shown:
    """What Ray Tune is given first, and by which sampler."""
    asked = limiter(world.tune(spec)).searcher
    return {
        "suggestion": asked.suggest("x")["trial"]["hyperparameters"],
        "sampler": type(sampler(world, spec)),
    }


def sampler(world: World, spec: StudySpec) -> Any:
    from tuner.search.samplers import make_sampler

    return make_sampler(spec, world.plan(spec).space)


def warm_start(world: World, spec: StudySpec) -> Shown:
    """What a study makes of an earlier one."""
    from tuner.search.optuna_study import WARM_START

    told = {"hyperparameters": suggested(world, spec)}
    world.earlier = [start(**told), complete(values={"val_accuracy": 0.9}, objective=0.9, **told)]
    asked = limiter(world.tune(spec)).searcher
    known = [trial for trial in asked._suggestions._mirror.study.trials if WARM_START in trial.user_attrs]
    return {
        "repeats the best first": asked.suggest("x")["trial"]["hyperparameters"] == told["hyperparameters"],
        "results known": len(known),
    }


def suggested_config(world: World, spec: StudySpec) -> dict[str, Any]:
    """What Ray Tune is given of the first trial."""
    searcher = limiter(world.tune(spec)).searcher
    first = searcher.suggest("1")
    return {**first, "at once": 1 + sum(searcher.suggest(str(number)) is not None for number in range(2, 12))}


def reserved(world: World, spec: StudySpec) -> dict[str, float]:
    """What Ray reserves for the first trial."""
    config = suggested_config(world, spec)
    resources: dict[str, float] = {"CPU": 0.0, "GPU": 0.0} | world.tune(spec).resources(config).bundles[0]
    return resources


def cpus(world: World, spec: StudySpec) -> Shown:
    from tuner.runners.placement import placed

    config = suggested_config(world, spec)
    given = {kind: config["allocation"][kind] for kind in ("cpus", "gpus")}
    return {
        "reserved": reserved(world, spec)["CPU"],
        "threads": placed(trial_of(world, spec), **given).threads,
        "at once": config["at once"],
    }


def gpus(world: World, spec: StudySpec) -> Shown:
    return {"reserved": reserved(world, spec)["GPU"]}


def settled(*what: str) -> Callable[[World, StudySpec], Shown]:
    """How a worker with a GPU trains a large network."""

    def look(world: World, spec: StudySpec) -> Shown:
        from tuner.devices import choose_training_settings

        settings = choose_training_settings(trial_of(world, spec).devices, NODES[0].gpus[:1], LARGE)
        return {name: getattr(settings, name) for name in what}

    return look


def score_of(world: World, spec: StudySpec, accuracy: float = 0.8) -> float:
    """What a trial's epoch is judged by whose health is 0.5, but for live units and a quiet loss."""
    from tuner.health.score import weigh
    from tuner.training.training_curve import monitored_value

    trial = trial_of(world, spec)
    measured = epoch(1, objective=accuracy, validation=Metrics(loss=0.5, accuracy=accuracy))
    if trial.health is not None and trial.health.accuracy_weight is not None:
        metrics = dict.fromkeys(trial.health.weights.shares, 0.5) | {"neuron_utilization": 1.0}
        measured = measured.model_copy(update={"health_metrics": weigh(metrics, trial.health.weights)})
    return monitored_value(trial.monitor, measured, trial.health)


def score(world: World, spec: StudySpec) -> Shown:
    return {"score": score_of(world, spec)}


def mode(world: World, spec: StudySpec) -> Shown:
    return {
        "score": score_of(world, spec),
        "measured": trial_of(world, spec).health,
        "epochs that a hopeless curve is trained": hopeless(world, spec)["trained"],
    }


def hopeless(world: World, spec: StudySpec) -> Shown:
    """Epochs of a trial that turns out to be hopeless after its second."""
    curve = TrainingCurve(trial_of(world, spec))
    found = Finding(name="no_learning", epoch=2, evidence="it stands still", hopeless=True)
    for number in range(1, spec.max_epochs_per_trial + 1):
        curve.add(epoch(number, objective=0.1 * number, findings=(found,) if number == 2 else ()))
        if curve.end is not None:
            break
    return {"trained": curve.last_epoch}


def rejected(world: World, spec: StudySpec) -> Shown:
    return {"reason": world.plan(spec).preflight(trial_of(world, spec))}


def rejected_or_limited(world: World, spec: StudySpec) -> Shown:
    return {**rejected(world, spec), "own models": trial_of(world, spec).max_parameters}


RUNPOD = {"use_runpod_service": True}


def remote(world: World, spec: StudySpec) -> Any:
    """What a worker that waits for RunPod is given."""
    return world.tune(spec).parameters["remote"]


def where(world: World, spec: StudySpec) -> Shown:
    asked = world.tune(spec)
    return {
        "worker": asked.trainable,
        "reserves": sorted(asked.resources) if isinstance(asked.resources, dict) else sorted(reserved(world, spec)),
        "at once": limiter(asked).max_concurrent,
        "told beside the trial": set(limiter(asked).searcher.suggest("x")),
    }


def repeated(world: World, spec: StudySpec) -> Shown:
    """Of three trials that RunPod trained."""
    trained = [SimpleNamespace(place="runpod", performance=1, repeat=None) for _ in range(3)]
    return {"repeated": len(to_repeat(trained, spec.runpod_parity_trials))}


@dataclass(frozen=True)
class Proof:
    """Another value of the field, what it changes, and what else the spec needs for that; {folder} is the world's."""

    value: Any
    effect: Callable[[World, StudySpec], Shown]
    given: Mapping[str, Any]
    follow: frozenset[str] = frozenset()
    """Fields whose defaults follow this one."""


def proof(value: Any, effect: Callable[[World, StudySpec], Shown], **given: Any) -> Proof:
    return Proof(value, effect, given)


PROOFS: dict[str, Proof] = {
    "dataset": proof("stdlib_docs", data("fingerprint", "name", "labels")),
    "data_dir": proof("{folder}/other", data("fingerprint"), dataset="mnist", data_dir="{folder}/one"),
    "sample_percentage": proof(0.5, data("fingerprint", "train", "validation")),
    "validation_split": proof(0.4, data("fingerprint", "train", "validation")),
    "test_size": proof(0.4, data("fingerprint", "train", "validation", "test")),
    "seed": proof(1, seed),
    "run_name": proof("b", run_name),
    "architecture": proof("lstm", kind_of_network),
    "model": proof("own_for_fields:build", own_model),
    "mode": Proof("health", mode, {}, follow=frozenset({"objective", "health_stop"})),
    "accuracy_weight": proof(0.2, score, mode="health"),
    "health_weights": proof(
        {
            "neuron_utilization": 0.5,
            "training_stability": 0.1,
            "parameter_efficiency": 0.1,
            "gradient_health": 0.1,
            "convergence_quality": 0.1,
            "accuracy_consistency": 0.1,
        },
        score,
        mode="health",
    ),
    "health_stop": proof(False, hopeless, mode="health"),
    "objective": proof("val_loss", objective, early_stopping_patience=2, max_epochs_per_trial=7),
    "constraints": proof(("parameter_count<=100",), constraints),
    "trials": proof(7, lambda world, spec: {"samples": world.tune(spec).tune_config.num_samples}),
    "max_epochs_per_trial": proof(4, most_epochs),
    "min_epochs_per_trial": proof(4, least_epochs, early_stopping_patience=2),
    "early_stopping_patience": proof(3, lambda world, spec: {"trained": epochs_trained(world, spec, FLAT)}),
    "searcher": proof("random", searcher),
    "warm_start_from": proof("earlier", warm_start),
    "scheduler": proof("none", lambda world, spec: {"trained": epochs_allowed(world, spec)}),
    "time_budget_s": proof(30, stops_at),
    "target_score": proof(0.8, ends_on_target),
    "concurrent_workers": proof(
        3, lambda world, spec: {"at once": limiter(world.tune(spec)).max_concurrent}, gpus_per_trial=0
    ),
    "cpus_per_trial": proof(4, cpus, gpus_per_trial=0),
    "gpus_per_trial": proof(0.3, gpus),
    "use_multi_gpu": proof(True, gpus),
    "target_gpus_per_worker": proof(3, gpus, use_multi_gpu=True),
    "mixed_precision": proof(False, settled("precision")),
    "xla": proof(False, settled("xla")),
    "steps_per_execution": proof(7, settled("steps_per_execution")),
    "max_parameters": proof(100, rejected_or_limited),
    "max_memory_mb": proof(1, rejected),
    "use_runpod_service": proof(True, where),
    "runpod_endpoint_id": proof("other", lambda world, spec: {"address": remote(world, spec).access.url}, **RUNPOD),
    "runpod_fallback_local": proof(False, lambda world, spec: {"trains here": remote(world, spec).fallback}, **RUNPOD),
    "runpod_queue_timeout_s": proof(60, lambda world, spec: {"waits": remote(world, spec).limits.queue_s}, **RUNPOD),
    "runpod_timeout_s": proof(60, lambda world, spec: {"trains": remote(world, spec).limits.run_s}, **RUNPOD),
    "runpod_gpu": proof("RTX 4090", lambda world, spec: {"costs": remote(world, spec).price.usd_per_s}, **RUNPOD),
    "runpod_parity_trials": proof(2, repeated, **RUNPOD),
    "activation": proof("tanh", lambda world, spec: {"suggested": suggested(world, spec)["activation"]}),
    "space": proof({"dropout": 0.123}, lambda world, spec: {"suggested": suggested(world, spec)["dropout"]}),
    "storage_path": proof("{folder}/nfs", lambda world, spec: {"there": "nfs" in world.run(spec)[0].folder.parts}),
    "plot_generation": proof(False, lambda world, spec: {"drawn": "draw" in world.run(spec)[1]}),
}


def spec_of(world: World, values: Mapping[str, Any]) -> StudySpec:
    def filled(value: Any) -> Any:
        return value.replace("{folder}", str(world.folder)) if isinstance(value, str) else value

    return parse_study_spec({"run_name": "a"} | {name: filled(value) for name, value in values.items()})


@pytest.mark.parametrize("field", list(StudySpec.model_fields))
def test_changing_the_field_changes_what_runs(field: str, world: World) -> None:
    assert field in PROOFS, f"nothing proves that {field} has an effect: add a proof"
    chosen = PROOFS[field]
    before, after = spec_of(world, chosen.given), spec_of(world, {**chosen.given, field: chosen.value})
    changes = {name for name in StudySpec.model_fields if getattr(before, name) != getattr(after, name)}
    assert changes == {field, *chosen.follow}
    shown, again, changed = (chosen.effect(world, spec) for spec in (before, before, after))
    assert shown == again, "an effect that changes by itself proves nothing"
    assert shown.keys() == changed.keys()
    assert [name for name in shown if shown[name] == changed[name]] == []


def test_there_is_no_proof_of_a_field_that_is_gone() -> None:
    assert set(PROOFS) == set(StudySpec.model_fields)


def test_no_other_mode_is_taken() -> None:
    with pytest.raises(FixInputError, match=r"^mode='enhanced': must be 'simple', 'health' or 'pareto'"):
        parse_study_spec({"mode": "enhanced"})


# --- what the proofs above leave open ---


def test_each_searcher_is_one_of_its_own(world: World) -> None:
    from tuner.search.samplers import make_sampler

    space = world.plan(spec_of(world, {})).space
    names = typing.get_args(SearcherName)
    assert len({type(make_sampler(spec_of(world, {"searcher": name}), space)) for name in names}) == len(names)


@pytest.mark.parametrize("objective", typing.get_args(Objective))
def test_each_objective_is_measured_of_every_trial(objective: Objective, world: World) -> None:
    modes: dict[str, Any] = {"total_score": "health", "overall_health": "pareto"}
    mode = modes.get(objective, "simple")
    named: Any = objective if mode != "pareto" else ["overall_health", "val_accuracy"]
    trial = trial_of(world, spec_of(world, {"objective": named, "mode": mode}))
    curve = TrainingCurve(trial)
    curve.add(epoch(1, objective=0.8, health_metrics=health()))
    assert objective in curve.values(650)
    assert trial.objective == objective


def test_several_objectives_reach_the_sampler_each_in_its_direction(world: World) -> None:
    asked = world.tune(spec_of(world, {"objective": ["val_accuracy", "parameter_count"]}))
    study = limiter(asked).searcher._suggestions._mirror.study
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]


def test_each_scheduler_is_one_of_its_own(world: World) -> None:
    def made(name: str) -> tuple[type, int]:
        scheduler = world.tune(spec_of(world, {"scheduler": name})).tune_config.scheduler
        return type(scheduler), len(getattr(scheduler, "_brackets", ()))

    assert len({made(name) for name in typing.get_args(SchedulerName)}) == len(typing.get_args(SchedulerName))


def test_trials_take_gpus_by_themselves_where_there_are_some(world: World) -> None:
    assert reserved(world, spec_of(world, {})) == {"CPU": 1, "GPU": 0.5}


def test_a_time_budget_ends_the_study_on_time(world: World) -> None:
    assert stops_at(world, spec_of(world, {"time_budget_s": 30})) == {"seconds": 30}
    assert stops_at(world, spec_of(world, {})) == {"seconds": None}


@pytest.mark.parametrize(("target", "ended"), [(0.79, True), (0.8, True), (0.81, False)])
def test_a_target_is_reached_at_its_value(target: float, ended: bool, world: World) -> None:
    assert ends_on_target(world, spec_of(world, {"target_score": target})) == {"ended": ended}


def test_what_is_too_large_is_rejected_with_the_field_that_says_so(world: World) -> None:
    few = rejected(world, spec_of(world, {"max_parameters": 100}))["reason"]
    assert few.endswith("parameters, more than max_parameters=100")
    little = rejected(world, spec_of(world, {"max_memory_mb": 1}))["reason"]
    assert little.startswith("needs about ")
    assert little.endswith("MiB, more than max_memory_mb=1")


def test_everything_that_a_trial_needs_comes_from_its_spec(world: World) -> None:
    spec = spec_of(world, {"cpus_per_trial": 1.5, "min_epochs_per_trial": 2, "early_stopping_patience": 3})
    trial = trial_of(world, spec)
    assert trial.study == "a"
    assert trial.data == spec.data
    assert trial.threads == 2
    assert (trial.min_epochs, trial.early_stopping_patience, trial.max_parameters) == (2, 3, spec.max_parameters)
