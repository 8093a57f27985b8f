"""The trials of a study as cards and table, and the panel of one trial."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, EVERY_STATUS, HEALTH, TEXTS, SampleStudy

pytestmark = pytest.mark.timeout(600)
SIX = ["Neuron utilization", "Training stability", "Parameter efficiency", "Gradient health", "Convergence quality",
       "Accuracy consistency"]  # fmt: skip


NUMBERS = "(all) => all.map((one) => one.dataset.trial)"


def shown(tab: Tab) -> list[int]:
    """Numbers of the cards or rows, in their order."""
    found = tab.page.locator("article[data-trial], tr[data-trial]").evaluate_all(NUMBERS)
    return [int(number) for number in found]


def test_in_simple_mode_the_score_is_the_accuracy_and_no_health_shows(tab: Tab) -> None:
    tab.go(f"/s/{COMPLETED}/trials", "trials")
    terms = tab.card(1).locator("dl").first.inner_text().split("\n")
    assert terms[1] == terms[3], "accuracy and total score"
    assert not any(name in tab.text() for name in (*SIX, "Overall health"))


def test_in_health_mode_the_score_differs_and_all_six_metrics_show(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    tab.go(f"/s/{HEALTH}/trials", "trials")
    terms = tab.card(1).locator("dl").first.inner_text().split("\n")
    assert terms[1] != terms[3]
    health = studies[HEALTH].trial(1).health(12)
    expect(tab.card(1)).to_contain_text(f"{100 * health.overall_health:.0f} %")
    card = tab.card(1).inner_text()
    assert [name for name in SIX if name.lower() in card.lower()] == SIX


def test_a_card_says_what_the_network_is(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    tab.go(f"/s/{COMPLETED}/trials", "trials")
    built = studies[COMPLETED].trial(1).built
    card = tab.card(1)
    expect(card).to_contain_text(f"{built.kernel_size}\N{MULTIPLICATION SIGN}{built.kernel_size}")
    expect(card).to_contain_text(f"{built.total_parameters:,}")
    expect(card).to_contain_text(studies[COMPLETED].trial(1).id)
    assert card.locator("svg[role=img], svg title").count(), "the network as a silhouette"
    tab.go(f"/s/{TEXTS}/trials", "trials")
    assert any(f"{word} units" in tab.text() for word in ("LSTM", "GRU"))


def test_chips_filter_and_the_address_says_it(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(height=2400)  # all cards are in view, so all are mounted
    page = tab.go(f"/s/{EVERY_STATUS}/trials", "trials")
    tab.until(lambda: len(shown(tab)) == 10, "all cards show")
    page.get_by_role("button", name="Failed 2").click()
    tab.until(lambda: shown(tab) == [6, 7], "two failed")
    page.get_by_role("button", name="Stopped early 1").click()
    tab.until(lambda: shown(tab) == [3, 6, 7], "one stopped early")
    page.get_by_role("radio", name="Table").click()
    page.locator("tr[data-trial]").first.wait_for()
    address = page.url

    page.reload()
    tab.until(lambda: shown(tab) == [3, 6, 7], "a reload shows the same")
    other = open_tab()
    other.go(address.removeprefix(other.address), "trials")
    other.until(lambda: shown(other) == [3, 6, 7], "another browser shows the same")

    page.go_back()
    page.go_back()
    tab.until(lambda: shown(tab) == [6, 7], "Back restores the view")
    page.go_back()
    tab.until(lambda: len(shown(tab)) == 10, "Back restores the view")


def test_text_and_ranges_filter(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    page = tab.go(f"/s/{COMPLETED}/trials", "trials")
    ended = studies[COMPLETED].store.trials(COMPLETED)
    sgd = [trial.trial_number for trial in ended if trial.hyperparameters["optimizer"] == "sgd"]
    page.get_by_label("Search trials by number, ID or hyperparameter").fill("sgd")
    tab.until(lambda: shown(tab) == sgd, f"trials {sgd} show")
    tab.go(f"/s/{COMPLETED}/trials?min_accuracy=0.9", "trials")
    good = [trial.trial_number for trial in ended if trial.performance and trial.performance.accuracy >= 0.9]
    tab.until(lambda: shown(tab) == good, f"trials {good} show")
    tab.go(f"/s/{COMPLETED}/trials?sort=-accuracy", "trials")
    ranked = sorted(ended, key=lambda trial: -(trial.performance.accuracy if trial.performance else 0))
    tab.until(lambda: shown(tab)[:3] == [trial.trial_number for trial in ranked[:3]], "the best come first")


def test_the_file_has_exactly_what_is_filtered(tab: Tab) -> None:
    page = tab.go(f"/s/{EVERY_STATUS}/trials?status=failed,pruned&sort=-trial_number", "trials")
    tab.until(lambda: shown(tab) == [7, 6, 3], "three trials")
    with page.expect_download() as begun:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.DictReader(begun.value.path().read_text().splitlines()))
    assert [row["trial_number"] for row in rows] == ["7", "6", "3"]
    assert begun.value.suggested_filename == f"{EVERY_STATUS}-trials.csv"


class TestPanel:
    def test_a_card_opens_it_and_keys_step_through_the_list(self, tab: Tab) -> None:
        page = tab.go(f"/s/{EVERY_STATUS}/trials?status=failed,pruned", "trials")
        tab.card(3).get_by_role("link").first.click()
        page.locator("[data-open-trial='3']").wait_for()
        page.keyboard.press("j")
        page.locator("[data-open-trial='6']").wait_for()
        page.keyboard.press("k")
        page.locator("[data-open-trial='3']").wait_for()
        assert "trial=3" in page.url
        page.keyboard.press("Escape")
        expect(page.locator("[data-open-trial]")).to_have_count(0)

    def test_a_stopped_trial_says_by_which_number_it_lost(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        tab.go(f"/s/{EVERY_STATUS}/trials?trial=3", "trials")
        stop = studies[EVERY_STATUS].store.trials(EVERY_STATUS)[2].stopped_by
        assert stop is not None
        expect(tab.panel("why-it-ended")).to_contain_text(f"{100 * stop.cutoff:.1f} %")

    def test_a_failed_trial_has_its_last_lines_the_remedy_and_the_others(self, tab: Tab) -> None:
        tab.go(f"/s/{EVERY_STATUS}/trials?trial=6", "trials")
        ended = tab.panel("why-it-ended")
        expect(ended).to_contain_text('ValueError: Input 0 of layer "dense"')
        expect(ended).to_contain_text("What to do")
        expect(tab.page.get_by_role("region", name="Last lines of the traceback")).to_contain_text("line 14, in build")
        others = ended.get_by_role("link", name="1 other failed for the same reason")
        expect(others).to_have_attribute("href", f"/s/{EVERY_STATUS}/trials?status=failed&cause=error")
        others.click()
        tab.until(lambda: shown(tab) == [6, 7], "the list shows both")

    def test_problems_come_with_what_to_do(self, tab: Tab) -> None:
        tab.go(f"/s/{HEALTH}/trials?trial=6", "trials")
        problems = tab.panel("training-problems")
        expect(problems).to_contain_text("units are dead")
        expect(problems).to_contain_text("Lower the learning rate")

    def test_its_parameters_are_compared_with_the_best(self, tab: Tab) -> None:
        tab.go(f"/s/{HEALTH}/trials?trial=6&tab=parameters", "trials")
        tab.page.locator("tr[data-differs]").first.wait_for()

    def test_its_log_is_its_own(self, tab: Tab) -> None:
        tab.go(f"/s/{HEALTH}/trials?trial=6&tab=log", "trials")
        log = tab.panel("log-of-the-trial")
        expect(log).to_contain_text("trial 6 started")
        expect(log).not_to_contain_text("trial 5 started")

    def test_curves_and_network_are_drawn(self, tab: Tab) -> None:
        page = tab.go(f"/s/{HEALTH}/trials?trial=6&tab=curves", "trials")
        tab.panel("accuracy").locator("canvas, svg").first.wait_for()
        page.get_by_role("link", name="Network", exact=True).last.click()
        page.locator("[data-open-trial] [data-network]").wait_for()
        assert "tab=network" in page.url
