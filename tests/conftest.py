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
