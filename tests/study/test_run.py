"""A study from beginning to end, for real: Ray, TensorFlow, data, database and files."""

from __future__ import annotations

import json
import os
import threading
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.study.conftest import SMALL_CNN, SMALL_LSTM, runs_in
from tuner.errors import FixInputError, StudyFailedError
from tuner.events import now
from tuner.search import trial_planner
from tuner.search.pareto import pareto_front
from tuner.settings import Settings
from tuner.spec import parse_study_spec
from tuner.store import Store
from tuner.study import cancel, resume
from tuner.study.paths import StudyPaths
from tuner.study.saved_model import read_model

pytestmark = [pytest.mark.ray, pytest.mark.tensorflow]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """One results folder for the studies of this file, which differ in their names."""
    return Settings(results_dir=tmp_path_factory.mktemp("run") / "results", data_dir=None, database_url=None)


@pytest.fixture(scope="module")
def run(cluster, settings):
    return runs_in(settings)


@pytest.fixture(scope="module")
def store(settings):
    with Store.open(settings.store_url()) as opened:
        yield opened


def saved_model(result):
    """The saved model, as plain Keras loads it, and its metadata."""
    paths = StudyPaths(result.folder)
    return keras_model(paths.model), json.loads(paths.metadata.read_text())


def keras_model(file):
    import keras

    return keras.saving.load_model(file)


DETERMINISTIC = {
    "dataset": "digits",
    "deterministic": True,
    "concurrent_workers": 2,
    "trials": 6,
    "max_epochs_per_trial": 3,
    "space": SMALL_CNN | {"batch_size": "8..16"},
}
"""Fields of two studies whose trials take different times."""


@pytest.fixture(scope="module")
def run_deterministic(run):
    """Runs one of the two. The search plans from the fifth trial on, so that few trials show it."""

    def of(**fields):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(trial_planner, "STARTUP_TRIALS", 4)
            return run(**DETERMINISTIC, **fields)

    return of


@pytest.fixture(scope="module")
def plain(run_deterministic):
    """A study with a baseline."""
    return run_deterministic(run_name="plain", baseline=True)


@pytest.fixture(scope="module")
def refitted(run_deterministic):
    """The same study, which refits its winner and keeps all models."""
    return run_deterministic(run_name="refitted", refit=True, keep_models="all")


@pytest.mark.slow
def test_a_deterministic_study_of_two_workers_is_the_same_again(plain, refitted):
    one, other = (result.trials.drop(columns="duration_seconds") for result in (plain, refitted))
    pd.testing.assert_frame_equal(one, other)
    assert set(one["suggested_by"]) - {"space_filling"}, "some trials were planned by results"
    assert "pruned" in set(one["status"])


def test_a_study_trains_what_was_asked_for_and_leaves_a_model_that_plain_keras_loads(plain, store):
    from tuner import datasets

    result = plain
    numbers = list(range(1, DETERMINISTIC["trials"] + 1))
    assert result.status == "completed"
    assert [t.trial_number for t in store.trials("plain")] == numbers
    assert {t.status for t in store.trials("plain")} <= {"completed", "pruned"}
    assert len({json.dumps(t.hyperparameters) for t in store.trials("plain")}) == len(numbers)
    assert result.best.objective == max(t.objective for t in store.trials("plain"))
    assert result.best.performance.accuracy > 0.5, "ten classes: chance is 0.1"

    model, metadata = saved_model(result)
    _, test = datasets.load(result.view.study.spec.data)
    accuracy = float((model.predict(test.x, verbose=0).argmax(axis=1) == test.y).mean())
    assert accuracy == metadata["test_accuracy"] == result.test_accuracy
    assert model.evaluate(test.x, test.y, verbose=0)[1] == pytest.approx(accuracy)
    assert metadata["val_accuracy"] == result.best.performance.accuracy
    baseline = store.study("plain").baseline
    assert metadata["baseline"] == baseline.model_dump(mode="json")
    assert baseline.name == "logistic regression over 8 x 8 pixels"
    assert [event.baseline for _, event in store.read("plain") if event.type == "baseline_fitted"] == [baseline]
    assert metadata["hyperparameters"] == result.best.hyperparameters
    assert metadata["labels"] == [str(digit) for digit in range(10)]
    takes = metadata["preprocessing"]
    assert (takes["shape"], takes["image_size"], takes["image_fit"]) == (["samples", 8, 8, 1], [8, 8], "stretch")
    large = test.x.repeat(3, axis=1).repeat(3, axis=2)
    assert float((model.predict(large, verbose=0).argmax(axis=1) == test.y).mean()) == pytest.approx(accuracy, abs=0.1)
    by_class = metadata["per_class"]
    right = sum(one["recall"] * one["samples"] for one in by_class)
    assert right / sum(one["samples"] for one in by_class) == pytest.approx(metadata["test_accuracy"])
    assert metadata["test_balanced_accuracy"] == pytest.approx(sum(one["recall"] for one in by_class) / 10)

    paths = StudyPaths(result.folder)
    assert parse_study_spec(yaml.safe_load(paths.spec.read_text())) == result.view.study.spec
    assert pd.read_csv(paths.trials)["trial_number"].tolist() == result.trials["trial_number"].tolist() == numbers
    assert not paths.checkpoints.exists(), "weights of a finished study are in its model"
    log = paths.log.read_text()
    assert "study completed: all trials done" in log
    assert f"test_accuracy {accuracy:.4f}" in log

    kinds = [event.type for _, event in store.read("plain")]
    assert kinds[0] == kinds[-1] == "study_status"
    assert kinds.count("trial_start") == kinds.count("trial_complete") == len(numbers)
    epochs = sum(t.epochs_trained for t in store.trials("plain"))
    assert kinds.count("epoch_progress") == epochs == len(store.epochs("plain"))


