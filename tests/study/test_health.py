"""Health as an objective, in real studies: what the searcher is told is what can be recomputed from what is stored."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.study.conftest import SMALL_CNN, runs_in
from tuner import datasets
from tuner.health.metrics import UNLEARNED_HEALTH, learned_share, total_score, weighted_health
from tuner.settings import Settings
from tuner.store import Store
from tuner.study.paths import StudyPaths

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow]

ACCURACY_WEIGHT = 0.4
WEIGHTS = {
    "neuron_utilization": 0.3,
    "training_stability": 0.3,
    "parameter_efficiency": 0.1,
    "gradient_health": 0.1,
    "convergence_quality": 0.1,
    "accuracy_consistency": 0.1,
}
HOPELESS = 1e-7
"""A learning rate with which no network learns."""
SPACE = SMALL_CNN | {
    "activation": ["relu", "sigmoid"],
    "learning_rate": {"choices": (HOPELESS, 1e-3, 1e-1)},
    "optimizer": ["adam", "sgd"],
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(results_dir=tmp_path_factory.mktemp("health") / "results", data_dir=None, database_url=None)


@pytest.fixture(scope="module")
def result(cluster, settings):
    """A study of networks some of which learn nothing."""
    weighted = {"mode": "health", "accuracy_weight": ACCURACY_WEIGHT, "health_weights": WEIGHTS}
    size = {"trials": 5, "max_epochs_per_trial": 5, "scheduler": "none", "space": SPACE}
    return runs_in(settings)(dataset="digits", plot_generation="best", **weighted, **size)


@pytest.fixture(scope="module")
def store(settings):
    with Store.open(settings.store_url()) as opened:
        yield opened


def told_to_optuna(store, spec):
    """The study's trials as `tuner optuna` writes them into Optuna's tables, by number."""
    import optuna

    from tuner.study.optuna_export import OptunaExport

    with OptunaExport(store, spec.run_name) as export:
        export.write_new()
    study = optuna.load_study(study_name=spec.run_name, storage=store.url)
    return {trial.user_attrs["trial_number"]: trial for trial in study.trials}


def recomputed(spec, metrics, epoch, chance):
    """The score from its stored parts alone: the six metrics, the weights, the losses, the accuracy."""
    parts = {name: getattr(metrics, name) for name in spec.health_weights.shares}
    parts |= dict.fromkeys(metrics.insufficient)
    mean = weighted_health(parts, spec.health_weights)
    learned = learned_share(epoch.train_loss, epoch.val_loss, chance)
    health = mean.overall_health * (UNLEARNED_HEALTH + (1 - UNLEARNED_HEALTH) * learned)
    assert metrics == mean.model_copy(update={"overall_health": pytest.approx(health)})
    return total_score(epoch.val_accuracy, metrics.overall_health, spec.accuracy_weight)


def chance_of(spec):
    """The loss of a network that knows the frequencies of the classes and nothing else, in nats."""
    data, _ = datasets.load(spec.data)
    shares = np.bincount(data.train.y) / len(data.train.y)
    return -float(np.sum(shares * np.log(shares)))


def test_the_score_that_the_search_was_told_is_that_of_the_stored_parts(result, store):
    spec, trials = result.view.study.spec, store.trials("s")
    assert spec.objectives == ("total_score",)
    told, chance = told_to_optuna(store, spec), chance_of(spec)
    for trial in trials:
        assert trial.status in ("completed", "pruned"), trial.error
        epochs = store.epochs("s", trial.trial_number)
        score = recomputed(spec, trial.health_metrics, epochs[trial.best_epoch - 1], chance)
        assert trial.objective == trial.performance.total_score == trial.values["total_score"] == pytest.approx(score)
        for epoch in epochs:
            assert epoch.objective == pytest.approx(recomputed(spec, epoch.health_metrics, epoch, chance))
        assert told[trial.trial_number].intermediate_values == {epoch.epoch: epoch.objective for epoch in epochs}
        assert told[trial.trial_number].value == (
            trial.objective if trial.status == "completed" else epochs[-1].objective
        )
    best = max(trials, key=lambda trial: trial.objective)
    assert result.best.trial_number == best.trial_number

    metadata = json.loads(StudyPaths(result.folder).metadata.read_text())
    assert metadata["health_metrics"] == best.health_metrics.model_dump(mode="json")
    assert metadata["health_weights"] == WEIGHTS
    assert metadata["vital_signs"] == best.vital_signs.model_dump(mode="json")
    assert metadata["findings"] == [finding.model_dump(mode="json") for finding in best.findings]
    alerts = [(event.trial_number, event.finding) for _, event in store.read("s") if event.type == "health_alert"]
    found = [(trial.trial_number, finding) for trial in trials for finding in trial.findings]
    assert sorted(alerts, key=str) == sorted(found, key=str), "each once"


def test_a_hopeless_trial_ends_with_its_finding_as_the_reason(result, store):
    hopeless = [trial for trial in store.trials("s") if trial.hyperparameters["learning_rate"] == HOPELESS]
    assert hopeless
    for trial in hopeless:
        assert (trial.status, trial.cause) == ("pruned", "health_stop")
        assert trial.reason.startswith("health: no_learning in epoch ")
        assert trial.epochs_trained < 5


def test_figures_of_the_study_and_of_its_best_trial_are_drawn(result):
    plots = StudyPaths(result.folder).plots
    of_best = f"trial-{result.best.trial_number:05d}"
    drawn = {file.name for file in plots.iterdir()}
    assert {"history.png", "curves.png", "timeline.png", "health.png", of_best} <= drawn
    assert {"training.png", "confusion.png", "test_confusion.png"} <= {
        file.name for file in (plots / of_best).iterdir()
    }
