"""One browser, one server and one results folder for all tests of a file.

Playwright's event loop runs in the thread of the tests, so `asyncio.run` cannot be used in them. It ends with the file:
those of other folders use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser

from tests.serve_app.dashboard import browser, sample_studies
from tests.serve_app.dashboard.browser import Pages, Tab
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.serve_app.dashboard.server import House, house
from tests.serve_app.replicas import Replica


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of the browser where there is none, or no built dashboard."""
    reason = browser.why_not()
    for item in items:
        if reason is not None and Path(__file__).parent in item.path.parents and "chromium" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(chromium: Browser) -> Pages:
    return Pages(chromium)


@pytest.fixture(scope="module")
def many() -> bool:
    """Whether there is a study of 10,000 trials too; a file that needs it says so."""
    return False


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A results folder without studies."""
    with house(tmp_path_factory.mktemp("dashboard") / "results") as opened:
        yield opened


@pytest.fixture(scope="module")
def studies(home: House, many: bool) -> dict[str, SampleStudy]:
    """Studies of every kind, by name."""
    return sample_studies.fill(home.store, home.results, home.boards, many=many)


@pytest.fixture(scope="module")
def server(home: House, studies: dict[str, SampleStudy]) -> Iterator[Replica]:
    with home.serving() as replica:
        yield replica


@pytest.fixture
def open_tab(chromium: Browser, pages: Pages, server: Replica) -> Iterator[Callable[..., Tab]]:
    """open_tab(...) is a page as of a browser of its own; at the end of the test none may have had an error.

    A `fresh` one is no other test's before or after it: the test leaves something behind that nothing clears.
    """
    tabs: list[Tab] = []

    def opened(address: str | None = None, *, fresh: bool = False, **options: Any) -> Tab:
        tabs.append(Tab(chromium if fresh else pages, address or server.address, **options))
        return tabs[-1]

    yield opened
    errors = [error for tab in tabs for error in tab.errors]
    for tab in tabs:
        tab.close()
    assert errors == []


@pytest.fixture
def tab(open_tab: Callable[..., Tab]) -> Tab:
    return open_tab()
