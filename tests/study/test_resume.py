"""What `resume` has left to do when the last run was killed: no Ray, no training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import ray

import tuner.study.driver
from tests import s3, saved_models
from tests.study.conftest import spec
from tests.study.scripted import complete, start, status
from tuner.data_report import DataRecord
from tuner.devices.capacity import Node
from tuner.errors import FixInputError
from tuner.events import BestModel, DataRead, DurableEvent, NewBest, Refit
from tuner.runners import nodes
from tuner.runners.cluster import RayCluster
from tuner.runners.shared_folder import state_file
from tuner.search.suggestions import first_suggestion
from tuner.settings import Settings
from tuner.store import Store
from tuner.study import resume
from tuner.study.finish import Finish
from tuner.study.paths import StudyPaths
from tuner.study.plan import make_plan
from tuner.training import TrainingState

TESTED = {"test_accuracy": 0.625, "test_loss": 1.0 / 3.0}


class Exporter:
    """Saves a model without training one; counts how often."""

    saved = 0

    def __init__(self) -> None:
        self.export = SimpleNamespace(remote=self._export)

    def _export(
        self, spec: Any, trial: Any, row: Any, data: Any, test: Any, states: str, folder: Path, *elsewhere: Any
    ) -> BestModel:
        Exporter.saved += 1
        _, refit, *_ = elsewhere
        assert states.endswith("/refit") == (refit is not None)
        save(StudyPaths(folder.parent), trial.trial_number, refit)
        return told(trial.trial_number, refit)


def told(number: int, refit: Refit | None = None) -> BestModel:
    return BestModel(trial_number=number, val_accuracy=0.5, folder="", refit=refit, **TESTED)


def save(paths: StudyPaths, number: int, refit: Refit | None = None) -> None:
    saved_models.save(paths.best_model, "s", trial_number=number, **TESTED, refit=refit and refit.model_dump())


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def paths(settings: Settings) -> StudyPaths:
    """The folder of a study that ran once, with the weights of both of its trials."""
    paths = StudyPaths(settings.results_dir / "s")
    paths.checkpoints.mkdir(parents=True)
    for number in (1, 2):
        TrainingState(1, [np.zeros(1)], [np.zeros(1)], []).save(paths.checkpoints / state_file(number))
    return paths


@pytest.fixture
def killed_after(store: Store, settings: Settings, paths: StudyPaths) -> Callable[..., None]:
    """Leaves what a run of two trials leaves behind that is killed after these events."""

    def of(*events: DurableEvent, **fields: Any) -> None:
        plan = make_plan(spec(dataset="digits", **fields), settings)
        store.create_study(plan.spec, folder=str(paths.folder))
        suggested = {"hyperparameters": first_suggestion(plan.spec, plan.space)}
        for event in (status("running", 0), *events):
            known = suggested if hasattr(event, "hyperparameters") else {}
            store.append("s", event.model_copy(update=known))

    return of


@pytest.fixture(autouse=True)
def no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left to train in these studies: Ray Tune would not be asked for anything."""

    @contextmanager
    def cluster() -> Iterator[RayCluster]:
        yield RayCluster(started=True)

    monkeypatch.setattr(tuner.study.driver, "ray_cluster", cluster)
    monkeypatch.setattr(nodes, "cluster_nodes", lambda: (Node(2.0),))
    for name, action in {"put": lambda value: value, "get": lambda value: value, "kill": lambda actor: None}.items():
        monkeypatch.setattr(ray, name, action)

    def start_exporter(self: Finish) -> None:
        self._exporter = Exporter()

    monkeypatch.setattr(Finish, "start_exporter", start_exporter)
    monkeypatch.setattr(Exporter, "saved", 0)


BOTH = (start(1), complete(1, 0.75), start(2), complete(2, 0.5))


def kinds(store: Store) -> list[str]:
    return [event.type for _, event in store.read("s")]


