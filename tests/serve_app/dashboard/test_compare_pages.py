"""Trials and studies side by side, the history, and what people write about them: notes, tags, stars, workers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, EVERY_STATUS, HEALTH, RUNNING, WAITING, SampleStudy

pytestmark = pytest.mark.timeout(900)

PAGES = {
    f"/s/{HEALTH}/compare": "compare",
    f"/s/{EVERY_STATUS}/compare?t=1,3,4,6&all=1": "compare",
    f"/s/{RUNNING}/compare?t=1,9&metric=val_loss": "compare",
    f"/s/{COMPLETED}/compare?t=1": "compare",
    f"/s/{COMPLETED}/compare?t=1,999": "compare",
    f"/s/{WAITING}/compare": "compare",
    f"/s/{COMPLETED}/trials?compare=1,3": "trials",
    f"/s/{COMPLETED}/trials?compare=1,3&view=table": "trials",
    "/compare": "compare-studies",
    f"/compare?s={COMPLETED},{HEALTH}": "compare-studies",
    f"/compare?s={COMPLETED},{RUNNING},no-such-study&over=trials&all=1": "compare-studies",
    "/history": "history",
    f"/history?s={COMPLETED},{HEALTH}&q=mnist": "history",
    "/history?tag=no-such-tag": "history",
}


@pytest.mark.parametrize("path", PAGES)
def test_it_is_accessible_steady_and_fits_a_phone(tab: Tab, path: str) -> None:
    tab.check(path, PAGES[path])


class TestTrials:
    def test_cards_are_chosen_and_the_address_says_it(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/trials", "trials")
        for number in (1, 3):
            page.get_by_role("button", name=f"Compare trial {number}", exact=True).click()
        bar = page.locator("[data-compare-bar]")
        expect(bar).to_contain_text("Trial 3")
        assert parse_qs(urlsplit(page.url).query)["compare"] == ["1,3"]
        page.reload()
        expect(bar).to_contain_text("Compare 2 trials")
        bar.get_by_role("link", name="Compare 2 trials").click()
        page.wait_for_selector("[data-page=compare]")
        assert page.url.endswith("/compare?t=1%2C3") or page.url.endswith("/compare?t=1,3")

    def test_no_more_than_four(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/trials?view=table&compare=1,2,3,4", "trials")
        fifth = page.get_by_role("checkbox", name="Compare trial 5", exact=True)
        expect(fifth).to_be_disabled()
        page.get_by_role("button", name="Do not compare Trial 2").click()
        fifth.check()
        tab.until(lambda: parse_qs(urlsplit(page.url).query)["compare"] == ["1,3,4,5"], "the fifth is chosen")

    def test_the_better_one_is_said_first(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        ended = [trial for trial in studies[COMPLETED].store.trials(COMPLETED) if trial.objective is not None]
        best, worst = (choose(ended, key=lambda trial: trial.objective) for choose in (max, min))
        tab.go(f"/s/{COMPLETED}/compare?t={worst.trial_number},{best.trial_number}", "compare")
        result = tab.panel("result")
        expect(result).to_contain_text(f"Trial {best.trial_number} is better: its validation accuracy")
        gap = 100 * (best.objective - worst.objective)
        expect(result).to_contain_text(f"{gap:.1f} percentage points above that of trial {worst.trial_number}")

    def test_only_rows_that_differ_unless_all_are_asked_for(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/compare?t=1,2", "compare")
        table = tab.panel("side-by-side")
        table.locator("tr[data-row]").first.wait_for()
        assert table.locator("tr[data-row]:not([data-differs])").count() == 0
        page.get_by_role("checkbox", name="Equal rows too").check()
        tab.until(lambda: table.locator("tr[data-row]:not([data-differs])").count() > 0, "equal rows show")
        assert "all=1" in page.url
        with page.expect_download() as begun:
            table.get_by_role("button", name="CSV").click()
        rows = list(csv.reader(begun.value.path().read_text().splitlines()))
        assert rows[0] == ["", "Trial 1", "Trial 2"]
        assert len(rows) - 1 == table.locator("tr[data-row]").count()

    def test_layers_stand_beside_each_other_and_each_end_has_its_reason(self, tab: Tab) -> None:
        tab.go(f"/s/{EVERY_STATUS}/compare?t=1,3&all=1", "compare")
        layers = tab.panel("layers")
        layers.locator("tr[data-kind]").first.wait_for()
        ended = tab.panel("why-they-ended")
        expect(ended).to_contain_text("was below the threshold")
        tab.panel("learning-curves").locator("canvas, svg").first.wait_for()

    def test_a_trial_is_taken_away_and_added(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/compare?t=1,3", "compare")
        page.get_by_role("button", name="Do not compare trial 3").click()
        expect(page.get_by_text("One trial is chosen")).to_be_visible()
        page.get_by_label("Add a trial to the comparison").select_option("2")
        page.locator("[data-compared='2']").wait_for()
        tab.panel("result").wait_for()


class TestStudies:
    def test_two_studies_of_one_data_set(self, tab: Tab) -> None:
        page = tab.go(f"/compare?s={COMPLETED},{HEALTH}", "compare-studies")
        expect(tab.panel("result")).to_contain_text("They search for different things")
        expect(tab.panel("best-so-far")).to_contain_text(f"{HEALTH} ")
        rows = tab.panel("side-by-side")
        expect(rows.locator("tr[data-row=mode]")).to_contain_text("health")
        page.get_by_role("radio", name="Over trials").click()
        expect(tab.panel("best-so-far")).to_contain_text("with trial ")
        assert "over=trials" in page.url

    def test_other_data_sets_cannot_be_compared(self, tab: Tab) -> None:
        tab.go(f"/compare?s={COMPLETED},{RUNNING}", "compare-studies")
        expect(tab.panel("result")).to_contain_text("their accuracies cannot be compared")

    def test_a_study_that_does_not_exist_is_named(self, tab: Tab) -> None:
        page = tab.go(f"/compare?s={COMPLETED},no-such-study", "compare-studies")
        expect(page.get_by_text("There is no study no-such-study.")).to_be_visible()


class TestHistory:
    def test_studies_stand_by_data_set_and_are_filtered(self, tab: Tab) -> None:
        page = tab.go("/history", "history")
        mnist = tab.panel("mnist")
        expect(mnist.locator("tr[data-study]").first).to_be_visible()
        names = mnist.locator("tr[data-study]").evaluate_all("(rows) => rows.map((row) => row.dataset.study)")
        assert {COMPLETED, HEALTH} <= set(names)
        page.get_by_label("Search studies by name, data set, tag or note").fill("health")
        expect(page.locator("tr[data-study]")).to_have_count(1)
        tab.until(lambda: "q=health" in page.url, "the address has the words")

    def test_two_studies_are_chosen_for_comparing(self, tab: Tab) -> None:
        page = tab.go("/history", "history")
        for name in (COMPLETED, HEALTH):
            page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
        page.get_by_role("link", name="Compare 2 studies").click()
        page.wait_for_selector("[data-page=compare-studies]")
        expect(tab.panel("result")).to_be_visible()


class TestNotes:
    """What one person writes, another one sees without a reload."""

    def test_a_star_is_kept_told_and_filtered(self, open_tab: Callable[..., Tab]) -> None:
        tab, other = open_tab(), open_tab()
        page = tab.go(f"/s/{COMPLETED}/trials", "trials")
        seen = other.go(f"/s/{COMPLETED}/trials", "trials")
        seen.get_by_role("button", name="Star trial 2", exact=True).wait_for()
        page.get_by_role("button", name="Star trial 2", exact=True).click()
        for one in (page, seen):
            expect(one.get_by_role("button", name="Star trial 2", exact=True)).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Starred 1").click()
        expect(page.locator("article[data-trial]")).to_have_count(1)
        page.reload()
        expect(page.locator("article[data-trial='2']")).to_be_visible()
        page.get_by_role("button", name="Star trial 2", exact=True).click()
        expect(seen.get_by_role("button", name="Star trial 2", exact=True)).to_have_attribute("aria-pressed", "false")

    def test_note_and_tags_are_kept_told_and_found(self, open_tab: Callable[..., Tab]) -> None:
        tab, other = open_tab(), open_tab()
        page = tab.go(f"/s/{HEALTH}", "live")
        other.go(f"/s/{HEALTH}", "live")
        page.get_by_role("button", name="Add a note or tags").click()
        page.get_by_role("textbox", name="Note").fill("Weighted for stability.")
        page.get_by_role("textbox", name="Tags").fill("course, health")
        page.get_by_role("button", name="Save").click()
        for one in (tab, other):
            expect(one.page.locator("[data-notes]")).to_contain_text("Weighted for stability.")
        page.get_by_role("link", name="course", exact=True).click()
        page.wait_for_selector("[data-page=history]")
        expect(page.locator("tr[data-study]")).to_have_count(1)
        expect(page.locator(f"tr[data-study='{HEALTH}']")).to_contain_text("Weighted for stability.")

    def test_the_number_of_workers_of_a_running_study_changes(self, tab: Tab) -> None:
        page = tab.go(f"/s/{RUNNING}", "live")
        page.get_by_role("button", name="Workers: 2").click()
        page.get_by_label("Trials at the same time").fill("3")
        page.get_by_role("button", name="Change").click()
        expect(page.get_by_role("button", name="Workers: 3")).to_be_visible()


def test_the_pages_are_in_the_navigation_and_the_search(tab: Tab) -> None:
    page = tab.go("/", "studies")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="History").click()
    page.wait_for_selector("[data-page=history]")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Compare studies").click()
    page.wait_for_selector("[data-page=compare-studies]")
    tab.go(f"/s/{COMPLETED}", "live")
    page.get_by_role("navigation", name="Pages of this study").get_by_role("link", name="Compare").click()
    page.wait_for_selector("[data-page=compare]")
