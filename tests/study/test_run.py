"""A study from beginning to end, for real: Ray, TensorFlow, data, database and files."""

from __future__ import annotations

import json
import os
import signal
import threading
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.study.conftest import SMALL_CNN, SMALL_LSTM
from tuner.errors import FixInputError, StudyFailedError
from tuner.events import now
from tuner.search import trial_planner
from tuner.spec import parse_study_spec
from tuner.store import Store
from tuner.study import cancel, resume
from tuner.study.paths import StudyPaths
from tuner.study.saved_model import read_model

pytestmark = [pytest.mark.ray, pytest.mark.tensorflow]


@pytest.fixture
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


def test_a_deterministic_study_of_two_workers_is_the_same_again(run, monkeypatch):
    """The trials take different times; the search plans from the fifth on, so that few trials show it."""
    monkeypatch.setattr(trial_planner, "STARTUP_TRIALS", 4)
    fields = {"deterministic": True, "concurrent_workers": 2, "trials": 8, "max_epochs_per_trial": 3}
    fields |= {"dataset": "digits", "plot_generation": "none", "space": SMALL_CNN | {"batch_size": "8..32"}}
    tables = [run(run_name=name, **fields).trials.drop(columns="duration_seconds") for name in ("one", "two")]
    pd.testing.assert_frame_equal(*tables)
    assert set(tables[0]["suggested_by"]) - {"space_filling"}, "some trials were planned by results"
    assert "pruned" in set(tables[0]["status"])


def test_a_small_space_is_trained_once_and_the_study_says_so(run, settings):
    fixed = SMALL_CNN | {"learning_rate": 0.002, "activation": "relu", "initializer": "he_normal", "dropout": 0}
    fixed |= {"first_dense_nodes": [16, 32]}
    result = run(dataset="digits", trials=6, max_epochs_per_trial=1, space=fixed, plot_generation="none")
    assert sorted(result.trials["first_dense_nodes"]) == [16, 32]
    study = result.view.study
    assert (study.status, study.reason) == ("completed", "every combination of the search space was tried (2)")
    with Store.open(settings.store_url()) as store:
        first = next(event for _, event in store.read("s"))
    assert first.reason.startswith("trials=6, but the search space has only 2 combinations of values")


def test_a_study_trains_what_was_asked_for_leaves_a_model_that_plain_keras_loads_and_goes_on_when_more_is_asked(
    run, settings, store
):
    from tuner import datasets

    fields = {"trials": 4, "max_epochs_per_trial": 4, "concurrent_workers": 2, "plot_generation": "best"}
    result = run(dataset="digits", baseline=True, **fields)

    assert result.status == "completed"
    assert [t.trial_number for t in store.trials("s")] == [1, 2, 3, 4]
    assert {t.status for t in store.trials("s")} <= {"completed", "pruned"}
    assert len({json.dumps(t.hyperparameters) for t in store.trials("s")}) == 4
    assert result.best.objective == max(t.objective for t in store.trials("s"))
    assert result.best.performance.accuracy > 0.5, "ten classes: chance is 0.1"

    model, metadata = saved_model(result)
    _, test = datasets.load(result.view.study.spec.data)
    accuracy = float((model.predict(test.x, verbose=0).argmax(axis=1) == test.y).mean())
    assert accuracy == metadata["test_accuracy"] == result.test_accuracy
    assert model.evaluate(test.x, test.y, verbose=0)[1] == pytest.approx(accuracy)
    assert metadata["val_accuracy"] == result.best.performance.accuracy
    baseline = store.study("s").baseline
    assert metadata["baseline"] == baseline.model_dump(mode="json")
    assert baseline.name == "logistic regression over 8 x 8 pixels"
    assert [event.baseline for _, event in store.read("s") if event.type == "baseline_fitted"] == [baseline]
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
    assert pd.read_csv(paths.trials)["trial_number"].tolist() == result.trials["trial_number"].tolist() == [1, 2, 3, 4]
    of_best = f"trial-{result.best.trial_number:05d}"
    assert {"history.png", "curves.png", "timeline.png", of_best} <= {file.name for file in paths.plots.iterdir()}
    assert {"training.png", "confusion.png", "test_confusion.png"} <= {
        file.name for file in (paths.plots / of_best).iterdir()
    }
    assert not paths.checkpoints.exists(), "weights of a finished study are in its model"
    log = paths.log.read_text()
    assert "study completed: all trials done" in log
    assert f"test_accuracy {accuracy:.4f}" in log

    kinds = [event.type for _, event in store.read("s")]
    assert kinds[0] == kinds[-1] == "study_status"
    assert kinds.count("trial_start") == kinds.count("trial_complete") == 4
    assert kinds.count("epoch_progress") == sum(t.epochs_trained for t in store.trials("s")) == len(store.epochs("s"))

    before = store.trials("s")
    with pytest.raises(FixInputError, match=r"has all its 4 trials - ask for more"):
        resume("s", settings=settings)
    more = resume("s", trials=5, settings=settings)
    assert store.trials("s")[:4] == before, "what ended is never trained again"
    assert [t.trial_number for t in store.trials("s")] == [1, 2, 3, 4, 5]
    assert more.best.objective == max(t.objective for t in store.trials("s"))
    assert saved_model(more)[1]["trial_number"] == more.best.trial_number


