"""The report in Chromium: no errors, accessible in both themes, no wider than a phone, and printed on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser, Page

from tests.serve_app.dashboard import browser, sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tuner.store import Store
from tuner.study.report import write_report

pytestmark = [
    pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
    pytest.mark.timeout(600),
]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def reports(store: Store, studies: dict[str, SampleStudy], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    names = (sample_studies.HEALTH, sample_studies.EVERY_STATUS, sample_studies.FAILED)
    return {name: write_report(store, name, folder / f"{name}.html") for name in names}


def violations(page: Page) -> list[str]:
    """What axe finds."""
    if not browser.AXE.is_file():
        pytest.skip("the dashboard's packages are not installed: make dashboard")
    page.evaluate(browser.AXE.read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((ran) => ran.violations)")
    return [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes']]}" for one in found]


def overflow(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize("name", [sample_studies.HEALTH, sample_studies.EVERY_STATUS, sample_studies.FAILED])
def test_it_opens_without_errors_and_is_accessible(chromium: Browser, reports: dict[str, Path], name: str) -> None:
    page = chromium.new_page(color_scheme="light")
    problems: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(reports[name].as_uri())
    page.wait_for_load_state("load")
    assert page.title() == f"Report on {name}"
    pictures = page.evaluate("Array.from(document.images, (one) => one.complete && one.naturalWidth > 0)")
    assert all(pictures)
    assert bool(pictures) == (name != sample_studies.FAILED)
    assert overflow(page) <= 0

    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0, "no sideways scrolling"
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == []
    assert sum(url.startswith("file:") for url in requests) == 1, "nothing is loaded but the page"
    assert problems == []
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != background
    assert violations(page) == []
    page.close()


def test_it_prints_on_a4_light_and_without_navigation(
    chromium: Browser, reports: dict[str, Path], tmp_path: Path
) -> None:
    page = chromium.new_page(color_scheme="dark")
    page.goto(reports[sample_studies.HEALTH].as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.get_by_role("navigation").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(22, 24, 29)"
    content = page.pdf(path=str(tmp_path / "report.pdf"), prefer_css_page_size=True)
    pages = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert 5 <= len(pages) <= 20
    assert {(round(float(width)), round(float(height))) for width, height in pages} == {(595, 842)}
    page.close()
