"""The pages while a study trains: what happens is on the page at once, without asking again."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from zlib import crc32

import pytest
from playwright.sync_api import Browser, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import CANCELLED, COMPLETED, INTERRUPTED, RUNNING, SampleStudy
from tests.serve_app.dashboard.sample_trials import EPOCHS
from tests.serve_app.dashboard.server import House
from tests.serve_app.replicas import Replica

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("studies")]

WATCHED_S = 60.0
"""Time in which a page that shows a running study asks for nothing twice."""
LIST = "GET /jobs?limit=200"


@pytest.fixture(scope="module")
def witness(chromium: Browser, server: Replica, home: House) -> Iterator[tuple[Tab, Tab, SampleStudy, float]]:
    """A page and a card that show a running study all the time while the other tests run."""
    study = _begun(home, "witnessed", trials=400)
    tab, cards = Tab(chromium, server.address), Tab(chromium, server.address)
    tab.go(f"/s/{study.name}", "live")
    tab.settled()
    cards.go("/", "studies").locator(f"[data-study={study.name}]").scroll_into_view_if_needed()
    cards.settled()
    yield tab, cards, study, time.monotonic()
    tab.close()
    cards.close()


@pytest.fixture
def study(home: House, request: pytest.FixtureRequest) -> SampleStudy:
    """A study that runs: trial 1 ended and leads, trial 2 trains its sixth epoch."""
    return _begun(home, f"live-{crc32(request.node.name.encode())}")


def _begun(home: House, name: str, **fields: object) -> SampleStudy:
    study = home.study(name, **{"dataset": "digits", "trials": 10} | fields)
    study.begin()
    study.train(1)
    study.train_to(2, 5)
    study.batch(2, 6, 10)
    return study


def _finish(study: SampleStudy, number: int, *, leads: bool = False) -> None:
    """Train the rest of a running trial."""
    trial = study.trial(number)
    for epoch in range(6, EPOCHS + 1):
        study.append(trial.epoch(epoch, study.clock))
    if leads:
        study.append(trial.lead(EPOCHS, study.clock))
    study.append(trial.end(study.clock))


def test_a_batch_moves_the_row_of_its_worker(tab: Tab, study: SampleStudy, witness: object) -> None:
    row = tab.go(f"/s/{study.name}", "live").locator("[data-worker='2']")
    expect(row).to_contain_text("Epoch 6 of 12, 25 %")
    expect(row).to_contain_text("worker-1")
    for batch, share in ((20, "50 %"), (36, "90 %")):
        study.batch(2, 6, batch)
        expect(row).to_contain_text(f"Epoch 6 of 12, {share}")


def test_a_trial_ends_and_its_card_fills(tab: Tab, study: SampleStudy) -> None:
    tab.go(f"/s/{study.name}/trials", "trials")
    expect(tab.card(2)).to_contain_text("N/A")
    _finish(study, 2)
    expect(tab.card(2)).to_contain_text("Completed")
    expect(tab.card(2)).to_contain_text(f"{100 * study.trial(2).accuracy(EPOCHS):.1f} %")
    expect(tab.card(2)).not_to_contain_text("N/A")
    before = len(tab.gets())
    study.append(study.trial(3).start(study.clock))
    expect(tab.card(3)).to_contain_text("Running")
    assert tab.gets()[before:] == [], "events fill the page"


def test_a_new_best_morphs_in(tab: Tab, study: SampleStudy) -> None:
    tab.go(f"/s/{study.name}", "live")
    panel = tab.panel("best-network")
    expect(panel).to_contain_text("Trial 1 is the best so far")
    drawing = panel.locator("[data-drawing='3d']")
    drawing.wait_for()
    tab.until(lambda: drawing.get_attribute("data-frames"), "the scene is drawn")
    tab.page.wait_for_timeout(500)
    frames = int(drawing.get_attribute("data-frames") or 0)
    _finish(study, 2, leads=True)
    expect(panel).to_contain_text("Trial 2 is the best so far")
    expect(tab.panel("verdict")).to_contain_text("Trial 2")
    tab.until(lambda: int(drawing.get_attribute("data-frames") or 0) > frames + 3, "it moves from one to the other")
    expect(panel.locator("[data-network='3d']")).to_have_attribute("aria-label", re.compile("trial 2"))


def test_a_cancel_is_said_to_be_under_way_until_the_study_has_ended(
    open_tab: Callable[..., Tab], study: SampleStudy
) -> None:
    tab, other = open_tab(), open_tab()
    for one in (tab, other):
        one.go(f"/s/{study.name}", "live")
    tab.page.get_by_role("button", name="Cancel", exact=True).click()
    for one in (tab, other):
        expect(one.page.locator("header [data-status=cancelling], [data-status=cancelling]").first).to_be_visible()
    assert study.store.study(study.name).cancel_requested_at is not None
    study.append(
        study.trial(2).end(study.clock, 5, "cancelled", "cancelled", "the study was cancelled"),
    )
    study.end("cancelled", "cancelled by a request")
    for one in (tab, other):
        expect(one.page.locator("[data-status=cancelled]").first).to_be_visible()
        expect(one.page.locator("[data-status=cancelling]")).to_have_count(0)
    tab.go(f"/s/{study.name}/trials", "trials")
    expect(tab.card(1)).to_contain_text("Completed")
    expect(tab.card(2)).to_contain_text("Cancelled")


def test_two_browsers_are_in_step(open_tab: Callable[..., Tab], study: SampleStudy) -> None:
    tabs = [open_tab(), open_tab(width=800)]
    for tab in tabs:
        tab.go(f"/s/{study.name}", "live")
    _finish(study, 2, leads=True)
    study.train(3)
    best = study.store.study(study.name).best_trial_number
    for tab in tabs:
        expect(tab.panel("best-network")).to_contain_text(f"Trial {best} is the best so far")
        expect(tab.page.get_by_text("3 of 10", exact=True).first).to_be_visible()
    one, other = (tab.panel("verdict") for tab in tabs)
    tabs[0].until(lambda: one.inner_text() == other.inner_text(), "both say the same")


def test_the_server_is_stopped_and_started_again_under_the_open_page(
    open_tab: Callable[..., Tab], home: House, study: SampleStudy
) -> None:
    with ExitStack() as servers:
        first = servers.enter_context(home.serving())
        tab = open_tab(first.address)
        tab.go(f"/s/{study.name}", "live")
        tab.page.locator("[data-connection=live]").first.wait_for()
        expect(tab.panel("best-network")).to_contain_text("Trial 1 is the best so far")
        tab.settled()
        tab.page.evaluate("window.here = true")
    tab.page.locator("[data-connection=reconnecting], [data-connection=stale]").first.wait_for()
    expect(tab.panel("best-network")).to_contain_text("Trial 1 is the best so far")
    _finish(study, 2, leads=True)
    with home.serving(first.port):
        tab.page.locator("[data-connection=live]").first.wait_for()
        expect(tab.panel("best-network")).to_contain_text("Trial 2 is the best so far")
        assert tab.page.evaluate("window.here"), "the page was not loaded again"


def test_a_study_that_died_with_the_server_is_interrupted_on_the_open_page(
    open_tab: Callable[..., Tab], home: House, study: SampleStudy
) -> None:
    with ExitStack() as servers:
        first = servers.enter_context(home.serving())
        tab = open_tab(first.address)
        tab.go(f"/s/{study.name}", "live")
        expect(tab.page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
        tab.settled()  # the charts, whose code comes later, are there too
        tab.page.evaluate("window.here = true")
    study.die()
    with home.serving(first.port):
        expect(tab.page.get_by_role("button", name="Resume")).to_be_visible(timeout=60_000)
        expect(tab.page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled()
        expect(tab.panel("verdict")).to_contain_text("The study was interrupted")
        assert tab.page.evaluate("window.here"), "the page was not loaded again"


def test_what_is_old_is_dated_and_stays(open_tab: Callable[..., Tab], home: House, study: SampleStudy) -> None:
    with ExitStack() as servers:
        first = servers.enter_context(home.serving())
        tab = open_tab(first.address)
        tab.go(f"/s/{study.name}", "live")
        tab.page.locator("[data-connection=live]").first.wait_for()
        tab.settled()
    tab.page.locator("[data-stale]").wait_for()
    expect(tab.page.locator("[data-stale]")).to_contain_text("The server does not answer")
    expect(tab.panel("best-network")).to_contain_text("Trial 1 is the best so far")
    assert tab.violations() == []


class TestActions:
    def test_more_trials_are_asked_for(self, tab: Tab, home: House) -> None:
        page = tab.go(f"/s/{COMPLETED}", "live")
        page.get_by_role("button", name="More trials").click()
        page.get_by_label("Trials to add").fill("8")
        expect(page.get_by_role("dialog")).to_contain_text("The study then has 20 trials")
        page.get_by_role("button", name="Add and resume").click()
        tab.until(lambda: ("resume", COMPLETED, 20) in home.launcher.asked, "the server was asked")

    def test_an_interrupted_study_is_resumed(self, tab: Tab, home: House) -> None:
        page = tab.go(f"/s/{INTERRUPTED}", "live")
        page.get_by_role("button", name="Resume").click()
        tab.until(lambda: ("resume", INTERRUPTED, None) in home.launcher.asked, "the server was asked")

    def test_a_running_study_is_not_deleted(self, tab: Tab) -> None:
        page = tab.go(f"/s/{RUNNING}", "live")
        page.get_by_role("button", name="Delete").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Cancel it first")
        expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()

    def test_a_study_is_deleted_and_its_other_page_says_so(self, open_tab: Callable[..., Tab], home: House) -> None:
        tab, other = open_tab(), open_tab()
        for one in (tab, other):
            one.go(f"/s/{CANCELLED}", "live")
            one.page.locator("[data-connection=live]").first.wait_for()
        tab.page.get_by_role("button", name="Delete").click()
        dialog = tab.page.get_by_role("dialog")
        expect(dialog).to_contain_text("This frees")
        dialog.get_by_role("button", name="Delete").click()
        tab.settled("studies")
        expect(tab.page.locator(f"[data-study={CANCELLED}]")).to_have_count(0)
        other.page.get_by_text("This study was deleted").wait_for()
        assert ("delete", CANCELLED) in home.launcher.asked


def test_nothing_is_asked_twice_in_a_minute_of_a_running_study(witness: tuple[Tab, Tab, SampleStudy, float]) -> None:
    """The pages were open while the tests above ran; here they see trials end until a minute is over."""
    tab, cards, study, since_s = witness
    asked_before = len(tab.gets())
    _finish(study, 2, leads=True)
    number = 3
    while time.monotonic() < since_s + WATCHED_S or number < 8:
        trial = study.train_to(number, 2)
        study.batch(number, 3, 20)
        tab.page.wait_for_timeout(400)
        study.append(trial.end(study.clock, 2))
        tab.page.wait_for_timeout(100)
        number += 1
    expect(tab.page.get_by_text(f"{number - 1} of 400", exact=True).first).to_be_visible()
    repeated = {asked: times for asked, times in Counter(tab.gets()).items() if times > 1}
    repeated.pop(LIST, None)  # other tests began and deleted studies
    assert repeated == {}
    assert LIST not in tab.gets()[asked_before:]
    asked = Counter(one for one in cards.gets() if f"/{study.name}" in one)
    assert asked == {f"GET /jobs/{study.name}": 1, f"GET /jobs/{study.name}/bests": 1}
    expect(cards.page.locator(f"[data-study={study.name}]")).to_contain_text(f"{number - 1} of 400")
    assert tab.nonsense() == []
    assert tab.errors == cards.errors == []