def test_a_study_that_was_killed_after_its_last_trial_is_brought_to_its_end(
    killed_after: Any, store: Store, settings: Settings, paths: StudyPaths
) -> None:
    killed_after(*BOTH)
    paths.ray.mkdir()
    result = resume("s", settings=settings)
    assert (result.status, result.best.trial_number, result.test_accuracy) == ("completed", 1, 0.625)
    assert kinds(store)[-5:] == ["study_status", "data_read", "new_best", "best_model", "study_status"]
    assert not paths.checkpoints.exists()
    assert not paths.ray.exists()


def test_a_study_that_one_machine_left_is_brought_to_its_end_on_another(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with s3.serving() as bucket:
        plan = make_plan(spec(dataset="digits", storage_path=bucket.address("studies")), settings)
        store.create_study(plan.spec, folder="/results/of/that/machine/s")
        suggested = {"hyperparameters": first_suggestion(plan.spec, plan.space)}
        for event in (status("running", 0), *BOTH):
            store.append("s", event.model_copy(update=suggested if hasattr(event, "hyperparameters") else {}))
        left = {"study.log": b"what happened there\n"}
        TrainingState(1, [np.zeros(1)], [np.zeros(1)], []).save(settings.results_dir / "state.npz")
        state = (settings.results_dir / "state.npz").read_bytes()
        left |= {f"checkpoints/{state_file(number)}": state for number in (1, 2)}
        bucket.objects |= {f"studies/s/{name}": content for name, content in left.items()}

        result = resume("s", settings=settings)

        assert (result.status, result.best.trial_number, result.test_accuracy) == ("completed", 1, 0.625)
        here = settings.results_dir / "s"
        assert store.study("s").folder == str(here)
        assert (here / "study.log").read_text().startswith("what happened there\n")
        published = {key.removeprefix("studies/s/") for key in bucket.objects if not key.endswith("/")}
        files = {"study.log", "spec.yaml", "trials.csv", "best_model/model.keras", "best_model/metadata.json"}
        assert published == files, "and the states are gone"


def test_a_model_that_was_saved_but_not_recorded_is_recorded(
    killed_after: Any, store: Store, settings: Settings, paths: StudyPaths
) -> None:
    killed_after(*BOTH)
    save(paths, 1)
    assert resume("s", settings=settings).test_accuracy == 0.625


def test_a_model_that_was_saved_and_recorded_is_tested_no_second_time(
    killed_after: Any, store: Store, settings: Settings, paths: StudyPaths
) -> None:
    killed_after(*BOTH, told(1))
    save(paths, 1)
    resume("s", settings=settings)
    assert Exporter.saved == 0


def test_a_best_trial_whose_weights_were_not_kept_is_trained_again(
    killed_after: Any, settings: Settings, paths: StudyPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(*BOTH)
    (paths.checkpoints / state_file(1)).write_bytes(b"cut short")
    trained = []
    monkeypatch.setattr(Finish, "_train_again", lambda self, row: trained.append(row.trial_number))
    assert resume("s", settings=settings).status == "completed"
    assert trained == [1]


REFIT = Refit(epochs=1, samples=1_438, seconds=2.0)


def refits(monkeypatch: pytest.MonkeyPatch, *outcomes: Refit | None) -> list[int]:
    """Lets the trainings on all data come to this, one after the other. Returns the trials, as they are trained."""
    trained: list[int] = []

    def refit(self: Finish, row: Any) -> Refit | None:
        trained.append(row.trial_number)
        return outcomes[len(trained) - 1]

    monkeypatch.setattr(Finish, "_refit", refit)
    return trained


def test_a_refitted_model_is_the_one_that_is_saved_tested_and_recorded(
    killed_after: Any, store: Store, settings: Settings, paths: StudyPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(*BOTH, refit=True)
    trained = refits(monkeypatch, REFIT)
    assert resume("s", settings=settings).status == "completed"
    assert (trained, Exporter.saved) == ([1], 1), "the test data are used once"
    (event,) = [event for _, event in store.read("s") if isinstance(event, BestModel)]
    assert event.refit == REFIT
    assert "refitted on 1,438 samples (training and validation) for 1 epoch" in paths.log.read_text()


def test_a_refitted_model_is_not_trained_a_second_time(
    killed_after: Any, settings: Settings, paths: StudyPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(*BOTH, told(1, REFIT), refit=True)
    save(paths, 1, REFIT)
    trained = refits(monkeypatch)
    resume("s", settings=settings)
    assert (trained, Exporter.saved) == ([], 0)


@pytest.mark.parametrize(("outcome", "saved"), [(REFIT, 1), (None, 0)], ids=["refitted", "failed"])
def test_a_study_that_was_stopped_with_the_model_of_the_search_refits_it_at_its_end(
    killed_after: Any, settings: Settings, paths: StudyPaths, monkeypatch: Any, outcome: Refit | None, saved: int
) -> None:
    killed_after(*BOTH, told(1), refit=True)
    save(paths, 1)
    trained = refits(monkeypatch, outcome)
    resume("s", settings=settings)
    assert (trained, Exporter.saved) == ([1], saved), "without a refit, the model that was tested before stays"


def test_a_refit_that_fails_leaves_the_model_of_the_search(
    killed_after: Any, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after(*BOTH, refit=True)
    refits(monkeypatch, None)
    assert resume("s", settings=settings).test_accuracy == 0.625
    assert [event.refit for _, event in store.read("s") if isinstance(event, BestModel)] == [None]


@pytest.mark.parametrize("end", ["completed", "failed"])
def test_a_study_that_ended_with_all_its_trials_has_nothing_left_to_do(
    killed_after: Any, settings: Settings, end: str
) -> None:
    killed_after(
        start(1), complete(1, None, kind="failed"), start(2), complete(2, None, kind="failed"), status(end, 10)
    )
    with pytest.raises(FixInputError, match="study 's' has all its 2 trials - ask for more"):
        resume("s", settings=settings)


@pytest.mark.parametrize("damage", ["missing", "cut short", "empty", "of another study"])
def test_a_study_that_ended_and_whose_model_was_damaged_or_lost_saves_it_again(
    killed_after: Any, store: Store, settings: Settings, paths: StudyPaths, damage: str
) -> None:
    leads = NewBest(trial_number=1, objective=0.75, performance=BOTH[1].performance)
    killed_after(*BOTH, leads, told(1), status("completed", 10))
    save(paths, 1)
    with pytest.raises(FixInputError, match="has all its 2 trials"):
        resume("s", settings=settings)
    if damage == "missing":
        paths.model.unlink()
    else:
        saved_models.DAMAGES[damage][0](paths.best_model)
    assert resume("s", settings=settings).status == "completed"
    assert Exporter.saved == 1
    assert saved_models.keras_file() == paths.model.read_bytes()


def test_a_study_that_failed_while_its_model_was_saved_goes_on_with_that(
    killed_after: Any, store: Store, settings: Settings
) -> None:
    leads = NewBest(trial_number=1, objective=0.75, performance=BOTH[1].performance)
    killed_after(*BOTH, leads, status("failed", 10))
    result = resume("s", settings=settings)
    assert (result.status, result.test_accuracy) == ("completed", 0.625)
    assert kinds(store).count("new_best") == 1


def test_a_study_whose_data_have_changed_is_not_resumed_and_says_what_changed(
    killed_after: Any, store: Store, settings: Settings
) -> None:
    killed_after(start(1), complete(1, 0.75))
    now = make_plan(store.study("s").spec, settings).data.record
    zeros, *others = now.report.classes
    more = zeros.model_copy(update={"train": zeros.train + 9})
    began = DataRecord(fingerprint="0", report=now.report.model_copy(update={"classes": (more, *others)}))
    store.append("s", DataRead(data=began))
    with pytest.raises(FixInputError) as error:
        resume("s", settings=settings)
    size = more.size
    assert error.value.message == (
        f"the data of study 's' have changed since it began: class '0' has {size - 9} samples instead of {size}"
    )
    assert "restore the files" in error.value.remedy
    assert store.study("s").status == "running", "as it was"


def test_a_study_of_an_older_tuner_keeps_the_report_on_its_data_from_now_on(
    killed_after: Any, store: Store, settings: Settings
) -> None:
    killed_after(*BOTH)
    assert store.study("s").data is None
    resume("s", settings=settings)
    assert store.study("s").data == make_plan(store.study("s").spec, settings).data.record
    assert kinds(store).count("data_read") == 1
