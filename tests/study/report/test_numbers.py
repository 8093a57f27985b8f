"""The tables of scores, of endings, of the network and of its health."""

from __future__ import annotations

from typing import get_args

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.study.report.conftest import ChangedFacts
from tuner.events import TrialCause
from tuner.store import Store
from tuner.study.report.endings import CAUSES, endings_table
from tuner.study.report.facts import StudyFacts, read_facts
from tuner.study.report.health import health_sentences, metrics_table, signs_table
from tuner.study.report.network import hyperparameter_table, layer_table, network_sentences
from tuner.study.report.numbers import number_tables
from tuner.study.report.tables import Table


def cells(table: Table) -> list[list[str]]:
    assert all(len(row) == len(table.columns) for row in table.rows)
    return [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.rows]


def test_scores_with_split_samples_and_baseline(facts: StudyFacts) -> None:
    scores = number_tables(facts)[0]
    assert scores.title == f"Scores of trial {facts.study.best_trial_number}"
    assert scores.columns == ("Score", ">Validation (300 samples)", ">Test (300 samples)")
    best = facts.study.best_performance
    assert best is not None
    assert cells(scores) == [
        ["Accuracy", f"{best.accuracy * 100:.1f} %", "96.8 %"],
        ["Balanced accuracy", "not measured", f"{(facts.scores.test_balanced_accuracy or 0) * 100:.1f} %"],
        ["Macro F1", "not measured", f"{(facts.scores.test_macro_f1 or 0) * 100:.1f} %"],
        ["Loss", f"{best.loss:.4f}", "0.1100"],
        ["Accuracy of the baseline: logistic regression over 8 x 8 pixels", "87.4 %", "86.1 %"],
        ["Accuracy of always answering '0'", "10.0 %", "10.0 %"],
    ]
    assert "Test data were used once, after the choice." in (scores.note or "")


def test_a_share_of_the_data_is_noted_beside_the_scores(facts: StudyFacts, changed: ChangedFacts) -> None:
    part = number_tables(changed(spec=facts.spec.model_copy(update={"sample_percentage": 0.08})))[0]
    assert (part.note or "").replace("\N{NO-BREAK SPACE}", " ").startswith("Only 8 % of the training data were used: ")
    assert "training data" not in (number_tables(facts)[0].note or "")


def test_without_a_test_no_test_number_is_shown(changed: ChangedFacts) -> None:
    scores = number_tables(changed(test_accuracy=None, test_loss=None))[0]
    assert [row[2] for row in cells(scores)] == ["not measured"] * 3 + ["10.0 %"]


def test_the_best_trials_in_order(facts: StudyFacts) -> None:
    top = number_tables(facts)[1]
    assert top.title == "The best 5 of 12 completed trials, on validation data"
    values = [float(row[1]) for row in top.rows]
    assert values == sorted(values, reverse=True)
    assert top.rows[top.bold or 0][0] == str(facts.study.best_trial_number)


def test_scores_by_class(facts: StudyFacts) -> None:
    by_class = number_tables(facts)[-1]
    assert by_class.title == "Test scores by class"
    assert cells(by_class)[8] == ["8", "96.0 %", "80.0 %", "87.3 %", "30"]


def test_the_front_of_several_objectives(facts: StudyFacts, changed: ChangedFacts) -> None:
    spec = facts.spec.model_copy(update={"objective": ("val_accuracy", "val_loss")})
    front = next(table for table in number_tables(changed(spec=spec, front=(4, 2))) if "front" in table.title)
    assert [row[0] for row in front.rows] == ["4", "2"]
    assert front.columns == ("Trial", ">val_accuracy", ">val_loss")


def test_a_study_without_results_has_no_numbers(store: Store, studies: dict[str, SampleStudy]) -> None:
    assert number_tables(read_facts(store, sample_studies.WAITING)) == []


def test_every_cause_has_words() -> None:
    assert set(CAUSES) == set(get_args(TrialCause))


def test_endings_by_cause_with_an_example(store: Store, studies: dict[str, SampleStudy]) -> None:
    table = endings_table(store.trials(sample_studies.EVERY_STATUS))
    assert table is not None
    assert table.title == "Why 10 trials ended"
    found = {row[0].split(":")[0]: row[1:] for row in cells(table)}
    assert found["Trained all epochs"] == ["2", "48 s", "Trial 2: trained all epochs"]
    assert found["Behind other trials"][0] == "1"
    assert found["Too large"][2] == "Trial 5: 81,324,042 parameters are more than max_parameters=5,000,000"
    assert found["Still training"] == ["2", "-", "Trial 10"]
    assert sum(int(row[1]) for row in table.rows) == 10
    assert endings_table([]) is None


def test_a_long_reason_is_cut(facts: StudyFacts) -> None:
    trial = facts.trials[0].model_copy(update={"reason": "so\x1b[1m long " * 50})
    table = endings_table([trial])
    assert table is not None
    assert len(table.rows[0][3]) <= 150
    assert table.rows[0][3].endswith("…")


def test_the_network_layer_by_layer(facts: StudyFacts) -> None:
    best = facts.best
    assert best is not None
    assert best.architecture is not None
    table = layer_table(best.architecture)
    weights = [int(row[4].replace(",", "")) for row in table.rows]
    assert sum(weights) == best.architecture.total_parameters
    assert [row[0] for row in table.rows] == [layer.layer_id for layer in best.architecture.layers]
    assert cells(table)[1][2:4] == ["16 filters of 3 x 3, gelu", "28 x 28 x 16"]
    text = " ".join(network_sentences(best))
    assert f"with {best.architecture.total_parameters:,} weights" in text
    assert "worker-1, 2 CPUs with float32, 8 steps per call" in text


def test_hyperparameters_by_importance(facts: StudyFacts) -> None:
    best = facts.best
    assert best is not None
    table = hyperparameter_table(best, {"dropout": 0.7, "optimizer": 0.3})
    assert [row[0] for row in table.rows[:2]] == ["dropout", "optimizer"]
    assert {row[0] for row in table.rows} == set(best.hyperparameters)
    assert hyperparameter_table(best, None).columns == ("Name", ">Value")


def test_health_of_the_best_trial(facts: StudyFacts, store: Store) -> None:
    best = facts.best
    assert best is not None
    assert best.health_metrics is not None
    table = metrics_table(best, facts.spec, None)
    assert table is not None
    assert [float(row[1]) for row in table.rows] == [
        round(getattr(best.health_metrics, row[0].lower().replace(" ", "_")), 2) for row in table.rows
    ]
    assert best.vital_signs is not None
    layers = signs_table(best.vital_signs)
    assert layers is not None
    assert [row[0] for row in layers.rows] == [layer.layer_id for layer in best.vital_signs.layers]
    text = " ".join(health_sentences(facts))
    assert f"has a health of {best.health_metrics.overall_health:.2f}" in text
    assert "Dying units: found in 1 trial (6)." in text


def test_without_measured_health_the_curves_are_used(store: Store, studies: dict[str, SampleStudy]) -> None:
    facts = read_facts(store, sample_studies.COMPLETED)
    assert facts.best is not None
    assert facts.explanation is not None
    table = metrics_table(facts.best, facts.spec, facts.explanation.trial)
    assert table is not None
    assert table.title.endswith("from its learning curves")
    assert health_sentences(facts)[0].startswith("Health was not measured (mode=health measures it")
    waiting = read_facts(store, sample_studies.WAITING)
    assert health_sentences(waiting) == ["No network has a result, so there is no diagnosis."]
