"""The page of analyses: every panel answers in words, one selection holds for all of them, and keys alone suffice."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import (
    COMPLETED,
    EVERY_STATUS,
    HEALTH,
    RUNNING,
    TEXTS,
    WAITING,
    SampleStudy,
)
from tuner.search.direction import directions
from tuner.study.importance import study_importance

pytestmark = pytest.mark.timeout(900)

FIGURES = ["importance", "parallel-coordinates", "slice", "contour", "pareto-front", "timeline"]
"""Panels with a figure in a study without a scheduler and without problems."""
SELECTED = "[data-selected]"
TITLE = 30
"""Height of the title in a saved picture, in pixels of the page; the picture has two for each."""


def ready(tab: Tab, name: str, search: str = "") -> Page:
    page = tab.go(f"/s/{name}/analysis{search}", "analysis")
    page.locator(SELECTED).wait_for()
    return tab.settled("analysis")


def save(panel: Locator, kind: str) -> None:
    """Chooses a kind of file in the menu below a figure."""
    button = panel.get_by_role("button", name=kind)
    if not button.is_visible():
        panel.locator("summary", has_text=re.compile("^Save$")).click()
    button.click()


def selected(tab: Tab) -> int:
    return int(tab.page.locator(SELECTED).get_attribute("data-selected") or -1)


def drawn(tab: Tab) -> set[str]:
    """The panels with a figure. A panel that is ready offers to save it; without problems there is none of them."""
    found = set()
    for panel in tab.page.locator("[data-panel]:has(fieldset[aria-label^='Save:'])").all():
        name = panel.get_attribute("data-panel") or ""
        marks = panel.locator("svg[data-figure] :is(circle, rect, polyline)").count()
        assert marks or (name == "training-problems" and not panel.get_by_role("listitem").count()), f"{name} is empty"
        if marks:
            found.add(name)
    return found


def listed(tab: Tab) -> list[int]:
    found = tab.page.locator("article[data-trial], tr[data-trial]").evaluate_all(
        "(all) => all.map((one) => Number(one.dataset.trial))"
    )
    return [int(number) for number in found]


@pytest.mark.parametrize("name", [HEALTH, COMPLETED, EVERY_STATUS, RUNNING, TEXTS])
def test_every_panel_answers_in_words(open_tab: Callable[..., Tab], name: str) -> None:
    tab = open_tab(theme="light")
    ready(tab, name)
    panels = tab.page.locator("[data-page=analysis] [data-panel]")
    assert panels.count() == 9
    for text in panels.all_inner_texts():
        assert re.search(r"\?[\s\S]*\w+ \w+[\s\S]*\.", text), f"a question and a sentence: {text}"
    assert set(FIGURES) - {"importance"} <= drawn(tab)
    assert ("importance" in drawn(tab)) == (name in (HEALTH, COMPLETED)), "it needs ten trials with a result"
    assert tab.page.get_by_role("alert").count() == 0
    assert tab.nonsense() == []
    assert tab.violations() == []
    assert tab.overflow() <= 0


def test_it_fits_a_phone_in_the_dark(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab(theme="dark", width=360, height=740)
    ready(tab, HEALTH)
    assert tab.overflow() <= 0
    assert tab.violations() == []


def test_nothing_to_analyse_is_said(tab: Tab) -> None:
    tab.go(f"/s/{WAITING}/analysis", "analysis")
    expect(tab.page.get_by_text("No trial has started yet.")).to_be_visible()


def test_what_mattered_is_what_the_server_says(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    study = studies[HEALTH]
    known = study_importance(study.store, HEALTH).importance
    assert known is not None
    first = next(iter(known)).replace("_", " ").capitalize()
    ready(tab, HEALTH)
    expect(tab.panel("importance")).to_contain_text(f"{first} mattered most")
    way = directions(study.store.trials(HEALTH), "total_score")
    assert ("No clear direction" in tab.panel("slice").inner_text()) == (next(iter(known)) not in way)


class TestSelection:
    def test_keys_select_on_an_axis_and_the_list_shows_exactly_these(self, open_tab: Callable[..., Tab]) -> None:
        tab = open_tab(height=2400)  # all cards are in view, so all are mounted
        page = ready(tab, COMPLETED)
        everything = selected(tab)
        tab.panel("parallel-coordinates").get_by_role("application").focus()
        page.keyboard.press("ArrowUp")
        tab.until(lambda: "trials=" in page.url, "the address has the selection")
        page.keyboard.press("Shift+ArrowUp")
        tab.until(lambda: 0 < selected(tab) < everything, "some are selected")
        chosen = selected(tab)
        address = page.url
        page.reload()
        tab.until(lambda: page.locator(SELECTED).count() and selected(tab) == chosen, "a reload selects the same")

        page.get_by_role("link", name=re.compile("^Show th")).click()
        page.wait_for_url("**/trials?**")
        tab.until(lambda: len(listed(tab)) == chosen, "the list shows exactly these")
        page.get_by_role("button", name="Clear filters").click()
        tab.until(lambda: len(listed(tab)) > chosen, "all again")

        other = open_tab()
        other.go(address.removeprefix(other.address), "analysis")
        other.until(lambda: other.page.locator(SELECTED).count() and selected(other) == chosen, "another browser")

    def test_a_drag_selects_in_all_panels_and_back_undoes_it(self, tab: Tab) -> None:
        page = ready(tab, HEALTH)
        before = tab.panel("parallel-coordinates").inner_text()
        everything = selected(tab)
        figure = tab.panel("slice").locator("svg[data-figure]")
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] * 0.55
        page.mouse.move(middle, box["y"] + 25)
        page.mouse.down()
        page.mouse.move(middle + 40, box["y"] + 120, steps=4)
        page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 42, steps=6)
        page.mouse.up()
        tab.until(lambda: selected(tab) < everything, "fewer are selected")
        assert tab.panel("parallel-coordinates").inner_text() != before
        page.go_back()
        tab.until(lambda: selected(tab) == everything, "all again")

    def test_the_file_of_a_figure_has_what_is_selected(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        page = ready(tab, COMPLETED, "?trials=hp.optimizer:sgd")
        with page.expect_download() as begun:
            save(tab.panel("parallel-coordinates"), "Table (CSV)")
        rows = list(csv.DictReader(begun.value.path().read_text().splitlines()))
        ended = studies[COMPLETED].store.trials(COMPLETED)
        sgd = [trial.trial_number for trial in ended if trial.hyperparameters["optimizer"] == "sgd"]
        assert [int(row["trial_number"]) for row in rows] == sgd
        assert begun.value.suggested_filename == f"{COMPLETED}-parallel-coordinates.csv"


@pytest.mark.parametrize(
    ("name", "expected"),
    [(HEALTH, {*FIGURES, "training-problems"}), (EVERY_STATUS, {"rungs", "training-problems"})],
)
def test_every_figure_is_saved_as_a_picture(tab: Tab, name: str, expected: set[str]) -> None:
    page = ready(tab, name)
    figures = drawn(tab)
    assert expected <= figures
    for panel in figures:
        found = tab.panel(panel)
        with page.expect_download() as begun:
            save(found, "Vector (SVG)")
        text = begun.value.path().read_text()
        assert text.startswith("<svg"), panel
        assert "var(--" not in text, panel
        with page.expect_download() as begun:
            save(found, "Picture (PNG)")
        picture = Image.open(io.BytesIO(begun.value.path().read_bytes()))
        assert picture.format == "PNG", panel
        below = picture.convert("RGB").crop((0, 2 * TITLE, picture.width, picture.height))
        colours = below.getcolors(2**24) or []
        assert len(colours) > 8, panel
        assert sum(count for count, colour in colours if max(colour) - min(colour) > 40) > 100, f"{panel} has no marks"


def test_a_figure_has_a_table_and_opens_a_trial_by_keys(tab: Tab) -> None:
    page = ready(tab, COMPLETED)
    found = tab.panel("pareto-front")
    found.get_by_text("Show as a table").click()
    expect(found.get_by_role("table")).to_contain_text("Trial 1")
    found.get_by_role("application").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.locator("[data-open-trial]").wait_for()


def test_rungs_tell_the_threshold(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    ready(tab, EVERY_STATUS)
    stop = studies[EVERY_STATUS].store.trials(EVERY_STATUS)[2].stopped_by
    assert stop is not None
    expect(tab.panel("rungs")).to_contain_text(f"the threshold was {100 * stop.cutoff:.1f}\N{NO-BREAK SPACE}%")


def test_problems_come_with_what_helps_and_select_their_trials(tab: Tab) -> None:
    ready(tab, HEALTH)
    problems = tab.panel("training-problems")
    expect(problems).to_contain_text("Lower learning_rate, or use leaky_relu")
    problems.get_by_role("button", name=re.compile("^Select .* with: Dying units")).click()
    tab.until(lambda: selected(tab) == 1, "its trial is selected")