def test_the_winner_is_refitted_on_all_data_and_the_models_of_all_completed_trials_are_kept(refitted, store):
    from tuner import datasets

    result = refitted
    model, metadata = saved_model(result)
    data, test = datasets.load(result.view.study.spec.data)
    (told,) = [event.refit for _, event in store.read("refitted") if event.type == "best_model"]
    samples = len(data.train) + len(data.validation)
    assert (told.epochs, told.samples) == (result.best.best_epoch, samples)
    assert metadata["refit"] == told.model_dump(mode="json")
    accuracy = float((model.predict(test.x, verbose=0).argmax(axis=1) == test.y).mean())
    assert accuracy == metadata["test_accuracy"] == result.test_accuracy, "the test is of the saved model"
    assert metadata["val_accuracy"] == result.best.performance.accuracy, "that of the search"

    paths = StudyPaths(result.folder)
    completed = [trial for trial in result.view.trials if trial.status == "completed"]
    assert result.view.kept_models.trials == [trial.trial_number for trial in completed]
    assert len(completed) > 1
    for trial in completed:
        saved = read_model(paths.kept_model(trial.trial_number), result.name, best=False)
        kept = keras_model(saved.file)
        right = kept.predict(data.validation.x, verbose=0).argmax(axis=1) == data.validation.y
        assert float(right.mean()) == pytest.approx(trial.performance.accuracy, abs=1e-6)
        assert (saved.trial_number, "test_accuracy" in saved.metadata) == (trial.trial_number, False)
    searched = keras_model(paths.kept_model(result.best.trial_number) / "model.keras")
    assert any((one != other).any() for one, other in zip(model.get_weights(), searched.get_weights(), strict=True))
    assert not paths.checkpoints.exists()


@pytest.fixture(scope="module")
def of_texts(run, tmp_path_factory):
    """A study of six LSTMs that read texts, in a space of two."""
    words = {"sun": "bright warm light day shine", "sea": "deep cold water wave salt"}
    random = np.random.default_rng(0)
    lines = [(" ".join(random.choice(text.split(), 30)), label) for label, text in words.items() for _ in range(120)]
    file = tmp_path_factory.mktemp("texts") / "weather.csv"
    pd.DataFrame(lines, columns=["text", "label"]).to_csv(file, index=False)
    fixed = {"learning_rate": 0.01, "vocabulary_size": 12, "dropout": 0, "activation": "relu"}
    space = SMALL_LSTM | fixed | {"initializer": "glorot_uniform", "lstm_units": [8, 16]}
    return run(run_name="texts", dataset=str(file), trials=6, max_epochs_per_trial=4, space=space)


@pytest.mark.slow
def test_a_small_space_is_trained_once_and_the_study_says_so(of_texts, store):
    assert sorted(of_texts.trials["lstm_units"]) == [8, 16]
    study = of_texts.view.study
    assert (study.status, study.reason) == ("completed", "every combination of the search space was tried (2)")
    first = next(event for _, event in store.read("texts"))
    assert first.reason.startswith("trials=6, but the search space has only 2 combinations of values")


def test_texts_are_tuned_with_an_lstm_and_the_model_takes_strings(of_texts):
    assert of_texts.best.architecture.type == "lstm"
    model, metadata = saved_model(of_texts)
    texts = np.array(["Warm, bright LIGHT!", "salt water, unheard-of words"], dtype=object)
    predicted = [metadata["labels"][i] for i in model.predict(texts, verbose=0).argmax(axis=1)]
    assert predicted == ["sun", "sea"]


OBJECTIVES = ("val_accuracy", "overall_health")


