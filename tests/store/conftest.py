from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tuner.store import DriverStore, Retry, Store

DRIVER = "driver"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every implementation keeps the same promises: SQLite, PostgreSQL, and the store of a study's driver."""
    if "kind" in metafunc.fixturenames:
        conformance = "store" in metafunc.fixturenames and "plain_store" not in metafunc.fixturenames
        metafunc.parametrize("kind", ["sqlite", "postgresql", *([DRIVER] if conformance else [])])


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new database."""
    if kind != "postgresql":
        yield f"sqlite:///{tmp_path / 'folder' / 'tuner.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with postgres.schema(server) as url:
        yield url


@pytest.fixture
def plain_store(store_url: str) -> Iterator[Store]:
    """A store as any process opens it."""
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def store(kind: str, store_url: str) -> Iterator[Store]:
    """A store of each implementation."""
    with Store.open(store_url) as opened:
        if kind != DRIVER:
            yield opened
            return
        driver_store = DriverStore(opened, Retry(), None, lambda error: None)
        yield driver_store
        assert driver_store.lost is None, "no answer of the suite is a fault of the database"
