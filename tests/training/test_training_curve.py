"""When a training ends, decided on scripted numbers."""

import pytest

from tests.models.samples import CNN, trial
from tuner.events import EpochProgress, Finding, HealthMetrics, Metrics, Performance
from tuner.spec_parts import HealthSpec, HealthWeights
from tuner.training.training_curve import TrainingCurve, TrialEnd


def epoch(number, objective, accuracy=0.5, loss=1.0):
    return EpochProgress(
        trial_number=1,
        epoch=number,
        epochs=10,
        train=Metrics(loss=0.1, accuracy=0.9),
        validation=Metrics(loss=loss, accuracy=accuracy),
        objective=objective,
        duration_s=2.0,
        inference_ms=float(number),
    )


def follow(objectives, **fields):
    """Feed a curve until it says stop: epochs trained, best epoch, reason."""
    curve = TrainingCurve(trial(hyperparameters=CNN, **({"epochs": 10} | fields)))
    for number, objective in enumerate(objectives, start=1):
        curve.add(epoch(number, objective))
        if curve.end is not None:
            break
    return curve.last_epoch, curve.best.epoch, curve.end.cause, curve.end.reason


def test_without_patience_all_epochs_are_trained():
    assert follow([0.9] + [0.1] * 20) == (10, 1, "all_epochs", "all epochs done: 10")


@pytest.mark.parametrize(
    ("patience", "objectives", "trained", "best"),
    [
        (1, [0.5, 0.5, 0.9], 2, 1),
        (1, [0.5, 0.6, 0.6, 0.9], 3, 2),
        (2, [0.5, 0.4, 0.3, 0.9], 3, 1),
        (2, [0.5, 0.4, 0.6, 0.5, 0.6, 0.9], 5, 3),
        (3, [0.5, 0.4, 0.4, 0.6, 0.1, 0.1, 0.1, 0.9], 7, 4),
    ],
)
def test_patience_is_the_number_of_epochs_without_a_better_objective(patience, objectives, trained, best):
    reason = f"early stopping: no better val_accuracy since epoch {best}"
    assert follow(objectives, early_stopping_patience=patience) == (trained, best, "early_stopping", reason)


@pytest.mark.parametrize("objective", ["val_balanced_accuracy", "val_macro_f1"])
def test_a_score_that_counts_every_class_alike_gets_better_by_rising(objective):
    reason = f"early stopping: no better {objective} since epoch 2"
    assert follow([0.5, 0.6, 0.55, 0.6, 0.9], objective=objective, early_stopping_patience=2) == (
        4,
        2,
        "early_stopping",
        reason,
    )


def test_a_loss_gets_better_by_falling():
    reason = "early stopping: no better val_loss since epoch 3"
    losses = [1.0, 0.9, 0.8, 0.85, 0.95, 0.1]
    assert follow(losses, objective="val_loss", early_stopping_patience=2) == (5, 3, "early_stopping", reason)


@pytest.mark.parametrize(("min_epochs", "trained"), [(1, 3), (3, 3), (4, 4), (7, 7)])
def test_patience_waits_for_min_epochs(min_epochs, trained):
    flat = [0.5] * 10
    assert follow(flat, early_stopping_patience=2, min_epochs=min_epochs)[:2] == (trained, 1)


def test_patience_that_ends_with_the_last_epoch_is_no_early_stopping():
    assert follow([0.5] * 3, epochs=3, early_stopping_patience=2) == (3, 1, "all_epochs", "all epochs done: 3")


@pytest.mark.parametrize(("objective", "values"), [("val_accuracy", [0.5, 0.6, 0.6]), ("val_loss", [0.5, 0.4, 0.4])])
def test_of_equals_the_first_is_the_best(objective, values):
    curve = TrainingCurve(trial(objective=objective))
    assert [curve.add(epoch(number, value)) for number, value in enumerate(values, start=1)] == [True, True, False]
    assert curve.best.epoch == 2


def test_of_equal_accuracies_the_one_with_the_lower_loss_is_the_best():
    curve = TrainingCurve(trial())
    losses = [0.5, 0.4, 0.45, 0.3]
    added = [curve.add(epoch(number, 0.9, accuracy=0.9, loss=loss)) for number, loss in enumerate(losses, start=1)]
    assert added == [True, True, False, True]
    assert (curve.best.epoch, curve.improved) == (4, 1)


def test_a_lower_loss_alone_does_not_prolong_a_training():
    curve = TrainingCurve(trial(early_stopping_patience=2, epochs=10))
    for number, loss in enumerate([0.5, 0.4, 0.3], start=1):
        curve.add(epoch(number, 0.9, accuracy=0.9, loss=loss))
    assert curve.end.reason == "early stopping: no better val_accuracy since epoch 1"