def test_the_winner_is_refitted_on_all_data_and_the_models_of_all_trials_are_kept(run, store):
    from tuner import datasets

    result = run(dataset="digits", trials=2, max_epochs_per_trial=3, scheduler="none", refit=True, keep_models="all")
    model, metadata = saved_model(result)
    data, test = datasets.load(result.view.study.spec.data)
    (told,) = [event.refit for _, event in store.read("s") if event.type == "best_model"]
    samples = len(data.train) + len(data.validation)
    assert (told.epochs, told.samples) == (result.best.best_epoch, samples)
    assert metadata["refit"] == told.model_dump(mode="json")
    accuracy = float((model.predict(test.x, verbose=0).argmax(axis=1) == test.y).mean())
    assert accuracy == metadata["test_accuracy"] == result.test_accuracy, "the test is of the saved model"
    assert metadata["val_accuracy"] == result.best.performance.accuracy, "that of the search"

    paths = StudyPaths(result.folder)
    assert result.view.kept_models.trials == [1, 2]
    for trial in result.view.trials:
        saved = read_model(paths.kept_model(trial.trial_number), result.name, best=False)
        kept = keras_model(saved.file)
        right = kept.predict(data.validation.x, verbose=0).argmax(axis=1) == data.validation.y
        assert float(right.mean()) == pytest.approx(trial.performance.accuracy, abs=1e-6)
        assert (saved.trial_number, "test_accuracy" in saved.metadata) == (trial.trial_number, False)
    searched = keras_model(paths.kept_model(result.best.trial_number) / "model.keras")
    assert any((one != other).any() for one, other in zip(model.get_weights(), searched.get_weights(), strict=True))
    assert not paths.checkpoints.exists()


def test_texts_are_tuned_with_an_lstm_and_the_model_takes_strings(run, tmp_path):
    words = {"sun": "bright warm light day shine", "sea": "deep cold water wave salt"}
    random = np.random.default_rng(0)
    lines = [(" ".join(random.choice(text.split(), 30)), label) for label, text in words.items() for _ in range(120)]
    pd.DataFrame(lines, columns=["text", "label"]).to_csv(tmp_path / "weather.csv", index=False)

    result = run(dataset=str(tmp_path / "weather.csv"), trials=1, max_epochs_per_trial=4, space=SMALL_LSTM)

    assert result.best.architecture.type == "lstm"
    model, metadata = saved_model(result)
    texts = np.array(["Warm, bright LIGHT!", "salt water, unheard-of words"], dtype=object)
    predicted = [metadata["labels"][i] for i in model.predict(texts, verbose=0).argmax(axis=1)]
    assert predicted == ["sun", "sea"]


