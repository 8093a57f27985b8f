"""What to try next, by the results."""

from __future__ import annotations

import pytest

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.study.report.conftest import ChangedFacts
from tuner.console.arguments import read_spec
from tuner.events import SearchParameter
from tuner.store import Store, TrialRow
from tuner.study.explain import trial_diagnosis
from tuner.study.report.edges import FEWEST, edges
from tuner.study.report.facts import StudyFacts, read_facts
from tuner.study.report.next_steps import Step, next_steps


def steps(facts: StudyFacts) -> dict[str, Step]:
    return {step.what: step for step in next_steps(facts)}


def test_a_study_that_stopped_is_continued(store: Store, studies: dict[str, SampleStudy]) -> None:
    first = next_steps(read_facts(store, sample_studies.CANCELLED))[0]
    assert first == Step("Continue the study", "4 of 20 trials were performed.", ("`tuner resume cancelled`",))


def test_problems_of_the_best_trial_are_those_that_explain_finds(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert facts.explanation is not None
    assert facts.explanation.trial is not None
    problem = next(trial for trial in facts.trials if trial.findings)
    diagnosis = trial_diagnosis(problem, [])
    assert diagnosis.advice
    explained = facts.explanation.model_copy(update={"trial": diagnosis})
    found = steps(changed(explanation=explained))
    step = found["Correct the best network: dying units"]
    assert step.why.startswith("Dying units after epoch 4: 41 % of ")
    assert step.how == diagnosis.advice[0].remedies[:3]


def test_a_best_epoch_at_the_end_may_train_longer(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert steps(facts)["Train longer"].how == ("`max_epochs_per_trial=24` in a new study",)
    best = facts.best
    assert best is not None
    assert "Train longer" not in steps(changed(best=best.model_copy(update={"best_epoch": 7})))
    stopped = best.model_copy(update={"cause": "early_stopping"})
    assert "Train longer" not in steps(changed(best=stopped))


def test_a_late_best_trial_asks_for_more_and_an_early_one_for_another_search(changed: ChangedFacts) -> None:
    facts = changed()
    last, first = facts.trials[-1], facts.trials[0]
    late = steps(changed(best=last, best_trial_number=last.trial_number))
    assert late["Run more trials"].how == ("`tuner resume mnist-health trials=+10`",)
    early = steps(changed(best=first, best_trial_number=first.trial_number))
    assert "Run more trials" not in early
    assert "the later ones brought no gain" in early["Change the search instead of running more trials"].why


def test_a_weak_class_and_few_test_samples(facts: StudyFacts, changed: ChangedFacts) -> None:
    found = steps(facts)
    assert (
        found["Improve class '8'"].why == "16.8 percentage points fewer of its test samples are recognised than of all."
    )
    assert "Test on more samples" in found
    spec = facts.spec.model_copy(update={"objective": "val_macro_f1"})
    assert "Improve class '8'" not in steps(changed(spec=spec))


def test_nothing_is_suggested_before_the_first_trial(store: Store, studies: dict[str, SampleStudy]) -> None:
    assert next_steps(read_facts(store, sample_studies.WAITING)) == []


def parameter(name: str = "rate", low: float = 1e-4, high: float = 1e-2, *, log: bool = True) -> SearchParameter:
    return SearchParameter(
        key=name, name=name, meaning="", kind="float", low=low, high=high, log=log, choices=None, when={}
    )


def ranked(facts: StudyFacts, *values: float) -> list[TrialRow]:
    """As many trials as are needed, the best ones with these values."""
    filled = [*values, *[1e-3] * (FEWEST - len(values))]
    return [facts.trials[0].model_copy(update={"hyperparameters": {"rate": value}}) for value in filled]


def test_three_best_trials_at_an_end_ask_for_a_wider_range(facts: StudyFacts) -> None:
    (upper,) = edges([parameter()], ranked(facts, 9.5e-3, 9e-3, 9.9e-3), None)
    assert (upper.end, upper.way, upper.range) == ("upper", "higher", "0.0001 to 0.01")
    assert upper.setting == "space.rate=0.0001..0.1"
    (lower,) = edges([parameter()], ranked(facts, 1e-4, 1.1e-4, 1.2e-4), {"rate": 0.5})
    assert lower.setting == "space.rate=1e-05..0.01"
    (linear,) = edges([parameter(low=0.0, high=0.5, log=False)], ranked(facts, 0.49, 0.5, 0.48), None)
    assert linear.setting == "space.rate=0..1"


@pytest.mark.parametrize("setting", ["space.learning_rate=0.0001..0.1", "space.learning_rate=1e-05..0.01"])
def test_a_setting_is_one_that_a_study_takes(setting: str) -> None:
    low = read_spec([setting, "dataset=digits"], None).space["learning_rate"].low
    assert low == float(setting.split("=")[1].split("..")[0])


def test_no_edge_without_evidence(facts: StudyFacts) -> None:
    at_the_end = ranked(facts, 9.5e-3, 9e-3, 9.9e-3)
    assert edges([parameter()], at_the_end[: FEWEST - 1], None) == [], "too few trials"
    assert edges([parameter()], ranked(facts, 9.5e-3, 2e-3, 9.9e-3), None) == [], "one is elsewhere"
    assert edges([parameter()], at_the_end, {"rate": 0.01}) == [], "it does not matter"
    assert edges([parameter(low=0.0, log=False)], ranked(facts, 0.0, 0.0, 0.0), None) == [], "0 is a natural end"
    assert edges([parameter(), parameter()], at_the_end, None) == [], "variants with other bounds"
    assert edges([parameter("other")], at_the_end, None) == []
