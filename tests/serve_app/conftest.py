"""The application without Ray: a real database, real folders, boards and a launcher that tests script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from serve_app.app import make_app
from serve_app.feed import Feed
from serve_app.services import Services
from serve_app.settings import ServeSettings
from tests.serve_app.replicas import Replica, ScriptedBoards, listening
from tuner.errors import FixInputError
from tuner.spec import StudySpec
from tuner.store import StartRequest, Store, lease
from tuner.study.cancellation import request_stop
from tuner.study.deletion import delete
from tuner.study.start import add

HOST = "http://127.0.0.1:8000"


class ScriptedLauncher:
    """Makes the row that a real launcher makes, and trains nothing. What was asked of it is in `asked`."""

    def __init__(self, store: Store, settings: ServeSettings) -> None:
        self._store, self._settings = store, settings
        self.asked: list[tuple[Any, ...]] = []

    def check(self) -> None:
        pass

    def start(self, spec: StudySpec, request: StartRequest | None = None) -> str:
        name = None if request is None else self._store.study_of_request(request)
        if name is None:
            name = add(self._store, spec, self._settings, request)
            self.asked.append(("start", name))
        return name

    def resume(self, name: str, trials: int | None) -> None:
        if self._store.study(name).alive:
            raise FixInputError(f"study {name!r} is already running", remedy=f"`tuner cancel {name}` stops it")
        self.asked.append(("resume", name, trials))

    def cancel(self, name: str) -> None:
        request_stop(self._store, name)
        self.asked.append(("cancel", name))

    def delete(self, name: str) -> None:
        delete(self._store, name)
        self.asked.append(("delete", name))


class Client:
    """Calls an application as a client on this machine does."""

    def __init__(self, app: FastAPI, host: str = HOST) -> None:
        self._app, self._host = app, host

    def __call__(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self._host) as client:
                return await client.request(method, path, **given)

        return asyncio.run(call())

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self("POST", path, **given)

    def delete(self, path: str, **given: Any) -> httpx.Response:
        return self("DELETE", path, **given)


@contextmanager
def house(folder: Path, **chosen: Any) -> Iterator[Services]:
    """The services of an application on an empty results folder and database, with other settings where given."""
    settings = ServeSettings(
        **{"results_dir": folder / "results", "data_dir": None, "database_url": None, "api_token": None} | chosen
    )
    with Store.open(settings.store_url()) as store:
        yield Services(settings, store, ScriptedLauncher(store, settings), Feed(store, ScriptedBoards()))


@contextmanager
def replicas(services: Services, boards: ScriptedBoards) -> Iterator[Callable[..., Replica]]:
    """Starts replicas behind real servers, each with its own feed and other settings where given; ends them all."""
    with ExitStack() as running:

        def start(**other: Any) -> Replica:
            settings = ServeSettings.model_validate(services.settings.model_dump() | other)
            one = replace(services, settings=settings, feed=Feed(services.store, boards))
            return running.enter_context(listening(one))

        yield start


@pytest.fixture(autouse=True, scope="module")
def patient_leases() -> Iterator[None]:
    """Studies that run in a test give no signs of life; a busy machine may take long for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lease, "LEASE_S", 7200.0)
        patch.setattr(lease, "SILENT_S", 7200.0)
        yield


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services that tests of a file share since they change nothing: an application takes long to build."""
    with house(tmp_path_factory.mktemp("shared")) as services:
        yield services


@pytest.fixture(scope="module")
def shared_client(shared_serve: Callable[..., Client]) -> Client:
    """A client of the application on `shared`."""
    return shared_serve()


@pytest.fixture(scope="module")
def shared_serve(shared: Services) -> Callable[..., Client]:
    """shared_serve(...) is a client of an application on `shared`, the same one whenever its settings are the same."""
    return kept_applications(shared)


def kept_applications(services: Services) -> Callable[..., Client]:
    """Makes clients of applications on these services, each application once for the same settings."""
    made: dict[str, Client] = {}

    def of(*, host: str = HOST, **chosen: Any) -> Client:
        key = f"{host} {chosen}"
        if key not in made:
            settings = ServeSettings.model_validate(services.settings.model_dump() | chosen)
            made[key] = Client(make_app(replace(services, settings=settings)), host)
        return made[key]

    return of


@pytest.fixture(scope="module")
def shared_listen(shared: Services) -> Iterator[Callable[..., Replica]]:
    """As `listen`, of replicas that live as long as the file's tests."""
    with replicas(shared, ScriptedBoards()) as start:
        yield start


@pytest.fixture
def settings(tmp_path: Path) -> ServeSettings:
    """An empty results folder and database, no token."""
    return ServeSettings(results_dir=tmp_path / "results", data_dir=None, database_url=None, api_token=None)


@pytest.fixture
def store(settings: ServeSettings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def launcher(store: Store, settings: ServeSettings) -> ScriptedLauncher:
    return ScriptedLauncher(store, settings)


@pytest.fixture
def boards() -> ScriptedBoards:
    return ScriptedBoards()


@pytest.fixture
def services(store: Store, settings: ServeSettings, launcher: ScriptedLauncher, boards: ScriptedBoards) -> Services:
    return Services(settings, store, launcher, Feed(store, boards))


@pytest.fixture
def serve(services: Services) -> Callable[..., Client]:
    """serve(...) is a client of one more replica, with other services or settings where they are given."""

    def of(*, host: str = HOST, **other: Any) -> Client:
        return Client(make_app(replace(services, **other)), host)

    return of


@pytest.fixture
def listen(services: Services, boards: ScriptedBoards) -> Iterator[Callable[..., Replica]]:
    """listen(...) is one more replica behind a real server, with its own feed and other settings where they are given;
    all have ended when the test has."""
    with replicas(services, boards) as start:
        yield start


@pytest.fixture
def client(serve: Callable[..., Client]) -> Client:
    return serve()
