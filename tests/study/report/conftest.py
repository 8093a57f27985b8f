"""Sample studies for reports, and facts that a test changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import saved_models
from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.serve_app.replicas import ScriptedBoards
from tuner.store import Store
from tuner.study.class_scores import class_scores
from tuner.study.report.facts import StudyFacts, read_facts

ChangedFacts = Callable[..., StudyFacts]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report") / "results"


@pytest.fixture(scope="module")
def store(results: Path) -> Iterator[Store]:
    results.mkdir()
    with Store.open(f"sqlite:///{results}/tuner.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def studies(store: Store, results: Path) -> dict[str, SampleStudy]:
    """Studies of every kind and status; that with health has a tested model with scores by class."""
    made = sample_studies.fill(store, results, ScriptedBoards())
    save_model(store, made[sample_studies.HEALTH])
    return made


def save_model(store: Store, study: SampleStudy) -> None:
    """Save a model whose metadata are those of the study's best trial; it recognises class 8 worst."""
    row = store.study(study.name)
    assert row.best_performance is not None
    confusion = np.diag([29] * 10)
    confusion[8, 8], confusion[8, 3] = 24, 5
    for label in range(10):
        confusion[label, (label + 1) % 10] += 1
    saved_models.save(
        study.folder / "best_model", study.name, trial_number=row.best_trial_number,
        val_accuracy=row.best_performance.accuracy, test_accuracy=row.test_accuracy, test_loss=row.test_loss,
        **class_scores(confusion, [str(label) for label in range(10)]).model_dump(mode="json"),
    )  # fmt: skip


@pytest.fixture
def facts(store: Store, studies: dict[str, SampleStudy]) -> StudyFacts:
    """Those of a completed study with health: its best trial has a validation accuracy of about 94 %, tested 96.8 %."""
    return read_facts(store, sample_studies.HEALTH)


@pytest.fixture
def changed(facts: StudyFacts) -> ChangedFacts:
    """changed(test_accuracy=0.5, ...) are the same facts with these values of the study's row or of the facts."""

    def change(**values: Any) -> StudyFacts:
        of_row = {name: value for name, value in values.items() if name in type(facts.study).model_fields}
        others = {name: value for name, value in values.items() if name not in of_row}
        return replace(facts, study=facts.study.model_copy(update=of_row), **others)

    return change
