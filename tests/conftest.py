"""Settings of all tests: a quiet TensorFlow, property tests without a deadline, and a PostgreSQL server on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres

# TensorFlow reads this when it is imported, which only tests marked `tensorflow` do: log errors only.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# No deadline: a busy machine is slow, not wrong. `HYPOTHESIS_PROFILE=thorough` draws many more examples.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs files that start Ray first, then those with TensorFlow or a browser: no long file is left for the end."""

    def rank(item: pytest.Item) -> int:
        slow = item.get_closest_marker("tensorflow") or "chromium" in getattr(item, "fixturenames", ())
        return 0 if item.get_closest_marker("ray") else 1 if slow else 2

    ranks: dict[Path, int] = {}
    for item in items:
        ranks[item.path] = min(rank(item), ranks.get(item.path, 2))
    items.sort(key=lambda item: ranks[item.path])


@pytest.fixture
def usual_umask() -> Iterator[None]:
    """The umask of most users, by which all users can read new files; whoever changes it restores it."""
    before = os.umask(0o022)
    yield
    assert os.umask(before) == 0o022


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real server, started for this test run."""
    with postgres.server() as url:
        if url is None:
            pytest.skip(postgres.REMEDY)
        yield url