@pytest.fixture(scope="module")
def of_two_objectives(run):
    """A study of accuracy against health; half of its space is too large."""
    space = SMALL_CNN | {"filters_1": {"choices": (8, 512)}}
    limits = {"max_parameters": 20_000, "max_epochs_per_trial": 2}
    return run(run_name="pareto", dataset="digits", mode="pareto", trials=3, searcher="random", space=space, **limits)


def test_a_network_that_is_too_large_is_rejected_before_it_takes_a_worker(of_two_objectives):
    trials = of_two_objectives.view.trials
    rejected = [t for t in trials if t.status == "rejected"]
    assert rejected, "with this seed, half of the space does not fit"
    for trial in rejected:
        assert "more than max_parameters=20,000" in trial.reason
        assert trial.started_at is None
    assert len(trials) - len(rejected) == 3, "a rejected trial is none of those asked for"
    assert all(t.architecture.total_parameters <= 20_000 for t in trials if t.status != "rejected")
    assert of_two_objectives.status == "completed"


def test_the_front_of_accuracy_against_health_is_kept(of_two_objectives):
    assert of_two_objectives.view.study.spec.objectives == OBJECTIVES
    trials = [trial for trial in of_two_objectives.view.trials if trial.status != "rejected"]
    assert all(set(OBJECTIVES) <= set(trial.values) for trial in trials)
    front = pareto_front(trials, OBJECTIVES)
    assert [trial.trial_number for trial in of_two_objectives.front] == [trial.trial_number for trial in front]
    assert front


def test_a_completed_study_continues_when_more_trials_are_asked_for(of_two_objectives, settings, store):
    before = of_two_objectives.view.trials
    with pytest.raises(FixInputError, match=r"has all its 3 trials - ask for more"):
        resume("pareto", settings=settings)
    more = resume("pareto", trials=4, settings=settings)
    trials = store.trials("pareto")
    assert trials[: len(before)] == before, "what ended is never trained again"
    assert [t.trial_number for t in trials] == list(range(1, len(trials) + 1))
    trained = [t for t in trials if t.status != "rejected"]
    assert len(trained) == 4
    assert more.best.objective == max(t.objective for t in trained)
    assert saved_model(more)[1]["trial_number"] == more.best.trial_number


OWN = """
import keras
space = {"units": "8..16", "fails": ["no", "build", "train"]}

@keras.saving.register_keras_serializable()
class Crash(keras.layers.Layer):
    def call(self, x, training=None):
        if training:
            raise RuntimeError("this one always crashes")
        return x

def build(hyperparameters, input_shape, classes):
    if hyperparameters["fails"] == "build":
        raise ValueError("this one cannot be built")
    layers = [keras.layers.Flatten(), keras.layers.Dense(hyperparameters["units"], activation="relu")]
    if hyperparameters["fails"] == "train":
        layers.append(Crash())
    return keras.Sequential([keras.Input(input_shape), *layers, keras.layers.Dense(classes, activation="softmax")])
"""


@pytest.fixture
def own_model(tmp_path, monkeypatch):
    """Writes OWN into a module of the current folder; returns the fields of a study that uses it."""

    def of(name):
        (tmp_path / f"{name}.py").write_text(OWN)
        monkeypatch.chdir(tmp_path)
        return {"run_name": name, "dataset": "digits", "model": f"{name}:build", "max_epochs_per_trial": 1}

    return of


def test_an_own_model_that_cannot_be_built_is_found_before_anything_is_written(run, settings, store, own_model):
    with pytest.raises(
        FixInputError,
        match=r"none of 20 configurations can be built; the first: model=own_broken:build fails to build .*ValueError: "
        r"this one cannot be built \(own_broken\.py, line 14\)",
    ):
        run(**own_model("own_broken"), space={"fails": "build"})
    assert "own_broken" not in {study.name for study in store.studies()}
    assert not (settings.results_dir / "own_broken").exists()


def test_a_network_that_cannot_be_built_is_replaced_and_one_that_crashes_is_recorded(run, store, own_model):
    result = run(**own_model("own_crashing"), trials=6, searcher="random", space={"batch_size": 256})

    rows = store.trials("own_crashing")
    trials = {kind: [t for t in rows if t.hyperparameters["fails"] == kind] for kind in ("build", "train")}
    assert {t.status for t in trials["build"]} == {"rejected"}
    assert all("ValueError: this one cannot be built (own_crashing.py, line 14)" in t.reason for t in trials["build"])
    assert {t.status for t in trials["train"]} == {"failed"}
    assert all("this one always crashes" in t.reason and "Traceback" in t.error for t in trials["train"])
    assert len(rows) == 6 + len(trials["build"]), "a rejected trial is none of those asked for"
    assert result.best.hyperparameters["fails"] == "no"


