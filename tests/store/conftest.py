from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tuner.store import Store

POSTGRES = os.environ.get("TUNER_TEST_POSTGRES_URL")
"""Address of a PostgreSQL server that a test may use. Without it, the suite runs on SQLite alone."""


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that nobody used yet: every implementation keeps the same promises."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'tuner.db'}"
        return
    assert POSTGRES is not None
    url = sa.make_url(POSTGRES).set(drivername="postgresql+psycopg")
    schema = f"tuner_test_{uuid.uuid4().hex[:12]}"
    server = sa.create_engine(url)
    with server.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    yield url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with server.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    server.dispose()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as opened:
        yield opened
