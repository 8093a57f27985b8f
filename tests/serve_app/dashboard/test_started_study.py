"""The dashboard against the real `tuner serve`: a study that trains, from the empty page to its end.

`test_live_pages` restarts a server under an open page, `test_served` the real one under its clients.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.served import WITHIN_S, ended, serving

pytestmark = [pytest.mark.ray, pytest.mark.tensorflow, pytest.mark.timeout(5 * WITHIN_S)]

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


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("started") / "results"


def test_a_study_from_the_empty_page_to_a_cancel(chromium: Browser, results: Path) -> None:
    with serving(results) as served:
        address = str(served.client.base_url).rstrip("/")
        assert any(address in line and "dashboard" in line.lower() for line in served.said), served.said
        tab = Tab(chromium, address)
        tab.go("/", "studies").get_by_role("button", name=START).click()
        tab.settled("live")
        study = tab.page.url.rpartition("/s/")[2]

        row = tab.page.locator("[data-worker]").first
        expect(row).to_contain_text(BATCH)  # the first batch has moved
        served.wait(study, lambda job: job["progress"]["completed_trials"] + job["progress"]["pruned_trials"] > 0)
        expect(tab.panel("best-network")).to_contain_text("is the best")
        tab.page.get_by_role("link", name="Trials", exact=True).first.click()
        tab.page.locator("article:has([data-status=completed], [data-status=pruned])").first.wait_for(
            timeout=WITHIN_S * 1000
        )

        page = tab.go(f"/s/{study}", "live")
        page.get_by_role("button", name="Cancel", exact=True).wait_for()
        page.evaluate(RECORD_STATUSES)
        page.get_by_role("button", name="Cancel", exact=True).click()
        job = served.wait(study, ended)
        shown = tab.until(lambda: _all_until(page, job["status"]), "the page shows the study's end")
        assert shown in (
            ["running", "cancelling", "cancelled"],
            ["running", "cancelled"],  # it ended before the answer to the request came
            ["running", "cancelling", "completed"],  # a fast machine had trained all networks meanwhile
            ["running", "completed"],
        )
        assert tab.nonsense() == []
        assert tab.errors == []
        tab.close()


def _all_until(page: Page, status: str) -> list[str] | None:
    """All statuses that the page has shown, if the last one is this."""
    shown: list[str] = page.evaluate("window.statuses")
    return shown if shown[-1] == status else None
