"""A store, a cluster's jobs in memory, and a study that was put down. No Ray, no training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve_app.launching.fakes import FakeJobs
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import Lease, Store

ELSEWHERE = Lease("elsewhere:17", "another-machine/1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def spec() -> StudySpec:
    return parse_study_spec({"run_name": "s", "dataset": "digits", "trials": 2})