def test_a_network_that_is_too_large_is_rejected_before_it_takes_a_worker(run, store):
    space = {"conv_layers": 1, "filters_1": {"choices": (8, 512)}, "kernel_size": 3, "first_dense_nodes": 16}
    limits = {"max_parameters": 20_000, "max_epochs_per_trial": 1}
    result = run(dataset="digits", trials=3, searcher="random", space=space, **limits)

    trials = store.trials("s")
    rejected = [t for t in trials if t.status == "rejected"]
    assert rejected, "with this seed, half of the space does not fit"
    for trial in rejected:
        assert "more than max_parameters=20,000" in trial.reason
        assert trial.started_at is None
    assert len(trials) - len(rejected) == 3, "a rejected trial is none of those asked for"
    assert all(t.architecture.total_parameters <= 20_000 for t in trials if t.status != "rejected")
    assert result.status == "completed"


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
        return {"dataset": "digits", "model": f"{name}:build", "max_epochs_per_trial": 1}

    return of


def test_an_own_model_that_cannot_be_built_is_found_before_anything_is_written(run, settings, store, own_model):
    with pytest.raises(
        FixInputError,
        match=r"none of 20 configurations can be built; the first: model=own_broken:build fails to build .*ValueError: "
        r"this one cannot be built \(own_broken\.py, line 14\)",
    ):
        run(**own_model("own_broken"), space={"fails": "build"})
    assert store.studies() == []
    assert not (settings.results_dir / "s").exists()


def test_a_network_that_cannot_be_built_is_replaced_and_one_that_crashes_is_recorded(run, store, own_model):
    result = run(**own_model("own_crashing"), trials=6, searcher="random", space={"batch_size": 256})

    trials = {kind: [t for t in store.trials("s") if t.hyperparameters["fails"] == kind] for kind in ("build", "train")}
    assert {t.status for t in trials["build"]} == {"rejected"}
    assert all("ValueError: this one cannot be built (own_crashing.py, line 14)" in t.reason for t in trials["build"])
    assert {t.status for t in trials["train"]} == {"failed"}
    assert all("this one always crashes" in t.reason and "Traceback" in t.error for t in trials["train"])
    assert len(store.trials("s")) == 6 + len(trials["build"]), "a rejected trial is none of those asked for"
    assert result.best.hyperparameters["fails"] == "no"


def test_when_all_trials_fail_the_study_fails_and_says_why(run, store, settings, own_model):
    with pytest.raises(StudyFailedError, match=r"all 2 trials ended without a result .*this one always crashes"):
        run(**own_model("own_hopeless"), space={"fails": "train"})
    assert store.study("s").status == "failed"
    assert not (settings.results_dir / "s" / "best_model").exists()


def test_a_function_of_this_process_is_trained_with_the_very_choices_of_its_space(run, store):
    def build(hyperparameters, input_shape, classes):
        import keras

        assert hyperparameters["kernel"] in ((3, 3), (1, 5))
        assert hyperparameters["norm"] is None
        layers = [keras.layers.Conv2D(4, hyperparameters["kernel"], activation=hyperparameters["of"])]
        output = keras.layers.Dense(classes, activation="softmax")
        return keras.Sequential([keras.Input(input_shape), *layers, keras.layers.Flatten(), output])

    build.space = {"kernel": [(3, 3), (1, 5)], "norm": None}
    result = run(dataset="digits", model=build, space={"of": ["relu"]}, max_epochs_per_trial=1)

    assert result.view.study.spec.model == f"{__name__}:build"
    assert [t.status for t in store.trials("s")] == ["completed"] * 2
    assert {t.hyperparameters["norm"] for t in store.trials("s")} == {"none"}
    assert {t.hyperparameters["kernel"] for t in store.trials("s")} <= {"[3, 3]", "[1, 5]"}
    assert set(result.trials["kernel"]) <= {"[3, 3]", "[1, 5]"}


