from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tuner.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that nobody used yet: every implementation keeps the same promises."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'tuner.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with postgres.schema(server) as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as opened:
        yield opened
