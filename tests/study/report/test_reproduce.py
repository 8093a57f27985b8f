"""How to make a study again."""

from __future__ import annotations

import shlex

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.study.report.conftest import ChangedFacts
from tuner.console.arguments import read_spec
from tuner.store import Store
from tuner.study.report.facts import StudyFacts, read_facts
from tuner.study.report.reproduce import command, data_lines, expectation, python_code, versions


def test_the_command_starts_an_equal_study_under_another_name(facts: StudyFacts) -> None:
    words = shlex.split(command(facts))
    assert words[:2] == ["tuner", "run"]
    again = read_spec(words[2:], None)
    assert again == facts.spec.model_copy(update={"run_name": "mnist-health-again"})


def test_a_long_name_stays_allowed(changed: ChangedFacts) -> None:
    words = shlex.split(command(changed(name="n" * 80)))
    assert len(read_spec(words[2:], None).run_name or "") == 80


def test_what_a_repetition_gives(facts: StudyFacts, changed: ChangedFacts) -> None:
    assert "gives similar trials, not equal ones" in expectation(facts)
    spec = facts.spec.model_copy(update={"deterministic": True, "seed": 7})
    assert expectation(changed(spec=spec)).startswith("Seed 7 with deterministic=true: ")


def test_data_versions_and_code(facts: StudyFacts, store: Store, studies: dict[str, SampleStudy]) -> None:
    assert data_lines(facts)[-1] == "fingerprint 0123456789abcdef"
    assert versions(facts) == ({"tensorflow": "2.21.0", "keras": "3.15.1"}, "Versions that saved the model")
    assert python_code(facts)[1] == "model = keras.saving.load_model('mnist-health-best_model/model.keras')"
    waiting = read_facts(store, sample_studies.WAITING)
    assert data_lines(waiting) == ["The data were not read yet."]
    assert versions(waiting)[1] == "Versions on the machine that wrote this report"
    assert {"python", "tuner", "numpy"} <= set(versions(waiting)[0])
    assert python_code(waiting) == []
