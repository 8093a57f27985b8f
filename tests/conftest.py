"""What every test has: a quiet TensorFlow, property tests that do not race a clock, a database server if need be."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import postgres

# Read when TensorFlow is imported, which only tests marked `tensorflow` do: errors alone are worth a line.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# A machine that is busy with training is slow, not wrong.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real server, started for this test run."""
    with postgres.server() as url:
        if url is None:
            pytest.skip(postgres.REMEDY)
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side (`pytest -n 2 --dist loadgroup`), one process starts Ray and one TensorFlow."""
    for item in items:
        for mark in ("ray", "tensorflow"):
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.xdist_group(mark))
                break
