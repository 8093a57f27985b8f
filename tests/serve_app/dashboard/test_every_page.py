"""Every page in every state: readable, accessible in both themes, steady, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import PHONE, Tab
from tests.serve_app.dashboard.sample_studies import (
    CANCELLED,
    COMPLETED,
    EVERY_STATUS,
    FAILED,
    HEALTH,
    INTERRUPTED,
    RUNNING,
    TEXTS,
    WAITING,
)

pytestmark = pytest.mark.timeout(900)

PAGES = {
    "/": "studies",
    "/new": "new",
    "/new?advanced=1": "new",
    f"/new?from={HEALTH}": "new",
    f"/s/{RUNNING}": "live",
    f"/s/{COMPLETED}": "live",
    f"/s/{EVERY_STATUS}": "live",
    f"/s/{FAILED}": "live",
    f"/s/{INTERRUPTED}": "live",
    f"/s/{CANCELLED}": "live",
    f"/s/{WAITING}": "live",
    f"/s/{HEALTH}/trials": "trials",
    f"/s/{EVERY_STATUS}/trials": "trials",
    f"/s/{TEXTS}/trials?view=table": "trials",
    f"/s/{WAITING}/trials": "trials",
    f"/s/{HEALTH}/trials?trial=6": "trials",
    f"/s/{EVERY_STATUS}/trials?trial=6": "trials",
    f"/s/{HEALTH}/trials?trial=6&tab=curves": "trials",
    f"/s/{HEALTH}/trials?trial=6&tab=parameters": "trials",
    f"/s/{HEALTH}/trials?trial=6&tab=log": "trials",
    f"/s/{HEALTH}/network": "network",
    f"/s/{HEALTH}/network?drawing=svg&colour=health&layer=classes": "network",
    f"/s/{TEXTS}/network": "network",
    f"/s/{HEALTH}/network?trial=1&with=2&drawing=svg": "network",
    f"/s/{WAITING}/network": "network",
    f"/s/{HEALTH}/log": "log",
    f"/s/{WAITING}/log": "log",
    "/nowhere": None,
    "/s/no-such-study": None,
}
"""Addresses with the page that shows there; None: a note that there is no such page."""


@pytest.mark.parametrize("path", PAGES)
def test_it_is_accessible_steady_and_fits_a_phone(tab: Tab, path: str) -> None:
    tab.check(path, PAGES[path])


def test_the_failed_start_says_why_and_what_to_do(tab: Tab) -> None:
    tab.go(f"/s/{FAILED}", "live")
    alert = tab.page.get_by_role("alert").first
    alert.wait_for()
    assert "data set 'birds' was deleted" in alert.inner_text()
    again = tab.panel("verdict").get_by_role("link", name="Run again with changes")
    assert again.get_attribute("href") == f"/new?from={FAILED}"


def test_every_status_is_in_words(tab: Tab) -> None:
    tab.go(f"/s/{EVERY_STATUS}/trials", "trials")
    ended = {1: "Completed", 3: "Stopped early", 4: "Diverged", 5: "Too large", 6: "Failed", 8: "Cancelled"}
    for trial, word in (ended | {9: "Running"}).items():
        card = tab.card(trial)
        card.scroll_into_view_if_needed()
        assert word in card.inner_text()
    assert "N/A" in tab.card(9).inner_text(), "scores of a running trial may still change"
    assert "Why it ended: 81,324,042 parameters are more than" in tab.card(5).inner_text()


def test_trials_that_are_not_drawn_are_counted_and_linked(tab: Tab) -> None:
    page = tab.go(f"/s/{EVERY_STATUS}", "live")
    note = tab.panel("learning-curves").locator("p").filter(has_text="not drawn")
    expect(note).to_have_text("4 of 10 trials are not drawn: 2 failed, 1 too large and 1 without an epoch yet.")
    failed = note.get_by_role("link", name="2 failed")
    expect(failed).to_have_attribute("href", f"/s/{EVERY_STATUS}/trials?status=failed")
    note.get_by_role("link", name="1 too large").click()
    page.locator("[data-open-trial='5']").wait_for()
    assert page.url.endswith(f"/s/{EVERY_STATUS}?trial=5")


def test_a_theme_is_chosen_and_kept(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(theme="light")
    tab.go("/", "studies").get_by_role("radio", name="Dark").click()
    tab.page.reload()
    tab.settled("studies")
    assert tab.page.locator("html[data-theme=dark]").count() == 1
    tab.page.get_by_role("radio", name="As the system").click()
    assert tab.page.locator("html[data-theme=light]").count() == 1


def test_search_finds_studies_and_pages(tab: Tab) -> None:
    page = tab.go("/", "studies")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("simple")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/s/{COMPLETED}**")


def test_nothing_sticks_out_of_the_log_on_a_phone(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(width=PHONE["width"])
    tab.go(f"/s/{HEALTH}/log", "log")
    panel = tab.panel("log").bounding_box()
    button = tab.page.get_by_role("button", name="Download").bounding_box()
    assert panel is not None
    assert button is not None
    assert button["x"] + button["width"] <= panel["x"] + panel["width"]


def test_a_wide_table_fades_at_the_right_until_its_end_is_in_view(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(width=PHONE["width"])
    tab.go(f"/s/{HEALTH}/trials?view=table", "trials")
    table = tab.page.get_by_role("region", name="Table of trials")
    expect(table).to_have_attribute("data-more", "")
    table.evaluate("one => one.scrollTo(one.scrollWidth, 0)")
    expect(table).not_to_have_attribute("data-more", "")


def test_a_dialog_darkens_the_whole_window_and_moves_nothing(tab: Tab) -> None:
    page = tab.go(f"/s/{COMPLETED}", "live")
    before = page.locator("h1").bounding_box()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").wait_for()
    dark = page.evaluate("document.elementFromPoint(innerWidth - 2, innerHeight / 2).getAttribute('data-state')")
    assert dark == "open", "the place of the scroll bar is dark too"
    assert page.locator("h1").bounding_box() == before


DIALOGS = {
    "Search": ("/", "studies", "Search"),
    "Delete": (f"/s/{COMPLETED}", "live", "Delete"),
    "More trials": (f"/s/{COMPLETED}", "live", "More trials"),
    "Note": (f"/s/{COMPLETED}", "live", "Add a note or tags"),
}
"""Dialogs by name: the page, and the button that opens it."""


@pytest.mark.parametrize("dialog", DIALOGS)
def test_a_dialog_is_accessible_in_both_themes(tab: Tab, dialog: str) -> None:
    path, name, button = DIALOGS[dialog]
    page = tab.go(path)
    tab.settled(name)
    page.get_by_role("button", name=button).first.click()
    page.get_by_role("dialog").wait_for()
    assert tab.violations() == []
    tab.darken()
    assert tab.violations() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
