"""The panel of a trial, second part: figures, remedies, notes and stars, cancel, run again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest
import yaml
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, HEALTH, RUNNING, SampleStudy

pytestmark = pytest.mark.timeout(600)


def test_problems_come_with_their_meaning_and_all_remedies(tab: Tab) -> None:
    tab.go(f"/s/{HEALTH}/trials?trial=6", "trials")
    problems = tab.panel("training-problems")
    expect(problems).to_contain_text("Epoch 4: dying units")
    expect(problems).to_contain_text("These units give the same output for all samples")
    assert problems.get_by_role("listitem").count() >= 2


def test_a_note_and_a_star_reach_another_browser(open_tab: Callable[..., Tab]) -> None:
    tab, other = open_tab(), open_tab()
    other.go(f"/s/{HEALTH}/trials?trial=2", "trials")
    page = tab.go(f"/s/{HEALTH}/trials?trial=2", "trials")
    tab.panel("note").get_by_role("button", name="Write a note").click()
    page.get_by_label("Note about trial 2").fill("Small, and nearly as good.")
    tab.panel("note").get_by_role("button", name="Save").click()
    expect(tab.panel("note")).to_contain_text("Small, and nearly as good.")
    expect(other.panel("note")).to_contain_text("Small, and nearly as good.")
    page.locator("[data-trial-actions]").get_by_role("button", name="Star trial 2").click()
    starred = other.page.locator("[data-trial-actions]").get_by_role("button", name="Star trial 2")
    expect(starred).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(tab.panel("note")).to_contain_text("Small, and nearly as good.")


def test_a_running_trial_is_cancelled_after_a_question(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    page = tab.go(f"/s/{RUNNING}/trials?trial=10", "trials")
    page.get_by_role("button", name="Cancel trial").click()
    page.get_by_role("button", name="Cancel this trial").click()
    expect(page.get_by_role("button", name="Cancelling")).to_be_disabled()
    study = studies[RUNNING]
    trial = study.trial(10)
    study.append(trial.end(study.clock, 2, "cancelled", "cancelled", "cancelled by a person"))
    expect(page.locator("[data-open-trial='10'] [data-status=cancelled]")).to_be_visible()
    expect(tab.panel("why-it-ended")).to_contain_text("Cancelled by a person")


def test_a_trial_can_be_run_again(tab: Tab, studies: dict[str, SampleStudy]) -> None:
    given = studies[COMPLETED].trial(3).hyperparameters
    page = tab.go(f"/s/{COMPLETED}/trials?trial=3", "trials")
    actions = page.locator("[data-trial-actions]")
    expect(actions.get_by_role("link", name="Compare with the best")).to_be_visible()
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    actions.get_by_role("button", name="Copy as command").click()
    command = tab.until(lambda: page.evaluate("navigator.clipboard.readText()"), "the command is copied")
    tab.context.clear_permissions()
    assert command.startswith("tuner run dataset=mnist ")
    words = [word.partition("=") for word in shlex.split(command)]
    said = {name: yaml.safe_load(value) for name, _, value in words}
    assert said["trials"] == 1
    assert {name: said[f"space.{name}"] for name in given} == given

    actions.get_by_role("link", name="Run again").click()
    page.wait_for_selector("[data-page=new]")
    assert page.url.endswith(f"/new?from={COMPLETED}&trial=3")
    expect(page.get_by_label("Networks to train")).to_have_value("1")
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("button", name=re.compile("^Search space")).click()
    shown = {name: page.locator(f"[data-field='space.{name}'] input").first.input_value() for name in given}
    assert {name: yaml.safe_load(value) for name, value in shown.items()} == given


class TestFigures:
    def test_one_is_drawn_at_a_time_and_can_be_saved(self, tab: Tab) -> None:
        page = tab.go(f"/s/{HEALTH}/trials?trial=6&tab=figures", "trials")
        figures = tab.panel("figures")
        picture = figures.get_by_role("img", name="Training history of trial 6")
        picture.wait_for()
        tab.until(lambda: picture.evaluate("(one) => one.naturalWidth") > 200, "the picture is there")
        with page.expect_download() as begun:
            figures.get_by_role("link", name="SVG").click()
        assert b"<svg" in begun.value.path().read_bytes()[:2000]
        figures.get_by_label("Figure", exact=True).select_option("gradients")
        figures.get_by_role("img", name="Gradients by layer of trial 6").wait_for()
        assert "figure=gradients" in page.url
        assert len([asked for asked in tab.requests if "/plots/" in asked and "png" in asked]) == 2

    def test_a_trial_without_an_epoch_says_why_it_has_none(self, tab: Tab) -> None:
        tab.go("/s/every-status/trials?trial=5&tab=figures", "trials")
        expect(tab.panel("figures")).to_contain_text("It did not finish an epoch, so it has no figures.")