def test_a_target_ends_the_study_at_the_epoch_that_reaches_it(run, store):
    result = run(dataset="digits", trials=50, target_score=0.5, max_epochs_per_trial=500, scheduler="none")
    reached = next(epoch for epoch in store.epochs("s") if epoch.val_accuracy >= 0.5)
    best = result.best
    assert (best.trial_number, best.best_epoch, best.epochs_trained) == (reached.trial_number, *[reached.epoch] * 2)
    assert (best.status, best.cause) == ("completed", "target_reached")
    assert result.status == "completed"
    assert store.study("s").reason.startswith("target reached: val_accuracy")
    assert len(store.trials("s")) < 50
    assert result.model_path.is_file()
    assert result.view.study.test_accuracy == pytest.approx(reached.val_accuracy, abs=0.2)


def test_tuner_cancel_stops_a_study_in_a_moment(run, store, settings, monkeypatch):
    from tuner.study.study_log import StudyLog

    append, trains, ended = StudyLog.append, threading.Event(), []

    def tell(self, event):
        append(self, event)
        if event.type == "epoch_progress":
            trains.set()

    def other_terminal():
        assert trains.wait(250)
        ended.append((now(), cancel("s", settings=settings)))

    monkeypatch.setattr(StudyLog, "append", tell)
    terminal = threading.Thread(target=other_terminal)
    terminal.start()
    result = run(dataset="digits", trials=50, max_epochs_per_trial=500, scheduler="none")
    terminal.join()

    ((asked_at, seen),) = ended
    assert (result.status, seen.status) == ("cancelled", "cancelled")
    assert seen.view.study.reason == "cancelled on request"
    assert (seen.view.study.driver, seen.view.study.alive) == (None, False)
    *_, last = seen.view.trials
    assert last.status == "cancelled"
    assert last.completed_at - asked_at < timedelta(seconds=10), "also on a busy machine"
    assert result.model_path.is_file(), "what it had found is saved"


def test_a_lost_worker_is_replaced_and_no_trial_is_lost(run, store, settings, monkeypatch):
    from tuner.study.recorder import Recorder

    on_trial_result, killed = Recorder.on_trial_result, []

    def kill_once(self, iteration, trials, trial, result, **info):
        on_trial_result(self, iteration, trials, trial, result, **info)
        if any(event["type"] == "epoch_progress" and event["epoch"] == 2 for event in result["events"]) and not killed:
            killed.append(result["pid"])
            os.kill(result["pid"], signal.SIGKILL)

    monkeypatch.setattr(Recorder, "on_trial_result", kill_once)
    result = run(dataset="digits", trials=2, max_epochs_per_trial=4, scheduler="none")

    assert killed
    assert result.status == "completed"
    assert [(t.trial_number, t.status, t.epochs_trained) for t in store.trials("s")] == [
        (1, "completed", 4),
        (2, "completed", 4),
    ]
    assert [e.epoch for e in store.epochs("s", 1)] == [1, 2, 3, 4]


def test_laggards_of_a_population_go_on_from_a_copy_of_a_leader(run, store):
    # Long enough that all train at once, also where the last worker starts some seconds after the first.
    fields = {"trials": 3, "max_epochs_per_trial": 30, "early_stopping_patience": None, "concurrent_workers": "auto"}
    run(dataset="digits", scheduler="pbt", **fields)

    assert [(t.trial_number, t.status, t.epochs_trained) for t in store.trials("s")] == [
        (number, "completed", 30) for number in (1, 2, 3)
    ]
    clones = [event for _, event in store.read("s") if event.type == "trial_start" and event.cloned_from is not None]
    assert clones, "the worst is replaced after every sixth epoch"
    for clone in clones:
        assert clone.cloned_from != clone.trial_number
        assert clone.resumed_from_epoch > 0
    assert all(store.epochs("s", number)[-1].epoch == 30 for number in (1, 2, 3))
