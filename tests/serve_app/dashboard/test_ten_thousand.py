"""A study of 10,000 trials: few cards are mounted, filters answer, and the answers are small."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import MANY, TRIALS, SampleStudy

pytestmark = pytest.mark.timeout(900)

MOST_CARDS = 60
SELECTED = "[data-selected]"
SAMPLED = ("parallel-coordinates", "slice", "contour", "pareto-front")
"""Panels of the analysis with a mark for each trial that is drawn."""
MOST_MARKS = 4_000
"""Of one figure, whatever the number of trials."""
SCROLL = """(place) => {
  const box = document.querySelector("[aria-label='Table of trials']") ?? document.documentElement;
  box.scrollTop = place * box.scrollHeight;
}"""
"""The gallery scrolls the page, the table scrolls inside itself."""


@pytest.fixture(scope="module")
def many() -> bool:
    return True


def mounted(tab: Tab) -> int:
    found: int = tab.page.locator("article[data-trial], tr[data-trial]").count()
    return found


@pytest.mark.parametrize("view", ["gallery", "table"])
def test_at_most_sixty_are_mounted_wherever_the_page_is(tab: Tab, view: str) -> None:
    page = tab.go(f"/s/{MANY}/trials?view={view}", "trials")
    expect(page.get_by_text(f"{TRIALS + 1:,} trials", exact=True)).to_be_visible()
    tab.until(lambda: mounted(tab), "trials show")
    most = 0
    for place in (0.0, 0.3, 0.31, 0.8, 1.0):
        page.evaluate(SCROLL, place)
        page.wait_for_timeout(150)
        most = max(most, mounted(tab))
    assert 0 < most <= MOST_CARDS
    tab.until(lambda: page.locator(f"[data-trial='{TRIALS + 1}']").count(), "the last one shows at the end")


def test_a_filter_and_a_sort_hold_for_all_of_them(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    page = tab.go(f"/s/{MANY}/trials?status=pruned&sort=-trial_number", "trials")
    expect(page.get_by_text(f"{TRIALS // 4:,} of {TRIALS + 1:,} trials", exact=True)).to_be_visible()
    assert page.locator("article[data-trial]").first.get_attribute("data-trial") == str(TRIALS)


def test_events_arrive_while_all_of_them_are_shown(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    study = studies[MANY]
    page = tab.go(f"/s/{MANY}/trials?sort=-trial_number", "trials")
    expect(page.get_by_text(f"{TRIALS + 1:,} trials", exact=True)).to_be_visible()
    before = len(tab.gets())
    for number in range(TRIALS + 2, TRIALS + 7):
        study.append(study.trial(number).start(study.clock))
    expect(page.get_by_text(f"{TRIALS + 6:,} trials", exact=True)).to_be_visible()
    assert tab.gets()[before:] == []


def test_the_live_page_shows_them(tab: Tab) -> None:
    tab.go(f"/s/{MANY}", "live")
    tab.settled()
    expect(tab.panel("verdict")).to_contain_text("98.5 %")
    assert tab.nonsense() == []


@pytest.mark.slow
def test_the_analysis_samples_them_and_says_so(tab: Tab) -> None:
    page = tab.go(f"/s/{MANY}/analysis", "analysis")
    page.locator(SELECTED).wait_for()
    tab.settled("analysis")

    def selected() -> int:
        return int(page.locator(SELECTED).get_attribute("data-selected") or -1)

    assert selected() == TRIALS
    expect(tab.panel("parallel-coordinates")).to_contain_text(f"400 of {TRIALS:,} trials are drawn")
    for panel in SAMPLED:
        marks = tab.panel(panel).locator("svg[data-figure] :is(circle, rect, polyline, line, text)").count()
        assert marks < MOST_MARKS, panel
    assert tab.nonsense() == []
    tab.panel("parallel-coordinates").get_by_role("application").focus()
    page.keyboard.press("ArrowUp")
    tab.until(lambda: selected() < TRIALS, "some are selected")
