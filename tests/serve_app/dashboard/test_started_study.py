"""The dashboard against the real `tuner serve`: a study that trains, from the empty page to its end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.served import LONG, WITHIN_S, ended, serving

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(5 * WITHIN_S)]

RECORD_STATUSES = """() => {
    window.statuses = [];
    const look = () => {
        const status = document.querySelector("[data-status]").dataset.status;
        if (window.statuses.at(-1) !== status) window.statuses.push(status);
    };
    look();
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
"""Makes the page record each status that its first badge shows."""

BATCH = re.compile(r"batch [\d,]+ of")
START = "Search on digits: eight networks, about a minute"
ONE_LONG_TRIAL = LONG | {"trials": 1, "space": LONG["space"] | {"step_s": 0.2}}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("started") / "results"


def test_a_study_from_the_empty_page_to_a_cancel_and_over_a_restart(chromium: Browser, results: Path) -> None:
    with serving(results) as served:
        address = str(served.client.base_url).rstrip("/")
        assert any(address in line and "dashboard" in line.lower() for line in served.said), served.said
        tab = Tab(chromium, address)
        tab.go("/", "studies").get_by_role("button", name=START).click()
        tab.settled("live")
        first = tab.page.url.rpartition("/s/")[2]

        row = tab.page.locator("[data-worker]").first
        expect(row).to_contain_text(BATCH)  # the first batch has moved
        served.wait(first, lambda job: job["progress"]["completed_trials"] + job["progress"]["pruned_trials"] > 0)
        expect(tab.panel("best-network")).to_contain_text("is the best")
        tab.page.get_by_role("link", name="Trials", exact=True).first.click()
        tab.page.locator("article:has([data-status=completed], [data-status=pruned])").first.wait_for(
            timeout=WITHIN_S * 1000
        )
        tab.page.get_by_role("button", name="Cancel", exact=True).click()
        tab.page.locator("[data-status=cancelling], [data-status=cancelled], [data-status=completed]").first.wait_for()
        served.wait(first, ended)
        expect(tab.page.locator("[data-status=cancelled], [data-status=completed]").first).to_be_visible()

        served.start("long", **ONE_LONG_TRIAL)
        page = tab.go("/s/long", "live")
        long = page.locator("[data-worker='1']")
        expect(long).to_contain_text(BATCH)
        tab.settled()  # the charts, whose code comes later, are there too
        page.evaluate("window.here = true")
        last = long.inner_text()
        port = served.client.base_url.port
    page.locator("[data-connection=reconnecting], [data-connection=stale]").first.wait_for()
    assert page.locator("[data-page=live]").count() == 1, "what was known stays"

    with serving(results, "--go-on", "--port", str(port)) as served:
        page.locator("[data-connection=live]").first.wait_for(timeout=WITHIN_S * 1000)
        served.wait("long", lambda job: job["status"] == "running")
        expect(page.locator("[data-status=running]").first).to_be_visible()
        tab.until(lambda: BATCH.search(long.inner_text()) and long.inner_text() != last, "it trains again")
        assert page.evaluate("window.here"), "the page was not loaded again"
        _cancel_in_the_middle(page)
        trial = served.get("/jobs/long/trials/1")
        assert (trial["status"], trial["cause"]) == ("cancelled", "cancelled")
    assert tab.nonsense() == []
    assert tab.errors == []
    tab.close()


def _cancel_in_the_middle(page: Page) -> None:
    """A cancel in the middle of an epoch stops the training, and the page says so at once."""
    page.evaluate(RECORD_STATUSES)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator("[data-status=cancelled]").first).to_be_visible()
    assert page.evaluate("window.statuses") in (
        ["running", "cancelling", "cancelled"],
        ["running", "cancelled"],  # it ended before the answer to the request came
    )
