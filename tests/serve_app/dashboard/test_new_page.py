"""A new study from the page: what will happen is said first, errors stand at their fields, one click starts it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import HEALTH
from tests.serve_app.dashboard.server import House, house

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("studies")]


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("empty") / "results") as opened:
        yield opened


def test_the_empty_page_starts_the_first_study_with_one_click(open_tab: Callable[..., Tab], empty: House) -> None:
    with empty.serving() as server:
        tab = open_tab(server.address)
        tab.check("/", "studies")
        tab.page.get_by_role("button", name="Search on digits: eight networks, about a minute").click()
        tab.settled("live")
        (study,) = empty.store.studies()
        assert (study.spec.dataset, study.spec.trials) == ("digits", 8)
        assert tab.page.url.endswith(f"/s/{study.name}")


def test_a_study_is_started_as_the_form_says(tab: Tab, home: House) -> None:
    page = tab.go("/new", "new")
    page.get_by_label("Data set").select_option("mnist")
    page.get_by_label("Networks to train").fill("7")
    forecast = tab.panel("what-will-happen")
    tab.until(lambda: forecast.locator("[aria-busy=false]").count(), "the forecast is there")
    expect(forecast).to_contain_text("7")
    command = shlex.split(forecast.locator("code").inner_text().replace("\\\n", " "))
    assert command[:2] == ["tuner", "run"]
    assert {"dataset=mnist", "trials=7"} <= set(command)
    forecast.get_by_role("button", name="Start").click()
    tab.settled("live")
    name = page.url.rpartition("/s/")[2]
    assert ("start", name) in home.launcher.asked
    assert (home.store.study(name).spec.dataset, home.store.study(name).spec.trials) == ("mnist", 7)


def test_an_error_stands_at_its_field_and_nothing_starts(tab: Tab, home: House) -> None:
    page = tab.go("/new", "new")
    before = len(home.launcher.asked)
    page.get_by_label("Networks to train").fill("0")
    field = page.locator("[data-field=trials]")
    expect(field).to_contain_text("1")
    tab.panel("what-will-happen").get_by_role("button", name="Start").click()
    expect(page.get_by_label("Networks to train")).to_be_focused()
    expect(page.get_by_label("Networks to train")).to_have_attribute("aria-invalid", "true")
    assert len(home.launcher.asked) == before
    assert tab.violations() == []


def test_a_time_limit_says_how_it_was_understood_and_what_it_changes(tab: Tab) -> None:
    page = tab.go("/new", "new")
    page.get_by_label("Time limit").fill("15")
    expect(page.locator("[data-field=time_budget_s]")).to_contain_text("That is 15 min.")
    expect(page.locator("[data-field=trials]")).to_contain_text("Changed from 20 to 1,000 by the time limit")
    expect(page.get_by_label("Networks to train")).to_have_value("1000")
    expect(tab.panel("what-will-happen").locator("code")).to_contain_text("time_budget_s=900")


def test_the_weights_of_health_keep_their_sum(tab: Tab) -> None:
    page = tab.go("/new", "new")
    page.get_by_text("Accuracy + model health", exact=True).click()
    sliders = page.locator("[data-field=health_weights] input[type=range]")
    expect(sliders).to_have_count(6)
    sliders.first.fill("0.5")
    total = sum(float(sliders.nth(place).input_value()) for place in range(6))
    assert total == pytest.approx(1, abs=0.03)


def test_a_copy_begins_with_the_settings_of_its_study(tab: Tab) -> None:
    page = tab.go(f"/new?from={HEALTH}", "new")
    expect(page.get_by_label("Networks to train")).to_have_value("14")
    expect(page.get_by_role("radio", name="Accuracy + model health")).to_be_checked()


def test_every_other_setting_is_found(tab: Tab) -> None:
    page = tab.go("/new", "new")
    page.get_by_role("button", name="Advanced").click()
    page.get_by_label("Search all fields and parameters").fill("seed")
    page.locator("[data-field=seed]").wait_for()
    assert "advanced=1" in page.url