def test_when_all_trials_fail_the_study_fails_and_says_why(run, store, settings, own_model):
    with pytest.raises(StudyFailedError, match=r"all 2 trials ended without a result .*this one always crashes"):
        run(**own_model("own_hopeless"), space={"fails": "train"})
    assert store.study("own_hopeless").status == "failed"
    assert not (settings.results_dir / "own_hopeless" / "best_model").exists()


@pytest.fixture(scope="module")
def aimed(run):
    """A study with a target, whose model is a function of this process."""

    def build(hyperparameters, input_shape, classes):
        import keras

        assert hyperparameters["kernel"] in ((3, 3), (1, 5))
        assert hyperparameters["norm"] is None
        layers = [keras.layers.Conv2D(4, hyperparameters["kernel"], activation=hyperparameters["of"])]
        output = keras.layers.Dense(classes, activation="softmax")
        return keras.Sequential([keras.Input(input_shape), *layers, keras.layers.Flatten(), output])

    build.space = {"kernel": [(3, 3), (1, 5)], "norm": None}
    asked = {"trials": 50, "target_score": 0.5, "max_epochs_per_trial": 500, "scheduler": "none"}
    space = {"of": ["relu"], "optimizer": "adam", "learning_rate": "1e-3..1e-2"}
    return run(run_name="aimed", dataset="digits", model=build, space=space, **asked)


def test_a_function_of_this_process_is_trained_with_the_very_choices_of_its_space(aimed, store):
    assert aimed.view.study.spec.model == f"{__name__}:build"
    trials = store.trials("aimed")
    assert {t.status for t in trials} == {"completed"}
    assert {t.hyperparameters["norm"] for t in trials} == {"none"}
    assert {t.hyperparameters["kernel"] for t in trials} <= {"[3, 3]", "[1, 5]"}
    assert set(aimed.trials["kernel"]) <= {"[3, 3]", "[1, 5]"}


def test_a_target_ends_the_study_at_the_epoch_that_reaches_it(aimed, store):
    reached = next(epoch for epoch in store.epochs("aimed") if epoch.val_accuracy >= 0.5)
    best = aimed.best
    assert (best.trial_number, best.best_epoch, best.epochs_trained) == (reached.trial_number, *[reached.epoch] * 2)
    assert (best.status, best.cause) == ("completed", "target_reached")
    assert aimed.status == "completed"
    assert store.study("aimed").reason.startswith("target reached: val_accuracy")
    assert len(store.trials("aimed")) < 50
    assert aimed.model_path.is_file()
    assert aimed.view.study.test_accuracy == pytest.approx(reached.val_accuracy, abs=0.2)


def test_tuner_cancel_stops_a_study_in_a_moment(run, store, settings, monkeypatch):
    from tuner.study.study_log import StudyLog

    append, trains, ended = StudyLog.append, threading.Event(), []

    def tell(self, event):
        append(self, event)
        if event.type == "epoch_progress":
            trains.set()

    def other_terminal():
        assert trains.wait(250)
        ended.append((now(), cancel("cancelled", settings=settings)))

    monkeypatch.setattr(StudyLog, "append", tell)
    terminal = threading.Thread(target=other_terminal)
    terminal.start()
    result = run(run_name="cancelled", dataset="digits", trials=50, max_epochs_per_trial=500, scheduler="none")
    terminal.join()

    ((asked_at, seen),) = ended
    assert (result.status, seen.status) == ("cancelled", "cancelled")
    assert seen.view.study.reason == "cancelled on request"
    assert (seen.view.study.driver, seen.view.study.alive) == (None, False)
    *_, last = seen.view.trials
    assert last.status == "cancelled"
    assert last.completed_at - asked_at < timedelta(seconds=10), "also on a busy machine"
    assert result.model_path.is_file(), "what it had found is saved"


@pytest.mark.slow
def test_laggards_of_a_population_go_on_from_a_copy_of_a_leader(run, store):
    # Each trial takes the whole machine, so that they take turns.
    fields = {"trials": 2, "max_epochs_per_trial": 10, "early_stopping_patience": None, "concurrent_workers": "auto"}
    fields |= {"cpus_per_trial": os.cpu_count(), "run_name": "population"}
    run(dataset="digits", scheduler="pbt", **fields)

    assert [(t.trial_number, t.status, t.epochs_trained) for t in store.trials("population")] == [
        (number, "completed", 10) for number in (1, 2)
    ]
    starts = [event for _, event in store.read("population") if event.type == "trial_start"]
    clones = [event for event in starts if event.cloned_from is not None]
    assert clones, "the worst is replaced after every second epoch"
    for clone in clones:
        assert clone.cloned_from != clone.trial_number
        assert clone.resumed_from_epoch > 0
    assert all(store.epochs("population", number)[-1].epoch == 10 for number in (1, 2))
