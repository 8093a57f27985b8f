"""For all tests of the search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_failed_plan(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails a test in which planning failed: the search goes on with a random configuration and only logs the error.

    A test that makes planning fail clears `caplog`.
    """
    yield
    assert "planning a trial" not in caplog.text
