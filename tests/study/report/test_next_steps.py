"""What to try next, by the results."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.study.report.conftest import ChangedFacts
from tuner.console.arguments import read_spec
from tuner.events import SearchParameter
from tuner.spec_parts import ParameterOverride
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
    last_but_one = steps(changed(best=best.model_copy(update={"best_epoch": 11})))["Train longer"]
    assert last_but_one.why == f"The best epoch of trial {best.trial_number} was 11 of 12, so it might still improve."
    early = best.model_copy(update={"best_epoch": 7})
    falling = (*facts.curve[:-1], facts.curve[-1].model_copy(update={"val_loss": 0.0}))
    assert "was still falling in its last epoch, 12" in steps(changed(best=early, curve=falling))["Train longer"].why
    lowest_before = (facts.curve[0].model_copy(update={"val_loss": 0.0}), *facts.curve[1:])
    assert "Train longer" not in steps(changed(best=early, curve=lowest_before))
    stopped = best.model_copy(update={"cause": "early_stopping"})
    assert "Train longer" not in steps(changed(best=stopped))


def test_few_epochs_for_lack_of_time_ask_for_more_time(facts: StudyFacts, changed: ChangedFacts) -> None:
    limited = {"time_budget_s": 120.0, "max_epochs_per_trial": 30}
    step = steps(changed(spec=facts.spec.model_copy(update=limited)))["Train longer"]
    assert step.why.endswith("The time left was enough for only 12 of at most 30 epochs.")
    assert step.how == ("`time_budget_s=600` in a new study",)
    searched = facts.spec.model_copy(update=limited | {"space": {"epochs": ParameterOverride(low=5, high=30)}})
    assert "Train longer" not in steps(changed(spec=searched)), "its number of epochs was a choice of the search"


def out_of_time(changed: ChangedFacts, **values: Any) -> StudyFacts:
    """A study of 14 trials that its time budget of 2 min ended."""
    spec = changed().spec.model_copy(update={"time_budget_s": 120.0, "trials": 1_000})
    return changed(spec=spec, reason="time budget of 120 s used up", **values)


def test_a_study_that_its_time_ended_after_few_trials_searches_longer(changed: ChangedFacts) -> None:
    found = next_steps(out_of_time(changed, best=changed().trials[0]))
    assert found[0].what == "Search longer"
    assert found[0].why == "Its time budget of 2 min ended the search after only 14 trials."
    resume, again = found[0].how
    assert resume == "`tuner resume mnist-health` searches for another 2 min and keeps these trials"
    command = shlex.split(again.split("`")[1])
    assert command[:2] == ["tuner", "run"]
    spec = read_spec(command[2:], None)
    assert (spec.time_budget_s, spec.run_name, spec.mode) == (600, "mnist-health-again", "health")
    assert "Change the search instead of running more trials" not in {step.what for step in found}
    assert "Search longer" not in steps(changed()), "all its trials were done"


def test_a_search_that_still_found_better_networks_when_its_time_ended_searches_longer(changed: ChangedFacts) -> None:
    facts = changed()
    many = facts.progress.model_copy(update={"trials_performed": 40})
    found = steps(out_of_time(changed, best=facts.trials[-1], progress=many))
    assert found["Search longer"].why == (
        "Its time budget of 2 min ended the search after 40 trials. The best trial was number 14 of 14 that were "
        "trained: it was still finding better networks."
    )
    assert "time_budget_s=240" in found["Search longer"].how[1]
    assert "Run more trials" not in found
    assert "Search longer" not in steps(out_of_time(changed, best=facts.trials[0], progress=many))


def test_a_share_of_the_data_asks_for_all(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert "Use all data" not in steps(facts)
    step = steps(changed(spec=facts.spec.model_copy(update={"sample_percentage": 0.08})))["Use all data"]
    assert step.why.replace("\N{NO-BREAK SPACE}", " ") == (
        "Only 8 % of the training data were used: 1,200 training images and 300 validation images."
    )
    assert step.how == ("`sample_percentage=1` in a new study",)
    limited = facts.spec.model_copy(update={"sample_percentage": 0.08, "time_budget_s": 120.0})
    assert steps(changed(spec=limited))["Use all data"].how[0].endswith("an epoch takes about 12.5 times as long")


def test_a_more_accurate_trial_that_is_less_healthy_asks_what_counts(facts: StudyFacts, changed: ChangedFacts) -> None:
    best = facts.best
    assert best is not None

    def trial(number: int, accuracy: float, health: float) -> TrialRow:
        assert best is not None
        assert best.performance is not None
        assert best.health_metrics is not None
        return best.model_copy(
            update={
                "trial_number": number,
                "objective": 0.7 * accuracy + 0.3 * health,
                "performance": best.performance.model_copy(update={"accuracy": accuracy}),
                "health_metrics": best.health_metrics.model_copy(update={"overall_health": health}),
            }
        )

    def found(other: TrialRow, **values: Any) -> Step | None:
        won = trial(3, 0.9833, 0.9814)
        return steps(changed(best=won, trials=(other, won), **values)).get("Decide what counts")

    step = found(trial(2, 0.9927, 0.8835))
    assert step is not None
    assert step.why.replace("\N{NO-BREAK SPACE}", " ") == (
        "Trial 2 is more accurate on validation data (99.3 % beside 98.3 %) but less healthy (0.88 beside 0.98)."
    )
    simple = "`mode=simple` in a new study, if only accuracy counts"
    weight = "`accuracy_weight=0.92` in a new study: with it, trial 2 would have won"
    assert step.how == (simple, weight)
    assert 0.91 * 0.9927 + 0.09 * 0.8835 < 0.91 * 0.9833 + 0.09 * 0.9814
    assert 0.92 * 0.9927 + 0.08 * 0.8835 > 0.92 * 0.9833 + 0.08 * 0.9814
    kept = found(trial(2, 0.9927, 0.8835), spec=facts.spec.model_copy(update={"keep_models": "all"}))
    assert kept is not None
    assert kept.how[0] == "`tuner export mnist-health --trial 2` gives you its model"
    assert found(trial(2, 0.9873, 0.8835)) is None, "hardly more accurate"
    accurate = facts.spec.model_copy(update={"objective": "val_accuracy", "mode": "simple"})
    assert found(trial(2, 0.9927, 0.8835), spec=accurate) is None


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
