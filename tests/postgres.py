"""A PostgreSQL server for tests, from the programs of Debian's package or on the PATH. It listens to a socket alone."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

GIVEN = os.environ.get("TUNER_TEST_POSTGRES_URL")
"""Address of a server to use instead."""
REMEDY = "no PostgreSQL: apt-get install postgresql, or set TUNER_TEST_POSTGRES_URL"
_START_S = 60.0
# Nothing here outlives the tests: a crash of the machine may cost all of it.
_CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")


@contextmanager
def server() -> Iterator[str | None]:
    """The address of a server's database; None: there is no PostgreSQL on this machine."""
    programs = _programs()
    if GIVEN is not None or programs is None:
        yield GIVEN
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short, for the socket
    user = _user()
    shutil.chown(folder, user)
    try:
        options = ["-D", str(folder / "data"), "-U", "tuner", "--auth=trust", "--no-sync", "-E", "UTF8", "--no-locale"]
        subprocess.run([programs / "initdb", *options], user=user, check=True, capture_output=True, cwd=folder)
        settings = [word for setting in (*_CARELESS, "listen_addresses=") for word in ("-c", setting)]
        command = [programs / "postgres", "-D", folder / "data", "-k", folder, *settings]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, user=user, stdout=log, stderr=log, cwd=folder)
        try:
            url = f"postgresql+psycopg://tuner@/postgres?host={folder}"
            _wait(url, process, folder / "log")
            yield url
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def schema(server_url: str) -> Iterator[str]:
    """The address of a database on the server that nobody used yet: a schema of its own."""
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"tuner_test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(name))
    try:
        yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(name, cascade=True))
        engine.dispose()


def _programs() -> Path | None:
    """The folder of initdb and postgres; the newest version of Debian's."""
    installed = Path("/usr/lib/postgresql")
    folders = sorted(installed.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


def _user() -> str | None:
    """Who runs it; None: who runs the tests. It refuses to run as root."""
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    engine = sa.create_engine(url)
    until_s = time.monotonic() + _START_S
    while True:
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until_s, log.read_text()
            time.sleep(0.05)
        else:
            break
    engine.dispose()
