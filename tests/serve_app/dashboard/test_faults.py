"""A request that fails or hangs spoils one panel: it says why and offers "Try again", and all others live."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import HEALTH

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("studies")]

CURVES = f"**/jobs/{HEALTH}/curves?*"
IMPORTANCE = f"**/jobs/{HEALTH}/importance*"
BROKEN = {
    "title": "Internal Server Error",
    "status": 500,
    "detail": "internal error; see the server log",
    "errors": [],
}


def test_a_failed_request_leaves_other_panels_alive_and_can_be_repeated(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(fresh=True)
    page = tab.page
    page.route(CURVES, lambda route: route.fulfill(status=500, json=BROKEN))
    page.route(IMPORTANCE, lambda route: route.abort())
    tab.go(f"/s/{HEALTH}", "live")
    faults = {
        "learning-curves": "Internal error; see the server log.",
        "what-decided": "The server does not answer.",
    }
    for panel, cause in faults.items():
        fault = tab.panel(panel).get_by_role("alert")
        expect(fault).to_contain_text(cause)
        expect(fault.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(len(faults))
    expect(tab.panel("verdict")).to_contain_text("Trial ")
    expect(tab.panel("baseline")).to_contain_text("logistic regression")
    expect(tab.panel("best-network")).to_contain_text("is the best")
    tab.settled("live")
    assert tab.violations() == []
    assert tab.nonsense() == []

    page.unroute_all()
    for panel in faults:
        tab.panel(panel).get_by_role("button", name="Try again").click()
    expect(tab.panel("learning-curves").get_by_role("application")).to_be_visible()
    expect(tab.panel("what-decided").get_by_role("listitem").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_slow_answer_is_said_after_ten_seconds_and_asked_for_again(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(fresh=True)
    page, slow = tab.page, tab.panel("learning-curves")
    asked: list[Route] = []

    def answer_the_second(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route(CURVES, answer_the_second)
    page.clock.install()
    tab.go(f"/s/{HEALTH}", "live")
    slow.locator("[aria-busy=true]").wait_for()
    tab.until(lambda: asked, "the curves are asked for")
    again = slow.get_by_role("button", name="Try again")
    page.clock.fast_forward(10_000)
    expect(slow).to_contain_text("The server has not answered for 10 s.")
    expect(again).to_be_visible()
    expect(tab.panel("verdict")).to_contain_text("Trial ")
    assert tab.violations() == []

    again.click()
    expect(slow.get_by_role("application")).to_be_visible()
    assert len(asked) == 2
