"""The sentences about a study's result."""

from __future__ import annotations

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.study.report.conftest import ChangedFacts
from tuner.events import Baseline
from tuner.store import Store
from tuner.study.report.facts import StudyFacts, read_facts
from tuner.study.report.summary import key_figures, summary


def text(facts: StudyFacts) -> str:
    return " ".join(summary(facts)).replace("\N{NO-BREAK SPACE}", " ")


def baseline(test: float, validation: float = 0.8, training_samples: int = 1_200) -> Baseline:
    return Baseline(
        name="logistic regression", val_accuracy=validation, test_accuracy=test, majority_val_accuracy=0.1,
        training_samples=training_samples, seconds=1.0,
    )  # fmt: skip


def test_the_result_comes_first_with_its_split_and_samples(facts: StudyFacts) -> None:
    assert summary(facts)[0].replace("\N{NO-BREAK SPACE}", " ") == (
        f"The best network (trial {facts.study.best_trial_number}) classifies 96.8 % of 300 test images correctly. "
        "None of them was used to train or to choose it."
    )
    assert "expect between 94.1 % and 98.3 % (95 % confidence interval of 300 test images)" in text(facts)


def test_how_it_was_chosen_is_said_where_it_was_not_by_accuracy(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert "It was chosen for the best total score of accuracy and health, 0." in text(facts)
    spec = facts.spec.model_copy(update={"objective": "val_accuracy"})
    assert "It was chosen" not in text(changed(spec=spec))
    several = facts.spec.model_copy(update={"objective": ("total_score", "parameter_count")})
    assert "the search also weighed the number of weights." in text(changed(spec=several))


def test_against_the_baseline(changed: ChangedFacts) -> None:
    assert "the network makes 77 % fewer errors" in text(changed(baseline=baseline(0.861)))
    assert "The difference may be chance: 300 samples are too few to decide." in text(changed(baseline=baseline(0.96)))
    assert "the network is not better than this plain method" in text(changed(baseline=baseline(0.968)))
    assert "baseline" not in text(changed(baseline=None))


def test_a_baseline_that_learned_from_a_part_of_the_training_samples_is_said_to(
    facts: StudyFacts, changed: ChangedFacts
) -> None:
    all_samples = facts.samples("train")
    assert all_samples is not None
    part = text(changed(baseline=baseline(0.861, training_samples=500)))
    assert f"logistic regression (learned from 500 of {all_samples:,} training samples), classifies 86.1 %" in part
    assert "learned from" not in text(changed(baseline=baseline(0.861, training_samples=all_samples)))


def test_an_optimistic_validation_score_is_named(changed: ChangedFacts) -> None:
    assert "the difference from the test may be chance" in text(changed())
    assert "which is more than chance. Validation data chose among 14 trials" in text(changed(test_accuracy=0.8))


def test_the_weakest_class_is_named(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert "Class '8' is recognised worst: 80.0 % of its 30 test samples." in text(facts)
    never = dict(facts.metadata)
    never["per_class"] = [one | {"precision": None} if one["label"] == "8" else one for one in never["per_class"]]
    assert "1 of 10 classes never predicted: '8'." in text(changed(metadata=never))


def test_training_search_and_influence(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert "It trained 12 epochs in 48 s; its best one was epoch 12" in text(facts)
    last = facts.curve[-1]
    wide = (*facts.curve[:-1], last.model_copy(update={"train_accuracy": last.val_accuracy + 0.06}))
    assert "6.0 percentage points above validation accuracy, a sign of overfitting" in text(changed(curve=wide))
    easy = (*facts.curve[:-1], last.model_copy(update={"train_accuracy": last.val_accuracy - 0.03}))
    assert "3.0 percentage points below validation accuracy, as usual with dropout" in text(changed(curve=easy))
    assert "The search trained 14 networks in " in text(facts)
    assert ": 12 completed, 2 stopped early. Stopping early saved about 1 min 12 s." in text(facts)
    known = facts.importance.model_copy(update={"importance": {"dropout": 0.6, "units": 0.36, "epochs": 0.04}})
    assert "`dropout` influenced the total score of accuracy and health most: it explains 60 % of the differences " in (
        text(changed(importance=known))
    )
    assert "then `units` (36 %)." in text(changed(importance=known))


def test_a_share_of_the_data_is_named(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert "of the training data were used" not in text(facts)
    part = changed(spec=facts.spec.model_copy(update={"sample_percentage": 0.08}))
    assert "Only 8 % of the training data were used: 1,200 training images and 300 validation images." in text(part)


def test_a_study_that_has_not_ended_says_so_first(store: Store, studies: dict[str, SampleStudy]) -> None:
    first = {name: summary(read_facts(store, name))[0] for name in studies}
    assert first[sample_studies.WAITING] == "The study has not begun yet."
    assert first[sample_studies.RUNNING] == "The study still runs, after 8 of 40 trials: all numbers may change."
    assert first[sample_studies.INTERRUPTED].endswith("`tuner resume interrupted` continues it.")
    assert first[sample_studies.CANCELLED] == "The study was cancelled after 4 of 20 trials."
    assert first[sample_studies.FAILED].startswith("The study failed: data set 'birds' was deleted")


def test_before_the_test_validation_data_are_named(store: Store, studies: dict[str, SampleStudy]) -> None:
    facts = read_facts(store, sample_studies.RUNNING)
    assert "of 300 validation images correctly. It was not tested on test data yet." in text(facts)
    assert [one.name for one in key_figures(facts)] == ["Validation accuracy", "Baseline", "Networks trained"]


def test_the_test_of_an_earlier_best_trial_is_not_used_while_the_study_runs(changed: ChangedFacts) -> None:
    running = changed(status="running", alive=True, completed_at=None, metadata={})
    assert not running.tested
    assert "test images" not in text(running)


def test_key_figures(facts: StudyFacts, store: Store) -> None:
    found = {one.name: one.value.replace("\N{NO-BREAK SPACE}", " ") for one in key_figures(facts)}
    assert found == {
        "Test accuracy": "96.8 %",
        "Expected on new samples": "94.1 to 98.3 %",
        "Baseline": "86.1 %",
        "Networks trained": "14",
    }
    assert key_figures(read_facts(store, sample_studies.WAITING)) == []