def test_a_lower_loss_prolongs_a_training_whose_learning_rate_falls_over_its_epochs():
    cosine = {**CNN, "learning_rate_schedule": "cosine"}
    curve = TrainingCurve(trial(early_stopping_patience=2, epochs=20, hyperparameters=cosine))
    for number, loss in enumerate([0.5, 0.4, 0.3, 0.31], start=1):
        curve.add(epoch(number, 0.9, accuracy=0.9, loss=loss))
        assert curve.end is None
    curve.add(epoch(5, 0.9, accuracy=0.9, loss=0.32))
    assert curve.end.reason == "early stopping: no better val_accuracy or loss since epoch 3"


def test_the_performance_is_that_of_validation_at_the_best_epoch():
    curve = TrainingCurve(trial(hyperparameters=CNN))
    assert curve.performance is None
    curve.add(epoch(1, 0.7, accuracy=0.7, loss=0.3))
    curve.add(epoch(2, 0.6, accuracy=0.6, loss=0.2))
    assert curve.performance == Performance(total_score=0.7, accuracy=0.7, loss=0.3)


def health(weight=0.7, stop=True):
    return HealthSpec(accuracy_weight=weight, weights=HealthWeights(), stop=stop)


def well(overall, *insufficient):
    return HealthMetrics(
        overall_health=overall, insufficient=insufficient, **dict.fromkeys(HealthWeights.model_fields, overall)
    )


def finding(number, name="no_learning", *, hopeless=True):
    return Finding(name=name, epoch=number, evidence="it stands still", hopeless=hopeless)


def test_where_health_is_measured_it_is_a_part_of_the_score():
    curve = TrainingCurve(trial(hyperparameters=CNN, objective="total_score", health=health(0.6)))
    curve.add(epoch(1, 0.82, accuracy=0.9).model_copy(update={"health_metrics": well(0.7)}))
    assert curve.performance.total_score == pytest.approx(0.6 * 0.9 + 0.4 * 0.7)
    assert curve.values(parameters=7)["total_score"] == curve.performance.total_score
    assert curve.values(parameters=7)["overall_health"] == 0.7


def test_a_trial_that_is_only_watched_has_its_accuracy_as_score():
    curve = TrainingCurve(trial(hyperparameters=CNN, health=health(None)))
    curve.add(epoch(1, 0.9, accuracy=0.9))
    assert curve.performance.total_score == 0.9
    assert "total_score" not in curve.values(parameters=7)


def test_what_is_not_known_is_no_merit():
    curve = TrainingCurve(trial(hyperparameters=CNN, objective="total_score", health=health()))
    known = [("training_stability", "convergence_quality"), ("training_stability",), (), ()]
    scores = [0.9, 0.5, 0.4, 0.3]
    for number, (score, lacking) in enumerate(zip(scores, known, strict=True), start=1):
        curve.add(epoch(number, score).model_copy(update={"health_metrics": well(score, *lacking)}))
    assert curve.best.epoch == 3, "the first of which all is known, although the others scored higher"


@pytest.mark.parametrize(
    ("fields", "ended"),
    [
        ({"health": health()}, ("pruned", "health_stop", "health: no_learning in epoch 2: it stands still")),
        ({"health": health(None)}, ("pruned", "health_stop", "health: no_learning in epoch 2: it stands still")),
        ({"health": health(), "min_epochs": 3}, None),
        ({"health": health(stop=False)}, None),
        ({"health": health(), "epochs": 2}, ("completed", "all_epochs", "all epochs done: 2")),
    ],
    ids=["stopped", "only watched", "before min_epochs", "not asked for", "after its last epoch"],
)
def test_what_is_hopeless_ends_where_that_is_asked_for(fields, ended):
    curve = TrainingCurve(trial(hyperparameters=CNN, **({"epochs": 10} | fields)))
    curve.add(epoch(1, 0.1).model_copy(update={"findings": (finding(1, "dying_units", hopeless=False),)}))
    assert curve.end is None, "a finding that is not hopeless ends nothing"
    curve.add(epoch(2, 0.1).model_copy(update={"findings": (finding(2),)}))
    assert curve.end == (ended and TrialEnd(*ended))
    assert [one.name for one in curve.findings] == ["dying_units", "no_learning"]


def test_the_values_are_those_of_the_best_epoch_and_the_costs_of_all():
    curve = TrainingCurve(trial(hyperparameters=CNN, epochs=3))
    for number, accuracy in enumerate([0.3, 0.6, 0.5], start=1):
        curve.add(epoch(number, accuracy, accuracy=accuracy, loss=1 - accuracy))
    assert curve.values(parameters=7) == {
        "val_accuracy": 0.6,
        "val_loss": 0.4,
        "parameter_count": 7.0,
        "training_time": 6.0,
        "inference_time": 2.0,
    }


def test_without_an_epoch_nothing_has_a_value():
    assert TrainingCurve(trial(hyperparameters=CNN)).values(parameters=7) == {}
