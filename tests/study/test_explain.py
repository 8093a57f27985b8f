"""Findings that later epochs refuted are no problems of a trial or of its study."""

from __future__ import annotations

import pytest

from tests.store.samples import complete, finding, health, start
from tuner.health.diagnosis import lasting_findings
from tuner.spec import parse_study_spec
from tuner.store import Store
from tuner.study.explain import explain, study_diagnosis


@pytest.mark.parametrize(("best_epoch", "lasts"), [(None, True), (8, True), (11, True), (12, False), (27, False)])
def test_no_more_gain_is_no_problem_of_a_trial_that_gained_after_it(best_epoch, lasts):
    stopped, dying = finding("no_more_gain", 11), finding("dying_units", 1)
    assert lasting_findings((dying, stopped), best_epoch) == ((dying, stopped) if lasts else (dying,))


def test_a_refuted_finding_is_in_no_diagnosis(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(
            parse_study_spec({"run_name": "s", "dataset": "digits", "mode": "health"}), folder=str(tmp_path)
        )
        for number, best_epoch in ((1, 27), (2, 8)):
            found = [finding("no_more_gain", 11)]
            store.append("s", start(number))
            store.append("s", complete(number, health_metrics=health(), findings=found, best_epoch=best_epoch))
        diagnosis = study_diagnosis(store.trials("s"))
        assert diagnosis is not None
        assert diagnosis.findings == {"no_more_gain": [2]}
        trials = [explain(store, "s", number).trial for number in (1, 2)]
        assert [[one.name for one in trial.findings] for trial in trials] == [[], ["no_more_gain"]]
        assert [[one.about for one in trial.advice] for trial in trials] == [[], ["no_more_gain"]]
